package webhook

import (
	"context"

	"tandem/internal/core/webhook"
	"tandem/internal/kit/callout"
)

// Sender sends messages. Safe for concurrent use.
type Sender struct {
	*callout.Client
}

// New gives a sender. Nothing is dialled yet.
func New(c callout.Config) *Sender { return &Sender{callout.New(c)} }

// Send posts one message and tells what came of it.
func (s *Sender) Send(ctx context.Context, p webhook.Post) webhook.Answer {
	a := s.Post(ctx, p.URL, p.Headers, p.Body, webhook.MaxAnswer)
	return webhook.Answer{Status: a.Status, Headers: a.Headers, Body: a.Body, Cut: a.Cut, Error: a.Error}
}
