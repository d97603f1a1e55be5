package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	spoolPrefix = "spool-"
	spoolKeep   = 24 * time.Hour // a copy so old belongs to a process that died
	purgeFiles  = 100            // looked at once by Purge
)

// Reader reads a sealed file chunk by chunk. It is for one goroutine.
type Reader struct {
	s     *Service
	ctx   context.Context // of the whole reading: io.Reader has no place for one
	file  File
	at    int64
	start int64  // of the chunk in hand
	chunk []byte // nil = none
}

var (
	_ io.ReadSeekCloser = (*Reader)(nil)
	_ io.ReaderAt       = (*Reader)(nil)
)

// Open gives a sealed file to read. A file that is removed meanwhile gives an error, never an early end.
func (s *Service) Open(ctx context.Context, n int64) (*Reader, error) {
	f, err := s.Stat(ctx, n)
	if err != nil {
		return nil, err
	}
	return &Reader{s: s, ctx: ctx, file: f}, nil
}

// File is what is read.
func (r *Reader) File() File { return r.file }

// Size is the length in bytes.
func (r *Reader) Size() int64 { return r.file.Size }

// Read gives the next bytes.
func (r *Reader) Read(p []byte) (int, error) {
	if r.at >= r.file.Size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := r.load(r.at); err != nil {
		return 0, err
	}
	n := copy(p, r.chunk[r.at-r.start:])
	r.at += int64(n)
	return n, nil
}

// ReadAt reads at a place, and does not move the place of Read. Calls must not run at once.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read a file: the place is before its beginning")
	}
	at := r.at
	defer func() { r.at = at }()
	r.at = off
	n := 0
	for n < len(p) {
		more, err := r.Read(p[n:])
		n += more
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Seek moves the place of the next Read.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.file.Size
	}
	if offset < 0 {
		return 0, errors.New("seek in a file: the place is before its beginning")
	}
	r.at = offset
	return offset, nil
}

// Close lets go of the chunk in hand.
func (r *Reader) Close() error {
	r.chunk = nil
	return nil
}

// load takes the chunk in hand that holds the byte at a place.
func (r *Reader) load(at int64) error {
	if r.chunk != nil && at >= r.start && at < r.start+int64(len(r.chunk)) {
		return nil
	}
	var found struct {
		Start int64  `db:"start"`
		Data  []byte `db:"data"`
	}
	err := r.s.o.DB.Read().GetContext(r.ctx, &found, sqlChunk, r.file.ID, at)
	if errors.Is(err, sql.ErrNoRows) || err == nil && at >= found.Start+int64(len(found.Data)) {
		return errs.NotFound("file") // removed meanwhile
	}
	if err != nil {
		return fmt.Errorf("read a file: %w", err)
	}
	r.start, r.chunk = found.Start, found.Data
	return nil
}

// Spool copies a sealed file to the disk of this machine, for readers that need one, and checks it against its
// SHA-256. dir "" is the service's own folder. The caller calls cleanup when done with the copy, which only this user
// may read.
func (s *Service) Spool(ctx context.Context, n int64, dir string) (path string, cleanup func(), err error) {
	if dir == "" {
		dir = s.o.Dir
	}
	r, err := s.Open(ctx, n)
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("spool a file: %w", err)
	}
	f, err := os.CreateTemp(dir, spoolPrefix+"*")
	if err != nil {
		return "", nil, fmt.Errorf("spool a file: %w", err)
	}
	cleanup = func() { _ = os.Remove(f.Name()) }
	digest := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, digest), r)
	if err == nil && !bytes.Equal(digest.Sum(nil), r.file.SHA256) {
		err = errors.New("the content is not what was stored")
	}
	if err = errors.Join(err, f.Close()); err != nil {
		cleanup()
		return "", nil, fmt.Errorf("spool a file: %w", err)
	}
	return f.Name(), cleanup, nil
}

// Purge removes what nobody will come back for: files that were begun and have not grown for idle, the rest of removed
// ones, and copies on this disk that a dead process left. It tells how many files it removed.
func (s *Service) Purge(ctx context.Context, idle time.Duration) (purged int, err error) {
	now := s.now()
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, sqlGiveUp, now, now-idle.Microseconds())
		return err
	})
	for err == nil {
		var removed []int64
		if err = s.o.DB.Read().SelectContext(ctx, &removed, sqlRemoved, purgeFiles); err != nil {
			break
		}
		for _, n := range removed {
			if err = s.drop(ctx, n); err != nil {
				break
			}
			purged++
		}
		if len(removed) < purgeFiles {
			break
		}
	}
	if err == nil {
		err = s.purgeSpool()
	}
	if err != nil {
		return purged, fmt.Errorf("purge files: %w", err)
	}
	return purged, nil
}

func (s *Service) purgeSpool() error {
	entries, err := os.ReadDir(s.o.Dir)
	if errors.Is(err, os.ErrNotExist) || s.o.Dir == "" {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasPrefix(e.Name(), spoolPrefix) || s.o.Clock.Now().Sub(info.ModTime()) < spoolKeep {
			continue
		}
		if err := os.Remove(filepath.Join(s.o.Dir, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
