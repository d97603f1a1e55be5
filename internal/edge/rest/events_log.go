package rest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/event"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/outbox"
)

// logPage is how many batches of events are read at once.
const logPage = 50

// logPlace is how far a reader of the log of events has come: behind so many events of the batch at a position.
type logPlace struct {
	position int64
	told     int
}

func (p logPlace) String() string { return fmt.Sprintf("%d-%d", p.position, p.told) }

// parsePlace reads the ID of the last event that a reader got.
func parsePlace(text string) (logPlace, error) {
	position, told, ok := strings.Cut(text, "-")
	n, err := strconv.ParseInt(position, 10, 64)
	m, err2 := strconv.Atoi(told)
	if !ok || err != nil || err2 != nil || n < 0 || m < 0 {
		return logPlace{}, &errs.Error{Kind: errs.KindBadRequest, Code: "bad_header", Detail: "A header is wrong.",
			Fields: []errs.Field{{Field: "Last-Event-ID", Code: "bad_header", Message: "Give the id of an event that this stream sent."}}}
	}
	return logPlace{n, m}, nil
}

// wanted is the names of the types that patterns stand for and the principal may be told of. One that sees a part only
// is told of nothing: an event does not say whose it is.
func wanted(p access.Principal, patterns []string) (map[string]bool, error) {
	types, unknown := event.Chosen(patterns)
	var wrong errs.Fields
	for _, u := range unknown {
		wrong.Add("types", "unknown_event", "There is no event %q.", u[:min(len(u), 60)])
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, t := range types {
		if p.Root == 0 && p.Customer == 0 && p.May(t.Reads) {
			out[t.Name] = true
		}
	}
	if len(out) == 0 {
		return nil, errs.Forbidden(string(types[0].Reads))
	}
	return out, nil
}

// serveLog is one stream of events from the log: from now on, or from behind the event that the reader got last.
func (e *Events) serveLog(api *API, w http.ResponseWriter, r *http.Request, patterns []string) error {
	call := access.From(r.Context())
	if _, err := wanted(call.Principal, patterns); err != nil {
		return err
	}
	place, err := e.begin(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies must not collect events
	if r.Method == http.MethodHead {
		return nil
	}
	l, err := e.join(call)
	if err != nil {
		return err
	}
	defer e.leave(l)
	l.mu.Lock()
	l.log = true
	l.mu.Unlock()
	there, stop := e.o.Events.Outbox.Watch()
	defer stop()
	s := &logStream{e: e, api: api, w: w, r: r, l: l, patterns: patterns, place: place, control: http.NewResponseController(w)}
	_ = s.control.SetReadDeadline(time.Time{}) // nothing more is read; the server's deadline would end the stream
	beat := time.NewTicker(e.o.Heartbeat)
	defer beat.Stop()
	gap, err := s.gap(r.Context())
	if err != nil {
		return err
	}
	if !s.send(append([]byte("retry: 2000\n\n: welcome\n\n"), gap...)) {
		return nil
	}
	for {
		if !s.catchUp(r.Context()) {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-l.done:
			return nil
		case <-beat.C:
			if !l.still(api, r) || !s.send([]byte(": still here\n\n")) {
				return nil
			}
		case <-there:
			if !l.still(api, r) {
				return nil
			}
		}
	}
}

// gap is the event that tells a reader who comes too late that something between its place and what follows is not kept
// any more; nothing for all others. The place moves behind what is lost.
func (s *logStream) gap(ctx context.Context) ([]byte, error) {
	lost, err := s.e.o.Events.Outbox.Forgotten(ctx)
	if err != nil || lost <= s.place.position {
		return nil, err
	}
	s.place = logPlace{position: lost, told: 1 << 30}
	return fmt.Appendf(nil, "id: %s\nevent: gap\ndata: {\"code\":\"events_lost\"}\n\n", s.place), nil
}

// begin is where a reader begins: behind its last event, or behind everything that has been committed by now.
func (e *Events) begin(r *http.Request) (logPlace, error) {
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		return parsePlace(last)
	}
	if _, err := e.o.Events.Outbox.Take(r.Context()); err != nil {
		return logPlace{}, err
	}
	at, err := e.o.Events.Outbox.Last(r.Context(), e.o.Events.Outbox.Reader())
	return logPlace{position: at, told: 1 << 30}, err
}

// logStream is one reader of the log.
type logStream struct {
	e        *Events
	api      *API
	w        http.ResponseWriter
	r        *http.Request
	l        *listener
	patterns []string
	place    logPlace
	control  *http.ResponseController
}

func (s *logStream) send(out []byte) bool {
	if len(out) == 0 {
		return true
	}
	_, err := s.w.Write(out)
	return err == nil && s.control.Flush() == nil
}

// catchUp sends what there is behind the reader's place; false when the stream ends.
func (s *logStream) catchUp(ctx context.Context) bool {
	for {
		s.l.mu.Lock()
		call := s.l.call
		s.l.mu.Unlock()
		types, err := wanted(call.Principal, s.patterns)
		if err != nil {
			return false // it may not any more
		}
		batches, err := s.e.o.Events.Outbox.Read(ctx, s.place.position-1, logPage) // the batch of the place may not be through
		if err != nil {
			return s.fail(ctx, err)
		}
		before := s.place
		for _, b := range batches {
			out, err := s.tell(access.With(ctx, call), b, types)
			if err != nil {
				return s.fail(ctx, err)
			}
			if !s.send(out) {
				return false
			}
		}
		if len(batches) < logPage || s.place == before {
			return true
		}
	}
}

func (s *logStream) fail(ctx context.Context, err error) bool {
	if ctx.Err() == nil {
		s.e.o.Log.WarnContext(ctx, "events could not be told", "error", err)
	}
	return false // the reader comes again with the last event it got
}

// tell is the events of a batch behind the reader's place, as they go over the wire. The place moves behind the batch.
func (s *logStream) tell(ctx context.Context, b outbox.Batch, types map[string]bool) ([]byte, error) {
	first := 0
	if b.Position == s.place.position {
		first = min(s.place.told, len(b.Items))
	}
	s.place = logPlace{b.Position, len(b.Items)}
	if !types[b.Type] || first == len(b.Items) {
		return nil, nil
	}
	rest := b
	rest.Items = slices.Clone(b.Items[first:])
	events, err := s.e.o.Events.Tell(ctx, rest)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i := range events {
		body, err := events[i].Body() // JSON has no line breaks
		if err != nil {
			return nil, fmt.Errorf("write an event: %w", err)
		}
		fmt.Fprintf(&out, "id: %s\nevent: event\ndata: %s\n\n", logPlace{b.Position, first + i + 1}, body)
	}
	return out.Bytes(), nil
}
