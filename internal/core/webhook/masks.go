package webhook

import (
	"context"
	"encoding/json"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
)

// What is hidden from its maker is not told to a webhook, as it is when it is told: events are kept once for all webhooks,
// whole, and each is sent what its maker may see.

// asMasked is ctx for a principal from whom something is hidden, for what looks at masks alone.
func asMasked(ctx context.Context, hidden []access.Mask) context.Context {
	return access.With(ctx, access.Call{Principal: access.Principal{Kind: access.KindSystem, Masks: hidden}})
}

// hiddenFrom is what is hidden from the maker of a webhook now.
func (s *Service) hiddenFrom(ctx context.Context, w *Webhook) ([]access.Mask, error) {
	if s.Masks == nil {
		return nil, nil
	}
	return s.Masks(ctx, w)
}

// mayShow refuses to change where a webhook tells what is hidden from the caller, and not from its maker.
func (s *Service) mayShow(ctx context.Context, w *Webhook) error {
	mine := access.From(ctx).Principal.Masks
	if len(mine) == 0 {
		return nil
	}
	hidden, err := s.hiddenFrom(ctx, w)
	if err != nil {
		return err
	}
	for _, m := range mine {
		if !slices.Contains(hidden, m) {
			return errs.New(errs.KindForbidden, "exceeds_own", "This webhook tells what is hidden from you: %s.", m)
		}
	}
	return nil
}

// maskedBody is an event as it is sent to a webhook.
func (s *Service) maskedBody(ctx context.Context, w *Webhook, body string) (string, error) {
	hidden, err := s.hiddenFrom(ctx, w)
	if err != nil {
		return "", err
	}
	out, err := access.Principal{Masks: hidden}.HideIn(json.RawMessage(body))
	return string(out), err
}

// masked is a webhook as the caller may see it: a filter by what is hidden from them is left out.
func (s *Service) masked(ctx context.Context, w Webhook) Webhook {
	if w.Filter != "" && len(access.Masked(ctx)) > 0 {
		if err := s.Events.Rows.CheckFilter(ctx, w.Filter); err != nil {
			w.Filter, w.Masked = "", true
		}
	}
	return w
}

// shown is a delivery as the caller may see it: what was answered may repeat what was sent.
func (w Whole) shown(ctx context.Context) (Whole, error) {
	p := access.From(ctx).Principal
	if len(p.Masks) == 0 {
		return w, nil
	}
	body, err := p.HideIn(json.RawMessage(w.Body))
	w.Body = string(body)
	for i := range w.Attempts {
		w.Attempts[i].ResponseBody, w.Attempts[i].ResponseHeaders = nil, nil
	}
	return w, err
}
