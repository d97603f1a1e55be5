package search

import (
	"context"
	"log/slog"
	"strings"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
)

// perFinder is how many hits one finder may give.
const perFinder = 8

// maxRunes bounds a question.
const maxRunes = 200

// Hit is one thing that was found.
type Hit struct {
	Type     string // customer, group, ...
	ID       string // as the API spells it
	Title    string
	Subtitle string
	URL      string // in the console
}

// Finder finds things of one sort by any fragment, the best first, at most limit. It gives nothing to a caller who may
// not see them.
type Finder func(ctx context.Context, words string, limit int) ([]Hit, error)

// Service asks every finder.
type Service struct {
	log     *slog.Logger
	finders []Finder
}

// New gives a service without finders.
func New(log *slog.Logger) *Service { return &Service{log: log} }

// Register adds a finder; hits stand in the order of registration. Call it before the service is used.
func (s *Service) Register(f Finder) { s.finders = append(s.finders, f) }

// Find is what all finders know about the words. Every signed-in caller may ask.
func (s *Service) Find(ctx context.Context, words string) ([]Hit, error) {
	if access.From(ctx).Principal.Kind == access.KindAnonymous {
		return nil, errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	}
	words = strings.TrimSpace(words)
	if utf8.RuneCountInString(words) > maxRunes {
		var wrong errs.Fields
		wrong.Add("q", "too_long", "Search for at most %d characters.", maxRunes)
		return nil, wrong.Err()
	}
	hits := []Hit{}
	if words == "" {
		return hits, nil
	}
	for _, find := range s.finders {
		found, err := find(ctx, words, perFinder)
		switch {
		case err == nil:
			hits = append(hits, found...)
		case errs.IsKind(err, errs.KindForbidden):
		default:
			s.log.WarnContext(ctx, "a finder failed", "error", err)
		}
	}
	return hits, nil
}
