package notify

import (
	"context"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

func notWaiting(e Email) error {
	return errs.New(errs.KindConflict, "email_not_waiting", "This e-mail does not wait any more: it is %s.", e.State)
}

// Edit is what is said differently when a mail is sent again; nil leaves it as it was.
type Edit struct {
	To      *string
	Subject *string
	Text    *string
}

func (x Edit) empty() bool { return x.To == nil && x.Subject == nil && x.Text == nil }

// Resend sends a mail again, as it was or edited, as a new one. A mail that held a secret is written anew with a new
// secret, and cannot be edited: whoever reads it is told by the template.
func (s *Service) Resend(ctx context.Context, emailID int64, x Edit) (Email, error) {
	if err := access.Require(ctx, access.EmailSend); err != nil {
		return Email{}, err
	}
	return s.queued(ctx, "E-mail sent again", func(tx *db.Tx) (int64, error) {
		old, err := hold(ctx, tx, emailID)
		if err != nil {
			return 0, err
		}
		if err := x.keepPlace(ctx, old); err != nil {
			return 0, err
		}
		if old.State == StateQueued || old.State == StateSending {
			return 0, errs.New(errs.KindConflict, "email_waiting", "This e-mail has not been sent yet.")
		}
		if renew := s.renewal[old.Key]; renew != nil {
			return s.renew(ctx, tx, old, renew, x)
		}
		next := old
		next.ID, next.ResendOf = s.IDs.Next(), old.ID
		if err := x.over(&next); err != nil {
			return 0, err
		}
		return next.ID, s.queue(ctx, tx, next, nil, s.Clock.Now().Add(maxWait))
	})
}

// keepPlace refuses another receiver to whoever sees a part of the customers: they write to those alone.
func (x Edit) keepPlace(ctx context.Context, old Email) error {
	var wrong errs.Fields
	if access.From(ctx).Principal.HasPlace() && x.To != nil && strings.TrimSpace(*x.To) != old.To {
		wrong.Add("to", "own_customers", "You write to your own customers alone: it goes to whom it went.")
	}
	return wrong.Err()
}

func (s *Service) renew(ctx context.Context, tx *db.Tx, old Email, renew Renew, x Edit) (int64, error) {
	if !x.empty() {
		return 0, errs.New(errs.KindConflict, "email_secret", "This e-mail holds a one-time link. It is sent again as a whole, with a new link.")
	}
	m, err := renew(ctx, tx, old)
	if err != nil {
		return 0, err
	}
	m.ResendOf = old.ID
	return s.Send(ctx, tx, m)
}

// over applies the edit, or tells everything that is wrong with it. A text in other words is its own HTML.
func (x Edit) over(e *Email) error {
	var wrong errs.Fields
	if x.To != nil {
		e.To = strings.TrimSpace(*x.To)
	}
	if x.Subject != nil {
		e.Subject = strings.TrimSpace(*x.Subject)
	}
	if x.Text != nil && lines(*x.Text) != e.Text {
		e.Text = lines(*x.Text)
		if e.HTML != "" {
			e.HTML = paragraphs(e.Text)
		}
	}
	e.Channel.checkTo(&wrong, e.To)
	if e.Channel == ChannelSMS { // it is listed by what it says
		e.Subject = Content{Text: e.Text}.render(nil).Subject
	}
	checkSubject(&wrong, e.Subject)
	checkBody(&wrong, "text", e.Text, true)
	return wrong.Err()
}
