package customer

import (
	"context"
	"fmt"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Sums is what a column of a range of rows adds up to. Dates have a Min and a Max, in microseconds, days in days since
// 1970-01-01, both no meaningful Sum; texts and references have a Count alone.
type Sums struct {
	list.Sums
	Type list.Type
}

// Aggregate sums columns over the rows from (inclusive) to (exclusive) of a list.
func (s *Service) Aggregate(ctx context.Context, q list.Query, names []string, from, to int) (int64, map[string]Sums, error) {
	if err := access.Require(ctx, access.CustomerRead); err != nil {
		return 0, nil, err
	}
	table := s.schema.Load().table
	p, err := s.schema.Load().parse(ctx, q)
	if err != nil {
		return 0, nil, err
	}
	var wrong errs.Fields
	var fields, asked []*list.Field
	for _, name := range names {
		f := table.Field(name)
		if f == nil {
			wrong.Add("fields", "unknown_field", "There is no field %q to sum.", name)
			continue
		}
		if slices.Contains(table.Hidden(p.Masked), name) {
			wrong.Add("fields", "masked", "Your role does not show you %s, so nothing can be summed by it.", f.Label)
			continue
		}
		fields, asked = append(fields, summed(table, f)), append(asked, f)
	}
	if err := wrong.Err(); err != nil {
		return 0, nil, err
	}
	rows, sums, err := s.engine.Aggregate(ctx, p, fields, from, to)
	if err != nil {
		return 0, nil, err
	}
	out := make(map[string]Sums, len(asked))
	for i, f := range asked {
		out[f.Name] = Sums{sums[i], f.Type}
	}
	return rows, out, nil
}

// summed is the field as the engine adds it up: dates as the numbers they are kept as, several references as whether
// there is one.
func summed(t *list.Table, f *list.Field) *list.Field {
	as := *f
	switch {
	case f.Members != nil:
		as.Members, as.Type = nil, list.TypeText
		as.Key = fmt.Sprintf("COALESCE((SELECT 'x' FROM %s m WHERE m.%s = %s LIMIT 1), '')", f.Members.Table, f.Members.Row, t.ID)
	case f.Type == list.TypeDate || f.Type == list.TypeDay:
		as.Type = list.TypeInt
	}
	return &as
}
