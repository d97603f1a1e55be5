package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/group"
	"tandem/internal/core/schedule"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// later is an installation on the wire whose clock is moved.
type later struct {
	t     *testing.T
	app   *app.App
	clock *clock.Manual
	url   string
	token string
}

func newLater(t *testing.T, c app.Config) *later {
	t.Helper()
	now := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	c.Clock = now
	a := open(t, c)
	fill(t, a, 3)
	token, err := a.CreateToken(app.CommandLine(context.Background()), "later", "admin", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	server, events, err := a.Server("")
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(server)
	t.Cleanup(func() {
		events.Close()
		ts.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return &later{t: t, app: a, clock: now, url: ts.URL + "/api/v1", token: token.Secret}
}

// do sends a request and gives the answer's body and headers; headers come in pairs.
func (l *later) do(want int, method, path, body string, headers ...string) (map[string]any, http.Header) {
	l.t.Helper()
	r, err := http.NewRequest(method, l.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	if res.StatusCode != want {
		l.t.Fatalf("%s %s %v: %d, not %d: %s", method, path, headers, res.StatusCode, want, text)
	}
	var out map[string]any
	_ = json.Unmarshal(text, &out)
	return out, res.Header
}

func (l *later) customer(name string) string {
	l.t.Helper()
	c, _ := l.do(201, "POST", "/customers", fmt.Sprintf(`{"name":%q}`, name))
	return c["id"].(string)
}

func (l *later) wantField(id, field string, want any) {
	l.t.Helper()
	c, _ := l.do(200, "GET", "/customers/"+id, "")
	if c[field] != want {
		l.t.Errorf("%s of %s is %v, not %v", field, id, c[field], want)
	}
}

func (l *later) wantState(id, want, code string) map[string]any {
	l.t.Helper()
	c, _ := l.do(200, "GET", "/scheduled-changes/"+id, "")
	if c["state"] != want || c["reason_code"] != code {
		l.t.Errorf("%s is %v (%v: %v), not %s (%s)", id, c["state"], c["reason_code"], c["reason"], want, code)
	}
	return c
}

// pass moves the clock and lets a node look for what is due.
func (l *later) pass(d time.Duration) {
	l.t.Helper()
	l.clock.Advance(d)
	if _, err := l.app.Scheduled.ApplyDue(context.Background()); err != nil {
		l.t.Fatal(err)
	}
}

func TestDelayedSaves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		id := l.customer("Ada")
		made, header := l.do(202, "PATCH", "/customers/"+id, `{"city":"Oslo","name":"Ada"}`, "Tandem-Apply-At", "+1h", "Tandem-Comment", "moves", "If-Match", `"1"`)
		sch := made["id"].(string)
		if header.Get("Location") != "/api/v1/scheduled-changes/"+sch || fmt.Sprint(made["patch"]) != "map[city:Oslo]" || made["comment"] != "moves" || made["row_version"] != 1.0 {
			t.Errorf("made %v, %v", made, header)
		}
		got := l.wantState(sch, "pending", "")
		if diff := fmt.Sprint(got["diff"]); diff != "[map[asked: conflict:false field:city now: then:Oslo]]" {
			t.Errorf("diff %s", diff)
		}
		l.do(200, "PATCH", "/customers/"+id, `{"description":"another field"}`)
		moved, _ := l.do(200, "PATCH", "/scheduled-changes/"+sch, `{"apply_at":"2026-03-01T13:00:00Z","comment":"moves house"}`, "If-Match", `"1"`)
		if moved["version"] != 2.0 || moved["comment"] != "moves house" {
			t.Errorf("edited to %v", moved)
		}
		l.do(412, "PATCH", "/scheduled-changes/"+sch, `{"apply_at":"+2h"}`, "If-Match", `"1"`)
		l.do(422, "PATCH", "/scheduled-changes/"+sch, `{"apply_at":"2026-03-01T11:00:00Z"}`)
		l.pass(59 * time.Minute)
		l.wantField(id, "city", "")
		l.pass(time.Minute)
		l.wantField(id, "city", "Oslo")
		done := l.wantState(sch, "applied", "")
		if done["result_id"] != id || !strings.Contains(done["applied_by"].(string), "node") {
			t.Errorf("applied as %v", done)
		}
		l.do(409, "DELETE", "/scheduled-changes/"+sch, "")
		created, _ := l.do(202, "POST", "/customers", `{"name":"Later","email":"later@example.com"}`, "Tandem-Apply-At", "2026-03-01T15:00:00Z", "Idempotency-Key", "k1")
		again, h := l.do(202, "POST", "/customers", `{"name":"Later","email":"later@example.com"}`, "Tandem-Apply-At", "2026-03-01T15:00:00Z", "Idempotency-Key", "k1")
		if created["id"] != again["id"] || h.Get("Idempotency-Replayed") == "" {
			t.Errorf("the repeat made %v after %v", again["id"], created["id"])
		}
		l.do(409, "POST", "/customers", `{"name":"Later","email":"later@example.com"}`, "Tandem-Apply-At", "+9h", "Idempotency-Key", "k1")
		closing, _ := l.do(202, "DELETE", "/customers/"+id+"?reason=moved", "", "Tandem-Apply-At", "+3h")
		l.pass(4 * time.Hour)
		result := l.wantState(created["id"].(string), "applied", "")["result_id"].(string)
		l.wantField(result, "name", "Later")
		l.wantState(closing["id"].(string), "applied", "")
		l.wantField(id, "status", "closed")
		l.wantField(id, "status_reason", "moved")
		checked(t, l.app)
	})
}

func TestDelayedSavesAreRefusedAtOnceWhenTheyAreWrong(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		id := l.customer("Ada")
		for _, x := range []struct{ method, path, body, header, value, field string }{
			{"PATCH", "/customers/" + id, `{"city":"Oslo"}`, "Tandem-Apply-At", "2026-02-01T00:00:00Z", "Tandem-Apply-At"},
			{"PATCH", "/customers/" + id, `{"city":"Oslo"}`, "Tandem-Apply-At", "+9999999d", "Tandem-Apply-At"},
			{"PATCH", "/customers/" + id, `{"city":"Oslo"}`, "Tandem-Apply-At", "2036-02-01T00:00:00Z", "Tandem-Apply-At"},
			{"PATCH", "/customers/" + id, `{"city":"Oslo"}`, "Tandem-Apply-At", "tomorrow", "Tandem-Apply-At"},
			{"PATCH", "/customers/" + id, `{"name":"Ada"}`, "Tandem-Apply-At", "+1h", "Tandem-Apply-At"},
			{"PATCH", "/customers/" + id, `{"email":"c1@example.com"}`, "Tandem-Apply-At", "+1h", "email"},
			{"PATCH", "/customers/" + id, `{"emial":"c1@example.com"}`, "Tandem-Apply-At", "+1h", "emial"},
			{"PATCH", "/customers/" + id, `{"status":"closed"}`, "Tandem-Revert-At", "+1h", "status"},
			{"DELETE", "/customers/" + id, "", "Tandem-Revert-At", "+1h", "Tandem-Revert-At"},
			{"POST", "/customers", `{"email":"c1@example.com"}`, "Tandem-Apply-At", "+1h", "email"},
			{"POST", "/customers/bulk-delete", `{"ids":[]}`, "Tandem-Apply-At", "+1h", "Tandem-Apply-At"},
			{"POST", "/webhooks", `{"url":"https://example.com"}`, "Tandem-Apply-At", "+1h", "Tandem-Apply-At"},
		} {
			told, _ := l.do(422, x.method, x.path, x.body, x.header, x.value)
			if !strings.Contains(fmt.Sprint(told["errors"]), x.field) {
				t.Errorf("%s %s %s names %v", x.method, x.path, x.body, told["errors"])
			}
		}
		l.do(412, "PATCH", "/customers/"+id, `{"city":"Oslo"}`, "Tandem-Apply-At", "+1h", "If-Match", `"7"`)
		l.do(404, "PATCH", "/customers/cus_00000000000", `{"city":"Oslo"}`, "Tandem-Apply-At", "+1h")
		l.wantField(id, "version", 1.0)
		all, _ := l.do(200, "GET", "/scheduled-changes", "")
		if n := len(all["items"].([]any)); n != 0 {
			t.Errorf("%d delayed saves were made", n)
		}
	})
}

func TestThisNowAndBackLater(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		id := l.customer("Ada")
		now, header := l.do(200, "PATCH", "/customers/"+id, `{"status":"penalty","status_reason":"unpaid"}`, "Tandem-Revert-At", "+1h")
		back := header.Get("Tandem-Scheduled-Change")
		if now["status"] != "penalty" || back == "" || header.Get("ETag") != `"2"` {
			t.Errorf("now %v, %v", now["status"], header)
		}
		l.wantState(back, "pending", "")
		l.pass(time.Hour)
		l.wantField(id, "status", "active")
		l.wantField(id, "status_reason", "")
		l.wantState(back, "applied", "")

		first, _ := l.do(202, "PATCH", "/customers/"+id, `{"city":"Oslo"}`, "Tandem-Apply-At", "+1h", "Tandem-Revert-At", "+2h")
		second := first["pair"].(string)
		if told := l.wantState(second, "pending", ""); told["waits"] != true || told["pair_role"] != "back" {
			t.Errorf("the second is %v", told)
		}
		l.do(409, "POST", "/scheduled-changes/"+second+"/run", "")
		l.do(422, "PATCH", "/scheduled-changes/"+second, `{"apply_at":"+30m"}`)
		l.do(422, "PATCH", "/scheduled-changes/"+first["id"].(string), `{"apply_at":"+5h"}`)
		l.pass(3 * time.Hour) // an outage over both times
		l.pass(0)
		l.wantState(first["id"].(string), "applied", "")
		l.wantState(second, "applied", "")
		l.wantField(id, "city", "")

		first, _ = l.do(202, "PATCH", "/customers/"+id, `{"city":"Rome"}`, "Tandem-Apply-At", "+1h", "Tandem-Revert-At", "+2h")
		l.do(200, "DELETE", "/scheduled-changes/"+first["id"].(string), "")
		l.wantState(first["pair"].(string), "cancelled", "pair_ended")
		l.pass(3 * time.Hour)
		l.wantField(id, "city", "")
	})
}

func TestConflictsChangeNothingUntilDecided(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		id := l.customer("Ada")
		made, _ := l.do(202, "PATCH", "/customers/"+id, `{"city":"Oslo","province":"Viken"}`, "Tandem-Apply-At", "+1h")
		sch := made["id"].(string)
		l.do(200, "PATCH", "/customers/"+id, `{"city":"Rome"}`)
		l.pass(time.Hour)
		told := l.wantState(sch, "conflicted", "conflicted")
		l.wantField(id, "city", "Rome")
		l.wantField(id, "province", "")
		if diff := fmt.Sprint(told["diff"]); !strings.Contains(diff, "map[asked: conflict:true field:city now:Rome then:Oslo]") {
			t.Errorf("diff %s", diff)
		}
		l.do(409, "POST", "/scheduled-changes/"+sch+"/run", "")
		l.do(422, "POST", "/scheduled-changes/"+sch+"/resolve", `{"action":"guess"}`)
		applied, _ := l.do(200, "POST", "/scheduled-changes/"+sch+"/resolve", `{"action":"apply"}`, "Idempotency-Key", "r1")
		again, _ := l.do(200, "POST", "/scheduled-changes/"+sch+"/resolve", `{"action":"apply"}`, "Idempotency-Key", "r1")
		if applied["state"] != "applied" || again["version"] != applied["version"] {
			t.Errorf("resolved as %v, then %v", applied, again)
		}
		l.wantField(id, "city", "Oslo")
		l.do(409, "POST", "/scheduled-changes/"+sch+"/resolve", `{"action":"drop"}`)

		made, _ = l.do(202, "DELETE", "/customers/"+id, "", "Tandem-Apply-At", "+1h")
		l.do(200, "PATCH", "/customers/"+id, `{"status":"inactive","status_reason":"asked"}`)
		told, _ = l.do(200, "POST", "/scheduled-changes/"+made["id"].(string)+"/run", "")
		if told["state"] != "conflicted" {
			t.Errorf("run now gave %v", told["state"])
		}
		l.do(200, "POST", "/scheduled-changes/"+made["id"].(string)+"/resolve", `{"action":"drop"}`)
		l.wantState(made["id"].(string), "cancelled", "dropped")
		l.wantField(id, "status", "inactive")

		g, _ := l.do(202, "POST", "/groups", `{"name":"North"}`, "Tandem-Apply-At", "+1h")
		run, _ := l.do(200, "POST", "/scheduled-changes/"+g["id"].(string)+"/run", "")
		gid := run["result_id"].(string)
		l.do(202, "PATCH", "/groups/"+gid, `{"description":"cold"}`, "Tandem-Apply-At", "+1h", "Tandem-Revert-At", "+2h")
		l.do(202, "DELETE", "/groups/"+gid, "", "Tandem-Apply-At", "+3h")
		l.pass(4 * time.Hour)
		l.pass(0)
		l.do(404, "GET", "/groups/"+gid, "")
	})
}

func TestWhoMayNotAnyMoreChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		system := app.CommandLine(context.Background())
		id := l.customer("Ada")
		person := func(email string, role access.Role) (context.Context, staff.Staff) {
			s, err := l.app.Staff.Create(system, staff.Input{Name: email, Email: email, Role: role})
			if err != nil {
				t.Fatal(err)
			}
			return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: s.ID, Name: s.Name, Role: role, Permissions: role.Permissions()}}), s
		}
		ask := func(ctx context.Context, patch string) string {
			made, err := l.app.Scheduled.Make(ctx, schedule.Ask{Resource: "customers", Op: schedule.OpUpdate, Row: id, Patch: json.RawMessage(patch), At: l.clock.Now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			return publicID(made.ID)
		}
		gone, one := person("gone@example.com", access.RoleManager)
		lowered, two := person("lowered@example.com", access.RoleSupport)
		other, _ := person("other@example.com", access.RoleSupport)
		a, b, d := ask(gone, `{"city":"Oslo"}`), ask(lowered, `{"province":"Viken"}`), ask(lowered, `{"company":"Acme"}`)
		if _, err := l.app.Scheduled.Cancel(other, rowNumber(t, a), 0); err == nil {
			t.Error("a delayed save of somebody else was cancelled")
		}
		l.do(200, "DELETE", "/scheduled-changes/"+d, "")
		disabled, readOnly := staff.StatusDisabled, access.RoleReadOnly
		if _, err := l.app.Staff.Update(system, one.ID, 0, staff.Patch{Status: &disabled}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.app.Staff.Update(system, two.ID, 0, staff.Patch{Role: &readOnly}); err != nil {
			t.Fatal(err)
		}
		l.pass(time.Hour)
		l.wantState(a, "failed", "requester_gone")
		l.wantState(b, "failed", "forbidden")
		l.wantState(d, "cancelled", "cancelled")
		l.wantField(id, "version", 1.0)
	})
}

func publicID(n int64) string { return id.Format(schedule.Prefix, n) }

func rowNumber(t *testing.T, text string) int64 {
	t.Helper()
	n, err := id.Parse(schedule.Prefix, text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// dueRow is a row with a save that is due, of one of several kinds.
type dueRow struct {
	kind string
	id   int64
}

// manyDue makes as many customers, contacts and groups, each with a save that is due.
func manyDue(t *testing.T, a *app.App, n int) []dueRow {
	t.Helper()
	ctx := app.CommandLine(context.Background())
	var out []dueRow
	due := func(kind, prefix string, row int64, patch string) {
		t.Helper()
		out = append(out, dueRow{kind, row})
		_, err := a.Scheduled.Make(ctx, schedule.Ask{Resource: kind, Op: schedule.OpUpdate, Row: id.Format(prefix, row), Patch: json.RawMessage(patch), At: a.Config.Clock.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if i%3 == 2 {
			g, err := a.Groups.Create(ctx, group.Input{Name: fmt.Sprintf("Due %d", i), Type: "other"})
			if err != nil {
				t.Fatal(err)
			}
			due("groups", group.Prefix, g.ID, `{"description":"Oslo"}`)
			continue
		}
		c, err := a.Customers.Create(ctx, customer.Draft{Name: fmt.Sprintf("Due %d", i)})
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			due("customers", customer.Prefix, c.ID, `{"city":"Oslo"}`)
			continue
		}
		name := "Ann"
		p, err := a.Contacts.Create(ctx, c.ID, contact.Patch{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		due("contacts", contact.Prefix, p.ID, `{"type":"Oslo"}`)
	}
	return out
}

// of is what was to be changed of a row, and its version.
func (d dueRow) of(ctx context.Context, a *app.App) (string, int64, error) {
	switch d.kind {
	case "groups":
		g, err := a.Groups.Get(ctx, d.id)
		return g.Description, g.Version, err
	case "contacts":
		p, err := a.Contacts.Get(ctx, d.id)
		if err != nil {
			return "", 0, err
		}
		return p.Type, p.Version, nil
	}
	c, err := a.Customers.Get(ctx, d.id)
	if err != nil {
		return "", 0, err
	}
	return c.City, c.Version, nil
}

// wantOnce proves that every one was changed once.
func wantOnce(t *testing.T, a *app.App, rows []dueRow) {
	t.Helper()
	ctx := app.CommandLine(context.Background())
	for _, row := range rows {
		now, version, err := row.of(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		if now != "Oslo" || version != 2 {
			t.Errorf("%s %d is %q at version %d", row.kind, row.id, now, version)
		}
	}
	left, _, err := a.Scheduled.List(ctx, list.Query{Limit: 1000, Filter: `{"field":"state","op":"ne","value":"applied"}`})
	if err != nil || len(left) > 0 {
		t.Errorf("%d are not applied, %v", len(left), err)
	}
	applied, _, err := a.Audit.List(ctx, list.Query{Limit: 1000, Filter: `{"field":"message","op":"eq","value":"delayed save applied"}`})
	if err != nil || len(applied) != len(rows) {
		t.Errorf("the audit tells of %d, not %d; %v", len(applied), len(rows), err)
	}
}

func TestThreeNodesApplyOnce(t *testing.T) {
	t.Parallel()
	c := kinds["postgres"](t)
	now := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	c.Clock = now
	a := open(t, c)
	defer func() { _ = a.Close() }()
	c.Data = t.TempDir()
	b := open(t, c)
	defer func() { _ = b.Close() }()
	c.Data = t.TempDir()
	third := open(t, c)
	defer func() { _ = third.Close() }()
	ids := manyDue(t, a, 60)
	now.Advance(time.Hour)
	var nodes sync.WaitGroup
	for range 3 {
		for _, node := range []*app.App{a, b, third} {
			nodes.Add(1)
			go func() {
				defer nodes.Done()
				if _, err := node.Scheduled.ApplyDue(context.Background()); err != nil {
					t.Error(err)
				}
			}()
		}
	}
	nodes.Wait()
	wantOnce(t, a, ids)
}

// TestKilledAppliers kills the process that applies with signal 9, again and again.
func TestKilledAppliers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		now := clock.NewManual(clock.System{}.Now().Add(-2 * time.Hour))
		c.Clock = now
		a := open(t, c)
		defer func() { _ = a.Close() }()
		ids := manyDue(t, a, 40)
		for _, applied := range []int{1, 7, 18} {
			child := exec.Command(os.Args[0], "-test.run=^TestApplierProcess$")
			child.Env = append(os.Environ(), "APPLIER_TEST_DATA="+c.Data, "APPLIER_TEST_URL="+c.DatabaseURL)
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(out, make([]byte, len("begun"))); err != nil {
				t.Fatal(err)
			}
			for { // until so many are applied: then it is in the middle of another
				entries, _, err := a.Audit.List(app.CommandLine(context.Background()), list.Query{Limit: 1000, Filter: `{"field":"message","op":"eq","value":"delayed save applied"}`})
				if err != nil {
					t.Fatal(err)
				}
				if len(entries) >= applied {
					break
				}
			}
			_ = child.Process.Kill()
			_ = child.Wait()
		}
		now.Advance(3 * time.Hour)
		for range 2 {
			if _, err := a.Scheduled.ApplyDue(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		wantOnce(t, a, ids)
	})
}

// TestApplierProcess is the process that is killed; run by itself it does nothing.
func TestApplierProcess(t *testing.T) {
	data := os.Getenv("APPLIER_TEST_DATA")
	if data == "" {
		return
	}
	c := config(t, os.Getenv("APPLIER_TEST_URL"))
	c.Data, c.JobPoll = data, time.Millisecond
	a := open(t, c)
	fmt.Println("begun")
	a.Scheduled.Run(context.Background())
}
