package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/session"
)

// streamed is one event as the stream sent it.
type streamed struct {
	id   string
	Type string
	Code string // of a gap
	Data struct{ Name string }
}

// stream is a node whose log of events is read.
type stream struct {
	t      *testing.T
	app    *app.App
	url    string
	tokens map[access.Role]string
}

func streaming(t *testing.T, c app.Config) *stream {
	t.Helper()
	a := open(t, c)
	server, events, err := a.Server("")
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(server.HTTPServer().Handler)
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { a.Outbox.Run(ctx, slog.New(slog.DiscardHandler)) })
	t.Cleanup(func() {
		stop()
		all.Wait()
		events.Close()
		ts.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &stream{t, a, ts.URL, map[access.Role]string{}}
	for _, role := range []access.Role{access.RoleAdmin, access.RoleReadOnly} {
		if _, s.tokens[role], err = a.Sessions.CreateToken(app.CommandLine(t.Context()), session.TokenInput{Name: string(role), Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// open asks for events, from behind the last one if there is one.
func (s *stream) open(role access.Role, types, last string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/api/v1/events?types="+types, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.tokens[role])
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return res
}

// read gives the next n events; before the first it calls then, once the stream is open.
func (s *stream) read(types, last string, n int, then func()) []streamed {
	s.t.Helper()
	res := s.open(access.RoleAdmin, types, last)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("status %d", res.StatusCode)
	}
	var out []streamed
	id := ""
	in := bufio.NewScanner(res.Body)
	for len(out) < n && in.Scan() {
		line := in.Text()
		switch {
		case line == ": welcome":
			then()
		case strings.HasPrefix(line, "id: "):
			id = line[len("id: "):]
		case strings.HasPrefix(line, "data: "):
			e := streamed{id: id}
			if err := json.Unmarshal([]byte(line[len("data: "):]), &e); err != nil {
				s.t.Fatal(err)
			}
			out = append(out, e)
		}
	}
	if len(out) < n {
		s.t.Fatalf("the stream ended after %d of %d events: %v", len(out), n, in.Err())
	}
	return out
}

func names(events []streamed) string {
	var out []string
	for _, e := range events {
		out = append(out, e.Type+" "+e.Data.Name)
	}
	return strings.Join(out, ", ")
}

func TestTheLogOfEventsGoesOnWhereItsReaderWas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		s := streaming(t, c)
		ctx := app.CommandLine(t.Context())
		make := func(name string) *customer.Customer {
			t.Helper()
			made, err := s.app.Customers.Create(ctx, customer.Draft{Name: name, Country: "NO"})
			if err != nil {
				t.Fatal(err)
			}
			return made
		}
		make("Before anybody listened")
		first := s.read("customer.*", "", 1, func() { make("Ada") })
		if names(first) != "customer.created Ada" || first[0].id == "" {
			t.Fatalf("%s", names(first))
		}
		for i := range 3 { // while nobody listens
			make(fmt.Sprint("Missed ", i))
		}
		rest := s.read("customer.*", first[0].id, 4, func() { make("Bo") })
		if want := "customer.created Missed 0, customer.created Missed 1, customer.created Missed 2, customer.created Bo"; names(rest) != want {
			t.Errorf("%s, want %s", names(rest), want)
		}
		again := s.read("customer.*", rest[1].id, 2, func() {})
		if again[0].id != rest[2].id || names(again) != "customer.created Missed 2, customer.created Bo" {
			t.Errorf("%s", names(again))
		}
	})
}

// TestTheLogOfEventsTellsWhatIsNotKept: who comes back too late is told so once, and goes on from what there is.
func TestTheLogOfEventsTellsWhatIsNotKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		s := streaming(t, c)
		ctx := app.CommandLine(t.Context())
		make := func(name string) {
			t.Helper()
			if _, err := s.app.Customers.Create(ctx, customer.Draft{Name: name, Country: "NO"}); err != nil {
				t.Fatal(err)
			}
		}
		first := s.read("customer.*", "", 1, func() { make("Ada") })
		make("Lost")
		if _, err := s.app.Outbox.Take(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.app.Outbox.Purge(ctx, -time.Hour); err != nil { // as if that were long ago
			t.Fatal(err)
		}
		make("Kept")
		told := s.read("customer.*", first[0].id, 2, func() {})
		if told[0].Code != "events_lost" || told[0].Type != "" || told[0].id == "" || names(told[1:]) != "customer.created Kept" {
			t.Fatalf("%+v", told)
		}
		if again := s.read("customer.*", told[0].id, 1, func() {}); names(again) != "customer.created Kept" {
			t.Errorf("behind the gap comes %+v", again)
		}
		if fresh := s.read("customer.*", "", 1, func() { make("New") }); names(fresh) != "customer.created New" {
			t.Errorf("who begins now gets %+v", fresh)
		}
	})
}

func TestTheLogOfEventsIsForThoseWhoMayRead(t *testing.T) {
	t.Parallel()
	s := streaming(t, config(t, ""))
	for _, one := range []struct {
		role        access.Role
		types, last string
		status      int
	}{
		{access.RoleReadOnly, "customer.*", "", 200}, {access.RoleReadOnly, "*", "", 200}, {access.RoleReadOnly, "job.*", "", 403}, {access.RoleAdmin, "job.*", "", 200},
		{access.RoleAdmin, "nothing", "", 422}, {access.RoleAdmin, "customer.*", "evt_1", 400}, {access.RoleAdmin, "customer.*", "-1-0", 400}, {access.RoleAdmin, "customer.*", "1-0", 200},
	} {
		res := s.open(one.role, one.types, one.last)
		_ = res.Body.Close()
		if res.StatusCode != one.status {
			t.Errorf("%s, %s, %q: %d, want %d", one.role, one.types, one.last, res.StatusCode, one.status)
		}
	}
}
