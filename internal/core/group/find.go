package group

import (
	"context"
	"fmt"
	"net/url"

	"tandem/internal/core/search"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Hits is the finder of groups; a hit leads to the customers in it.
func (s *Service) Hits(ctx context.Context, words string, limit int) ([]search.Hit, error) {
	groups, _, err := s.List(ctx, list.Query{Q: words, Limit: limit, Total: list.TotalNone})
	if err != nil {
		return nil, err
	}
	hits := make([]search.Hit, len(groups))
	for i, g := range groups {
		key := id.Format(Prefix, g.ID)
		filter := fmt.Sprintf(`{"and":[{"field":"groups","op":"in","value":[%q]}]}`, key)
		hits[i] = search.Hit{Type: "group", ID: key, Title: g.Name, Subtitle: fmt.Sprintf("%d customers", g.Members), URL: "/customers?filter=" + url.QueryEscape(filter)}
	}
	return hits, nil
}
