package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/once"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/httpx"
	"tandem/internal/kit/id"
)

const (
	maxOnceKey = 255
	// answerWait is how long a repeat waits for the answer of the first, whose effect is there already.
	answerWait = 3 * time.Second
	answerPoll = 25 * time.Millisecond
	// answerLost is how old a key without an answer must be, to say that the answer will never come.
	answerLost = time.Minute
)

// repeatable tells whether an Idempotency-Key means something on this route: it changes something, for somebody who
// can be told from others. A download by POST changes nothing.
func (r *Route) repeatable() bool {
	return r.Method == http.MethodPost && r.Needs != Public && (r.Answer == "" || r.Answer == "application/json")
}

// once runs a request whose caller may send it again: the first is carried out and its answer kept, a repeat gets
// that answer. Refusals changed nothing and are not kept.
func (s *Server) once(route *Route, rec *httpx.Recorder, r *http.Request, run http.HandlerFunc) {
	ctx := r.Context()
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxOnceKey || !plain(key) {
		s.writeProblem(rec, s.problemOf(ctx, badHeader("Idempotency-Key", "It must be 1 to 255 plain ASCII characters.")))
		return
	}
	hash, err := hashRequest(route, r)
	if err != nil {
		s.writeProblem(rec, newProblem(ctx, http.StatusBadRequest, "body_unreadable", "The body ended early or could not be read."))
		return
	}
	call := access.From(ctx)
	call.Once = &access.Once{Key: key, Hash: hash}
	if s.repeat(route, rec, r, call) {
		return
	}
	out := &heldAnswer{header: http.Header{}}
	run(out, r.WithContext(access.With(ctx, call)))
	if s.unheard(route, rec, r, call, out) {
		return
	}
	if !call.Once.Claimed && out.status >= 300 && s.repeat(route, rec, r, call) {
		return // somebody else carried it out meanwhile
	}
	if call.Once.Claimed {
		s.keepAnswer(context.WithoutCancel(ctx), route, call, out)
	}
	out.send(rec)
}

// unheard answers when the database carried the request out and was lost before it could say so; it tells whether it did.
func (s *Server) unheard(route *Route, rec *httpx.Recorder, r *http.Request, call access.Call, out *heldAnswer) bool {
	ctx := r.Context()
	if call.Once.Claimed || call.Once.In == nil || out.status < 500 {
		return false
	}
	kept, err := once.Find(ctx, s.cfg.DB.Read(), call)
	if err != nil || kept == nil || kept.Status != 0 || kept.RequestID != call.RequestID {
		return false
	}
	if s.remake(route, rec, r, call, kept) {
		return true
	}
	told := &heldAnswer{header: http.Header{}}
	s.writeProblem(told, s.problemOf(ctx, answerIsLost(kept)))
	s.keepAnswer(context.WithoutCancel(ctx), &Route{}, call, told)
	told.send(rec)
	return true
}

// repeat answers from what is kept, and tells whether it did.
func (s *Server) repeat(route *Route, rec *httpx.Recorder, r *http.Request, call access.Call) bool {
	ctx := r.Context()
	for waited := time.Duration(0); ; waited += answerPoll {
		kept, err := once.Find(ctx, s.cfg.DB.Read(), call)
		if err != nil {
			s.writeProblem(rec, s.problemOf(ctx, err))
			return true
		}
		if kept == nil {
			return false
		}
		if kept.Status != 0 {
			replay(rec, kept, call.Principal)
			return true
		}
		if s.isLost(kept) && s.remake(route, rec, r, call, kept) {
			return true
		}
		if waited >= answerWait || s.isLost(kept) {
			s.writeProblem(rec, s.problemOf(ctx, s.noAnswer(kept)))
			return true
		}
		select {
		case <-time.After(answerPoll):
		case <-ctx.Done():
			s.writeProblem(rec, s.problemOf(ctx, ctx.Err()))
			return true
		}
	}
}

// isLost tells whether the first request must have ended without keeping its answer: its process died.
func (s *Server) isLost(kept *once.Answer) bool {
	return kept.Status == 0 && s.cfg.Clock.Now().UnixMicro()-kept.CreatedAt > answerLost.Microseconds()
}

func (s *Server) noAnswer(kept *once.Answer) error {
	if !s.isLost(kept) {
		e := errs.New(errs.KindConflict, "idempotency_in_progress", "The first request with this Idempotency-Key is still being answered.")
		e.RetryAfter = 1
		return e
	}
	return answerIsLost(kept)
}

// remake answers in place of a lost answer with what the request made, as it is now, and keeps that; it tells whether
// it did. What is gone meanwhile, or is not for the caller to read, cannot be answered with.
func (s *Server) remake(route *Route, rec *httpx.Recorder, r *http.Request, call access.Call, kept *once.Answer) bool {
	if route.Made == nil || kept.Made.Table != route.Made.Table || kept.Made.Row == 0 {
		return false
	}
	path := base + route.Made.Path + "/" + id.Format(route.Made.Prefix, kept.Made.Row)
	read, err := http.NewRequestWithContext(r.Context(), http.MethodGet, path, nil)
	if err != nil {
		return false
	}
	for _, name := range []string{"Authorization", "Cookie"} {
		read.Header[name] = r.Header[name]
	}
	read.Host, read.RemoteAddr, read.TLS = r.Host, r.RemoteAddr, r.TLS
	out := &heldAnswer{header: http.Header{}}
	s.mux.ServeHTTP(&httpx.Recorder{ResponseWriter: out}, read)
	if out.status != http.StatusOK {
		return false
	}
	out.status = route.Status
	out.header.Set("Location", path)
	s.keepAnswer(context.WithoutCancel(r.Context()), route, call, out)
	out.header.Set("Idempotency-Replayed", "true")
	out.send(rec)
	return true
}

func answerIsLost(kept *once.Answer) error {
	return errs.New(errs.KindConflict, "idempotency_answer_lost",
		"The first request with this Idempotency-Key was carried out, but its answer was lost. Its audit entry has the request ID %s.", kept.RequestID)
}

// replay sends a kept answer again, without what is hidden from its caller by now.
func replay(rec *httpx.Recorder, kept *once.Answer, p access.Principal) {
	var headers map[string]string
	_ = json.Unmarshal([]byte(kept.Headers), &headers) // we wrote it
	for k, v := range headers {
		rec.Header().Set(k, v)
	}
	rec.Header().Set("Idempotency-Replayed", "true")
	rec.WriteHeader(kept.Status)
	body, err := p.HideIn(kept.Body)
	if err != nil { // no JSON
		body = nil
	}
	_, _ = rec.Write(body) // the caller may be gone
}

func (s *Server) keepAnswer(ctx context.Context, route *Route, call access.Call, out *heldAnswer) {
	if out.status >= 500 {
		return
	}
	headers := map[string]string{}
	for _, k := range []string{"Content-Type", "Location", "ETag"} {
		if v := out.header.Get(k); v != "" {
			headers[k] = v
		}
	}
	text, err := json.Marshal(headers)
	body := out.body.Bytes()
	if err == nil && len(route.ShownOnce) > 0 {
		body, err = withoutSecrets(body, route.ShownOnce)
	}
	if err == nil {
		err = once.Store(ctx, s.cfg.DB, call, once.Answer{Status: out.status, Headers: string(text), Body: body})
	}
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "the answer to an idempotency key was not kept", slog.String("error", err.Error()))
	}
}

func withoutSecrets(body []byte, names []string) ([]byte, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, fmt.Errorf("take the secrets out of an answer: %w", err)
	}
	for _, name := range names {
		delete(object, name)
	}
	return json.Marshal(object)
}

// hashRequest is what two requests under one key must share. A body is read into memory, up to what the route takes.
// Of an upload only the length counts: the boundary between its parts is drawn anew each time.
func hashRequest(route *Route, r *http.Request) ([]byte, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s?%s\n", r.Method, r.URL.Path, r.URL.RawQuery)
	if at := r.Header.Get(applyAtHeader); at != "" {
		fmt.Fprintf(h, "%s: %s\n", applyAtHeader, at)
	}
	if route.Stream || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		fmt.Fprintf(h, "%d", r.ContentLength)
		return h.Sum(nil), nil
	}
	var body bytes.Buffer
	_, err := io.Copy(&body, io.LimitReader(r.Body, route.MaxBody+1))
	if err != nil {
		return nil, err
	}
	h.Write(body.Bytes())
	r.Body = readCloser{io.MultiReader(&body, r.Body), r.Body}
	return h.Sum(nil), nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// heldAnswer keeps an answer until it is known whether it is the one to give.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is sent later.
func (a *heldAnswer) Header() http.Header { return a.header }

// WriteHeader notes the status once.
func (a *heldAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps a piece of the body.
func (a *heldAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *heldAnswer) send(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	if a.body.Len() > 0 {
		_, _ = w.Write(a.body.Bytes()) // the caller may be gone
	}
}
