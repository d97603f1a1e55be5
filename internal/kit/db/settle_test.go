package db_test

import (
	"os"
	"testing"

	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// What was written stands in the file, and the log is empty. Whoever reads meanwhile is not waited for long.
func TestSettle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write := func() {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), "DELETE FROM settings")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		write()
		err := d.Snapshot(t.Context(), func(q db.Q) error {
			var n int
			if err := q.GetContext(t.Context(), &n, "SELECT COUNT(*) FROM settings"); err != nil {
				return err
			}
			write()
			return d.Settle(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d.Dialect() != db.SQLite {
			return
		}
		if info, err := os.Stat(d.Path() + "-wal"); err != nil || info.Size() != 0 {
			t.Errorf("the log is %v, %v", info, err)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			wantPragmas(t, tx, map[string]string{"busy_timeout": "15000", "secure_delete": "2"})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
