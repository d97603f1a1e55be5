package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"tandem/bench/rig"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// rawBatch is how many rows one transaction of the raw load has.
const rawBatch = 5000

// chunk is rows as they go into the tables.
type chunk struct {
	columns                  []string
	customers, search, group [][]any
	last                     int64
}

// rawLoad puts the customers of one database into an empty other one: the rows and the index of fragments ready made,
// no checks, no audit. Only the writing is timed. Groups come first, since members refer to them.
func rawLoad(ctx context.Context, s *rig.Server, from *db.DB) (clockTime, cpu time.Duration, err error) {
	to, err := s.Fresh(ctx, "import_raw")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = to.Close(); _ = s.Drop(ctx, "import_raw") }()
	h, err := rig.Build(ctx, from, clock.System{})
	if err != nil {
		return 0, 0, err
	}
	texts, keywords := fragments(h.Customers.ListTable())
	if err := copyGroups(ctx, from, to); err != nil {
		return 0, 0, err
	}
	var table [3]time.Duration
	for after := int64(0); ; {
		c, err := read(ctx, from, texts, keywords, after)
		if err != nil {
			return 0, 0, err
		}
		if len(c.customers) == 0 {
			fmt.Fprintf(os.Stderr, "raw load: %s by the clock, %s processor time; customers %s, fragments %s, groups %s\n", clockTime.Round(time.Millisecond), cpu.Round(time.Millisecond),
				table[0].Round(time.Millisecond), table[1].Round(time.Millisecond), table[2].Round(time.Millisecond))
			return clockTime, cpu, nil
		}
		after = c.last
		before, err := s.CPU()
		if err != nil {
			return 0, 0, err
		}
		start := time.Now()
		if err := write(ctx, to, c, &table); err != nil {
			return 0, 0, err
		}
		clockTime += time.Since(start)
		now, err := s.CPU()
		if err != nil {
			return 0, 0, err
		}
		cpu += now - before
	}
}

func write(ctx context.Context, to *db.DB, c *chunk, table *[3]time.Duration) error {
	search := []string{"rowid", "pieces"}
	if to.Dialect() == db.Postgres {
		search[0] = "customer_id"
	}
	return to.Write(ctx, func(tx *db.Tx) error {
		for i, load := range []struct {
			table   string
			columns []string
			rows    [][]any
		}{{"customers", c.columns, c.customers}, {"customer_search", search, c.search}, {"group_members", []string{"group_id", "customer_id"}, c.group}} {
			start := time.Now()
			if err := tx.Bulk(ctx, load.table, load.columns, load.rows); err != nil {
				return err
			}
			table[i] += time.Since(start)
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO customer_totals (slot, closed, kind, n) VALUES (0, 0, 'customer', $1) ON CONFLICT (slot, closed, kind) DO UPDATE SET n = customer_totals.n + excluded.n", len(c.customers))
		return err
	})
}

// fragments is the expressions whose texts stand in the index of fragments.
// fragments is the texts that the fragment index holds: first those of keywords, so many.
func fragments(t *list.Table) (texts []string, keywords int) {
	var others []string
	for _, f := range t.Fields {
		text := f.Key
		if f.Search != "" {
			text = f.Search
		}
		switch {
		case !f.Fragments:
		case slices.Contains(t.Keywords, f.Name):
			texts = append(texts, text)
		default:
			others = append(others, text)
		}
	}
	return append(texts, others...), len(texts)
}

func read(ctx context.Context, from *db.DB, texts []string, keywords int, after int64) (*chunk, error) {
	rows, err := from.Read().QueryContext(ctx, fmt.Sprintf("SELECT %s, c.* FROM customers c WHERE c.id > $1 ORDER BY c.id LIMIT %d", strings.Join(texts, ", "), rawBatch), after)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	c := &chunk{columns: all[len(texts):]}
	id := slices.Index(c.columns, "id")
	for rows.Next() {
		values, dest := make([]any, len(all)), make([]any, len(all))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		folded := make([]string, len(texts))
		for i := range folded {
			folded[i], _ = values[i].(string)
		}
		row := values[len(texts):]
		c.last, _ = row[id].(int64)
		c.customers = append(c.customers, row)
		c.search = append(c.search, []any{c.last, list.Document(from.Dialect(), list.Entry{Keywords: folded[:keywords], Others: folded[keywords:]})})
	}
	if err := rows.Err(); err != nil || len(c.customers) == 0 {
		return c, err
	}
	members, err := from.Read().QueryContext(ctx, "SELECT group_id, customer_id FROM group_members WHERE customer_id > $1 AND customer_id <= $2", after, c.last)
	if err != nil {
		return nil, err
	}
	defer func() { _ = members.Close() }()
	for members.Next() {
		var group, member int64
		if err := members.Scan(&group, &member); err != nil {
			return nil, err
		}
		c.group = append(c.group, []any{group, member})
	}
	return c, members.Err()
}

func copyGroups(ctx context.Context, from, to *db.DB) error {
	rows, err := from.Read().QueryContext(ctx, "SELECT id, name, name_key, type, description, description_key, created_at, updated_at, version FROM groups")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	var all [][]any
	for rows.Next() {
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return to.Write(ctx, func(tx *db.Tx) error { return tx.Bulk(ctx, "groups", columns, all) })
}
