package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/archive"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// brittle is an installation on the wire whose database fails when it is told to.
type brittle struct {
	t      *testing.T
	app    *app.App
	server *rest.Server
	faults *dbtest.Faults
	url    string
	client *http.Client
	token  string
	clock  *clock.Manual
	log    *lines // of one request or job
	round  int
}

// lines is a log that the server writes while the test reads.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// Reset forgets.
func (l *lines) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

// String is everything written.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newBrittle(t *testing.T, d *db.DB, f *dbtest.Faults) *brittle {
	t.Helper()
	now := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	log := &lines{}
	a, err := app.OpenOn(context.Background(), app.Config{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})), Data: t.TempDir(), Hash: secret.Cost{MemoryKiB: 64, Time: 1}, Version: "test", Clock: now,
		AdminEmail: "ann@example.com", AdminPassword: "a long enough one", JobPoll: 2 * time.Millisecond}, d)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, a, 12)
	token, err := a.CreateToken(app.CommandLine(context.Background()), "faults", "admin", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	server, events, err := a.Server("")
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(server)
	t.Cleanup(func() { f.Arm(0, dbtest.Lost); events.Close(); ts.Close() })
	return &brittle{t: t, app: a, faults: f, url: ts.URL, client: ts.Client(), token: token.Secret, clock: now, log: log, server: server}
}

// request is what is sent; a repeat is the same.
type request struct {
	method, path, key, kind string
	later                   string // Tandem-Apply-At
	body                    []byte
}

func (b *brittle) send(r request) (int, map[string]any, string) {
	b.t.Helper()
	b.clock.Advance(3 * time.Second) // nobody who was found before is remembered
	out, err := http.NewRequest(r.method, b.url+"/api/v1"+r.path, bytes.NewReader(r.body))
	if err != nil {
		b.t.Fatal(err)
	}
	out.Header.Set("Authorization", "Bearer "+b.token)
	out.Header.Set("Content-Type", r.kind)
	if r.key != "" {
		out.Header.Set("Idempotency-Key", r.key)
	}
	if r.later != "" {
		out.Header.Set("Tandem-Apply-At", r.later)
	}
	res, err := b.client.Do(out)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	var object map[string]any
	_ = json.Unmarshal(text, &object)
	if res.StatusCode >= 400 && (object["code"] == nil || res.Header.Get("Content-Type") != "application/problem+json") {
		b.t.Errorf("%s %s: %d is no problem: %s", r.method, r.path, res.StatusCode, text)
	}
	return res.StatusCode, object, string(text)
}

// must sends a request that has to succeed, and gives what it answers.
func (b *brittle) must(method, path string, body any) map[string]any {
	b.t.Helper()
	status, object, text := b.send(asJSON(method, path, body))
	if status >= 300 {
		b.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	return object
}

func asJSON(method, path string, body any) request {
	r := request{method: method, path: path, kind: "application/json"}
	if body != nil {
		r.body, _ = json.Marshal(body)
	}
	return r
}

func upload(name, text string) request {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("file", name)
	_, _ = io.WriteString(part, text)
	_ = w.Close()
	return request{method: "POST", path: "/imports", kind: w.FormDataContentType(), body: b.Bytes()}
}

// fingerprint is what stands in each table.
func (b *brittle) fingerprint() map[string]string {
	b.t.Helper()
	ctx, q := context.Background(), b.app.DB.Read()
	var tables []string
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if b.app.DB.Dialect() == db.Postgres {
		list = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	}
	if err := q.SelectContext(ctx, &tables, list); err != nil {
		b.t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range tables {
		if table == "customer_numbers" {
			continue // numbers are taken from it in ranges, beforehand; what is left of a range is nobody's
		}
		rows, err := q.QueryContext(ctx, "SELECT * FROM "+table, b.app.DB.Dialect().Replan(nil)...) // a new field changes its columns
		if err != nil {
			b.t.Fatal(err)
		}
		columns, _ := rows.Columns()
		var lines []string
		for rows.Next() {
			values, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				targets[i] = &values[i]
			}
			if err := rows.Scan(targets...); err != nil {
				b.t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%v", values))
		}
		if err := rows.Err(); err != nil {
			b.t.Fatal(err)
		}
		_ = rows.Close()
		slices.Sort(lines)
		sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
		out[table] = fmt.Sprint(len(lines), " rows ", hex.EncodeToString(sum[:6]))
	}
	return out
}

func differ(before, after map[string]string) (tables []string) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] != after[name] {
			tables = append(tables, fmt.Sprintf("%s: %s -> %s", name, before[name], after[name]))
		}
	}
	return tables
}

func (b *brittle) number(query string) (n int64) {
	b.t.Helper()
	if err := b.app.DB.Read().GetContext(context.Background(), &n, query); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// operation is something that changes the installation. make prepares the n-th of it; count is what each adds to.
type operation struct {
	name  string
	make  func(b *brittle, n int) request
	count string // a number that goes up by one
}

var operations = []operation{
	{"create a customer", func(_ *brittle, n int) request {
		return asJSON("POST", "/customers", map[string]any{"name": fmt.Sprint("C ", n), "email": fmt.Sprintf("f%d@example.com", n), "custom": map[string]string{"shoe": "40"}})
	}, "SELECT COUNT(*) FROM customers"},
	{"change a customer", func(b *brittle, n int) request {
		return asJSON("PATCH", "/customers/"+b.aCustomer(n), map[string]any{"description": "changed", "status_reason": "test"})
	}, "SELECT COUNT(*) FROM customers WHERE description = 'changed'"},
	{"close a customer", func(b *brittle, n int) request { return asJSON("DELETE", "/customers/"+b.aCustomer(n), nil) },
		"SELECT COUNT(*) FROM customers WHERE closed = 1"},
	{"create a group", func(_ *brittle, n int) request {
		return asJSON("POST", "/groups", map[string]any{"name": fmt.Sprint("G ", n), "type": "client"})
	}, "SELECT COUNT(*) FROM groups"},
	{"remove a group", func(b *brittle, n int) request {
		made := b.must("POST", "/groups", map[string]any{"name": fmt.Sprint("Gone ", n), "type": "client"})
		return asJSON("DELETE", "/groups/"+made["id"].(string), nil)
	}, "SELECT -COUNT(*) FROM groups"},
	{"create staff", func(_ *brittle, n int) request {
		return asJSON("POST", "/staff", map[string]any{"name": "S", "email": fmt.Sprintf("s%d@example.com", n), "role": "support"})
	}, "SELECT COUNT(*) FROM staff"},
	{"create a token", func(_ *brittle, n int) request {
		return asJSON("POST", "/api-tokens", map[string]any{"name": fmt.Sprint("T ", n), "role": "read_only"})
	}, "SELECT COUNT(*) FROM api_tokens"},
	{"change a setting", func(_ *brittle, n int) request {
		return asJSON("PATCH", "/settings", map[string]any{"organization_name": fmt.Sprint("O ", n)})
	}, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'settings'"},
	{"create a field", func(_ *brittle, n int) request {
		return asJSON("POST", "/custom-fields", map[string]any{"key": fmt.Sprint("k", n), "label": fmt.Sprint("L ", n), "type": "text"})
	}, "SELECT COUNT(*) FROM custom_fields"},
	{"create a view", func(_ *brittle, n int) request {
		return asJSON("POST", "/views", map[string]any{"name": fmt.Sprint("V ", n), "target": "customers"})
	}, "SELECT COUNT(*) FROM views"},
	{"upload an import", func(_ *brittle, n int) request {
		return upload("x.csv", fmt.Sprintf("Reference,Name\nU%d,Una\n", n))
	}, "SELECT COUNT(*) FROM imports"},
	{"enqueue a check", func(b *brittle, n int) request { return asJSON("POST", "/imports/"+b.anImport(n)+"/check", nil) }, "SELECT COUNT(*) FROM jobs"},
	{"enqueue a run", func(b *brittle, n int) request { return asJSON("POST", "/imports/"+b.anImport(n)+"/run", nil) }, "SELECT COUNT(*) FROM jobs"},
	{"enqueue a bulk update", func(*brittle, int) request {
		return asJSON("POST", "/customers/bulk-update", map[string]any{"filter": map[string]any{"and": []any{}}, "changes": []any{map[string]any{"field": "city", "op": "set", "value": "Oslo"}}})
	}, "SELECT COUNT(*) FROM jobs"},
	{"enqueue a mass create", func(_ *brittle, n int) request {
		return asJSON("POST", "/customers/bulk-create", map[string]any{"count": 3, "prefix": fmt.Sprintf("M%d", n), "length": 12})
	}, "SELECT COUNT(*) FROM jobs"},
}

func (b *brittle) aCustomer(n int) string {
	b.t.Helper()
	return b.must("POST", "/customers", map[string]any{"name": fmt.Sprint("Prepared ", n)})["id"].(string)
}

func (b *brittle) anImport(n int) string {
	b.t.Helper()
	status, made, text := b.send(upload("x.csv", fmt.Sprintf("Reference,Name,E-mail,Groups\nI%d,Ina,ina%d@example.com,New %d\nJ%d,Jon,wrong,\n", n, n, n, n)))
	if status != 201 {
		b.t.Fatalf("%d %s", status, text)
	}
	return made["id"].(string)
}

// soakingOr is the number for the short form, or another for the long one.
func soakingOr(short, long int) int {
	if soak() {
		return long
	}
	return short
}

// Every call to the database that a request makes fails once, in each way: the caller is told so, nothing is half
// done, and the same request sent again has its one effect.
func TestTheNthCallFails(t *testing.T) {
	t.Parallel()
	for _, kind := range []dbtest.Kind{dbtest.Lost, dbtest.Full, dbtest.Unheard} {
		t.Run([]string{"lost", "full", "unheard"}[kind], func(t *testing.T) {
			t.Parallel()
			dbtest.EachFaulty(t, func(t *testing.T, d *db.DB, f *dbtest.Faults) {
				b := newBrittle(t, d, f)
				tried := 0
				step := []int{soakingOr(7, 1), soakingOr(11, 1), soakingOr(3, 1)}[kind]
				for i, o := range operations {
					for n := 1 + i%step; b.fails(o, n, kind); n += step {
						tried++
					}
				}
				checked(t, b.app)
				t.Logf("%d calls failed in %d operations", tried, len(operations))
			})
		})
	}
}

// fails lets the n-th call of an operation fail, and tells whether there was an n-th.
func (b *brittle) fails(o operation, n int, kind dbtest.Kind) bool {
	b.t.Helper()
	b.round++
	r := o.make(b, b.round)
	if r.method == "POST" {
		r.key = fmt.Sprint("key ", b.round)
	}
	before, count := b.fingerprint(), b.number(o.count)
	b.log.Reset()
	b.faults.Arm(n, kind)
	status, _, text := b.send(r)
	fired, what := b.faults.Fired()
	b.faults.Arm(0, kind)
	where := fmt.Sprintf("%s: call %d (%.90q) ", o.name, n, strings.Join(strings.Fields(what), " "))
	switch {
	case kind == dbtest.Unheard && status == 409 && strings.Contains(text, "idempotency_answer_lost"): // it says that it was carried out
	case status != 503 && status >= 300:
		b.t.Errorf("%sis answered with %d %s\n%s", where, status, text, b.log)
	case status == 503 && kind != dbtest.Unheard:
		if diff := differ(before, b.fingerprint()); len(diff) > 0 {
			b.t.Errorf("%sleft something behind: %v", where, diff)
		}
	}
	if status >= 300 {
		status, _, text = b.send(r)
		heard := status < 300 || kind == dbtest.Unheard && (status == 409 || status == 404 && r.method == "DELETE")
		if !heard {
			b.t.Errorf("%s, sent again: %d %s\n%s", where, status, text, b.log)
		}
	}
	if now := b.number(o.count); now != count+1 {
		b.t.Errorf("%shas %d effects", where, now-count)
	}
	if b.round%8 == 0 {
		checked(b.t, b.app)
	}
	return fired
}

// work is a job with its parts, and what it should come to.
type work struct {
	name   string
	make   func(b *brittle, n int) (jobID string)
	effect func(n int) (query string, want int64)
}

func enqueue(b *brittle, path string, body any) string {
	b.t.Helper()
	made := b.must("POST", path, body)
	return made["id"].(string)
}

func rowsOf(n int) string {
	var s strings.Builder
	s.WriteString("Reference,Name,E-mail,Groups,Balance\n")
	for i := range 5 {
		fmt.Fprintf(&s, "W%dx%d,Wim %d,w%dx%d@example.com,Job %d,1.50\n", n, i, i, n, i, n)
	}
	return s.String() + fmt.Sprintf("W%dxx,Wrong,no address,,\n", n)
}

func (b *brittle) aBigImport(n int) string {
	b.t.Helper()
	status, made, text := b.send(upload("w.csv", rowsOf(n)))
	if status != 201 {
		b.t.Fatalf("%d %s", status, text)
	}
	return made["id"].(string)
}

var works = []work{
	{"import check", func(b *brittle, n int) string { return enqueue(b, "/imports/"+b.aBigImport(n)+"/check", nil) },
		func(n int) (string, int64) {
			return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE reference LIKE 'W%dx%%'", n), 0
		}},
	{"import run", func(b *brittle, n int) string { return enqueue(b, "/imports/"+b.aBigImport(n)+"/run", nil) },
		func(n int) (string, int64) {
			return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE reference LIKE 'W%dx%%' AND closed = 0", n), 5
		}},
	{"import undo", func(b *brittle, n int) string {
		imp := b.aBigImport(n)
		b.finish(enqueue(b, "/imports/"+imp+"/run", nil), nil)
		return enqueue(b, "/imports/"+imp+"/undo", nil)
	}, func(n int) (string, int64) {
		return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE reference LIKE 'W%dx%%' AND closed = 0", n), 0
	}},
	{"bulk update", func(b *brittle, n int) string {
		return enqueue(b, "/customers/bulk-update", map[string]any{"ids": b.some(n), "changes": []any{map[string]any{"field": "city", "op": "set", "value": fmt.Sprint("City ", n)}}})
	}, func(n int) (string, int64) {
		return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE city = 'City %d'", n), 3
	}},
	{"bulk undo", func(b *brittle, n int) string {
		j := enqueue(b, "/customers/bulk-update", map[string]any{"ids": b.some(n), "changes": []any{map[string]any{"field": "city", "op": "set", "value": fmt.Sprint("City ", n)}}})
		b.finish(j, nil)
		return enqueue(b, "/jobs/"+j+"/undo", nil)
	}, func(n int) (string, int64) {
		return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE city = 'City %d'", n), 0
	}},
	{"bulk delete", func(b *brittle, n int) string {
		return enqueue(b, "/customers/bulk-delete", map[string]any{"ids": b.some(n)})
	}, func(n int) (string, int64) {
		return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE name LIKE 'Prepared %dx%%' AND closed = 1", n), 3
	}},
	{"mass create", func(b *brittle, n int) string {
		return enqueue(b, "/customers/bulk-create", map[string]any{"count": 4, "prefix": fmt.Sprintf("N%d", n), "length": 14, "setup_tokens": true,
			"opening": map[string]string{"balance": "2.5"}, "defaults": map[string]string{"city": fmt.Sprint("Mass ", n)}})
	}, func(n int) (string, int64) {
		return fmt.Sprintf("SELECT COUNT(*) FROM customers WHERE city = 'Mass %d'", n), 4
	}},
}

func (b *brittle) some(n int) (ids []string) {
	b.t.Helper()
	for i := range 3 {
		made := b.must("POST", "/customers", map[string]any{"name": fmt.Sprintf("Prepared %dx%d", n, i)})
		ids = append(ids, made["id"].(string))
	}
	return ids
}

// finish lets a job run to its end, whatever happens to the database meanwhile, and gives its state. Time runs: leases
// of workers that are gone end.
func (b *brittle) finish(public string, begun func()) string {
	b.t.Helper()
	n, err := id.Parse("job", public)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(app.CommandLine(context.Background()), time.Minute)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				b.clock.Advance(2 * time.Second)
			}
		}
	}()
	defer close(ended)
	if begun != nil {
		begun()
	}
	for {
		runErr := b.app.Jobs.RunHere(ctx, n, nil)
		if ctx.Err() != nil {
			b.t.Fatalf("the job does not end: %v", runErr)
		}
		j, err := b.app.Jobs.Get(ctx, n)
		if err == nil && j.State.Ended() {
			return fmt.Sprint(j.State, " ", j.ErrorCode)
		}
	}
}

// Every call to the database that a job makes fails once: the job goes on by itself and does its work exactly once.
func TestTheNthCallOfAJobFails(t *testing.T) {
	t.Parallel()
	step := soakingOr(23, 1)
	dbtest.EachFaulty(t, func(t *testing.T, d *db.DB, f *dbtest.Faults) {
		b := newBrittle(t, d, f)
		tried := 0
		for _, kind := range []dbtest.Kind{dbtest.Lost, dbtest.Full, dbtest.Unheard} {
			for i, w := range works {
				n := 1 + (i+int(kind))%step
				for ; b.jobFails(w, n, kind); tried++ {
					n += step
				}
			}
		}
		t.Logf("%d calls failed in %d kinds of jobs", tried, len(works))
	})
}

func (b *brittle) jobFails(w work, n int, kind dbtest.Kind) bool {
	b.t.Helper()
	b.round++
	j := w.make(b, b.round)
	b.log.Reset()
	state := b.finish(j, func() { b.faults.Arm(n, kind) })
	fired, what := b.faults.Fired()
	b.faults.Arm(0, kind)
	where := fmt.Sprintf("%s: call %d, kind %d (%.90q): ", w.name, n, kind, strings.Join(strings.Fields(what), " "))
	if state != "done " {
		b.t.Errorf("%sended as %s\n%s", where, state, b.log)
	}
	query, want := w.effect(b.round)
	if got := b.number(query); got != want {
		b.t.Errorf("%s%d rows, want %d", where, got, want)
	}
	checked(b.t, b.app)
	return fired
}

// The disk fills while files come in, jobs run and a backup is written: each is refused or fails with its reason, and
// goes on when there is room again.
func TestAFullDiskInTheMiddle(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	b := newBrittle(t, d, &dbtest.Faults{})
	pragma := func(text string) (n int64) {
		t.Helper()
		if err := d.Write(context.Background(), func(tx *db.Tx) error { return tx.Get(&n, text) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	fill := func() { pragma(fmt.Sprint("PRAGMA max_page_count = ", pragma("PRAGMA page_count")+2)) }
	room := func() { pragma("PRAGMA max_page_count = 1000000") }
	var rows strings.Builder
	rows.WriteString("Reference,Name,Description\n")
	for i := range 2000 {
		fmt.Fprintf(&rows, "D%d,Dora %d,%s\n", i, i, strings.Repeat("long ", 20))
	}
	big := upload("d.csv", rows.String())
	fill()
	before := b.fingerprint()
	if status, told, text := b.send(big); status != 503 || told["code"] != "storage_full" {
		t.Errorf("an upload: %d %s", status, text)
	}
	if diff := differ(before, b.fingerprint()); len(diff) > 0 {
		t.Errorf("the upload left something: %v", diff)
	}
	room()
	_, made, _ := b.send(big)
	run := "/imports/" + made["id"].(string) + "/run"
	j := enqueue(b, run, nil)
	fill()
	if state := b.finish(j, nil); state != "failed storage_full" {
		t.Errorf("the import is %s", state)
	}
	checked(t, b.app)
	room()
	if state := b.finish(enqueue(b, run, nil), nil); state != "done " {
		t.Errorf("the import is %s when there is room", state)
	}
	if n := b.number("SELECT COUNT(*) FROM customers WHERE reference LIKE 'D%'"); n != 2000 {
		t.Errorf("%d customers of 2000", n)
	}
	checked(t, b.app)
	for size := 0; size < 4000; size += 400 {
		_, err := archive.Write(context.Background(), d, &smallDisk{left: size}, archive.Head{Version: 1}, archive.Options{})
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("a backup on a disk of %d bytes: %v", size, err)
		}
	}
}

// smallDisk is full after some bytes.
type smallDisk struct{ left int }

// Write takes what has room.
func (s *smallDisk) Write(p []byte) (int, error) {
	n := min(len(p), s.left)
	s.left -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// soak tells that this is the long run of make soak.
func soak() bool { return os.Getenv("TANDEM_SOAK") == "1" }
