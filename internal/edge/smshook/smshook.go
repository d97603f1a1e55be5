package smshook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"tandem/internal/core/notify"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
)

// Sender hands texts over. Safe for concurrent use.
type Sender struct {
	*callout.Client
	clock clock.Clock
}

// New gives a sender. Nothing is dialled yet.
func New(c callout.Config, now clock.Clock) *Sender { return &Sender{callout.New(c), now} }

// payload is what a gateway gets.
type payload struct {
	ID   string `json:"id"`
	To   string `json:"to"`
	Text string `json:"text"`
}

// permanent is what a gateway says of a text that it would never take. All else may be mended there or here.
var permanent = []int{http.StatusBadRequest, http.StatusUnprocessableEntity}

// SendText hands one text over; see notify.Texter.
func (s *Sender) SendText(ctx context.Context, at notify.Target, t notify.Text) error {
	body, err := json.Marshal(payload(t))
	if err != nil {
		return fmt.Errorf("write the text for the gateway: %w", err)
	}
	headers, err := callout.Headers([]string{at.Secret}, t.ID, s.clock.Now(), body)
	if err != nil {
		return &notify.Refusal{Text: "The gateway's secret cannot be read."}
	}
	a := s.Post(ctx, at.URL, headers, body, 0)
	switch {
	case a.Error != "":
		return &notify.Refusal{Text: a.Error}
	case a.Status >= 200 && a.Status < 300:
		return nil
	}
	said := fmt.Sprintf("The receiver answered %d %s.", a.Status, http.StatusText(a.Status))
	return &notify.Refusal{Text: said, Permanent: slices.Contains(permanent, a.Status)}
}
