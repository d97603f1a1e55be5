package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/archive"
	"tandem/internal/kit/db"
	"tandem/internal/kit/outbox"
	"tandem/migrations"
)

// archiveOptions says what is special about our tables: the search is made anew, what was published is not told again, and the operator's fields are columns
// of the customers.
func archiveOptions() archive.Options {
	return archive.Options{
		Skip: []string{customer.SearchTable, contact.SearchTable, outbox.Table}, First: []string{"custom_fields"},
		Empty: []string{"staff", "customers", "groups", "jobs", "files", "audit_entries"},
		After: map[string]func(context.Context, *db.Tx) error{"custom_fields": customfield.Rebuild},
	}
}

// Backup writes everything to a file, as it is at one moment, also while another process serves. An existing file is
// replaced only when force says so, and only by a whole one.
func Backup(ctx context.Context, c Config, path string, force bool) (archive.Summary, error) {
	if err := c.Present(); err != nil {
		return archive.Summary{}, err
	}
	d, err := Connect(ctx, &c)
	if err != nil {
		return archive.Summary{}, err
	}
	sum, err := backupTo(ctx, c, d, path, force)
	return sum, errors.Join(err, d.Close())
}

func backupTo(ctx context.Context, c Config, d *db.DB, path string, force bool) (sum archive.Summary, err error) {
	if there, err := os.Lstat(path); err == nil && there.IsDir() {
		return sum, fmt.Errorf("%s is a folder: name a file", path)
	} else if err == nil && !force {
		return sum, fmt.Errorf("%s exists: name another file, or say --force", path)
	}
	version, err := d.Version(ctx, migrations.Files)
	if err != nil {
		return sum, err
	}
	if version == 0 {
		return sum, errors.New("there is nothing to back up: the database is empty")
	}
	out, err := os.CreateTemp(filepath.Dir(path), ".tandem-backup-*") // readable by its owner alone
	if err != nil {
		return sum, fmt.Errorf("write the backup: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out.Name()) // half a backup is none
		}
	}()
	head := archive.Head{Version: version, Program: c.Version, CreatedAt: c.Clock.Now().Format(time.RFC3339)}
	sum, err = archive.Write(ctx, d, out, head, archiveOptions())
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return sum, fmt.Errorf("write the backup: %w", err)
	}
	if err = place(out.Name(), path, force); err != nil {
		return sum, fmt.Errorf("write the backup: %w", err)
	}
	return sum, nil
}

// place gives the finished file its name, without taking it from a file that appeared meanwhile.
func place(from, to string, force bool) error {
	if force {
		return os.Rename(from, to)
	}
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// Restore reads a backup into an empty database, which is then at the program's version. The file is checked as a
// whole before the first row goes in; everything goes in or nothing.
func Restore(ctx context.Context, c Config, path string) (archive.Summary, error) {
	file, err := os.Open(path)
	if err != nil {
		return archive.Summary{}, fmt.Errorf("read the backup: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	head, _, err := archive.Inspect(file)
	if err != nil {
		return archive.Summary{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return archive.Summary{}, fmt.Errorf("read the backup: %w", err)
	}
	d, err := Connect(ctx, &c)
	if err != nil {
		return archive.Summary{}, err
	}
	sum, err := restoreInto(ctx, d, file, head.Version)
	return sum, errors.Join(err, d.Close())
}

func restoreInto(ctx context.Context, d *db.DB, r io.Reader, version int64) (archive.Summary, error) {
	if err := d.MigrateTo(ctx, migrations.Files, version); err != nil {
		return archive.Summary{}, err
	}
	if at, err := d.Version(ctx, migrations.Files); err != nil || at != version {
		if err == nil {
			err = fmt.Errorf("%w: its tables are of version %d, those of the backup of %d", archive.ErrNotEmpty, at, version)
		}
		return archive.Summary{}, err
	}
	sum, err := archive.Read(ctx, d, r, archiveOptions(), customer.Rebuild)
	if err != nil {
		return sum, err
	}
	_, err = toHead(ctx, d)
	return sum, err
}
