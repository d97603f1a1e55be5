package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tandem/internal/core/audit"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/internal/kit/outbox"
)

const (
	atOnce     = 4 // deliveries to one webhook, from one node
	lookEvery  = time.Second
	sendWithin = 20 * time.Second
	maxError   = 500
)

// office is what is under way on this node.
type office struct {
	wake chan struct{}
	mu   sync.Mutex
	busy map[int64]int // by webhook
	all  sync.WaitGroup
}

func newOffice() *office { return &office{wake: make(chan struct{}, 1), busy: map[int64]int{}} }

func (o *office) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// room is how many deliveries to a webhook may begin.
func (o *office) room(webhookID int64) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return atOnce - o.busy[webhookID]
}

func (o *office) note(webhookID int64, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[webhookID] += n; o.busy[webhookID] == 0 {
		delete(o.busy, webhookID)
	}
}

// Run makes deliveries and sends them until ctx ends; what is under way then comes to its end first.
func (s *Service) Run(ctx context.Context) {
	there, stop := s.Events.Outbox.Watch()
	defer stop()
	var both sync.WaitGroup
	both.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			for more := true; more && ctx.Err() == nil; {
				var err error
				if more, err = s.Relay(context.WithoutCancel(ctx)); err != nil {
					s.Log.Error("could not make deliveries to webhooks", "error", err)
					break
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-there:
			case <-tick.C:
			}
		}
	})
	both.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if err := s.Dispatch(context.WithoutCancel(ctx)); err != nil {
				s.Log.Error("could not work on deliveries to webhooks", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-s.post.wake:
			case <-tick.C:
			}
		}
	})
	both.Wait()
	s.Wait()
}

// Wait returns when nothing is under way on this node.
func (s *Service) Wait() { s.post.all.Wait() }

// Dispatch begins to send what is due, as much as there is room for, and does not wait for it.
func (s *Service) Dispatch(ctx context.Context) error {
	var busy []int64
	if err := s.DB.Read().SelectContext(ctx, &busy, sqlBusy, clock.Micros(s.Clock.Now())); err != nil {
		return fmt.Errorf("look for deliveries: %w", err)
	}
	for _, webhookID := range busy {
		room := s.post.room(webhookID)
		if room <= 0 {
			continue
		}
		taken, err := s.claim(ctx, webhookID, room)
		if err != nil {
			return err
		}
		for _, c := range taken {
			s.post.note(webhookID, 1)
			s.post.all.Go(func() {
				defer s.post.nudge() // there may be more, and those behind it
				defer s.post.note(webhookID, -1)
				if err := s.deliver(ctx, c); err != nil {
					s.Log.Error("could not note how a delivery to a webhook went", "delivery", id.Format(DeliveryPrefix, c.id), "error", err)
				}
			})
		}
	}
	return nil
}

// claimed is a delivery that this node has until its lease ends.
type claimed struct {
	id, event, row  int64
	tries, attempts int64
	hook            Webhook
	body            string
}

// claim takes what is due for a webhook. It looks before it locks, so that those who wait behind others cost no write.
func (s *Service) claim(ctx context.Context, webhookID int64, room int) ([]claimed, error) {
	now := s.Clock.Now()
	var due []int64
	if err := s.DB.Read().SelectContext(ctx, &due, sqlDue, webhookID, clock.Micros(now), room); err != nil {
		return nil, fmt.Errorf("look for deliveries: %w", err)
	}
	if len(due) == 0 {
		return nil, nil
	}
	var out []claimed
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		out, due = nil, nil
		hook, err := get(ctx, tx, webhookID, "")
		if err != nil || hook.State != StateActive {
			return err
		}
		if err := tx.SelectContext(ctx, &due, sqlDue+tx.Dialect().ForUpdateSkipLocked(), webhookID, clock.Micros(now), room); err != nil {
			return err
		}
		for _, n := range due {
			c := claimed{id: n, hook: hook}
			if err := tx.QueryRowContext(ctx, sqlClaim, clock.Micros(now.Add(s.Lease)), n).Scan(&c.event, &c.row, &c.tries, &c.attempts); err != nil {
				return err
			}
			if err := tx.GetContext(ctx, &c.body, sqlEventBody, c.event); err != nil {
				return fmt.Errorf("read the event: %w", err)
			}
			out = append(out, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take deliveries from the queue: %w", err)
	}
	return out, nil
}

// secrets is what signs for a webhook now, the present one first.
func (s *Service) secrets(w Webhook, now time.Time) ([]string, error) {
	sealed := [][]byte{w.secret}
	if len(w.oldSecret) > 0 && now.Before(w.OldUntil) {
		sealed = append(sealed, w.oldSecret)
	}
	out := make([]string, len(sealed))
	for i, b := range sealed {
		var err error
		if out[i], err = s.Box.Open(purpose(w.ID), b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// deliver makes one attempt and writes down how it went.
func (s *Service) deliver(ctx context.Context, c claimed) error {
	at := s.Clock.Now()
	a := Attempt{N: c.attempts, At: at}
	var answer Answer
	body, err := s.maskedBody(ctx, &c.hook, c.body)
	if err != nil {
		return err
	}
	secrets, err := s.secrets(c.hook, at)
	if err == nil {
		a.RequestHeaders, err = callout.Headers(secrets, id.Format(outbox.Prefix, c.event), at, []byte(body))
	}
	if err != nil {
		answer.Error = "The secret cannot be opened with the key of this installation. Roll it."
	} else {
		within, cancel := context.WithTimeout(ctx, sendWithin)
		answer = s.Sender.Send(within, Post{c.hook.URL, a.RequestHeaders, []byte(body)})
		cancel()
	}
	a.Duration, a.Status, a.Error = s.Clock.Now().Sub(at), int64(answer.Status), told(answer)
	a.ResponseHeaders, a.ResponseBody, a.Cut = answer.Headers, answer.Body, answer.Cut
	return s.settle(ctx, c, a)
}

// told is why an answer was no success, in one line; empty when it was.
func told(a Answer) string {
	text := a.Error
	if text == "" && (a.Status < 200 || a.Status > 299) {
		text = fmt.Sprintf("The receiver answered %d %s.", a.Status, http.StatusText(a.Status))
		if a.Status >= 300 && a.Status < 400 {
			text += " Redirects are not followed."
		}
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?")), " ")
	if runes := []rune(text); len(runes) > maxError {
		text = string(runes[:maxError])
	}
	return text
}

// settle writes down an attempt. One that another node has taken over meanwhile changes nothing.
func (s *Service) settle(ctx context.Context, c claimed, a Attempt) error {
	ctx = asSystem(ctx)
	now := s.Clock.Now()
	state, next, finished := DeliveryDelivered, now, clock.Micros(now)
	switch {
	case a.Error == "":
	case c.tries > int64(len(waits)):
		state = DeliveryFailed
	default:
		state, next, finished = DeliveryWaiting, now.Add(waits[c.tries-1]), 0
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "note how a delivery went", sqlSettle, string(state), clock.Micros(next), a.Status, a.Error, finished, c.id, c.attempts)
		if err != nil || n == 0 {
			return err
		}
		if _, err := exec(ctx, tx, "let those behind a delivery wait", sqlBehind, clock.Micros(next), c.hook.ID, c.row, c.id); err != nil {
			return err
		}
		if err := s.keepAttempt(ctx, tx, c, a); err != nil {
			return err
		}
		return s.judge(ctx, tx, c.hook, a)
	})
}

func (s *Service) keepAttempt(ctx context.Context, tx *db.Tx, c claimed, a Attempt) error {
	sent, err := json.Marshal(a.RequestHeaders)
	if err != nil {
		return fmt.Errorf("keep an attempt: %w", err)
	}
	got, err := json.Marshal(a.ResponseHeaders)
	if err != nil {
		return fmt.Errorf("keep an attempt: %w", err)
	}
	cut, body := int64(0), a.ResponseBody
	if a.Cut {
		cut = 1
	}
	if body == nil {
		body = []byte{}
	}
	_, err = exec(ctx, tx, "keep an attempt", sqlInsertAttempt, c.id, a.N, clock.Micros(a.At), a.Duration.Microseconds(), a.Status, a.Error, string(sent), clean(got), body, cut)
	return err
}

// clean takes out what PostgreSQL does not keep in a text: a header may hold anything.
func clean(text []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(text), "?"), "\\u0000", "")
}

// judge notes whether a receiver fails, and disables one that does so for too long or says that it is gone.
func (s *Service) judge(ctx context.Context, tx *db.Tx, w Webhook, a Attempt) error {
	if a.Error == "" {
		_, err := exec(ctx, tx, "note that a webhook works", sqlWell, w.ID)
		return err
	}
	if a.Status == http.StatusGone {
		return s.disable(ctx, tx, w, ReasonGone)
	}
	now := s.Clock.Now()
	if _, err := exec(ctx, tx, "note that a webhook fails", sqlFailing, clock.Micros(now), w.ID); err != nil {
		return err
	}
	var since int64
	if err := tx.GetContext(ctx, &since, sqlSince, w.ID); err != nil {
		return fmt.Errorf("read since when a webhook fails: %w", err)
	}
	if since == 0 || now.Sub(clock.Time(since)) < FailFor { // 0: another delivery went well meanwhile
		return nil
	}
	return s.disable(ctx, tx, w, ReasonFailures)
}

func (s *Service) disable(ctx context.Context, tx *db.Tx, w Webhook, why Reason) error {
	n, err := exec(ctx, tx, "disable a webhook", sqlDisable, string(why), clock.Micros(s.Clock.Now()), w.ID)
	if err != nil || n == 0 {
		return err
	}
	message := "Webhook disabled: its receiver has failed for five days"
	if why == ReasonGone {
		message = "Webhook disabled: its receiver answered that it is gone"
	}
	err = s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: Table, RowID: w.ID, RowName: w.rowName(), Message: message,
		Changes: []audit.Change{{Field: "state", Old: string(w.State), New: string(StateDisabled)}}})
	if err != nil || s.Disabled == nil {
		return err
	}
	w.State, w.Reason = StateDisabled, why
	return s.Disabled(ctx, tx, w)
}
