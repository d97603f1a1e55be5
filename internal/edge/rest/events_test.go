package rest_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/job"
)

// changed is the source of changes.
func (o *office) changed(context.Context, time.Time) ([]rest.Change, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]rest.Change(nil), o.changes...), nil
}

func (o *office) change(table, row string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.changes = append(o.changes, rest.Change{ID: int64(len(o.changes) + 1), Table: table, RowID: row})
}

// listen opens the stream of a role and gives its lines; the channel closes when the stream ends.
func (o *office) listen(role string) (lines <-chan string, hangUp func()) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+"/api/v1/events", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+role)
	res, err := o.Client.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		o.t.Fatalf("status %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	out := make(chan string, 1000)
	go func() {
		defer close(out)
		defer func() { _ = res.Body.Close() }()
		in := bufio.NewScanner(res.Body)
		for in.Scan() {
			out <- in.Text()
		}
	}()
	o.t.Cleanup(cancel)
	return out, cancel
}

// until reads lines until one holds every part, and gives those before it.
func until(t *testing.T, lines <-chan string, parts ...string) (before []string) {
	t.Helper()
	late := dbtest.TooLate(t)
	for {
		select {
		case line, open := <-lines:
			if !open {
				t.Fatalf("the stream ended before %q; it said %q", parts, before)
			}
			all := true
			for _, part := range parts {
				all = all && strings.Contains(line, part)
			}
			if all {
				return before
			}
			before = append(before, line)
		case <-late:
			t.Fatalf("no %q; the stream said %q", parts, before)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.handlers()
		admin, _ := o.listen("admin")
		reader, hangUp := o.listen("read_only")
		until(t, reader, "welcome")
		j := o.run("manager", job.Spec{Kind: "change", Label: "Change of all"})
		until(t, admin, j.PublicID(), `"state":"done"`)
		until(t, reader, j.PublicID(), `"state":"done"`) // read_only has job.read
		o.change("api_tokens", "tok_1")
		o.change("customers", "cus_1")
		for _, line := range until(t, reader, `{"table":"customers","row_id":"cus_1"}`) {
			if strings.Contains(line, "api_tokens") {
				t.Errorf("a reader was told %q", line)
			}
		}
		until(t, admin, `{"table":"api_tokens","row_id":"tok_1"}`)
		for range 150 {
			o.change("groups", "grp_"+strings.Repeat("x", len(o.changes)))
		}
		until(t, reader, `{"table":"groups"`)
		until(t, reader, "still here")
		hangUp()
		o.events.Close()
		for range admin { // ends
		}
		o.do("admin", "GET", "/api/v1/events", nil).problem(503, "unavailable")
	})
}

// A stream ends with the session or token that opened it.
func TestEventsEndWithTheSession(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	lines, _ := o.listen("support")
	until(t, lines, "welcome")
	o.identities.revoke("support")
	for range lines { // ends
	}
	o.do("", "GET", "/api/v1/events", nil).problem(401, "not_signed_in")
}

func TestStreamsAreCounted(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	for range 20 {
		lines, _ := o.listen("admin")
		until(t, lines, "welcome")
	}
	if got := o.do("admin", "GET", "/api/v1/events", nil); got.problem(429, "too_many_streams").Code == "" || got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	lines, _ := o.listen("read_only")
	until(t, lines, "welcome")
}
