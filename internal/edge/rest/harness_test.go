package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// harness is a server on the wire with its database, for tests that go through the API's own door.
type harness struct {
	t      testing.TB
	DB     *db.DB
	Clock  *clock.Manual
	Log    *lockedBuffer
	Server *rest.Server
	URL    string
	Client *http.Client
}

// newHarness serves the modules. Callers sign in with a bearer token that is the name of a role; see roleTokens.
func newHarness(t testing.TB, d *db.DB, modules ...rest.Module) *harness {
	t.Helper()
	return newHarnessWith(t, d, func(*rest.Config) {}, modules...)
}

// newHarnessWith is newHarness with a change to the configuration.
func newHarnessWith(t testing.TB, d *db.DB, change func(*rest.Config), modules ...rest.Module) *harness {
	t.Helper()
	h := &harness{t: t, DB: d, Clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), Log: &lockedBuffer{}}
	cfg := rest.Config{DB: d, Clock: h.Clock, Log: slog.New(slog.NewJSONHandler(h.Log, nil)), Identities: roleTokens{}, Version: "test"}
	change(&cfg)
	var err error
	if h.Server, err = rest.New(cfg, modules...); err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewUnstartedServer(nil)
	ts.Config = h.Server.HTTPServer()
	ts.Start()
	t.Cleanup(ts.Close)
	h.URL, h.Client = ts.URL, ts.Client()
	return h
}

// roleTokens takes the name of a role for a bearer token: admin, manager, support, read_only.
type roleTokens struct{}

// Session knows nobody.
func (roleTokens) Session(context.Context, string) (access.Principal, error) {
	return access.Principal{}, errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
}

// Token is a staff user of the role.
func (roleTokens) Token(_ context.Context, token string) (access.Principal, error) {
	role := access.Role(token)
	if !role.Known() {
		return access.Principal{}, errs.New(errs.KindUnauthorized, "invalid_token", "The token is not known.")
	}
	return access.Principal{Kind: access.KindStaff, ID: int64(len(token)), Name: "Test " + token, Role: role, Permissions: role.Permissions()}, nil
}

// answer is what came back.
type answer struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// do sends a request as a role ("" is nobody). The body is JSON-encoded unless it is a string, []byte or nil.
// Headers come in pairs.
func (h *harness) do(role, method, path string, body any, headers ...string) *answer {
	h.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	case []byte:
		in = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, h.URL+path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+role)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.send(r)
}

func (h *harness) send(r *http.Request) *answer {
	h.t.Helper()
	res, err := h.Client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return &answer{t: h.t, Status: res.StatusCode, Header: res.Header, Body: text}
}

// want fails the test when the status is another; it gives the answer back.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// problem fails the test unless the answer is a problem of this status and code; it gives the problem.
func (a *answer) problem(status int, code string) rest.Problem {
	a.t.Helper()
	a.want(status)
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Fatalf("content type %q, want a problem: %s", got, a.Body)
	}
	var p rest.Problem
	a.into(&p)
	if p.Code != code || p.Status != status || p.Title == "" || p.Detail == "" || p.Type == "" {
		a.t.Fatalf("problem %s, want code %s, with title, detail and type", a.Body, code)
	}
	return p
}

// field gives the code that the problem has for a field, empty when the field is not named.
func field(p rest.Problem, name string) string {
	for _, f := range p.Errors {
		if f.Field == name {
			return f.Code
		}
	}
	return ""
}

// into decodes the body.
func (a *answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("body %q: %v", a.Body, err)
	}
}

// object is the body as a JSON object.
func (a *answer) object() map[string]any {
	a.t.Helper()
	var m map[string]any
	a.into(&m)
	return m
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is everything written.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
