package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/event"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Log       *slog.Logger
	Box       *secret.Box
	Events    *event.Service
	Sender    Sender
	PlainHTTP bool // http:// is allowed
	// Disabled is told in the transaction that disables a webhook. nil: nobody.
	Disabled func(ctx context.Context, tx *db.Tx, w Webhook) error
	// Masks is what is hidden from the maker of a webhook now. nil: nothing.
	Masks func(ctx context.Context, w *Webhook) ([]access.Mask, error)
	// Lease is how long a node has a delivery; 0: two minutes. For tests.
	Lease time.Duration
}

// Service is the use cases of webhooks. Safe for concurrent use.
type Service struct {
	Options
	engine *list.Engine
	sent   *list.Engine
	post   *office
}

// New gives the service. Nothing is sent until Run.
func New(o Options) *Service {
	if o.Lease == 0 {
		o.Lease = 2 * time.Minute
	}
	return &Service{Options: o, engine: list.NewEngine(o.DB, o.Log, table(), nil), sent: list.NewEngine(o.DB, o.Log, deliveryTable(), nil), post: newOffice()}
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.DB = s.DB.Within(tx)
	return &lent
}

// Get is one webhook.
func (s *Service) Get(ctx context.Context, webhookID int64) (Webhook, error) {
	if err := access.Require(ctx, access.WebhookRead); err != nil {
		return Webhook{}, err
	}
	w, err := get(ctx, s.DB.Read(), webhookID, "")
	return s.masked(ctx, w), err
}

// Create makes a webhook and gives its secret, which nobody is shown again.
func (s *Service) Create(ctx context.Context, in Input) (Webhook, string, error) {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return Webhook{}, "", err
	}
	if err := s.validate(ctx, &in); err != nil {
		return Webhook{}, "", err
	}
	now, word, webhookID := s.Clock.Now(), callout.NewSecret(), s.IDs.Next()
	var madeBy, madeByToken int64
	switch p := access.From(ctx).Principal; p.Kind {
	case access.KindStaff:
		madeBy = p.ID
	case access.KindToken:
		madeByToken = p.ID
	}
	events, err := json.Marshal(in.Events)
	if err != nil {
		return Webhook{}, "", fmt.Errorf("make the webhook: %w", err)
	}
	var made Webhook
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var n int64
		if err := tx.GetContext(ctx, &n, sqlCount); err != nil {
			return fmt.Errorf("count the webhooks: %w", err)
		}
		if n >= maxWebhooks {
			return tooMany()
		}
		_, err := exec(ctx, tx, "make the webhook", sqlInsert, webhookID, in.URL, fold.Key(in.URL), in.Description, fold.Key(in.Description), string(events), in.Filter,
			string(in.State), s.Box.Seal(purpose(webhookID), word), []byte{}, madeBy, clock.Micros(now), madeByToken)
		if err != nil {
			return err
		}
		if made, err = get(ctx, tx, webhookID, ""); err != nil {
			return err
		}
		if err := s.record(ctx, tx, audit.ActionCreate, "Webhook created", made, diff(Webhook{}, made)); err != nil {
			return err
		}
		return s.shown(ctx, tx, made)
	})
	return made, word, err
}

func (s *Service) record(ctx context.Context, tx *db.Tx, action audit.Action, message string, w Webhook, changes []audit.Change) error {
	return s.Audit.Record(ctx, tx, audit.Entry{Action: action, Table: Table, RowID: w.ID, RowName: w.rowName(), Message: message, Changes: changes})
}

// shown notes that whoever acts was shown the secret.
func (s *Service) shown(ctx context.Context, tx *db.Tx, w Webhook) error {
	return s.Audit.Record(ctx, tx, audit.Shown(Table, w.ID, w.rowName(), "webhook_secret"))
}

func diff(before, after Webhook) []audit.Change {
	var out []audit.Change
	add := func(field string, old, now any, same bool) {
		if !same {
			out = append(out, audit.Change{Field: field, Old: old, New: now})
		}
	}
	add("url", before.URL, after.URL, before.URL == after.URL)
	add("description", before.Description, after.Description, before.Description == after.Description)
	add("events", before.Events, after.Events, slices.Equal(before.Events, after.Events))
	add("filter", before.Filter, after.Filter, before.Filter == after.Filter)
	add("state", string(before.State), string(after.State), before.State == after.State)
	return out
}

// Update changes a webhook. version 0 stands for "whatever it is now". One that is made active again begins anew.
func (s *Service) Update(ctx context.Context, webhookID, version int64, change func(*Input)) (Webhook, error) {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return Webhook{}, err
	}
	var after Webhook
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := s.held(ctx, tx, webhookID, version)
		if err != nil {
			return err
		}
		if err := s.mayShow(ctx, &before); err != nil {
			return err
		}
		in := Input{before.URL, before.Description, slices.Clone(before.Events), before.Filter, before.State}
		change(&in)
		stays := in.State == StateDisabled && before.State == StateDisabled
		if stays {
			in.State = StateActive // as far as validity goes
		}
		if err := s.validate(ctx, &in); err != nil {
			return err
		}
		next := before
		next.URL, next.Description, next.Events, next.Filter, next.State = in.URL, in.Description, in.Events, in.Filter, in.State
		if stays {
			next.State = StateDisabled
		} else if next.State != before.State {
			next.Reason, next.FailingSince = "", time.Time{}
		}
		changes := diff(before, next)
		if len(changes) == 0 {
			after = before
			return nil
		}
		events, err := json.Marshal(next.Events)
		if err != nil {
			return fmt.Errorf("change the webhook: %w", err)
		}
		_, err = exec(ctx, tx, "change the webhook", sqlUpdate, next.URL, fold.Key(next.URL), next.Description, fold.Key(next.Description), string(events), next.Filter,
			string(next.State), string(next.Reason), micros(next.FailingSince), clock.Micros(s.Clock.Now()), webhookID)
		if err != nil {
			return err
		}
		if after, err = get(ctx, tx, webhookID, ""); err != nil {
			return err
		}
		tx.AfterCommit(s.post.nudge)
		return s.record(ctx, tx, audit.ActionUpdate, "Webhook changed", after, changes)
	})
	return after, err
}

// held reads a webhook that nobody else changes until the transaction ends.
func (s *Service) held(ctx context.Context, tx *db.Tx, webhookID, version int64) (Webhook, error) {
	w, err := get(ctx, tx, webhookID, tx.Dialect().ForUpdate())
	if err == nil && version != 0 && version != w.Version {
		return w, errs.Stale(s.masked(ctx, w))
	}
	return w, err
}

// Roll gives a webhook a new secret, which nobody is shown again. The old one signs beside it for Overlap.
func (s *Service) Roll(ctx context.Context, webhookID int64) (Webhook, string, error) {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return Webhook{}, "", err
	}
	word := callout.NewSecret()
	var after Webhook
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := s.held(ctx, tx, webhookID, 0)
		if err != nil {
			return err
		}
		types, _ := event.Chosen(before.Events)
		if err := errors.Join(mayRead(ctx, types), s.mayShow(ctx, &before)); err != nil {
			return err
		}
		now := s.Clock.Now()
		if _, err := exec(ctx, tx, "roll the secret", sqlRoll, clock.Micros(now.Add(Overlap)), s.Box.Seal(purpose(webhookID), word), clock.Micros(now), webhookID); err != nil {
			return err
		}
		if after, err = get(ctx, tx, webhookID, ""); err != nil {
			return err
		}
		if err := s.record(ctx, tx, audit.ActionUpdate, "Secret of the webhook rolled", after, []audit.Change{audit.Secret("secret")}); err != nil {
			return err
		}
		return s.shown(ctx, tx, after)
	})
	return after, word, err
}

// Delete removes a webhook; what waits for it is not sent any more.
func (s *Service) Delete(ctx context.Context, webhookID, version int64) error {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := s.held(ctx, tx, webhookID, version)
		if err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "remove the webhook", sqlRemove, []byte{}, clock.Micros(s.Clock.Now()), webhookID); err != nil {
			return err
		}
		return s.record(ctx, tx, audit.ActionDelete, "Webhook removed", before, diff(before, Webhook{}))
	})
}

// Try sends a webhook a test event.
func (s *Service) Try(ctx context.Context, webhookID int64) (Delivery, error) {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		w, err := s.held(ctx, tx, webhookID, 0)
		if err != nil {
			return err
		}
		if w.State != StateActive {
			return errs.New(errs.KindConflict, "webhook_not_active", "This webhook is not active.")
		}
		e := event.Event{ID: s.IDs.Next(), Type: event.Test, At: s.Clock.Now(), Resource: Table, Row: w.ID, RowID: id.Format(Prefix, w.ID), Data: json.RawMessage(`{"test":true}`)}
		kept, err := s.keep(e)
		if err != nil {
			return err
		}
		if err := tx.Bulk(ctx, "webhook_events", eventColumns, [][]any{kept.row}); err != nil {
			return err
		}
		row := s.delivery(w.ID, e, 0)
		row[5] = row[0] // as if of a row of its own: a test waits for no other test
		if err := tx.Bulk(ctx, "webhook_deliveries", newDeliveryNames, [][]any{row}); err != nil {
			return err
		}
		if d, err = getDelivery(ctx, tx, row[0].(int64), ""); err != nil {
			return err
		}
		tx.AfterCommit(s.post.nudge)
		return s.record(ctx, tx, audit.ActionRun, "Webhook tried", w, nil)
	})
	return d, err
}

// Whole is a delivery with what was sent and what came back.
type Whole struct {
	Delivery
	Body     string // empty when it is not kept any more
	Attempts []Attempt
}

// Delivery is one delivery as a whole, for who may read what it tells.
func (s *Service) Delivery(ctx context.Context, deliveryID int64) (Whole, error) {
	if err := access.Require(ctx, access.WebhookRead); err != nil {
		return Whole{}, err
	}
	d, err := s.seen(ctx, s.DB.Read(), deliveryID, "")
	if err != nil {
		return Whole{}, err
	}
	out := Whole{Delivery: d}
	var bodies []string
	if err := s.DB.Read().SelectContext(ctx, &bodies, sqlEventBody, d.EventID); err != nil {
		return Whole{}, fmt.Errorf("read the event: %w", err)
	}
	if len(bodies) > 0 {
		out.Body = bodies[0]
	}
	out.Attempts, err = attemptsOf(ctx, s.DB.Read(), deliveryID)
	if err != nil {
		return Whole{}, err
	}
	return out.shown(ctx)
}

// seen reads a delivery of a webhook that is there, for who may read what it tells.
func (s *Service) seen(ctx context.Context, q db.Q, deliveryID int64, lock string) (Delivery, error) {
	d, err := getDelivery(ctx, q, deliveryID, lock)
	if err != nil {
		return d, err
	}
	if _, err := get(ctx, q, d.WebhookID, ""); err != nil {
		return d, errs.NotFound("delivery")
	}
	types, _ := event.Chosen([]string{d.Type})
	return d, mayRead(ctx, types)
}

// Resend sends a delivery again that has come to its end, under the same webhook-id.
func (s *Service) Resend(ctx context.Context, deliveryID int64) (Delivery, error) {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if d, err = s.seen(ctx, tx, deliveryID, tx.Dialect().ForUpdate()); err != nil {
			return err
		}
		w, err := get(ctx, tx, d.WebhookID, "")
		if err != nil {
			return err
		}
		n, err := exec(ctx, tx, "send again", sqlResend, clock.Micros(s.Clock.Now()), deliveryID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.KindConflict, "delivery_waiting", "This delivery has not come to its end yet.")
		}
		if d, err = getDelivery(ctx, tx, deliveryID, ""); err != nil {
			return err
		}
		tx.AfterCommit(s.post.nudge)
		return s.record(ctx, tx, audit.ActionRun, "Delivery sent again: "+d.Type+" "+d.RowRef, w, nil)
	})
	return d, err
}

// ResendFailed sends everything again that failed for a webhook since an instant, and tells how much that is.
func (s *Service) ResendFailed(ctx context.Context, webhookID int64, since time.Time) (n int64, err error) {
	if err := access.Require(ctx, access.WebhookWrite); err != nil {
		return 0, err
	}
	w, err := get(ctx, s.DB.Read(), webhookID, "")
	if err != nil {
		return 0, err
	}
	for {
		var some int64
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			if some, err = exec(ctx, tx, "send again", sqlResendFailed, clock.Micros(s.Clock.Now()), webhookID, micros(since)); err != nil || some == 0 {
				return err
			}
			return s.record(ctx, tx, audit.ActionRun, fmt.Sprintf("%d failed deliveries sent again", some), w, nil)
		})
		if err != nil || some == 0 {
			s.post.nudge()
			return n, err
		}
		n += some
	}
}

// Status is how a webhook is doing.
type Status struct {
	Waiting, Failed int64
}

// Status counts what waits for a webhook and what failed.
func (s *Service) Status(ctx context.Context, webhookID int64) (Status, error) {
	if err := access.Require(ctx, access.WebhookRead); err != nil {
		return Status{}, err
	}
	var out Status
	if err := s.DB.Read().GetContext(ctx, &out.Waiting, sqlOpen, webhookID); err != nil {
		return out, fmt.Errorf("count what waits: %w", err)
	}
	if err := s.DB.Read().GetContext(ctx, &out.Failed, sqlFailed, webhookID); err != nil {
		return out, fmt.Errorf("count what failed: %w", err)
	}
	return out, nil
}

// Purge forgets deliveries that are older than Keep, and those of webhooks that were removed.
func (s *Service) Purge(ctx context.Context) error {
	before := clock.Micros(s.Clock.Now().Add(-Keep))
	for {
		var old []int64
		if err := s.DB.Read().SelectContext(ctx, &old, sqlOld, before); err != nil {
			return fmt.Errorf("look for old deliveries: %w", err)
		}
		if len(old) == 0 {
			break
		}
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			for _, query := range []string{sqlDropAttempts, sqlDropDeliveries} {
				if _, err := exec(ctx, tx, "forget deliveries", fmt.Sprintf(query, db.Placeholders(1, len(old))), numbers(old)...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for {
		var n int64
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = exec(ctx, tx, "forget events", sqlDropEvents, before)
			return err
		})
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "forget webhooks", sqlDropRemoved)
		return err
	})
}
