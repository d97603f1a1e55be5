package list

import (
	"context"

	"tandem/internal/kit/db"
)

// Statement is one SQL text with its arguments.
type Statement struct {
	SQL  string
	Args []any
}

// Statements is what Page asks the database for a query, beside its owner's counter: so that a benchmark can ask the
// same without anything around it.
type Statements struct {
	Page  Statement
	Count *Statement // the exact number of matches; nil when Total is known without asking
	Total int64
	Base  string // the condition under which the owner's counter is asked
}

// Statements gives what Page would ask now.
func (e *Engine) Statements(ctx context.Context, p *Parsed, columns string) (Statements, error) {
	n, err := e.count(ctx, p.base)
	if err != nil {
		return Statements{}, err
	}
	r := e.reading(ctx, p, n)
	b := &builder{dialect: e.db.Dialect()}
	out := Statements{Page: Statement{SQL: p.pageSQL(b, r, columns), Args: b.args}, Total: n, Base: p.base}
	if !p.Filtered() {
		return out, nil
	}
	if out.Total = int64(r.match); !r.withTotal && e.countsExactly(p, r.way, n) {
		count := p.countSQL(e.db.Dialect(), r.way)
		out.Count = &count
	}
	return out, nil
}

// Document is what the fragment index holds of a row, so that a benchmark can load it as it is.
func Document(d db.Dialect, of Entry) string { return of.document(d) }
