// Package dbtest gives tests an empty, migrated database of each kind. A test that touches data runs on both; one
// that cannot reach PostgreSQL fails.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tandem/internal/kit/db"
	"tandem/internal/kit/db/pgtest"
	"tandem/migrations"
)

// Each runs fn as a parallel subtest on an empty SQLite and on an empty PostgreSQL database.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": SQLite, "postgres": Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, open(t))
		})
	}
}

// SQLite gives an empty, migrated SQLite database that goes with the test.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandem.db")
	SQLiteFile(t, path)
	return open(t, db.Config{Path: path, Readers: 4})
}

// SQLiteFile puts an empty, migrated SQLite database at path, for programs and servers that open it themselves.
func SQLiteFile(t testing.TB, path string) {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the SQLite template: %v", err)
	}
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Postgres gives an empty, migrated PostgreSQL database that goes with the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, db.Config{URL: PostgresURL(t), Readers: 4, Writers: 8})
}

// PostgresURL gives the URL of an empty, migrated PostgreSQL database that goes with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	name, err := templateName()
	if err != nil {
		t.Fatalf("read the migrations: %v", err)
	}
	return pgtest.Database(t, pgtest.Template(t, name, func(url string) error {
		return migrate(db.Config{URL: url, Readers: 1, Writers: 2})
	}))
}

func open(t testing.TB, c db.Config) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// sqliteTemplate is the bytes of a migrated database file, made once a process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tandem-template-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate(db.Config{Path: path}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// templateName says which migrations are in the template, so that processes that share a cluster share it too.
var templateName = sync.OnceValues(func() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.Files, "postgres", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.Files.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n", path, len(text))
		sum.Write(text)
		return err
	})
	return "tandem_" + hex.EncodeToString(sum.Sum(nil)[:8]), err
})

func migrate(c db.Config) error {
	ctx := context.Background()
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	if _, err := d.Migrate(ctx, migrations.Files); err != nil {
		_ = d.Close()
		return err
	}
	return d.Close()
}

// TooLate fires shortly before the time of the whole test run is over: for tests that wait for something, on a
// machine of any speed. A limit of its own would make a test depend on a duration.
func TooLate(t testing.TB) <-chan time.Time {
	deadline, ok := time.Time{}, false
	if d, has := t.(interface{ Deadline() (time.Time, bool) }); has {
		deadline, ok = d.Deadline()
	}
	if !ok {
		return nil
	}
	return time.After(time.Until(deadline) - 20*time.Second)
}
