package file_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/file"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

type rig struct {
	*file.Service
	d     *db.DB
	clock *clock.Manual
	ctx   context.Context
	dir   string
}

func newRig(t *testing.T, d *db.DB) *rig {
	c := clock.NewManual(time.Now())
	dir := filepath.Join(t.TempDir(), "spool")
	ctx := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 7}})
	return &rig{file.New(file.Options{DB: d, Clock: c, IDs: id.NewSource(c), Dir: dir}), d, c, ctx, dir}
}

func (r *rig) count(t *testing.T) (files, chunks int) {
	t.Helper()
	err := r.d.Read().QueryRowContext(r.ctx, `SELECT (SELECT COUNT(*) FROM files), (SELECT COUNT(*) FROM file_chunks)`).Scan(&files, &chunks)
	if err != nil {
		t.Fatal(err)
	}
	return files, chunks
}

func noise(n int) []byte {
	b := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = src.Read(b)
	return b
}

func TestStoreAndRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		for _, size := range []int{0, 1, 256 << 10, 256<<10 + 1, 3<<20 + 17} {
			want := noise(size)
			f, err := r.Create(r.ctx, "a.csv", iotest.HalfReader(bytes.NewReader(want)), file.Limits{Bytes: int64(size)})
			if size == 0 {
				f, err = r.Create(r.ctx, "a.csv", bytes.NewReader(nil), file.Limits{})
			}
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(want)
			if f.Size != int64(size) || !bytes.Equal(f.SHA256, sum[:]) || f.Owner != "staff:7" || f.Name != "a.csv" {
				t.Errorf("stored %+v", f)
			}
			in, err := r.Open(r.ctx, f.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(in, want); err != nil {
				t.Errorf("%d bytes: %v", size, err)
			}
			path, cleanup, err := r.Spool(r.ctx, f.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the copy differs: %v", err)
			}
			cleanup()
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the copy stays: %v", err)
			}
		}
	})
}

func TestRefusedFilesLeaveNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		big := noise(3 << 20)
		_, err := r.Create(r.ctx, "a", bytes.NewReader(big), file.Limits{Bytes: 2 << 20})
		if !errs.IsKind(err, errs.KindTooLarge) {
			t.Errorf("too large: %v", err)
		}
		_, err = r.Create(r.ctx, "a", io.MultiReader(bytes.NewReader(big), iotest.ErrReader(io.ErrUnexpectedEOF)), file.Limits{})
		if !errs.IsKind(err, errs.KindBadRequest) {
			t.Errorf("cut off: %v", err)
		}
		gone, cancel := context.WithCancel(r.ctx)
		_, err = r.Create(gone, "a", io.MultiReader(bytes.NewReader(big), readerFunc(func([]byte) (int, error) { cancel(); return 0, gone.Err() })), file.Limits{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("left: %v", err)
		}
		if files, chunks := r.count(t); files+chunks != 0 {
			t.Errorf("left %d files, %d chunks", files, chunks)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A result grows with the transactions of a job: what is rolled back is not in it.
func TestAppend(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		var n int64
		err := d.Write(r.ctx, func(tx *db.Tx) (err error) {
			n, err = r.Begin(r.ctx, tx, "result.csv")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		add := func(text string, fail error) error {
			return d.Write(r.ctx, func(tx *db.Tx) error {
				if _, err := r.Append(r.ctx, tx, n, []byte(text)); err != nil {
					return err
				}
				return fail
			})
		}
		no := errors.New("no")
		if err := errors.Join(add("one,", nil), add("two,", nil)); err != nil {
			t.Fatal(err)
		}
		if err := add("lost,", no); !errors.Is(err, no) {
			t.Fatal(err)
		}
		if _, err := r.Open(r.ctx, n); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("an open file was read: %v", err)
		}
		err = d.Write(r.ctx, func(tx *db.Tx) error {
			if _, err := r.Append(r.ctx, tx, n, []byte("three")); err != nil {
				return err
			}
			_, err := r.Seal(r.ctx, tx, n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := add("late", nil); !errors.Is(err, file.ErrSealed) {
			t.Errorf("a sealed file grew: %v", err)
		}
		in, err := r.Open(r.ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		sum := sha256.Sum256(got)
		if err != nil || string(got) != "one,two,three" || !bytes.Equal(in.File().SHA256, sum[:]) {
			t.Errorf("read %q, %v", got, err)
		}
	})
}

func TestRemoveAndPurge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		small, err := r.Create(r.ctx, "small", bytes.NewReader(noise(10)), file.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		large, err := r.Create(r.ctx, "large", bytes.NewReader(noise(10<<20)), file.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		in, err := r.Open(r.ctx, large.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		begun, err := r.Writer(r.ctx, "begun")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := begun.Write(noise(2 << 20)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			err = d.Write(r.ctx, func(tx *db.Tx) error {
				return errors.Join(r.Remove(r.ctx, tx, small.ID), r.Remove(r.ctx, tx, large.ID))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.Copy(io.Discard, in); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("a removed file was read on: %v", err)
		}
		if files, chunks := r.count(t); files != 2 || chunks >= 40 {
			t.Errorf("after Remove there are %d files, %d chunks", files, chunks)
		}
		if err := os.MkdirAll(r.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, age := range map[string]time.Duration{"spool-old": 48 * time.Hour, "spool-new": 0, "other": 48 * time.Hour} {
			path := filepath.Join(r.dir, name)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			at := r.clock.Now().Add(-age)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := r.Purge(r.ctx, time.Hour); n != 1 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		r.clock.Advance(2 * time.Hour)
		if n, err := r.Purge(r.ctx, time.Hour); n != 1 || err != nil {
			t.Errorf("purged %d, %v", n, err)
		}
		if files, chunks := r.count(t); files+chunks != 0 {
			t.Errorf("after Purge there are %d files, %d chunks", files, chunks)
		}
		left, err := filepath.Glob(filepath.Join(r.dir, "*"))
		if err != nil || len(left) != 2 {
			t.Errorf("in the spool folder: %v, %v", left, err)
		}
		if _, err := begun.Write(noise(2 << 20)); !errors.Is(err, file.ErrSealed) {
			t.Errorf("a file given up grew: %v", err)
		}
	})
}
