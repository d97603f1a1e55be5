package customer

import (
	"context"
	"fmt"
	"math"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Span is which rows of a list are meant, by their place in its order.
type Span struct {
	Offset int  // rows to jump over
	Count  *int // rows at most; nil means all that follow
}

func (sp Span) whole() bool { return sp.Offset == 0 && sp.Count == nil }

func (sp Span) check() error {
	var wrong errs.Fields
	if sp.Offset < 0 {
		wrong.Add("offset", "out_of_range", "The offset is a number from 0.")
	}
	if sp.Count != nil && *sp.Count < 1 {
		wrong.Add("count", "out_of_range", "The count is a number from 1. Leave it out for all rows that follow.")
	}
	return wrong.Err()
}

func (sp Span) String() string {
	if sp.Count == nil {
		return fmt.Sprintf(" from row %d on", sp.Offset+1)
	}
	return fmt.Sprintf(", %d rows from row %d on", *sp.Count, sp.Offset+1)
}

// BeginExport checks that the caller may take customers out and that query and span are good, and notes who takes what.
func (s *Service) BeginExport(ctx context.Context, q list.Query, span Span, columns []string, format string) error {
	if err := access.Require(ctx, access.CustomerExport); err != nil {
		return err
	}
	if err := span.check(); err != nil {
		return err
	}
	q.Offset = span.Offset
	if _, err := s.schema.Load().parse(ctx, q); err != nil {
		return err
	}
	what := "everything"
	switch {
	case q.IDs != nil:
		what = fmt.Sprintf("%d chosen customers", len(q.IDs))
	case q.Filter != "" || q.Q != "":
		what = "what a filter matched"
	}
	if !span.whole() {
		what += span.String()
	}
	changes := []audit.Change{{Field: "columns", New: strings.Join(columns, ", ")}, {Field: "filter", New: orNil(q.Filter)}, {Field: "q", New: orNil(q.Q)}}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionExport, Table: Table, RowName: "customers", Message: "Customers exported as " + format + ": " + what, Changes: changes})
	})
}

// Each hands the customers of a span of the list over, in order, in batches of one page: memory does not grow with it.
// Only the first page jumps; those behind it go on from the last row.
func (s *Service) Each(ctx context.Context, q list.Query, span Span, batch func([]*Customer) error) error {
	if err := access.Require(ctx, access.CustomerExport); err != nil {
		return err
	}
	if err := span.check(); err != nil {
		return err
	}
	q.Offset, q.Cursor, q.Total = span.Offset, "", list.TotalNone
	left := math.MaxInt
	if span.Count != nil {
		left = *span.Count
	}
	for {
		q.Limit = min(left, list.MaxLimit)
		items, next, err := s.page(ctx, q)
		if err != nil {
			return err
		}
		if err := batch(items); err != nil {
			return err
		}
		if left -= len(items); next == "" || left <= 0 {
			return nil
		}
		q.Offset, q.Cursor = 0, next
	}
}

func (s *Service) page(ctx context.Context, q list.Query) ([]*Customer, string, error) {
	sc := s.schema.Load() // an operator's field that comes meanwhile does not stop an export
	p, err := sc.parse(ctx, q)
	if err != nil {
		return nil, "", err
	}
	items := make([]*Customer, 0, q.Limit)
	page, err := s.engine.Page(ctx, p, sqlRow+sc.columns, func(scan list.Scan) error {
		c, err := sc.scan(scan)
		items = append(items, c)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return allShown(ctx, items), page.Next, loadGroups(ctx, s.DB.Read(), items)
}
