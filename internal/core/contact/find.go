package contact

import (
	"context"
	"strings"

	"tandem/internal/core/audit"
	"tandem/internal/core/search"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Hits is the finder of contacts, by any fragment of name, e-mail, telephone and customer.
func (s *Service) Hits(ctx context.Context, words string, limit int) ([]search.Hit, error) {
	rows, _, err := s.List(ctx, list.Query{Q: words, Limit: limit, Total: list.TotalNone})
	if err != nil {
		return nil, err
	}
	hits := make([]search.Hit, len(rows))
	for i, c := range rows {
		about := []string{c.Customer.Name}
		for _, text := range []string{c.Email, c.Phone, c.Mobile} {
			if text != "" {
				about = append(about, text)
			}
		}
		key := id.Format(Prefix, c.ID)
		hits[i] = search.Hit{Type: "contact", ID: key, Title: c.Name, Subtitle: strings.Join(about, " · "), URL: "/contacts/" + key}
	}
	return hits, nil
}

// About tells the audit whose contacts rows are.
func About() audit.Customers { return audit.By(sqlAbout) }

// Explain is the database's plan for a list, and whether it gathers matches from an index and sorts them.
func (s *Service) Explain(ctx context.Context, q list.Query) (plan []string, gathers bool, err error) {
	p, err := s.engine.Parse(q)
	if err != nil {
		return nil, false, err
	}
	return s.engine.Explain(ctx, p, sqlColumns)
}
