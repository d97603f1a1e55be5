package webhook

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/event"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/errs"
)

// Prefixes of IDs at the API.
const (
	Prefix         = "whk"
	DeliveryPrefix = "whd"
)

// Table is the name under which changes of webhooks stand in the audit.
const Table = "webhooks"

// State is whether a webhook is told anything.
type State string

// The states. One that is removed is seen by nobody and goes with the next purge.
const (
	StateActive   State = "active"
	StatePaused   State = "paused"
	StateDisabled State = "disabled"
	stateRemoved  State = "removed"
)

// States is every state that people see.
func States() []State { return []State{StateActive, StatePaused, StateDisabled} }

// Reason is why a webhook was disabled.
type Reason string

// The reasons.
const (
	ReasonFailures Reason = "failures" // it failed for FailFor
	ReasonGone     Reason = "gone"     // it answered 410
)

// Webhook is one subscription.
type Webhook struct {
	ID           int64
	URL          string
	Description  string
	Events       []string // names, customer.*, or *
	Filter       string   // of customers, in the language of lists; customer.* events of others are not told
	State        State
	Reason       Reason    // when disabled
	OldUntil     time.Time // until when the secret before signs, too; zero: there is none
	FailingSince time.Time // zero: the last delivery went well
	MadeBy       int64     // staff user; 0: none
	MadeByToken  int64     // API token; 0: none
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Version      int64
	Masked       bool // its filter is by what is hidden from who looks, and left out; such a one is never written

	secret, oldSecret []byte // sealed
}

// Input is what a person says about a webhook.
type Input struct {
	URL         string
	Description string
	Events      []string
	Filter      string
	State       State
}

const (
	maxDescription = 200
	maxFilter      = 20_000
	maxWebhooks    = 100
	// FailFor is how long a receiver may fail before it is disabled.
	FailFor = 5 * 24 * time.Hour
	// Overlap is how long the old secret signs beside the new one.
	Overlap = 24 * time.Hour
	// Keep is how long deliveries are kept.
	Keep = 30 * 24 * time.Hour
)

// validate trims and tells every wrong field. Addresses are checked again when they are dialled: what a name stands for
// changes.
func (s *Service) validate(ctx context.Context, in *Input) error {
	var wrong errs.Fields
	in.URL, in.Description, in.Filter = strings.TrimSpace(in.URL), strings.TrimSpace(in.Description), strings.TrimSpace(in.Filter)
	s.rule().Check(&wrong, "url", in.URL)
	if utf8.RuneCountInString(in.Description) > maxDescription {
		wrong.Add("description", "too_long", "A description has at most %d characters.", maxDescription)
	}
	if in.State == "" {
		in.State = StateActive
	}
	if in.State != StateActive && in.State != StatePaused {
		wrong.Add("state", "unknown", "The state is active or paused.")
	}
	slices.Sort(in.Events)
	in.Events = slices.Compact(in.Events)
	types, unknown := event.Chosen(in.Events)
	if len(in.Events) == 0 {
		wrong.Add("events", "required", "Choose at least one event.")
	}
	for _, p := range unknown {
		wrong.Add("events", "unknown_event", "There is no event %q.", clip(p))
	}
	if len(in.Filter) > maxFilter {
		wrong.Add("filter", "too_long", "A filter has at most %d characters.", maxFilter)
	} else if in.Filter != "" {
		if err := s.Events.Rows.CheckFilter(ctx, in.Filter); err != nil {
			for _, f := range fieldsOf(err) {
				wrong.Add("filter", f.Code, "%s", f.Message)
			}
		}
		if !slices.ContainsFunc(types, func(t event.Type) bool { return t.Resource == event.Customers }) {
			wrong.Add("filter", "no_customers", "A filter narrows events of customers; choose some.")
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return mayRead(ctx, types)
}

// rule is which addresses webhooks may have.
func (s *Service) rule() callout.URLRule {
	r := callout.URLRule{PlainHTTP: s.PlainHTTP}
	if s.Sender != nil {
		r.Allowed = s.Sender.Allowed
	}
	return r
}

func clip(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}

func fieldsOf(err error) []errs.Field {
	if e, ok := errs.As(err); ok && len(e.Fields) > 0 {
		return e.Fields
	}
	return []errs.Field{{Code: "malformed", Message: "The filter cannot be understood."}}
}

// mayRead refuses who would be told more than they may read.
func mayRead(ctx context.Context, types []event.Type) error {
	for _, t := range types {
		if err := access.Require(ctx, t.Reads); err != nil {
			return err
		}
	}
	return nil
}

// wants tells whether the webhook is to be told of a type.
func (w *Webhook) wants(name string) bool {
	return slices.ContainsFunc(w.Events, func(p string) bool { return event.Matches(p, name) })
}

func (w *Webhook) rowName() string {
	if w.Description != "" {
		return w.Description
	}
	return w.URL
}

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The states of a delivery. The last two are final, until it is sent again.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliverySending   DeliveryState = "sending"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed"
)

// DeliveryStates is every state of a delivery.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{DeliveryWaiting, DeliverySending, DeliveryDelivered, DeliveryFailed}
}

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID         int64
	WebhookID  int64
	EventID    int64
	Type       string
	Resource   string
	RowRef     string // identifier of the row at the API
	State      DeliveryState
	Attempts   int64
	NextAt     time.Time // of the next attempt; zero when none will be
	Status     int64     // of the last answer; 0: none
	LastError  string
	CreatedAt  time.Time
	FinishedAt time.Time
}

// Attempt is one try to hand a delivery over.
type Attempt struct {
	N               int64
	At              time.Time
	Duration        time.Duration
	Status          int64 // 0: no answer
	Error           string
	RequestHeaders  map[string]string
	ResponseHeaders map[string]string
	ResponseBody    []byte
	Cut             bool // the answer was longer than what is kept
}

// MaxAnswer is how much of an answer is kept.
const MaxAnswer = 64 << 10

// Post is what is sent.
type Post struct {
	URL     string
	Headers map[string]string
	Body    []byte
}

// Answer is what came of it. Status is 0 when there was no answer; Error then says why.
type Answer struct {
	Status  int
	Headers map[string]string
	Body    []byte // MaxAnswer bytes at most
	Cut     bool
	Error   string
}

// Sender speaks HTTP. It follows no redirects and goes to no address that is not allowed.
type Sender interface {
	Send(ctx context.Context, p Post) Answer
	// Allowed says why nothing is sent to an address; nil: it is.
	Allowed(ip netip.Addr) error
}

// waits is how long a delivery waits after each attempt that failed; after the last one it has failed.
var waits = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

func tooMany() error {
	return errs.New(errs.KindConflict, "too_many_webhooks", "There are %d webhooks already.", maxWebhooks)
}

func notFound() error { return errs.NotFound("webhook") }

func purpose(webhookID int64) string { return fmt.Sprint("webhook:", webhookID) }
