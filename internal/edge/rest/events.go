package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/event"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
)

const (
	eventPoll      = time.Second
	eventHeartbeat = 15 * time.Second
	eventOverlap   = 10 * time.Second // a transaction may commit so long after it took its time or number
	eventPage      = 500              // jobs read at once
	rowsTold       = 100              // changed rows of one table told one by one; more become one event
	pendingMost    = 1000             // events that wait for one slow reader; more end its stream
	streamsEach    = 20               // of one principal
	streamsMost    = 2000
)

// Change says that a row of a table changed.
type Change struct {
	ID    int64  // of the change, so that none is told twice
	Table string // such as customers
	RowID string // identifier at the API; empty for several rows
	// Person is the key of the one principal who is told; empty: who may see the table.
	Person string
}

// EventOptions are what the event stream needs.
type EventOptions struct {
	Jobs  *job.Service
	Clock clock.Clock
	Log   *slog.Logger
	// Changes gives the newest changes at or after an instant, in any order, a thousand at most. nil means none are told.
	Changes func(ctx context.Context, since time.Time) ([]Change, error)
	// Events tells the log of events. nil: there is none.
	Events *event.Service
	// MaySee tells whether a principal may know that rows of a table change. nil means by the table's read permission.
	MaySee    func(p access.Principal, table string) bool
	Poll      time.Duration // 0 = 1 s
	Heartbeat time.Duration // 0 = 15 s
}

// Events tells open consoles what changes, on whichever node it does: it looks at the database once a second, while
// somebody listens here. Safe for concurrent use.
type Events struct {
	o         EventOptions
	mu        sync.Mutex
	listeners map[*listener]bool
	stop      context.CancelFunc // of the poller; nil while nobody listens
	closed    bool
}

// listener is one open stream.
type listener struct {
	key  string
	wake chan struct{}
	done chan struct{} // closed when the server ends the stream

	mu      sync.Mutex
	call    access.Call
	jobs    map[int64]job.Job
	changes map[Change]bool
	full    bool
	log     bool // it reads the log of events, and nothing else is offered to it
}

// NewEvents gives the event stream. Call Close when the server shuts down: http.Server.RegisterOnShutdown(e.Close).
func NewEvents(o EventOptions) *Events {
	if o.Poll == 0 {
		o.Poll = eventPoll
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = eventHeartbeat
	}
	if o.MaySee == nil {
		o.MaySee = mayKnow
	}
	return &Events{o: o, listeners: map[*listener]bool{}}
}

// tableReaders is who may know that a table changed. What is not here is nobody's to know.
var tableReaders = map[string]access.Permission{
	"customers": access.CustomerRead, "groups": access.GroupRead, "custom_fields": access.CustomFieldRead, "imports": access.CustomerImport,
	"settings": access.SettingRead, "staff": access.StaffRead, "api_tokens": access.TokenRead, "jobs": access.JobRead, "views": SignedIn,
	"webhooks": access.WebhookRead, "brands": access.BrandRead,
}

// mayKnow is the read permission of the table. A principal that sees one reseller's or customer's part is told of no
// rows, since a change does not say whose it is.
func mayKnow(p access.Principal, table string) bool {
	perm, ok := tableReaders[table]
	return ok && !p.HasPlace() && p.Customer == 0 && (perm == SignedIn || p.May(perm))
}

// Module registers the route.
func (e *Events) Module() Module {
	return func(api *API) {
		api.Code("too_many_streams", "429. The caller has as many event streams open as there may be.")
		RegisterRaw(api, Route{Method: http.MethodGet, Path: "/events", ID: "stream-events", Summary: "What happens, as it happens", Tag: "Events",
			Needs: SignedIn, Stream: true, Answer: "text/event-stream",
			Query: []Query{{"types", "Events of these types instead, parted by commas: names of GET /events/types, customer.*, or *."}},
			Doc: "Server-sent events: job (data is the job), change (data is {table, row_id}; without row_id several rows of the table changed). " +
				"With types: event, the same that webhooks are told, each at least once and those of a row in order; Last-Event-ID goes on behind an event, for 30 days; " +
				"who comes later first gets one event gap, and loads anew what it follows: what is kept comes behind it. " +
				"A comment every 15 seconds. The stream ends when the session does, or when its reader is too slow: connect again, and read anew or go on."},
			func(w http.ResponseWriter, r *http.Request) error {
				if types := r.URL.Query().Get("types"); types != "" && e.o.Events != nil {
					return e.serveLog(api, w, r, strings.Split(types, ","))
				}
				return e.serve(api, w, r)
			})
	}
}

// Close ends every stream, and refuses new ones.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for l := range e.listeners {
		close(l.done)
	}
	clear(e.listeners)
	e.halt()
}

func (e *Events) halt() {
	if e.stop != nil {
		e.stop()
		e.stop = nil
	}
}

func (e *Events) join(call access.Call) (*listener, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		stopping := errs.New(errs.KindUnavailable, "unavailable", "The server is stopping.")
		stopping.RetryAfter = 2
		return nil, stopping
	}
	key, same := call.Principal.Key(), 0
	for l := range e.listeners {
		if l.key == key {
			same++
		}
	}
	if same >= streamsEach || len(e.listeners) >= streamsMost {
		many := errs.New(errs.KindTooMany, "too_many_streams", "There are too many event streams open.")
		many.RetryAfter = 30
		return nil, many
	}
	l := &listener{
		key: key, call: call, wake: make(chan struct{}, 1), done: make(chan struct{}),
		jobs: map[int64]job.Job{}, changes: map[Change]bool{},
	}
	e.listeners[l] = true
	if e.stop == nil {
		ctx, cancel := context.WithCancel(context.Background()) // outlives the request that begins it
		e.stop = cancel
		go e.poll(ctx, e.o.Clock.Now())
	}
	return l, nil
}

func (e *Events) leave(l *listener) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.listeners, l)
	if len(e.listeners) == 0 {
		e.halt()
	}
}

// serve is one stream.
func (e *Events) serve(api *API, w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies must not collect events
	if r.Method == http.MethodHead {
		return nil
	}
	l, err := e.join(access.From(r.Context()))
	if err != nil {
		return err
	}
	defer e.leave(l)
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // nothing more is read; the server's deadline would end the stream
	beat := time.NewTicker(e.o.Heartbeat)
	defer beat.Stop()
	out := []byte("retry: 2000\n\n: welcome\n\n")
	for {
		if _, err := w.Write(out); err != nil {
			return nil // the reader is gone
		}
		if err := control.Flush(); err != nil {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-l.done:
			return nil
		case <-beat.C:
			if !l.still(api, r) {
				return nil
			}
			out = []byte(": still here\n\n")
		case <-l.wake:
			if !l.still(api, r) { // at once, not only at the next beat
				return nil
			}
			if out, err = l.take(); err != nil {
				return nil
			}
		}
	}
}

// still asks again who is behind the session or token, since it may have ended or its permissions have changed.
func (l *listener) still(api *API, r *http.Request) bool {
	l.mu.Lock()
	call := l.call
	l.mu.Unlock()
	call.Principal = access.Principal{Kind: access.KindAnonymous}
	if _, err := api.server.identify(&Route{}, r, &call); err != nil || call.Principal.Key() != l.key {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.call = call
	return true
}

// take is everything that waits, as it goes over the wire.
func (l *listener) take() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full {
		return nil, fmt.Errorf("more than %d events wait", pendingMost)
	}
	var b bytes.Buffer
	for _, j := range l.jobs {
		if err := writeEvent(&b, "job", jobBody(j)); err != nil {
			return nil, err
		}
	}
	for c := range l.changes {
		body := struct {
			Table string `json:"table"`
			RowID string `json:"row_id,omitempty"`
		}{c.Table, c.RowID}
		if err := writeEvent(&b, "change", body); err != nil {
			return nil, err
		}
	}
	clear(l.jobs)
	clear(l.changes)
	return b.Bytes(), nil
}

func writeEvent(b *bytes.Buffer, name string, body any) error {
	data, err := json.Marshal(body) // JSON has no line breaks
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	fmt.Fprintf(b, "event: %s\ndata: %s\n\n", name, data)
	return nil
}

// offer gives a listener what it may see. Of a job only the latest state waits.
func (l *listener) offer(e *Events, jobs []job.Job, changes []Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.log {
		return
	}
	ctx := access.With(context.Background(), l.call)
	for _, j := range jobs {
		if e.o.Jobs.Sees(ctx, j) {
			l.jobs[j.ID] = j
		}
	}
	for _, c := range changes {
		if c.Person == l.key || c.Person == "" && e.o.MaySee(l.call.Principal, c.Table) {
			l.changes[c] = true
		}
	}
	waiting := len(l.jobs) + len(l.changes)
	if l.full = l.full || waiting > pendingMost; l.full {
		clear(l.jobs)
		clear(l.changes)
	}
	if waiting > 0 {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}
