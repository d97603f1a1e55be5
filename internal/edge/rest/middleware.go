package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/httpx"
)

// Header values that never change; shared, so that no request allocates them.
var (
	nosniff    = []string{"nosniff"}
	noStore    = []string{"no-store"}
	sameOrigin = []string{"same-origin"}
	deny       = []string{"DENY"}
	noPower    = []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=()"}
	apiPolicy  = []string{"default-src 'none'; frame-ancestors 'none'"}
	oneYear    = []string{"max-age=31536000"}
)

const (
	maxComment  = 1000             // letters
	maxPathName = 2048             // bytes
	streamPiece = 60 * time.Second // for each piece of a long body or answer
)

// ServeHTTP gives every request an ID, a log line, a number in the metrics, and survives what a handler does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := s.cfg.Clock.Now()
	rec := httpx.NewRecorder(w)
	defer rec.Release()
	ip := s.cfg.Proxies.ClientIP(r)
	call := access.Call{
		Principal: access.Principal{Kind: access.KindAnonymous}, RequestID: httpx.RequestID(r),
		IP: ip.String(), Host: r.Host, Verb: r.Method,
	}
	r = r.WithContext(access.With(r.Context(), call))
	secure := s.https || s.cfg.Proxies.Secure(r)
	h := rec.Header()
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = sameOrigin
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Permissions-Policy"] = noPower
	h["X-Frame-Options"] = deny
	h["X-Request-Id"] = []string{call.RequestID}
	if secure {
		h["Strict-Transport-Security"] = oneYear
	}
	rec.Zip = httpx.AcceptsGzip(r) && s.worthZipping(r, ip)
	defer s.finish(rec, r, start.UnixMicro())
	s.route(rec, r)
}

// worthZipping says no to callers on this machine: there is no network between us that would be spared.
func (s *Server) worthZipping(r *http.Request, ip netip.Addr) bool {
	return r.Method != http.MethodHead && !ip.IsLoopback()
}

func (s *Server) route(rec *httpx.Recorder, r *http.Request) {
	path := r.URL.Path
	switch {
	case len(path) > maxPathName || strings.ContainsRune(path, 0) || !utf8.ValidString(path):
		s.apiHeaders(rec)
		s.writeProblem(rec, newProblem(r.Context(), http.StatusBadRequest, "bad_path", "The address cannot be read."))
	case strings.HasPrefix(path, base+"/") && cleanPath(path):
		s.apiHeaders(rec)
		s.mux.ServeHTTP(rec, r)
	case strings.HasPrefix(path, "/api/") && path != "/api/docs" && path != "/api/openapi.json":
		s.apiHeaders(rec)
		s.noRoute(rec, r)
	default:
		s.root.ServeHTTP(rec, r)
	}
}

func cleanPath(path string) bool {
	return !strings.Contains(path, "//") && !strings.Contains(path, "/.")
}

func (s *Server) apiHeaders(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Security-Policy"] = apiPolicy
	h["Cache-Control"] = noStore
}

// finish runs when the answer is out: it turns a panic into a problem, and writes the log.
func (s *Server) finish(rec *httpx.Recorder, r *http.Request, startMicros int64) {
	fault := recover()
	if fault == http.ErrAbortHandler {
		s.logLine(rec, r, startMicros, true)
		panic(fault) // the server's own way to cut a connection
	}
	if fault != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("error", fmt.Sprint(fault)), slog.String("stack", string(debug.Stack())))
		if rec.Status == 0 {
			s.apiHeaders(rec)
			s.writeProblem(rec, newProblem(r.Context(), http.StatusInternalServerError, "internal",
				"Something went wrong on our side. It was logged under the request ID."))
		}
	}
	rec.Done()
	s.logLine(rec, r, startMicros, false)
}

// logLine tells of a request without what may be personal in it: its query, its body.
func (s *Server) logLine(rec *httpx.Recorder, r *http.Request, startMicros int64, cut bool) {
	if rec.Status == 0 {
		rec.Status = http.StatusOK
	}
	level := slog.LevelInfo
	if rec.Status >= 500 || cut {
		level = slog.LevelWarn
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	s.log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", rec.Status), slog.Int64("bytes", rec.Bytes), slog.Bool("cut", cut),
		slog.Int64("duration_us", s.cfg.Clock.Now().UnixMicro()-startMicros), slog.String("ip", access.From(r.Context()).IP))
}

// serve is what each route of the API has in common: who asks, may they, is the query known, was it asked before.
func (s *Server) serve(route *Route, w http.ResponseWriter, r *http.Request, run http.HandlerFunc) {
	start := s.cfg.Clock.Now()
	rec, _ := w.(*httpx.Recorder)
	defer func() { route.meter.note(rec.Status, s.cfg.Clock.Now().Sub(start)) }()
	call, err := s.admit(route, r)
	if err != nil {
		s.writeProblem(w, s.problemOf(r.Context(), err))
		return
	}
	ctx := access.With(r.Context(), call)
	if err := s.checkQuery(route, r.URL.RawQuery); err != nil {
		s.writeProblem(w, s.problemOf(ctx, err))
		return
	}
	if ctx, err = s.delayed(ctx, route, r); err != nil {
		s.writeProblem(w, s.problemOf(ctx, err))
		return
	}
	if route.wire {
		ctx = context.WithValue(ctx, wireKey{}, r)
	}
	r = r.WithContext(ctx)
	also := route.alternative(r)
	if also != nil {
		run = func(w http.ResponseWriter, r *http.Request) {
			if err := also(w, r); err != nil {
				s.failRaw(w, r, err)
			}
		}
	}
	if route.Stream || also != nil {
		streamed, cancel := s.patient(rec, r)
		defer cancel()
		r = streamed
	}
	if route.repeatable() && r.Header.Get("Idempotency-Key") != "" {
		s.once(route, rec, r, run)
		return
	}
	run(rec, r)
}

// alternative is the handler for the type that the caller would rather have.
func (r *Route) alternative(req *http.Request) RawHandler {
	if len(r.Also) == 0 {
		return nil
	}
	accept, _, _ := strings.Cut(req.Header.Get("Accept"), ",")
	accept, _, _ = strings.Cut(accept, ";")
	return r.Also[strings.TrimSpace(accept)]
}

// patient gives each piece of a long body or answer its own deadline.
func (s *Server) patient(rec *httpx.Recorder, r *http.Request) (*http.Request, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.MaxStream)
	r = r.WithContext(ctx)
	rec.Zip = false
	rec.Extend = streamPiece
	r.Body = httpx.PatientBody(rec.ResponseWriter, r.Body, streamPiece)
	return r, cancel
}

// admit finds out who asks and whether the route is open to them.
func (s *Server) admit(route *Route, r *http.Request) (access.Call, error) {
	call := access.From(r.Context())
	bearer, err := s.identify(route, r, &call)
	if err != nil {
		return call, err
	}
	if !bearer {
		if err := s.crossOK.Check(r); err != nil {
			return call, errs.New(errs.KindForbidden, "cross_origin", "A page of another site may not send this.")
		}
	}
	if comment := r.Header.Get("Tandem-Comment"); comment != "" && route.changes() {
		if call.Comment, err = httpx.HeaderText(comment); err != nil {
			return call, badHeader("Tandem-Comment", err.Error()+".")
		}
		if utf8.RuneCountInString(call.Comment) > maxComment {
			return call, badHeader("Tandem-Comment", fmt.Sprintf("It may have %d letters at most.", maxComment))
		}
	}
	if route.Needs == Public {
		return call, nil
	}
	if must := call.Principal.Must; must != "" && !route.Always {
		return call, errs.New(errs.KindForbidden, must, "There is something you have to do first.")
	}
	if route.Needs == SignedIn {
		switch {
		case call.Principal.Kind == access.KindAnonymous:
			return call, errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
		case call.Principal.Kind == access.KindContact && !route.Portal:
			return call, errs.Forbidden("signed_in")
		}
		return call, nil
	}
	if err := access.Require(access.With(r.Context(), call), route.Needs); err != nil {
		return call, err
	}
	return call, s.explained(r.Context(), route, &call)
}

// identify puts the principal of the bearer token or the cookie into the call. A token that is wrong is refused, a
// cookie that is wrong is nobody's.
func (s *Server) identify(route *Route, r *http.Request, call *access.Call) (bearer bool, err error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > 256 {
			return true, errs.New(errs.KindUnauthorized, "invalid_token", "The Authorization header must be Bearer and a token.")
		}
		call.Principal, err = s.cfg.Identities.Token(r.Context(), token)
		return true, err
	}
	if lent, err := s.lent(route, r, call); lent || err != nil {
		return false, err
	}
	cookie, err := r.Cookie(s.cookieName(r))
	if err != nil || cookie.Value == "" || len(cookie.Value) > 256 {
		return false, nil
	}
	p, err := s.cfg.Identities.Session(r.Context(), cookie.Value)
	if errs.IsKind(err, errs.KindUnauthorized) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	call.Principal = p
	return false, nil
}

// lent puts the contact into the call as whom a staff user is in the portal, when they are. The cookie counts there alone:
// everywhere else the same browser stays who it is.
func (s *Server) lent(route *Route, r *http.Request, call *access.Call) (bool, error) {
	if s.cfg.Lent == nil || !route.ofPortal() {
		return false, nil
	}
	cookie, err := r.Cookie(s.lentCookieName(r))
	if err != nil || cookie.Value == "" || len(cookie.Value) > 256 {
		return false, nil
	}
	in, err := s.cfg.Lent.Find(r.Context(), cookie.Value)
	if errs.IsKind(err, errs.KindUnauthorized) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	call.Principal, call.Impersonator, call.OnBehalfOf = in.Contact, &in.Staff, in.OnBehalfOf
	return true, nil
}

func badHeader(name, message string) error {
	return &errs.Error{Kind: errs.KindBadRequest, Code: "bad_header", Detail: "A header is wrong.",
		Fields: []errs.Field{{Field: name, Code: "bad_header", Message: message}}}
}

// checkQuery refuses parameters that the route does not know, and text that no database keeps.
func (s *Server) checkQuery(route *Route, raw string) error {
	if raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return errs.New(errs.KindBadRequest, "malformed", "The query cannot be read: percent signs must be followed by two hexadecimal digits, and semicolons be written as %%3B.")
	}
	var wrong errs.Fields
	for name, list := range values {
		switch {
		case !route.FreeQuery && !route.allowed[name]:
			wrong.Add(printable(name), "unknown_parameter", "There is no such parameter.")
		case len(list) > 1:
			wrong.Add(printable(name), "repeated", "It may be given once only.")
		case !utf8.ValidString(list[0]) || strings.ContainsRune(list[0], 0):
			wrong.Add(printable(name), "bad_text", "It must be UTF-8 without the character U+0000.")
		}
	}
	return wrong.Err()
}

// printable is a caller's name for something, cut to what may stand in an answer.
func printable(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '?'
		}
		return r
	}, s)
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "..."
	}
	return s
}

// rawProblem is problemOf, knowing that the body may have been cut or too slow.
func (s *Server) rawProblem(ctx context.Context, err error) *Problem {
	if _, known := errs.As(err); !known {
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return newProblem(ctx, http.StatusBadRequest, "body_unreadable", "The body ended early or could not be read.")
		case errors.Is(err, os.ErrDeadlineExceeded):
			return newProblem(ctx, http.StatusRequestTimeout, "timeout", "The body took too long to arrive.")
		}
	}
	return s.problemOf(ctx, err)
}

// failRaw tells an error of a handler that writes itself; when a part is out already, the connection is cut so that
// nobody takes the part for the whole.
func (s *Server) failRaw(w http.ResponseWriter, r *http.Request, err error) {
	p := s.rawProblem(r.Context(), err)
	if rec, ok := w.(*httpx.Recorder); ok && rec.Status != 0 {
		panic(http.ErrAbortHandler)
	}
	if held, ok := w.(*heldAnswer); ok {
		held.status = 0
		held.body.Reset()
	}
	w.Header().Del("Content-Disposition")
	s.writeProblem(w, p)
}
