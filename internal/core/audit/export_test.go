package audit

import (
	"context"

	"tandem/internal/kit/list"
)

// Explain is the database's plan for a page, for tests.
func (s *Service) Explain(ctx context.Context, q list.Query) ([]string, error) {
	plan, _, err := s.explain(ctx, q)
	return plan, err
}

// Gathers is Explain, and whether the page is gathered from an index and sorted.
func (s *Service) Gathers(ctx context.Context, q list.Query) ([]string, bool, error) {
	return s.explain(ctx, q)
}

func (s *Service) explain(ctx context.Context, q list.Query) ([]string, bool, error) {
	p, err := s.parse(ctx, q)
	if err != nil {
		return nil, false, err
	}
	return s.lister(ctx).Explain(ctx, p, entryColumns)
}
