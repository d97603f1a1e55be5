package importer

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/group"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/list"
)

// groupBook knows the groups that rows name. It lives as long as one job: a group that is removed meanwhile stops the
// batch that names it, and the job goes on with a new book.
type groupBook struct {
	s     *Service
	make  bool
	known map[string]int64 // by folded name; 0 = there is none
	fresh map[string]int64 // made in the transaction in hand
}

func (s *Service) groupBook(ctx context.Context, m *Import) *groupBook {
	may := access.From(ctx).Principal.May(access.GroupWrite)
	return &groupBook{s: s, make: m.Options.CreateGroups && may, known: map[string]int64{}, fresh: map[string]int64{}}
}

// read finds the groups of the rows that are not known yet. Call it outside a transaction.
func (b *groupBook) read(ctx context.Context, rows []*candidate) error {
	var names []string
	if !access.From(ctx).Principal.May(access.GroupRead) { // there is none for them
		return nil
	}
	for _, c := range rows {
		for _, name := range c.groups {
			key := fold.Key(name)
			if _, ok := b.known[key]; !ok {
				b.known[key] = 0
				names = append(names, name)
			}
		}
	}
	for len(names) > 0 {
		part := names[:min(100, len(names))]
		names = names[len(part):]
		filter, err := json.Marshal(map[string]any{"field": "name", "op": "in", "value": part})
		if err != nil {
			return fmt.Errorf("find groups: %w", err)
		}
		found, _, err := b.s.o.Groups.List(ctx, list.Query{Filter: string(filter), Limit: len(part), Total: list.TotalNone})
		if err != nil {
			return fmt.Errorf("find groups: %w", err)
		}
		for _, g := range found {
			b.known[fold.Key(g.Name)] = g.ID
		}
	}
	return nil
}

// keep notes which groups the transaction made, for the undo of the import.
func (b *groupBook) keep(ctx context.Context, tx *db.Tx, importID int64) (made int64, err error) {
	rows := make([][]any, 0, len(b.fresh))
	for _, n := range b.fresh {
		rows = append(rows, []any{importID, n})
	}
	return int64(len(rows)), tx.Bulk(ctx, "import_groups", []string{"import_id", "group_id"}, rows)
}

// find gives a group's ID: 0 when it would be made, not ok when it would not.
func (b *groupBook) find(name string) (int64, bool) {
	key := fold.Key(name)
	if n := b.known[key]; n != 0 {
		return n, true
	}
	if n := b.fresh[key]; n != 0 {
		return n, true
	}
	return 0, b.make
}

// ensure makes the groups that rows name and that are missing, in the transaction that needs them.
func (b *groupBook) ensure(ctx context.Context, tx *db.Tx, rows []*candidate) error {
	b.fresh = map[string]int64{}
	if !b.make {
		return nil
	}
	for _, c := range rows {
		if len(c.bad) > 0 {
			continue
		}
		for _, name := range c.groups {
			if n, _ := b.find(name); n != 0 {
				continue
			}
			g, err := b.s.o.Groups.CreateIn(ctx, tx, group.Input{Name: name})
			if err != nil {
				return err
			}
			b.fresh[fold.Key(name)] = g.ID
		}
	}
	fresh := b.fresh
	tx.AfterCommit(func() {
		for k, n := range fresh {
			b.known[k] = n
		}
	})
	return nil
}

// forget drops what was read, so that the next read asks again.
func (b *groupBook) forget() { b.known, b.fresh = map[string]int64{}, map[string]int64{} }
