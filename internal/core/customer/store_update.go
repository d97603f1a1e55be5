package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// mostParameters is how many values one statement takes; SQLite allows 32,766.
const mostParameters = 8000

// update writes the changed rows of customers, whose versions have been raised, when each has its former version
// still; false when one has not. Customers that change in the same columns are written by one statement.
func (s *schema) update(ctx context.Context, tx *db.Tx, good []Outcome) (bool, error) {
	groups := map[string]*sameColumns{}
	var order []*sameColumns
	columns := s.insertColumns()
	for i := range good {
		before, after := good[i].Before, good[i].After
		at, values := changedColumns(s.values(before), s.values(after))
		key := fmt.Sprint(at)
		g := groups[key]
		if g == nil {
			g = &sameColumns{at: at}
			groups[key], order = g, append(order, g)
		}
		g.rows = append(g.rows, append([]any{after.ID, before.Version}, values...))
	}
	for _, g := range order {
		for rows := range slices.Chunk(g.rows, max(1, mostParameters/(len(g.at)+2))) {
			if done, err := g.write(ctx, tx, columns, rows); err != nil || !done {
				return false, err
			}
		}
	}
	return true, s.updateHung(ctx, tx, good)
}

// sameColumns is rows that change in the same columns: ID, former version, and the new values.
type sameColumns struct {
	at   []int
	rows [][]any
}

func changedColumns(old, now []any) (at []int, values []any) {
	for i := range now {
		if old[i] != now[i] {
			at, values = append(at, i), append(values, now[i])
		}
	}
	return at, values
}

func (g *sameColumns) write(ctx context.Context, tx *db.Tx, columns []string, rows [][]any) (bool, error) {
	var b strings.Builder
	b.WriteString("UPDATE customers AS c SET ")
	for i, at := range g.at {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s = v.column%d", columns[at], i+3)
	}
	b.WriteString(" FROM (VALUES ")
	args := make([]any, 0, len(rows)*(len(g.at)+2))
	for i, row := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		writeRow(&b, row, len(args), i == 0)
		args = append(args, row...)
	}
	b.WriteString(") AS v WHERE c.id = v.column1 AND c.version = v.column2")
	done, err := tx.ExecContext(ctx, b.String(), args...)
	if err != nil {
		return false, fmt.Errorf("write customers: %w", err)
	}
	n, err := done.RowsAffected()
	return n == int64(len(rows)), err
}

// writeRow writes the placeholders of a row; the first one says what type each column has.
func writeRow(b *strings.Builder, row []any, from int, typed bool) {
	b.WriteByte('(')
	for i, v := range row {
		if i > 0 {
			b.WriteString(", ")
		}
		_, isText := v.(string)
		switch {
		case !typed:
			fmt.Fprintf(b, "$%d", from+i+1)
		case isText:
			fmt.Fprintf(b, "CAST($%d AS TEXT)", from+i+1)
		default:
			fmt.Fprintf(b, "CAST($%d AS BIGINT)", from+i+1)
		}
	}
	b.WriteByte(')')
}

// updateHung writes what hangs on the rows: the search index, where a text of it changed, and the groups.
func (s *schema) updateHung(ctx context.Context, tx *db.Tx, good []Outcome) error {
	var entries []list.Entry
	for i := range good {
		before, after := good[i].Before, good[i].After
		if now := s.searched(after); !now.Equal(s.searched(before)) {
			entries = append(entries, now)
		}
		if err := changeMembers(ctx, tx, before, after); err != nil {
			return err
		}
	}
	return s.table.Index.Replace(ctx, tx, entries)
}
