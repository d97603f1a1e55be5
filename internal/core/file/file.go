package file

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const (
	chunkBytes = 256 << 10      // largest chunk
	batchBytes = 4 * chunkBytes // written in one transaction by Create and Writer
	dropChunks = 32             // removed in one transaction: 8 MiB
)

// ErrSealed says that a file to which something was to be added has been sealed, removed, or never was.
var ErrSealed = errors.New("the file is not open")

// File is a sealed file.
type File struct {
	ID        int64
	Name      string
	Size      int64 // bytes
	SHA256    []byte
	Owner     string // key of the principal that began it
	CreatedAt time.Time
}

// Limits bound a file. A zero field means no limit.
type Limits struct {
	Bytes int64
}

// Options are what the service needs.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Source
	Dir   string // folder for Spool's copies, such as <data>/spool
}

// Service keeps files. Safe for concurrent use.
type Service struct{ o Options }

// New gives a service.
func New(o Options) *Service { return &Service{o: o} }

// Begin makes an empty open file in the caller's transaction, in the name of the principal of ctx.
func (s *Service) Begin(ctx context.Context, tx *db.Tx, name string) (int64, error) {
	state, err := keep(sha256.New())
	if err != nil {
		return 0, fmt.Errorf("begin a file: %w", err)
	}
	n := s.o.IDs.Next()
	_, err = tx.ExecContext(ctx, sqlInsert, n, name, state, access.From(ctx).Principal.Key(), s.now())
	if err != nil {
		return 0, fmt.Errorf("begin a file: %w", err)
	}
	return n, nil
}

// Append adds data to an open file in the caller's transaction: a job that works in batches keeps its result with
// each. It gives the new size; ErrSealed when the file is not open.
func (s *Service) Append(ctx context.Context, tx *db.Tx, n int64, data []byte) (size int64, err error) {
	if err := s.grow(ctx, tx, n, data, &size); err != nil {
		return 0, fmt.Errorf("append to a file: %w", err)
	}
	return size, nil
}

func (s *Service) grow(ctx context.Context, tx *db.Tx, n int64, data []byte, size *int64) error {
	digest, at, err := s.digest(ctx, tx, n)
	if err != nil {
		return err
	}
	digest.Write(data)
	for len(data) > 0 {
		chunk := data[:min(len(data), chunkBytes)]
		if _, err := tx.ExecContext(ctx, sqlAddChunk, n, at, chunk); err != nil {
			return err
		}
		data, at = data[len(chunk):], at+int64(len(chunk))
	}
	state, err := keep(digest)
	if err != nil {
		return err
	}
	*size = at
	_, err = tx.ExecContext(ctx, sqlGrown, at, state, s.now(), n)
	return err
}

// digest is the hash so far of an open file, and its size. The row is locked.
func (s *Service) digest(ctx context.Context, tx *db.Tx, n int64) (hash.Hash, int64, error) {
	var r record
	err := tx.GetContext(ctx, &r, fmt.Sprintf(sqlGrow, tx.Dialect().ForUpdate()), n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, ErrSealed
	}
	if err != nil {
		return nil, 0, err
	}
	digest := sha256.New()
	if u, ok := digest.(encoding.BinaryUnmarshaler); ok {
		err = u.UnmarshalBinary(r.HashState)
	}
	return digest, r.Size, err
}

func keep(h hash.Hash) ([]byte, error) {
	m, ok := h.(encoding.BinaryMarshaler)
	if !ok {
		return nil, errors.New("the hash cannot be kept")
	}
	return m.MarshalBinary()
}

// Seal completes an open file in the caller's transaction: from its commit on it can be read.
func (s *Service) Seal(ctx context.Context, tx *db.Tx, n int64) (File, error) {
	digest, _, err := s.digest(ctx, tx, n)
	if err != nil {
		return File{}, fmt.Errorf("seal a file: %w", err)
	}
	if _, err := tx.ExecContext(ctx, sqlSeal, digest.Sum(nil), s.now(), n); err != nil {
		return File{}, fmt.Errorf("seal a file: %w", err)
	}
	return s.read(ctx, tx, n)
}

// Stat is a sealed file's description.
func (s *Service) Stat(ctx context.Context, n int64) (File, error) {
	return s.read(ctx, s.o.DB.Read(), n)
}

type getter interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

func (s *Service) read(ctx context.Context, q getter, n int64) (File, error) {
	var r record
	err := q.GetContext(ctx, &r, sqlGet, n)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, errs.NotFound("file")
	}
	if err != nil {
		return File{}, fmt.Errorf("read a file's description: %w", err)
	}
	return File{
		ID: r.ID, Name: r.Name, Size: r.Size, SHA256: r.HashState, Owner: r.Owner, CreatedAt: clock.Time(r.CreatedAt),
	}, nil
}

// Remove takes a file away in the caller's transaction: from its commit on nobody can read it. The content of a small
// file goes at once, the rest of a large one with the next Purge. Removing it again changes nothing.
func (s *Service) Remove(ctx context.Context, tx *db.Tx, n int64) error {
	done, err := tx.ExecContext(ctx, sqlRemove, s.now(), n)
	if err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	if rows, err := done.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	if _, err := s.dropSome(ctx, tx, n); err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	return nil
}

// dropSome removes some content of a removed file, and its row with the last of it.
func (s *Service) dropSome(ctx context.Context, tx *db.Tx, n int64) (gone bool, err error) {
	done, err := tx.ExecContext(ctx, sqlDropChunks, n, dropChunks)
	if err != nil {
		return false, err
	}
	if rows, err := done.RowsAffected(); err != nil || rows == dropChunks {
		return false, err
	}
	_, err = tx.ExecContext(ctx, sqlDrop, n)
	return true, err
}

// drop removes a file and all its content, in small transactions.
func (s *Service) drop(ctx context.Context, n int64) error {
	err := s.o.DB.Write(ctx, func(tx *db.Tx) error { return s.Remove(ctx, tx, n) })
	for gone := false; err == nil && !gone; {
		err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
			gone, err = s.dropSome(ctx, tx, n)
			return err
		})
	}
	return err
}

func (s *Service) now() int64 { return clock.Micros(s.o.Clock.Now()) }
