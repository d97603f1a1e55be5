package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// The traps of the two databases, each once measured to bite. See docs/databases.md.

func exec(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(t.Context(), s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryConnectionHasTheSettings(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	// Each snapshot holds its connection while the next is opened, so that the pool must make new ones.
	var open func(depth int) error
	open = func(depth int) error {
		if depth == 0 {
			return nil
		}
		return d.Snapshot(t.Context(), func(q db.Q) error {
			wantPragmas(t, q, map[string]string{"foreign_keys": "1", "synchronous": "2", "journal_mode": "wal", "query_only": "1"})
			return open(depth - 1)
		})
	}
	if err := open(4); err != nil {
		t.Fatal(err)
	}
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		wantPragmas(t, tx, map[string]string{"foreign_keys": "1", "synchronous": "2", "journal_mode": "wal"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wantPragmas(t *testing.T, q db.Q, pragmas map[string]string) {
	t.Helper()
	for pragma, want := range pragmas {
		var got string
		if err := q.GetContext(t.Context(), &got, "PRAGMA "+pragma); err != nil || got != want {
			t.Errorf("%s is %q (error %v), want %s", pragma, got, err, want)
		}
	}
}

// A deferred transaction that reads and then writes fails under SQLite when another wrote between; a plain read and
// write under PostgreSQL loses updates. One conditional update does neither.
func TestConcurrentDebitsNeverPassTheFloor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, "CREATE TABLE purse (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0))", "INSERT INTO purse VALUES (1, 1000)")
		var accepted, refused atomic.Int64
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 125 {
					err := d.Write(t.Context(), func(tx *db.Tx) error {
						var left int64
						if err := tx.GetContext(t.Context(), &left, "SELECT amount FROM purse WHERE id = $1", 1); err != nil {
							return err
						}
						return tx.GetContext(t.Context(), &left, "UPDATE purse SET amount = amount - 1 WHERE id = $1 AND amount >= 1 RETURNING amount", 1)
					})
					switch {
					case err == nil:
						accepted.Add(1)
					case errors.Is(err, sql.ErrNoRows):
						refused.Add(1)
					default:
						t.Errorf("a debit failed: %v", err)
					}
				}
			})
		}
		wg.Wait()
		if accepted.Load() != 1000 || refused.Load() != 1000 {
			t.Errorf("%d debits accepted and %d refused of a purse of 1000", accepted.Load(), refused.Load())
		}
	})
}

func TestSumOfBigintIsAnInteger(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, "CREATE TABLE n (x BIGINT NOT NULL)", "INSERT INTO n VALUES (4611686018427387903), (4611686018427387904)")
		var sum int64
		if err := d.Read().GetContext(t.Context(), &sum, "SELECT CAST(SUM(x) AS BIGINT) FROM n"); err != nil {
			t.Fatal(err)
		}
		if sum != 9223372036854775807 {
			t.Errorf("sum is %d", sum)
		}
	})
}

func TestForeignKeysHold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, "CREATE TABLE a (id BIGINT PRIMARY KEY)", "CREATE TABLE b (a_id BIGINT NOT NULL REFERENCES a (id))")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO b VALUES (7)")
			return err
		})
		if err == nil {
			t.Error("a row without its parent was taken")
		}
	})
}

// Readers and one writer at once: no read may fail, and none may see half a transaction.
func TestReadersBesideTheWriter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, "CREATE TABLE pair (id BIGINT PRIMARY KEY, v BIGINT NOT NULL)", "INSERT INTO pair VALUES (1, 0), (2, 0)")
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for ctx.Err() == nil {
					var differ int
					if err := d.Read().GetContext(t.Context(), &differ, "SELECT COUNT(DISTINCT v) FROM pair"); err != nil || differ != 1 {
						t.Errorf("a read saw %d values, error %v", differ, err)
						return
					}
				}
			})
		}
		for i := range 300 {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.ExecContext(t.Context(), "UPDATE pair SET v = $1 WHERE id = 1", i); err != nil {
					return err
				}
				_, err := tx.ExecContext(t.Context(), "UPDATE pair SET v = $1 WHERE id = 2", i)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		stop()
		wg.Wait()
	})
}

func TestBulkLoadIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, "CREATE TABLE load (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
		rows := make([][]any, 2500)
		for i := range rows {
			rows[i] = []any{int64(i), fmt.Sprintf("row %d", i)}
		}
		wanted := errors.New("changed my mind")
		load := func(end error) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				if err := tx.Bulk(t.Context(), "load", []string{"id", "name"}, rows); err != nil {
					return err
				}
				return end
			})
		}
		if err := load(wanted); !errors.Is(err, wanted) {
			t.Fatalf("got %v", err)
		}
		if n := count(t, d, "load"); n != 0 {
			t.Errorf("%d rows stayed after a roll-back", n)
		}
		if err := load(nil); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, "load"); n != len(rows) {
			t.Errorf("%d rows, want %d", n, len(rows))
		}
		if err := load(nil); db.UniqueViolation(err) == "" {
			t.Errorf("loading twice gives %v, want a unique violation", err)
		}
	})
}

func TestUniqueViolationNamesTheIndex(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, "CREATE TABLE u (id BIGINT PRIMARY KEY, email TEXT NOT NULL)",
			"CREATE UNIQUE INDEX u_email ON u (email) WHERE email <> ''", "INSERT INTO u VALUES (1, 'a'), (2, ''), (3, '')")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO u VALUES (4, 'a')")
			return err
		})
		if name := db.UniqueViolation(err); name != "u_email" && name != "u.email" {
			t.Errorf("the violation is %q of %v", name, err)
		}
	})
}

func TestAfterCommitOnlyAfterCommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := 0
		fail := errors.New("no")
		_ = d.Write(t.Context(), func(tx *db.Tx) error { tx.AfterCommit(func() { ran++ }); return fail })
		if ran != 0 {
			t.Error("ran after a roll-back")
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { tx.AfterCommit(func() { ran++ }); return nil }); err != nil || ran != 1 {
			t.Errorf("ran %d times, error %v", ran, err)
		}
	})
}

func count(t *testing.T, d *db.DB, table string) (n int) {
	t.Helper()
	if err := d.Read().GetContext(t.Context(), &n, "SELECT COUNT(*) FROM "+table); err != nil {
		t.Fatal(err)
	}
	return n
}
