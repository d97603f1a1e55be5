package customer

import (
	"context"
	"fmt"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/list"
)

// BeginExport checks that the caller may take customers out and that the query is one, and notes who takes what.
func (s *Service) BeginExport(ctx context.Context, q list.Query, columns []string, format string) error {
	if err := access.Require(ctx, access.CustomerExport); err != nil {
		return err
	}
	if _, err := s.schema.Load().table.Parse(q); err != nil {
		return err
	}
	what := "everything"
	switch {
	case q.IDs != nil:
		what = fmt.Sprintf("%d chosen customers", len(q.IDs))
	case q.Filter != "" || q.Q != "":
		what = "what a filter matched"
	}
	changes := []audit.Change{{Field: "columns", New: strings.Join(columns, ", ")}, {Field: "filter", New: orNil(q.Filter)}, {Field: "q", New: orNil(q.Q)}}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionExport, Table: Table, RowName: "customers", Message: "Customers exported as " + format + ": " + what, Changes: changes})
	})
}
