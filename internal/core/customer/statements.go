package customer

import (
	"context"

	"tandem/internal/kit/list"
)

// Statements is what a list asks the database for: the counter, which is asked for every page, and the rest. For
// benchmarks, which ask the same without anything around it.
func (s *Service) Statements(ctx context.Context, q list.Query) (counter list.Statement, rest list.Statements, err error) {
	sc := s.schema.Load()
	p, err := sc.table.Parse(q)
	if err != nil {
		return counter, rest, err
	}
	rest, err = s.engine.Statements(ctx, p, sqlRow+sc.columns)
	return list.Statement{SQL: totalSQL(rest.Base)}, rest, err
}

func totalSQL(base string) string {
	switch base {
	case baseOpen:
		return sqlTotal + " WHERE closed = 0"
	case baseClosed:
		return sqlTotal + " WHERE closed = 1"
	}
	return sqlTotal
}
