package rest_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db/dbtest"
)

// BenchmarkDoor is what every request pays on its way to a handler and back: identity, permission, headers, log,
// metrics, JSON.
func BenchmarkDoor(b *testing.B) {
	s, err := rest.New(rest.Config{DB: dbtest.SQLite(b), Clock: clock.System{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Identities: roleTokens{}}, things)
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/api/v1/things?limit=1", nil)
	r.Header.Set("Authorization", "Bearer admin")
	b.ReportAllocs()
	for b.Loop() {
		w := &discard{header: http.Header{}}
		s.ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatal(w.status)
		}
	}
}

type discard struct {
	header http.Header
	status int
}

// Header is thrown away.
func (d *discard) Header() http.Header { return d.header }

// WriteHeader notes the status.
func (d *discard) WriteHeader(status int) { d.status = status }

// Write throws away.
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
