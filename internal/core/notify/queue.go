package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

const (
	workers   = 2
	lookEvery = 2 * time.Second // for mails that another process queued, and for those whose time comes
	// lease is how long a worker has a mail; it is longer than sendWithin, so that two never have the same one.
	lease      = 2 * time.Minute
	sendWithin = 20 * time.Second
)

// waits is how long a mail waits after each attempt that failed; after the last one it has failed.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// textWaits is the same of texts, which are of use for minutes mostly.
var textWaits = []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour}

// waits is how long what failed waits on this way.
func (c Channel) waits() []time.Duration {
	if c == ChannelSMS {
		return textWaits
	}
	return waits
}

// channels is the ways that are served, the one that is more urgent first. Mails wait for their server; texts do not.
func (s *Service) channels() []Channel {
	var out []Channel
	if s.Texts != nil {
		out = append(out, ChannelSMS)
	}
	if s.Configured() {
		out = append(out, ChannelEmail)
	}
	return out
}

// Run sends what is queued until ctx ends; a mail at work then comes to its end first.
func (s *Service) Run(ctx context.Context) {
	if len(s.channels()) == 0 {
		return
	}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { s.work(ctx) })
	}
	all.Wait()
}

func (s *Service) work(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for ctx.Err() == nil {
			worked, err := s.Work(context.WithoutCancel(ctx))
			if err != nil {
				s.Log.Error("could not work on the mails", "error", err)
			}
			if !worked || err != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// claimed is a mail that this worker has until its lease ends.
type claimed struct {
	id       int64
	channel  Channel
	attempts int64
	giveUp   int64
	customer int64
	out      Outgoing
	sealed   []byte
}

// Work sends one mail that is due; false when there is none. What the server says is written down, not returned.
func (s *Service) Work(ctx context.Context) (bool, error) {
	for _, channel := range s.channels() {
		c, err := s.claim(ctx, channel)
		if err != nil {
			return false, err
		}
		if c != nil {
			return true, s.carry(ctx, c)
		}
	}
	return false, nil
}

// carry makes one attempt with what was claimed.
func (s *Service) carry(ctx context.Context, c *claimed) error {
	if clock.Micros(s.Clock.Now()) >= c.giveUp {
		return s.end(ctx, c, StateFailed, "It waited so long that it is of no use any more.")
	}
	if len(c.sealed) > 0 {
		if err := s.unseal(c); err != nil {
			return s.end(ctx, c, StateFailed, "Its secret cannot be opened with the key of this installation. Send it again.")
		}
	}
	place, err := s.Place(ctx, s.DB.Read(), c.customer)
	if err != nil {
		return err // its lease ends, and it is tried again
	}
	c.out.Frame = place.Frame
	within, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if c.channel == ChannelSMS {
		return s.settle(ctx, c, s.text(within, Text{ID: id.Format(Prefix, c.id), To: c.out.To, Text: c.out.Text}))
	}
	parts, err := s.parts(ctx, c.id)
	if err != nil {
		return s.settle(ctx, c, err)
	}
	c.out.Parts = parts
	return s.settle(ctx, c, s.Sender.Send(within, c.out))
}

func (s *Service) unseal(c *claimed) error {
	text, err := s.Box.Open(purpose(c.id), c.sealed)
	if err != nil {
		return err
	}
	var bodies sealed
	if err := json.Unmarshal([]byte(text), &bodies); err != nil {
		return fmt.Errorf("open the mail: %w", err)
	}
	c.out.Text, c.out.HTML = bodies.Text, bodies.HTML
	return nil
}

// claim takes the mail that is due longest. It looks before it locks, so that an idle queue writes nothing.
func (s *Service) claim(ctx context.Context, channel Channel) (*claimed, error) {
	now := s.Clock.Now()
	var due []int64
	if err := s.DB.Read().SelectContext(ctx, &due, sqlDue, string(channel), clock.Micros(now)); err != nil {
		return nil, fmt.Errorf("look for mails: %w", err)
	}
	if len(due) == 0 {
		return nil, nil
	}
	var c *claimed
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, due = nil, nil
		if err := tx.SelectContext(ctx, &due, sqlDue+tx.Dialect().ForUpdateSkipLocked(), string(channel), clock.Micros(now)); err != nil || len(due) == 0 {
			return err
		}
		one := &claimed{id: due[0], channel: channel}
		messageID := ""
		if channel == ChannelEmail {
			messageID = s.messageID(due[0])
		}
		row := tx.QueryRowContext(ctx, sqlClaim, clock.Micros(now.Add(lease)), messageID, due[0])
		if err := row.Scan(&one.out.To, &one.out.Subject, &one.out.Text, &one.out.HTML, &one.sealed, &one.out.MessageID, &one.attempts, &one.giveUp, &one.customer); err != nil {
			return err
		}
		c = one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take a mail from the queue: %w", err)
	}
	return c, nil
}

// textID names a text that stands in no history.
func (s *Service) textID() string { return id.Format(Prefix, s.IDs.Next()) }

// messageID is made at the first attempt and kept.
func (s *Service) messageID(emailID int64) string {
	from := s.Sender.From()
	return id.Format(Prefix, emailID) + "." + secret.Link() + from[strings.LastIndexByte(from, '@'):]
}

// settle writes down how an attempt went.
func (s *Service) settle(ctx context.Context, c *claimed, sendErr error) error {
	var no *Refusal
	switch {
	case sendErr == nil:
		return s.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := exec(ctx, tx, "note that a mail was sent", sqlSent, clock.Micros(s.Clock.Now()), []byte{}, c.id, c.attempts)
			return err
		})
	case errors.As(sendErr, &no) && no.Permanent:
		return s.refused(ctx, c, no)
	case c.attempts > int64(len(c.channel.waits())):
		return s.end(ctx, c, StateFailed, told(sendErr))
	}
	s.Log.Warn("a mail did not go out and will be tried again", "email", id.Format(Prefix, c.id), "attempt", c.attempts, "error", told(sendErr))
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		next := s.Clock.Now().Add(c.channel.waits()[c.attempts-1])
		_, err := exec(ctx, tx, "put a mail back", sqlAgain, clock.Micros(next), told(sendErr), c.id, c.attempts)
		return err
	})
}

// end puts a mail aside for good. Its secrets are forgotten.
func (s *Service) end(ctx context.Context, c *claimed, state State, why string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "end a mail", sqlFail, string(state), why, []byte{}, c.id, c.attempts)
		if err != nil || n == 0 || state != StateFailed {
			return err
		}
		return s.tell(ctx, tx, c, why)
	})
}

// tell says to who had a mail written that it was given up.
func (s *Service) tell(ctx context.Context, tx *db.Tx, c *claimed, why string) error {
	if s.GivenUp == nil {
		return nil
	}
	g := GivenUp{ID: c.id, To: c.out.To, Why: why}
	if err := tx.QueryRowContext(ctx, sqlAuthor, c.id).Scan(&g.Author, &g.Subject); err != nil {
		return fmt.Errorf("read who had a mail written: %w", err)
	}
	return s.GivenUp(ctx, tx, g)
}

// refused ends a mail that no further attempt would bring there. When there is no such address, nothing goes to it again.
func (s *Service) refused(ctx context.Context, c *claimed, no *Refusal) error {
	ctx = access.With(ctx, access.Call{Principal: access.System("mail"), Verb: "JOB"})
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "end a mail", sqlFail, string(StateFailed), told(no), []byte{}, c.id, c.attempts)
		if err != nil || n == 0 {
			return err
		}
		if err := s.tell(ctx, tx, c, told(no)); err != nil || !no.Address {
			return err
		}
		return s.suppress(ctx, tx, Suppression{Address: c.out.To, Reason: ReasonBounced, Detail: told(no), EmailID: c.id})
	})
}

// told is an error as it is kept: one line of valid text.
func told(err error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	text = strings.Map(func(r rune) rune {
		if unfit(r) {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxError {
		text = string(runes[:maxError])
	}
	return text
}

// Status is how the queue is.
type Status struct {
	Configured bool
	From       string
	Waiting    int64
	Trouble    string // what the newest of those that wait was answered; empty: nothing
}

// Status tells how the queue is.
func (s *Service) Status(ctx context.Context) (Status, error) {
	if err := access.Require(ctx, access.EmailRead); err != nil {
		return Status{}, err
	}
	out := Status{Configured: s.Configured()}
	if out.Configured {
		out.From = s.Sender.From()
	}
	if access.From(ctx).Principal.HasPlace() { // what waits, and why, may be about others
		return out, nil
	}
	var err error
	out.Waiting, out.Trouble, err = s.waiting(ctx, ChannelEmail)
	return out, err
}

// waiting is how much waits on one way, and what the newest of it was answered.
func (s *Service) waiting(ctx context.Context, channel Channel) (n int64, said string, err error) {
	if err := s.DB.Read().GetContext(ctx, &n, sqlOpen, string(channel)); err != nil {
		return 0, "", fmt.Errorf("count the messages that wait: %w", err)
	}
	var trouble []string
	if err := s.DB.Read().SelectContext(ctx, &trouble, sqlTrouble, string(channel)); err != nil {
		return 0, "", fmt.Errorf("read what keeps messages: %w", err)
	}
	if len(trouble) > 0 {
		said = trouble[0]
	}
	return n, said, nil
}

// Purge forgets mails that came to their end long ago.
func (s *Service) Purge(ctx context.Context, keep time.Duration) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.detach(ctx, tx, sqlDetach, clock.Micros(s.Clock.Now().Add(-keep))); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "purge mails", sqlPurge, clock.Micros(s.Clock.Now().Add(-keep)))
		return err
	})
}

// Get is one mail with its bodies, secrets marked.
func (s *Service) Get(ctx context.Context, emailID int64) (Email, error) {
	if err := access.Require(ctx, access.EmailRead); err != nil {
		return Email{}, err
	}
	return seen(ctx, s.DB.Read(), emailID)
}

// seen reads a mail that the caller may see: whoever sees a part of the customers has no other but theirs.
func seen(ctx context.Context, q db.Q, emailID int64) (Email, error) {
	e, err := get(ctx, q, emailID)
	if err != nil {
		return Email{}, err
	}
	if at, err := customer.Visible(ctx, q, []int64{e.CustomerID}); err != nil || len(at) == 0 {
		return Email{}, errors.Join(err, noEmail())
	}
	return e, nil
}

// Cancel keeps a mail that waits from being sent.
func (s *Service) Cancel(ctx context.Context, emailID int64) (Email, error) {
	if err := access.Require(ctx, access.EmailSend); err != nil {
		return Email{}, err
	}
	var e Email
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if e, err = hold(ctx, tx, emailID); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "cancel the mail", sqlCancel, []byte{}, emailID)
		if err != nil {
			return err
		}
		if n == 0 {
			return notWaiting(e)
		}
		before := e.State
		if e, err = get(ctx, tx, emailID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: Table, RowID: e.ID, RowName: e.Subject, Message: "E-mail cancelled",
			Changes: []audit.Change{{Field: "state", Old: string(before), New: string(e.State)}}})
	})
	return e, err
}

// hold reads a mail that nobody takes until the transaction ends.
func hold(ctx context.Context, tx *db.Tx, emailID int64) (Email, error) {
	var there []int64
	if err := tx.SelectContext(ctx, &there, sqlLock+tx.Dialect().ForUpdate(), emailID); err != nil {
		return Email{}, fmt.Errorf("lock the mail: %w", err)
	}
	e, err := seen(ctx, tx, emailID)
	if err != nil {
		return Email{}, err
	}
	return e, customer.Touch(ctx, e.CustomerID)
}
