package webhook

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/event"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/outbox"
)

const (
	reader     = "webhooks" // the name of our place in the outbox
	relayRoom  = 200        // batches looked at in one step
	relayItems = 1000       // events told in one step, or one batch
)

// asSystem is the context in which events are told: who made a webhook may read all that it asks for.
func asSystem(ctx context.Context) context.Context {
	return access.With(ctx, access.Call{Principal: access.System("webhooks"), Verb: "JOB"})
}

// Relay makes deliveries of what is new in the outbox, and tells whether there may be more. Any node may call it at any
// time: who comes second finds its place moved, and writes nothing.
func (s *Service) Relay(ctx context.Context) (more bool, err error) {
	ctx = asSystem(ctx)
	from, err := s.Events.Outbox.Position(ctx, s.DB.Read(), reader)
	if err != nil {
		return false, err
	}
	batches, err := s.Events.Outbox.Read(ctx, from, relayRoom)
	if err != nil || len(batches) == 0 {
		return false, err
	}
	hooks, err := hearing(ctx, s.DB.Read())
	if err != nil {
		return false, err
	}
	work, to := relayWork{s: s, hooks: hooks}, from
	for _, b := range batches {
		if err := work.add(ctx, b); err != nil {
			return false, err
		}
		if to = b.Position; work.told >= relayItems {
			break
		}
	}
	moved := false
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if moved, err = s.Events.Outbox.Move(ctx, tx, reader, from, to); err != nil || !moved {
			return err
		}
		return work.write(ctx, tx)
	})
	if err != nil {
		return false, fmt.Errorf("keep deliveries: %w", err)
	}
	return true, nil
}

// keptEvent is an event as a row.
type keptEvent struct {
	id  int64
	row []any
}

// relayWork is the rows of one step.
type relayWork struct {
	s          *Service
	hooks      []Webhook
	told       int
	events     []keptEvent
	deliveries [][]any
}

// add looks who wants the events of a batch. One that nobody wants is not looked into.
func (r *relayWork) add(ctx context.Context, b outbox.Batch) error {
	var wanting []*Webhook
	for i := range r.hooks {
		if h := &r.hooks[i]; h.wants(b.Type) && !b.At.Before(h.CreatedAt) {
			wanting = append(wanting, h)
		}
	}
	if len(wanting) == 0 {
		return nil
	}
	told, err := r.s.Events.Tell(ctx, b)
	if err != nil {
		return err
	}
	r.told += len(told)
	kept := map[int64]bool{}
	for _, h := range wanting {
		through, err := r.through(ctx, h, b)
		if err != nil {
			return err
		}
		for _, e := range told {
			if through != nil && !through[e.Row] {
				continue
			}
			r.deliveries = append(r.deliveries, r.s.delivery(h.ID, e, b.Position))
			if !kept[e.ID] {
				kept[e.ID] = true
				k, err := r.s.keep(e)
				if err != nil {
					return err
				}
				r.events = append(r.events, k)
			}
		}
	}
	return nil
}

// through is which rows a webhook's filter lets through; nil: all. A filter that is none any more, since a field was
// taken away or is hidden from the webhook's maker by now, lets nothing through and is told in the log.
func (r *relayWork) through(ctx context.Context, h *Webhook, b outbox.Batch) (map[int64]bool, error) {
	if h.Filter == "" || b.Resource != event.Customers {
		return nil, nil
	}
	out := map[int64]bool{}
	hidden, err := r.s.hiddenFrom(ctx, h)
	if err != nil {
		return nil, err
	}
	if err := r.s.Events.Rows.CheckFilter(asMasked(ctx, hidden), h.Filter); err != nil {
		r.s.Log.Warn("the filter of a webhook cannot be understood any more; it is told of no customer", "webhook", h.rowName(), "error", err)
		return out, nil
	}
	const room = 500
	for items := b.Items; len(items) > 0; {
		some := items[:min(room, len(items))]
		items = items[len(some):]
		rows := make([]int64, len(some))
		for i, it := range some {
			rows[i] = it.Row
		}
		matching, err := r.s.Events.Rows.Matching(ctx, h.Filter, rows)
		if err != nil {
			return nil, fmt.Errorf("try the filter of a webhook: %w", err)
		}
		for row, ok := range matching {
			out[row] = ok
		}
	}
	return out, nil
}

func (r *relayWork) write(ctx context.Context, tx *db.Tx) error {
	if len(r.deliveries) == 0 {
		return nil
	}
	rows := make([][]any, len(r.events))
	for i, e := range r.events {
		rows[i] = e.row
	}
	if err := tx.Bulk(ctx, "webhook_events", eventColumns, rows); err != nil {
		return err
	}
	if err := tx.Bulk(ctx, "webhook_deliveries", newDeliveryNames, r.deliveries); err != nil {
		return err
	}
	tx.AfterCommit(r.s.post.nudge)
	return nil
}

func (s *Service) keep(e event.Event) (keptEvent, error) {
	body, err := e.Body()
	if err != nil {
		return keptEvent{}, fmt.Errorf("print an event: %w", err)
	}
	return keptEvent{e.ID, []any{e.ID, e.Type, e.Resource, e.Row, e.RowID, clock.Micros(e.At), string(body)}}, nil
}

// delivery is a new delivery as a row. line is the place of its event.
func (s *Service) delivery(webhookID int64, e event.Event, line int64) []any {
	now := clock.Micros(s.Clock.Now())
	return []any{s.IDs.Next(), webhookID, e.ID, e.Type, e.Resource, e.Row, line, e.RowID, string(DeliveryWaiting), int64(0), int64(0), now, int64(0), "", now, int64(0)}
}
