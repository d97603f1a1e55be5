package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/event"
	core "tandem/internal/core/webhook"
	"tandem/internal/edge/webhook"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/outbox"
	"tandem/internal/kit/secret"
)

// shelf is rows that are made up; odd ones pass every filter.
type shelf struct{}

func (shelf) RowID(_ string, row int64) string { return fmt.Sprint("row_", row) }
func (shelf) Bodies(_ context.Context, _ string, rows []int64) (map[int64]json.RawMessage, error) {
	out := map[int64]json.RawMessage{}
	for _, n := range rows {
		out[n] = json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))
	}
	return out, nil
}
func (shelf) CheckFilter(_ context.Context, filter string) error {
	if !json.Valid([]byte(filter)) {
		return errors.New("no filter")
	}
	return nil
}
func (shelf) Matching(_ context.Context, _ string, rows []int64) (map[int64]bool, error) {
	out := map[int64]bool{}
	for _, n := range rows {
		out[n] = n%2 == 1
	}
	return out, nil
}

// message is what a receiver got.
type message struct {
	id, path, body string
	header         http.Header
	at             int64
}

// receiver is a real server that answers what it is told to.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []message
	answer func(m message, n int) int // n: how many came before with this ID
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{answer: func(message, int) int { return http.StatusOK }}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		m := message{id: q.Header.Get("webhook-id"), path: q.URL.Path, body: string(body), header: q.Header}
		m.at, _ = strconv.ParseInt(q.Header.Get("webhook-timestamp"), 10, 64)
		r.mu.Lock()
		n := 0
		for _, before := range r.got {
			if before.id == m.id {
				n++
			}
		}
		r.got = append(r.got, m)
		answer := r.answer
		r.mu.Unlock()
		w.Header().Set("X-Seen", "yes")
		w.WriteHeader(answer(m, n))
		_, _ = w.Write([]byte("thanks"))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(fn func(m message, n int) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = fn
}

func (r *receiver) messages() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.got...)
}

// house is one node with webhooks.
type house struct {
	*core.Service
	t     *testing.T
	db    *db.DB
	clock *clock.Manual
	box   *outbox.Outbox
	log   *audit.Log
}

var admin = access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 7, Name: "Ann", Permissions: access.RoleAdmin.Permissions()}})

func newHouse(t *testing.T, d *db.DB, c *clock.Manual) *house {
	t.Helper()
	h, err := build(d, c)
	if err != nil {
		t.Fatal(err)
	}
	h.t = t
	return h
}

// build is newHouse for a process that is no test.
func build(d *db.DB, c *clock.Manual) (*house, error) {
	box, err := secret.NewBox([]byte(strings.Repeat("k", 32)))
	if err != nil {
		return nil, err
	}
	allow, err := callout.ParseNetworks("127.0.0.0/8")
	if err != nil {
		return nil, err
	}
	quiet, ids := slog.New(slog.DiscardHandler), id.NewSource(c)
	log := audit.NewLog(c, ids)
	out := outbox.New(d, c, ids)
	events := event.New(event.Options{Outbox: out, IDs: ids, Rows: shelf{}, Audit: audit.NewService(audit.Options{DB: d, Clock: c, Log: quiet, Audit: log})})
	log.Follow(events.Record)
	s := core.New(core.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Box: box, Events: events, Sender: webhook.New(callout.Config{Allow: allow}), PlainHTTP: true})
	return &house{Service: s, db: d, clock: c, box: out, log: log}, nil
}

func manual() *clock.Manual { return clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) }

func (h *house) make(url string, events ...string) (core.Webhook, string) {
	h.t.Helper()
	w, word, err := h.Create(admin, core.Input{URL: url, Events: events})
	if err != nil {
		h.t.Fatal(err)
	}
	return w, word
}

// change writes audit entries about customers.
func (h *house) change(action audit.Action, rows ...int64) {
	h.t.Helper()
	entries := make([]audit.Entry, len(rows))
	for i, n := range rows {
		entries[i] = audit.Entry{Action: action, Table: "customers", RowID: n}
	}
	if err := h.db.Write(admin, func(tx *db.Tx) error { return h.log.Record(admin, tx, entries...) }); err != nil {
		h.t.Fatal(err)
	}
}

// work hands on everything that is due now.
func (h *house) work() {
	h.t.Helper()
	if _, err := h.box.Take(admin); err != nil {
		h.t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = h.Relay(admin); err != nil {
			h.t.Fatal(err)
		}
	}
	for range 60 {
		if err := h.Dispatch(admin); err != nil {
			h.t.Fatal(err)
		}
		h.Wait()
	}
}

func (h *house) deliveries(webhookID int64) []core.Delivery {
	h.t.Helper()
	out, page, err := h.Deliveries(admin, webhookID, list.Query{Sort: "created_at", Limit: 1000})
	if err != nil || !page.Exact || int(page.Total) != len(out) {
		h.t.Fatalf("%+v, %v", page, err)
	}
	return out
}
