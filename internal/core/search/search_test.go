package search_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/search"
	"tandem/internal/kit/errs"
)

func TestFindAsksEveryFinder(t *testing.T) {
	t.Parallel()
	s := search.New(slog.New(slog.DiscardHandler))
	s.Register(func(_ context.Context, words string, limit int) ([]search.Hit, error) {
		return []search.Hit{{Type: "a", Title: words}}, nil
	})
	s.Register(func(context.Context, string, int) ([]search.Hit, error) { return nil, errors.New("broken") })
	s.Register(func(context.Context, string, int) ([]search.Hit, error) { return nil, errs.Forbidden("x.read") })
	s.Register(func(context.Context, string, int) ([]search.Hit, error) { return []search.Hit{{Type: "b"}}, nil })
	if _, err := s.Find(t.Context(), "x"); !errs.IsKind(err, errs.KindUnauthorized) {
		t.Errorf("anonymous: %v", err)
	}
	ctx := access.With(t.Context(), access.Call{Principal: access.Principal{Kind: access.KindStaff}})
	hits, err := s.Find(ctx, " both ")
	if err != nil || len(hits) != 2 || hits[0].Title != "both" || hits[1].Type != "b" {
		t.Errorf("found %v, %v", hits, err)
	}
	if hits, err := s.Find(ctx, "  "); err != nil || len(hits) != 0 {
		t.Errorf("nothing asked: %v, %v", hits, err)
	}
	if _, err := s.Find(ctx, strings.Repeat("x", 201)); !errs.IsKind(err, errs.KindInvalid) {
		t.Errorf("too long: %v", err)
	}
}
