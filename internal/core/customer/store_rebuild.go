package customer

import (
	"context"
	"fmt"

	"tandem/internal/core/customfield"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// SearchTable is made anew by Rebuild, and need not be backed up.
const SearchTable = "customer_search"

const (
	sqlSearchGone   = `SELECT EXISTS (SELECT 1 FROM customers) AND NOT EXISTS (SELECT 1 FROM customer_search)`
	sqlIDsAfter     = `SELECT id FROM customers WHERE id > $1 ORDER BY id LIMIT 500`
	sqlAnalyzeAfter = `ANALYZE`
)

// Refill makes the fragment index anew where a migration emptied it, before anything is served. Of several nodes that
// start at once, one does it and the others wait.
func Refill(ctx context.Context, d *db.DB) error {
	gone := func(q db.Q) (bool, error) {
		var yes bool
		err := q.GetContext(ctx, &yes, sqlSearchGone)
		return yes, err
	}
	if yes, err := gone(d.Read()); err != nil || !yes {
		return err
	}
	return d.Load(ctx, func(tx *db.Tx) error {
		if lock := tx.Dialect().LockTable(SearchTable); lock != "" {
			if _, err := tx.ExecContext(ctx, lock); err != nil {
				return fmt.Errorf("rebuild the search: %w", err)
			}
		}
		if yes, err := gone(tx); err != nil || !yes {
			return err
		}
		return Rebuild(ctx, tx)
	})
}

// Rebuild makes the fragment index of every customer, in a database that was just filled with them and has none yet.
func Rebuild(ctx context.Context, tx *db.Tx) error {
	fields, edition, err := customfield.All(ctx, tx)
	if err != nil {
		return err
	}
	s := newSchema(edition, fields)
	for after := int64(-1); ; {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, sqlIDsAfter, after); err != nil {
			return fmt.Errorf("rebuild the search: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		found, err := s.load(ctx, tx, ids, "")
		if err != nil {
			return err
		}
		entries := make([]list.Entry, len(found))
		for i, c := range found {
			entries[i] = s.searched(c)
		}
		if err := s.table.Index.Insert(ctx, tx, entries); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, sqlAnalyzeAfter); err != nil {
		return fmt.Errorf("rebuild the statistics: %w", err)
	}
	return nil
}
