package rest

import (
	"context"
	"net/http"

	"tandem/internal/core/search"
)

// HitBody is one thing that was found.
type HitBody struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	URL      string `json:"url" doc:"where it is in the console"`
}

// HitsBody is everything that was found.
type HitsBody struct {
	Items []HitBody `json:"items"`
}

// Search is the route of the command palette.
func Search(s *search.Service) Module {
	return func(api *API) {
		Register(api, Route{Method: http.MethodGet, Path: "/search", ID: "search", Summary: "Find anything you may see by any fragment", Tag: "Search", Needs: SignedIn},
			func(ctx context.Context, in *struct {
				Q string `query:"q" doc:"a fragment of a name, number, e-mail or telephone"`
			}) (*Answer[HitsBody], error) {
				hits, err := s.Find(ctx, in.Q)
				if err != nil {
					return nil, err
				}
				out := &Answer[HitsBody]{HitsBody{Items: make([]HitBody, len(hits))}}
				for i, h := range hits {
					out.Body.Items[i] = HitBody(h)
				}
				return out, nil
			})
	}
}
