package customer

import (
	"context"
	"strings"

	"tandem/internal/core/search"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Hits is the finder of customers, by any fragment of what the keyword search looks in.
func (s *Service) Hits(ctx context.Context, words string, limit int) ([]search.Hit, error) {
	rows, _, err := s.List(ctx, list.Query{Q: words, Limit: limit, Total: list.TotalNone})
	if err != nil {
		return nil, err
	}
	hits := make([]search.Hit, len(rows))
	for i, c := range rows {
		about := []string{c.CustomerID}
		for _, text := range []string{c.Reference, c.Email, c.Telephone} {
			if text != "" {
				about = append(about, text)
			}
		}
		key := id.Format(Prefix, c.ID)
		hits[i] = search.Hit{Type: "customer", ID: key, Title: c.Name, Subtitle: strings.Join(about, " · "), URL: "/customers/" + key}
	}
	return hits, nil
}
