package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/session"
	"tandem/internal/core/setting"
	"tandem/internal/core/staff"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/httpx"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

const (
	setupToken = "printed-at-the-start"
	goodPass   = "a long enough one"
)

// signedHouse is a server with real sign-in.
type signedHouse struct {
	*harness
	staff    *staff.Service
	sessions *session.Service
}

func newSigned(t *testing.T, d *db.DB, change func(*rest.Config)) *signedHouse {
	t.Helper()
	out := &signedHouse{}
	var modules []rest.Module
	late := func(api *rest.API) {
		for _, m := range modules {
			m(api)
		}
	}
	out.harness = newHarnessWith(t, d, func(c *rest.Config) {
		ids := id.NewSource(c.Clock)
		log := audit.NewLog(c.Clock, ids)
		hasher := secret.NewHasher(secret.Cost{MemoryKiB: 64, Time: 1}, 4)
		people := identity.New(identity.Options{DB: d, Clock: c.Clock, IDs: ids, Audit: log, Hasher: hasher})
		out.staff = staff.New(d, c.Clock, ids, log, people)
		out.sessions = session.New(d, c.Clock, ids, log, out.staff, people, session.Options{})
		c.Identities = out.sessions
		modules = []rest.Module{rest.Sessions(out.sessions, people), rest.Setup(out.staff, out.sessions, setupToken), rest.Staff(out.staff), rest.Tokens(out.sessions),
			rest.Settings(setting.New(d, c.Clock, log)), rest.Reference,
			rest.Audit(audit.NewService(audit.Options{DB: d, Clock: c.Clock, Log: c.Log, Audit: log}), rest.Prefixes{"staff": staff.Prefix})}
		change(c)
	}, late)
	return out
}

// cookie is the header that carries the answer's session.
func cookie(a *answer) string {
	a.t.Helper()
	res := http.Response{Header: a.Header}
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "tandem_session") {
			return c.Name + "=" + c.Value
		}
	}
	a.t.Fatalf("no session cookie in %v", a.Header)
	return ""
}

func (h *signedHouse) setUp() string {
	h.t.Helper()
	got := h.do("", "POST", "/api/v1/setup", map[string]string{"token": setupToken, "name": "Ann", "email": "ann@example.com", "password": goodPass}).want(201)
	return cookie(got)
}

func (h *signedHouse) signIn(email, password string) string {
	h.t.Helper()
	return cookie(h.do("", "POST", "/api/v1/session", map[string]string{"email": email, "password": password}).want(201))
}

func TestFirstStart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		if got := h.do("", "GET", "/api/v1/setup", nil).want(200).object(); got["needed"] != true {
			t.Errorf("%v", got)
		}
		in := map[string]string{"token": "guessed", "name": "Eve", "email": "eve@example.com", "password": goodPass}
		h.do("", "POST", "/api/v1/setup", in).problem(403, "bad_setup_token")
		in["token"], in["password"] = setupToken, "short"
		if p := h.do("", "POST", "/api/v1/setup", in).problem(422, "invalid"); field(p, "password") != "too_short" {
			t.Errorf("%+v", p)
		}
		session := h.setUp()
		me := h.do("", "GET", "/api/v1/session", nil, "Cookie", session).want(200).object()
		if person := me["staff"].(map[string]any); person["email"] != "ann@example.com" || person["role"] != "admin" || me["root"] != "" || len(me["permissions"].([]any)) != len(access.AllPermissions()) {
			t.Errorf("%v", me)
		}
		in["password"] = goodPass
		h.do("", "POST", "/api/v1/setup", in).problem(409, "setup_done")
		if got := h.do("", "GET", "/api/v1/setup", nil).want(200).object(); got["needed"] != false {
			t.Errorf("%v", got)
		}
	})
}

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		h.setUp()
		wrong := h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": "wrong"}).problem(401, "wrong_credentials")
		unknown := h.do("", "POST", "/api/v1/session", map[string]string{"email": "bob@example.com", "password": "wrong"}).problem(401, "wrong_credentials")
		if wrong.RequestID = unknown.RequestID; fmt.Sprint(wrong) != fmt.Sprint(unknown) {
			t.Errorf("known and unknown differ: %+v, %+v", wrong, unknown)
		}
		h.do("", "GET", "/api/v1/session", nil).problem(401, "not_signed_in")
		planted := "tandem_session=planted-by-somebody-else"
		got := h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": goodPass}, "Cookie", planted).want(201)
		header := got.Header.Get("Set-Cookie")
		if !strings.Contains(header, "HttpOnly") || !strings.Contains(header, "SameSite=Lax") || strings.Contains(header, "Secure") || strings.Contains(header, "planted") {
			t.Errorf("cookie %s", header)
		}
		first := cookie(got)
		second := cookie(h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": goodPass}, "Cookie", first).want(201))
		h.do("", "GET", "/api/v1/session", nil, "Cookie", first).problem(401, "not_signed_in")
		h.do("", "GET", "/api/v1/session", nil, "Cookie", second).want(200)
		h.do("", "DELETE", "/api/v1/session", nil, "Cookie", second, "Sec-Fetch-Site", "cross-site").problem(403, "cross_origin")
		out := h.do("", "DELETE", "/api/v1/session", nil, "Cookie", second).want(204)
		if !strings.Contains(out.Header.Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("cookie %s", out.Header.Get("Set-Cookie"))
		}
		h.do("", "GET", "/api/v1/session", nil, "Cookie", second).problem(401, "not_signed_in")
		h.do("", "DELETE", "/api/v1/session", nil).want(204)
		for _, secret := range []string{goodPass, strings.SplitN(second, "=", 2)[1]} {
			if strings.Contains(h.Log.String(), secret) {
				t.Error("a secret stands in the log")
			}
		}
	})
}

func TestCookiesOverHTTPS(t *testing.T) {
	t.Parallel()
	proxies, _ := httpx.ParseProxies([]string{"127.0.0.1"})
	h := newSigned(t, dbtest.SQLite(t), func(c *rest.Config) { c.Proxies = proxies })
	h.setUp()
	got := h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": goodPass}, "X-Forwarded-Proto", "https").want(201)
	header := got.Header.Get("Set-Cookie")
	if !strings.HasPrefix(header, "__Host-tandem_session=") || !strings.Contains(header, "Secure") || !strings.Contains(header, "Path=/") || strings.Contains(header, "Domain") {
		t.Errorf("cookie %s", header)
	}
	h.do("", "GET", "/api/v1/session", nil, "Cookie", cookie(got), "X-Forwarded-Proto", "https").want(200)
	plain := strings.TrimPrefix(cookie(got), "__Host-")
	h.do("", "GET", "/api/v1/session", nil, "Cookie", plain, "X-Forwarded-Proto", "https").problem(401, "not_signed_in")
}

func TestLockOutOverTheWire(t *testing.T) {
	t.Parallel()
	h := newSigned(t, dbtest.SQLite(t), func(*rest.Config) {})
	h.setUp()
	for range 5 {
		h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": "wrong"}).problem(401, "wrong_credentials")
	}
	got := h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": goodPass})
	if got.problem(429, "too_many_attempts"); got.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", got.Header.Get("Retry-After"))
	}
}

func TestPasswordsOverTheWire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		other := h.signIn("ann@example.com", goodPass)
		p := h.do("", "POST", "/api/v1/session/password", map[string]string{"current": "wrong", "new": "short"}, "Cookie", admin).problem(422, "invalid")
		if field(p, "current") != "wrong_password" || field(p, "new") != "too_short" {
			t.Errorf("%+v", p)
		}
		next := cookie(h.do("", "POST", "/api/v1/session/password", map[string]string{"current": goodPass, "new": "another good one"}, "Cookie", admin).want(204))
		for _, ended := range []string{admin, other} {
			h.do("", "GET", "/api/v1/session", nil, "Cookie", ended).problem(401, "not_signed_in")
		}
		h.do("", "GET", "/api/v1/session", nil, "Cookie", next).want(200)
		bob := h.do("", "POST", "/api/v1/staff", map[string]string{"name": "Bob", "email": "bob@example.com", "role": "support"}, "Cookie", next).want(201)
		location := bob.Header.Get("Location")
		link := h.do("", "POST", location+"/password-link", nil, "Cookie", next, "Idempotency-Key", "link-1").want(200).object()["url"].(string)
		repeat := h.do("", "POST", location+"/password-link", nil, "Cookie", next, "Idempotency-Key", "link-1").want(200)
		if repeat.Header.Get("Idempotency-Replayed") != "true" || strings.Contains(string(repeat.Body), "token") {
			t.Errorf("a repeat shows the secret again: %s", repeat.Body)
		}
		token := link[strings.Index(link, "token=")+6:]
		if !strings.HasPrefix(link, h.URL+"/set-password?token=") {
			t.Errorf("link %s", link)
		}
		h.do("", "POST", "/api/v1/session/set-password", map[string]string{"token": token, "password": goodPass}).want(204)
		h.do("", "POST", "/api/v1/session/set-password", map[string]string{"token": token, "password": goodPass}).problem(422, "bad_link")
		h.do("", "GET", "/api/v1/staff", nil, "Cookie", h.signIn("bob@example.com", goodPass)).problem(403, "forbidden")
	})
}

func TestStaffOverTheWire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		in := map[string]string{"name": "Bob", "email": "bob@example.com", "role": "support", "password": goodPass}
		made := h.do("", "POST", "/api/v1/staff", in, "Cookie", admin).want(201)
		bob := made.Header.Get("Location")
		if p := h.do("", "POST", "/api/v1/staff", in, "Cookie", admin).problem(422, "invalid"); field(p, "email") != "duplicate_email" {
			t.Errorf("%+v", p)
		}
		session := h.signIn("bob@example.com", goodPass)
		changed := h.do("", "PATCH", bob, `{"name":"Robert"}`, "Cookie", admin, "If-Match", made.Header.Get("ETag"), "Tandem-Comment", "He asked").want(200)
		if changed.Header.Get("ETag") != `"2"` || changed.object()["name"] != "Robert" {
			t.Errorf("%s", changed.Body)
		}
		stale := h.do("", "PATCH", bob, `{"name":"Rob"}`, "Cookie", admin, "If-Match", `"1"`).problem(412, "stale")
		if current := stale.Current.(map[string]any); current["name"] != "Robert" || current["version"] != 2.0 {
			t.Errorf("%v", current)
		}
		for _, body := range []string{`{"role":"owner"}`, `{"status":null}`, `{"name":null}`, `{"id":"stf_1"}`, `{"version":9}`, `{"password_hash":"x"}`} {
			h.do("", "PATCH", bob, body, "Cookie", admin).problem(422, "invalid")
		}
		h.do("", "PATCH", bob, `{"status":"disabled"}`, "Cookie", admin).want(200)
		h.do("", "GET", "/api/v1/session", nil, "Cookie", session).problem(401, "not_signed_in")
		for _, bad := range []string{"stf_0000000000000", "stf_x", "cus_0000000000001", "1"} {
			h.do("", "GET", "/api/v1/staff/"+bad, nil, "Cookie", admin).problem(404, "not_found")
		}
		h.do("", "DELETE", bob, nil, "Cookie", admin, "If-Match", `"1"`).problem(412, "stale")
		h.do("", "DELETE", bob, nil, "Cookie", admin).want(204)
		h.do("", "DELETE", bob, nil, "Cookie", admin).problem(404, "not_found")
		list := h.do("", "GET", "/api/v1/staff", nil, "Cookie", admin).want(200).object()
		ann := list["items"].([]any)[0].(map[string]any)["id"].(string)
		h.do("", "DELETE", "/api/v1/staff/"+ann, nil, "Cookie", admin).problem(409, "last_admin")
		entries := h.do("", "GET", "/api/v1/audit-entries?q=robert", nil, "Cookie", admin).want(200).object()["items"].([]any)
		oldest := entries[len(entries)-1].(map[string]any)
		if oldest["comment"] != "He asked" || oldest["row_id"] != strings.TrimPrefix(bob, "/api/v1/staff/") || oldest["actor"].(map[string]any)["name"] != "Ann" || oldest["verb"] != "PATCH" || oldest["ip"] != "127.0.0.1" {
			t.Errorf("%v", oldest)
		}
		one := h.do("", "GET", "/api/v1/audit-entries/"+oldest["id"].(string), nil, "Cookie", admin).want(200).object()
		if change := one["changes"].([]any)[0].(map[string]any); change["field"] != "name" || change["old"] != "Bob" || change["new"] != "Robert" {
			t.Errorf("%v", one)
		}
		csv := string(h.do("", "GET", "/api/v1/audit-entries?sort=at", nil, "Cookie", admin, "Accept", "text/csv").want(200).Body)
		if strings.Count(csv, "\n") < 6 || !strings.Contains(csv, "Robert") {
			t.Errorf("%s", csv)
		}
	})
}

func TestTokensOverTheWire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		until := h.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		in := map[string]any{"name": "ci", "role": "manager", "scopes": []string{"setting.read"}, "expires_at": until}
		made := h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin, "Idempotency-Key", "tok-1").want(201)
		word := made.object()["token"].(string)
		repeat := h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin, "Idempotency-Key", "tok-1").want(201)
		if _, shown := repeat.object()["token"]; shown || repeat.object()["id"] != made.object()["id"] || repeat.Header.Get("Location") != made.Header.Get("Location") {
			t.Errorf("%s", repeat.Body)
		}
		in["name"] = "other"
		h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin, "Idempotency-Key", "tok-1").problem(409, "idempotency_conflict")
		h.do(word, "GET", "/api/v1/settings", nil).want(200)
		h.do(word, "GET", "/api/v1/staff", nil).problem(403, "forbidden")
		if me := h.do(word, "GET", "/api/v1/session", nil).want(200).object(); !strings.HasPrefix(me["staff"].(map[string]any)["id"].(string), "tok_") {
			t.Errorf("%v", me)
		}
		list := h.do("", "GET", "/api/v1/api-tokens", nil, "Cookie", admin).want(200)
		if strings.Contains(string(list.Body), word) || !strings.Contains(string(list.Body), word[len(word)-4:]) {
			t.Errorf("%s", list.Body)
		}
		h.Clock.Advance(time.Hour)
		h.do(word, "GET", "/api/v1/settings", nil).problem(401, "invalid_token")
		delete(in, "expires_at")
		in["scopes"] = []string{"nonsense"}
		h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin).problem(422, "invalid")
		in["scopes"] = []string{}
		in["expires_at"] = nil
		made = h.do("", "POST", "/api/v1/api-tokens", in, "Cookie", admin).want(201)
		word = made.object()["token"].(string)
		h.do(word, "GET", "/api/v1/settings", nil).want(200)
		h.do("", "DELETE", made.Header.Get("Location"), nil, "Cookie", admin).want(204)
		h.do(word, "GET", "/api/v1/settings", nil).problem(401, "invalid_token")
		var stored []string
		if err := d.Read().SelectContext(context.Background(), &stored, "SELECT CAST(body AS TEXT) FROM idempotency_keys"); err == nil && d.Dialect() == db.SQLite {
			for _, body := range stored {
				if strings.Contains(body, "tdm_") {
					t.Errorf("a secret is kept with an idempotency key: %s", body)
				}
			}
		}
	})
}

func TestSettingsOverTheWire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		first := h.do("", "GET", "/api/v1/settings", nil, "Cookie", admin).want(200)
		if first.Header.Get("ETag") != `"1"` || first.object()["default_currency"] != "EUR" {
			t.Errorf("%s", first.Body)
		}
		h.do("", "PATCH", "/api/v1/settings", `{"default_country":"NO","group_types":["Wholesale"],"default_currency":"NOK"}`, "Cookie", admin, "If-Match", `"1"`).want(200)
		stale := h.do("", "PATCH", "/api/v1/settings", `{"retention_days":5}`, "Cookie", admin, "If-Match", `"1"`).problem(412, "stale")
		if stale.Current.(map[string]any)["default_country"] != "NO" {
			t.Errorf("%v", stale.Current)
		}
		p := h.do("", "PATCH", "/api/v1/settings", `{"default_country":"XX","retention_days":-1}`, "Cookie", admin).problem(422, "invalid")
		if field(p, "default_country") != "unknown" || field(p, "retention_days") != "out_of_range" {
			t.Errorf("%+v", p)
		}
		h.do("", "PATCH", "/api/v1/settings", `{"retention_days":1.5}`, "Cookie", admin).problem(422, "invalid")
		h.do("", "PATCH", "/api/v1/settings", `{"retention_days":1e99}`, "Cookie", admin).problem(422, "invalid")
		ref := h.do("", "GET", "/api/v1/reference", nil, "Cookie", admin).want(200).object()
		if len(ref["countries"].([]any)) < 200 || len(ref["timezones"].([]any)) < 300 {
			t.Errorf("%d countries, %d time zones", len(ref["countries"].([]any)), len(ref["timezones"].([]any)))
		}
	})
}

func TestARepeatedPostHasOneEffect(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		in := map[string]string{"name": "Bob", "email": "bob@example.com", "role": "support"}
		answers := make([]*answer, 12)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				text, _ := json.Marshal(in)
				r, _ := http.NewRequest("POST", h.URL+"/api/v1/staff", strings.NewReader(string(text)))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Cookie", admin)
				r.Header.Set("Idempotency-Key", "same")
				answers[i] = h.send(r)
			})
		}
		wg.Wait()
		body := ""
		for _, a := range answers {
			if a.Status != 201 || (body != "" && body != string(a.Body)) {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			body = string(a.Body)
		}
		var n int
		if err := d.Read().GetContext(context.Background(), &n, "SELECT COUNT(*) FROM staff"); err != nil || n != 2 {
			t.Errorf("%d staff, %v", n, err)
		}
		in["email"] = "wrong"
		h.do("", "POST", "/api/v1/staff", in, "Cookie", admin, "Idempotency-Key", "new").problem(422, "invalid")
		in["email"] = "carl@example.com" // a refusal had no effect: the key is free
		h.do("", "POST", "/api/v1/staff", in, "Cookie", admin, "Idempotency-Key", "new").want(201)
		h.do("", "POST", "/api/v1/staff", in, "Cookie", admin, "Idempotency-Key", strings.Repeat("x", 256)).problem(400, "bad_header")
		h.do("", "POST", "/api/v1/staff", in, "Cookie", admin, "Idempotency-Key", "é").problem(400, "bad_header")
	})
}
