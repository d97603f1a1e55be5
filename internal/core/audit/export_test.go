package audit

import (
	"context"

	"tandem/internal/kit/list"
)

// Explain is the database's plan for a page, for tests.
func (s *Service) Explain(ctx context.Context, q list.Query) ([]string, error) {
	p, err := s.engine.Parse(q)
	if err != nil {
		return nil, err
	}
	plan, _, err := s.engine.Explain(ctx, p, entryColumns)
	return plan, err
}
