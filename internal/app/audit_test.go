package app_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/audit"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/check"
)

// asStaff sends a request as the first admin, who signs in for it.
func (l *later) asStaff(method, path, body string, headers ...string) *http.Response {
	l.t.Helper()
	send := func(method, path, body string, headers ...string) *http.Response {
		r, err := http.NewRequest(method, l.url+path, strings.NewReader(body))
		if err != nil {
			l.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			l.t.Fatal(err)
		}
		l.t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	in := send("POST", "/session", `{"email":"ann@example.com","password":"a long enough one"}`)
	if in.StatusCode != 201 {
		l.t.Fatalf("signing in: %d", in.StatusCode)
	}
	return send(method, path, body, append(headers, "Cookie", strings.Split(in.Header.Get("Set-Cookie"), ";")[0])...)
}

func TestCommentsCanBeAskedFor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		wish := func(value string) {
			t.Helper()
			l.do(200, "PATCH", "/settings", `{"require_comment":"`+value+`"}`, "Tandem-Comment", "as agreed")
			l.clock.Advance(time.Minute) // other nodes remember settings for two seconds
		}
		staff := func(want int, method, path, body string, headers ...string) {
			t.Helper()
			if got := l.asStaff(method, path, body, headers...); got.StatusCode != want {
				t.Errorf("%s %s %v: %d, not %d", method, path, headers, got.StatusCode, want)
			}
		}
		staff(201, "POST", "/customers", `{"name":"One"}`)
		wish("staff")
		staff(422, "POST", "/customers", `{"name":"Two"}`)
		staff(422, "POST", "/customers", `{"name":"Two"}`, "Tandem-Comment", "  ")
		staff(201, "POST", "/customers", `{"name":"Two"}`, "Tandem-Comment", "called")
		staff(422, "POST", "/customers", `{"name":"Three"}`, "Tandem-Apply-At", "+1h")
		staff(202, "POST", "/customers", `{"name":"Three"}`, "Tandem-Apply-At", "+1h", "Tandem-Comment", "called")
		bulk := `{"q":"one","filter":"","changes":[{"field":"city","op":"set","value":"Oslo"}]`
		staff(200, "POST", "/customers/bulk-update", bulk+`,"dry_run":true}`)
		staff(422, "POST", "/customers/bulk-update", bulk+`}`)
		staff(202, "POST", "/customers/bulk-update", bulk+`,"comment":"moved"}`)
		staff(201, "POST", "/views", `{"target":"customers","name":"Mine"}`)
		l.do(201, "POST", "/customers", `{"name":"Program"}`) // a token is exempt
		wish("all")
		got, _ := l.do(422, "POST", "/customers", `{"name":"Program 2"}`)
		if got["code"] != "comment_required" {
			t.Errorf("%v", got)
		}
		l.do(201, "POST", "/customers", `{"name":"Program 2"}`, "Tandem-Comment", "nightly")
		l.do(422, "PATCH", "/settings", `{"require_comment":"perhaps","audit_days":7}`, "Tandem-Comment", "x")
		wish("never")
		staff(201, "POST", "/customers", `{"name":"Four"}`)
	})
}

func TestTheAuditIsProvedFromAFile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		ctx := app.CommandLine(context.Background())
		dir := t.TempDir()
		head, log := filepath.Join(dir, "head.json"), filepath.Join(dir, "log.ndjson")
		l.clock.Advance(time.Hour)
		if _, err := l.app.AuditHead(ctx, head, false); err != nil {
			t.Fatal(err)
		}
		if _, err := l.app.AuditHead(ctx, head, false); err == nil {
			t.Error("the file was there")
		}
		l.customer("Later")
		l.clock.Advance(time.Hour)
		if h, err := l.app.AuditExport(ctx, log, false); err != nil || h.Entries < 5 {
			t.Fatalf("%+v, %v", h, err)
		}
		proved := func(path string, offline bool) app.AuditProof {
			t.Helper()
			p, err := l.app.AuditVerify(ctx, path, offline)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		for _, path := range []string{head, log} {
			if p := proved(path, false); !p.OK() || p.Note != "" {
				t.Errorf("%s: %+v", path, p)
			}
		}
		if p := proved(log, true); !p.OK() || len(p.Results) != 1 {
			t.Errorf("%+v", p)
		}
		if _, err := l.app.AuditVerify(ctx, head, true); !errors.Is(err, app.ErrNoProof) {
			t.Errorf("%v", err)
		}
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(log, bytes.Replace(text, []byte("Later"), []byte("Never"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if p := proved(log, false); p.OK() {
			t.Errorf("%+v", p)
		}
		alone, err := app.KeyOnly(l.app.Config)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := alone.AuditVerify(ctx, log, true); err != nil || p.OK() {
			t.Errorf("%+v, %v", p, err)
		}
		if got, _ := l.do(200, "GET", "/audit-entries/head", ""); got["seq"].(float64) < 2 || got["signature"] == "" {
			t.Errorf("%v", got)
		}
		l.do(200, "GET", "/audit-entries/proof", "")
	})
}

func TestOldEntriesAreRetiredBehindAnAnchor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		ctx := app.CommandLine(context.Background())
		l.do(200, "PATCH", "/settings", `{"audit_days":30}`)
		for range 3 {
			l.customer("Somebody")
			l.clock.Advance(20 * 24 * time.Hour)
			if _, err := l.app.Audit.Seal(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := l.app.Audit.Retire(ctx, audit.Older(l.clock.Now(), 30)); err != nil || n < 5 {
			t.Errorf("%d, %v", n, err)
		}
		whole := func(a *app.App) {
			t.Helper()
			if err := check.All(ctx, a.DB, a.Checks(), func(r check.Result) {
				if !r.OK {
					t.Errorf("%+v", r)
				}
			}); err != nil {
				t.Error(err)
			}
		}
		whole(l.app)
		file := filepath.Join(t.TempDir(), "backup")
		if _, err := app.Backup(ctx, l.app.Config, file, false); err != nil {
			t.Fatal(err)
		}
		there := app.Config{Data: t.TempDir(), SecretKeyFile: l.app.Config.SecretKeyFile, Hash: c.Hash, Version: "test", Clock: l.clock}
		if _, err := app.Restore(ctx, there, file); err != nil {
			t.Fatal(err)
		}
		again := open(t, there)
		whole(again)
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRoutesWithoutCommentsExist(t *testing.T) {
	t.Parallel()
	routes := newWorld(t, config(t, "")).routes()
	for _, id := range rest.Unexplained() {
		if !slices.ContainsFunc(routes, func(r rest.Route) bool { return r.ID == id }) {
			t.Errorf("there is no route %s", id)
		}
	}
}
