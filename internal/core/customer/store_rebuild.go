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
	sqlIDsAfter     = `SELECT id FROM customers WHERE id > $1 ORDER BY id LIMIT 500`
	sqlAnalyzeAfter = `ANALYZE`
)

// Refill makes the fragment index anew where a migration emptied it, before anything is served.
func Refill(ctx context.Context, d *db.DB) error { return index.Refill(ctx, d, Table, Rebuild) }

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
