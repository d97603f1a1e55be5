package rest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

func TestAFullDiskIsToldAndRecovers(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h := newSigned(t, d, func(*rest.Config) {})
	admin := h.setUp()
	pragma := func(format string, args ...any) (n int64) {
		t.Helper()
		err := d.Write(context.Background(), func(tx *db.Tx) error { return tx.Get(&n, fmt.Sprintf(format, args...)) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	pragma("PRAGMA max_page_count = %d", pragma("PRAGMA page_count"))
	refused := 0
	for i := range 200 {
		got := h.do("", "POST", "/api/v1/staff", map[string]string{"name": strings.Repeat("x", 150), "email": fmt.Sprintf("b%d@example.com", i), "role": "support"}, "Cookie", admin)
		if got.Status == 201 {
			continue
		}
		if got.problem(503, "storage_full"); got.Header.Get("Retry-After") == "" {
			t.Error("503 must say when to ask again")
		}
		refused++
	}
	if refused == 0 {
		t.Fatal("the disk never filled")
	}
	h.do("", "GET", "/api/v1/staff", nil, "Cookie", admin).want(200)
	pragma("PRAGMA max_page_count = 1000000")
	h.do("", "POST", "/api/v1/staff", map[string]string{"name": "Bob", "email": "bob@example.com", "role": "support"}, "Cookie", admin).want(201)
}

func TestADatabaseThatIsAwayIsTold(t *testing.T) {
	t.Parallel()
	d, err := db.Open(context.Background(), db.Config{Path: t.TempDir() + "/x.db"})
	if err != nil {
		t.Fatal(err)
	}
	h := newHarness(t, d, things)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	got := h.do("admin", "POST", "/api/v1/who", nil, "Idempotency-Key", "k")
	if got.problem(503, "unavailable"); got.Header.Get("Retry-After") == "" {
		t.Error("503 must say when to ask again")
	}
}

func TestSlowCallersHoldNothing(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	server := h.Server.HTTPServer()
	server.ReadHeaderTimeout = 50 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection of a caller that never ends its header stays open: %v", err)
	}
	for name, limit := range map[string]time.Duration{"header": h.Server.HTTPServer().ReadHeaderTimeout, "body": h.Server.HTTPServer().ReadTimeout, "answer": h.Server.HTTPServer().WriteTimeout, "idle": h.Server.HTTPServer().IdleTimeout} {
		if limit <= 0 || limit > 5*time.Minute {
			t.Errorf("the %s has no sensible limit: %v", name, limit)
		}
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	go func() {
		fmt.Fprintf(conn, "GET /api/v1/who HTTP/1.1\r\nHost: x\r\nX-Big: %s\r\n\r\n", strings.Repeat("x", 1<<20)) // cut by the server
	}()
	if line, _ := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, " 431 ") {
		t.Errorf("%q", line)
	}
}

func TestStreamsEndWithTheirReader(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	endless := func(api *rest.API) {
		rest.RegisterRaw(api, rest.Route{Method: "GET", Path: "/endless", ID: "endless", Summary: "Never ends", Tag: "Things", Needs: rest.SignedIn, Stream: true, Answer: "text/event-stream"},
			func(w http.ResponseWriter, r *http.Request) error {
				defer close(ended)
				w.Header().Set("Content-Type", "text/event-stream")
				w.WriteHeader(200)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return r.Context().Err()
			})
	}
	h := newHarness(t, dbtest.SQLite(t), endless)
	ctx, cancel := context.WithCancel(context.Background())
	r, _ := http.NewRequestWithContext(ctx, "GET", h.URL+"/api/v1/endless", nil)
	r.Header.Set("Authorization", "Bearer admin")
	res, err := h.Client.Do(r)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v, %v", res, err)
	}
	cancel()
	_ = res.Body.Close()
	<-ended
}

func TestStreamsOutliveTheLimitsOfOtherRequests(t *testing.T) {
	t.Parallel()
	slow := func(api *rest.API) {
		rest.RegisterRaw(api, rest.Route{Method: "POST", Path: "/slow", ID: "slow", Summary: "Takes its time", Tag: "Things", Needs: rest.SignedIn, Stream: true, Answer: "text/plain"},
			func(w http.ResponseWriter, r *http.Request) error {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return err
				}
				for i := range 4 {
					select {
					case <-time.After(60 * time.Millisecond):
					case <-r.Context().Done():
						return r.Context().Err()
					}
					if _, err := fmt.Fprintf(w, "%d", i); err != nil {
						return err
					}
				}
				return nil
			})
	}
	h := newHarness(t, dbtest.SQLite(t), slow)
	server := h.Server.HTTPServer()
	server.ReadTimeout, server.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	h.URL = "http://" + l.Addr().String()
	if got := h.do("admin", "POST", "/api/v1/slow", "x"); got.Status != 200 || string(got.Body) != "0123" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}
