package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// giveUpTime is for removing what a broken upload left.
const giveUpTime = 10 * time.Second

// Create stores what r gives, piece by piece in short transactions, and seals it. A file over the limit gets the
// refusal file_too_large, one whose reader breaks off upload_cut_off; nothing of them is left. Never call it inside a
// transaction.
func (s *Service) Create(ctx context.Context, name string, r io.Reader, l Limits) (File, error) {
	return s.CreateNoted(ctx, name, r, l, func(*db.Tx, File) error { return nil })
}

// CreateNoted is Create with something to write in the transaction that seals the file: who stores it first and names
// it later keeps a note of it there, since a process may die in between.
func (s *Service) CreateNoted(ctx context.Context, name string, r io.Reader, l Limits, note func(tx *db.Tx, f File) error) (File, error) {
	w, err := s.Writer(ctx, name)
	if err != nil {
		return File{}, err
	}
	defer w.Abort()
	if l.Bytes > 0 {
		r = io.LimitReader(r, l.Bytes+1)
	}
	size, err := io.Copy(w, r)
	switch tooBig := (*http.MaxBytesError)(nil); {
	case errors.As(err, &tooBig):
		return File{}, tooLarge(tooBig.Limit)
	case l.Bytes > 0 && size > l.Bytes:
		return File{}, tooLarge(l.Bytes)
	case w.failed != nil:
		return File{}, w.failed
	case errors.Is(err, io.ErrUnexpectedEOF):
		return File{}, errs.New(errs.KindBadRequest, "upload_cut_off", "The file broke off before its end.")
	case err != nil:
		return File{}, fmt.Errorf("read the file to store: %w", err)
	}
	var f File
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if f, err = w.Seal(ctx, tx); err != nil {
			return err
		}
		return note(tx, f)
	})
	return f, err
}

func tooLarge(limit int64) error {
	if limit < 1<<20 {
		return errs.New(errs.KindTooLarge, "file_too_large", "The file is larger than %d bytes.", limit)
	}
	return errs.New(errs.KindTooLarge, "file_too_large", "The file is larger than %d MiB.", limit>>20)
}

// Writer writes one file. It is for one goroutine.
type Writer struct {
	s      *Service
	ctx    context.Context // of the whole writing: io.Writer has no place for one
	id     int64
	held   []byte
	sealed bool
	failed error
}

// Writer begins a file to write to. End it with Seal, and always with Abort. Each MiB is a transaction: never write
// inside another one.
func (s *Service) Writer(ctx context.Context, name string) (*Writer, error) {
	w := &Writer{s: s, ctx: ctx}
	err := s.o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		w.id, err = s.Begin(ctx, tx, name)
		return err
	})
	return w, err
}

// ID is the file's number.
func (w *Writer) ID() int64 { return w.id }

// Write takes the next piece.
func (w *Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if w.failed != nil {
			return written, w.failed
		}
		n := min(len(p), batchBytes-len(w.held))
		w.held = append(w.held, p[:n]...)
		p, written = p[n:], written+n
		if len(w.held) == batchBytes {
			w.failed = w.flush()
		}
	}
	return written, w.failed
}

func (w *Writer) flush() error {
	err := w.s.o.DB.Write(w.ctx, func(tx *db.Tx) error {
		_, err := w.s.Append(w.ctx, tx, w.id, w.held)
		return err
	})
	w.held = w.held[:0]
	return storage(err)
}

// storage says in words that there is no room.
func storage(err error) error {
	if err != nil && db.IsFull(err) {
		full := errs.New(errs.KindUnavailable, "storage_full", "There is no room left on the disk of the database.")
		return errors.Join(full, err)
	}
	return err
}

// Seal adds what is held back and completes the file, in the caller's transaction.
func (w *Writer) Seal(ctx context.Context, tx *db.Tx) (File, error) {
	if w.failed != nil {
		return File{}, w.failed
	}
	if _, err := w.s.Append(ctx, tx, w.id, w.held); err != nil {
		return File{}, storage(err)
	}
	f, err := w.s.Seal(ctx, tx, w.id)
	if err == nil {
		tx.AfterCommit(func() { w.sealed = true })
	}
	return f, err
}

// Abort removes a file that was not sealed; after Seal it does nothing. Should it fail, Purge does it later.
func (w *Writer) Abort() {
	if w.sealed || w.id == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), giveUpTime)
	defer cancel()
	_ = w.s.drop(ctx, w.id)
}
