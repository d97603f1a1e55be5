package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/core/role"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
)

// caller is somebody who asks, and what they should be allowed.
type caller struct {
	name    string
	headers map[string]string
	known   bool
	may     []access.Permission
	contact bool
	must    string // what they have to do first
}

// world is an installation on the wire with callers of every sort.
type world struct {
	t       *testing.T
	app     *app.App
	server  *rest.Server
	url     string
	client  *http.Client
	callers []caller
}

func newWorld(t *testing.T, c app.Config) *world {
	t.Helper()
	c.Clock = clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	a := open(t, c)
	fill(t, a, 3)
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
	w := &world{t: t, app: a, server: server, url: ts.URL, client: ts.Client()}
	w.people()
	return w
}

// people makes the callers: nobody, each role, a token of each permission alone, and those who may not any more.
func (w *world) people() {
	ctx := app.CommandLine(context.Background())
	person := func(role access.Role, n int) (staff.Staff, string) {
		s, err := w.app.Staff.Create(ctx, staff.Input{Name: string(role), Email: fmt.Sprintf("%s%d@example.com", role, n), Role: role})
		if err != nil {
			w.t.Fatal(err)
		}
		started, err := w.app.Sessions.Start(ctx, s.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		return s, "tandem_session=" + started.Token
	}
	token := func(scope access.Permission, expires int64) (session.Token, string) {
		made, word, err := w.app.Sessions.CreateToken(ctx, session.TokenInput{Name: string(scope), Role: access.RoleAdmin, Scopes: []access.Permission{scope}, ExpiresAt: expires})
		if err != nil {
			w.t.Fatal(err)
		}
		return made, "Bearer " + word
	}
	add := func(name, header, value string, known bool, may []access.Permission) {
		w.callers = append(w.callers, caller{name: name, headers: map[string]string{header: value}, known: known, may: may})
	}
	add("nobody", "X-Nothing", "x", false, nil)
	add("made-up cookie", "Cookie", "tandem_session=made-up", false, nil)
	for _, role := range access.Roles() {
		_, cookie := person(role, 1)
		add(string(role), "Cookie", cookie, true, role.Permissions())
	}
	w.contacts(ctx)
	w.guarded(ctx)
	_, sues := person(access.RoleSupport, 4)
	w.lent(sues, w.callers[slices.IndexFunc(w.callers, func(c caller) bool { return c.name == "contact owner" })].headers["Cookie"])
	for _, scope := range access.AllPermissions() {
		_, word := token(scope, 0)
		add("token "+string(scope), "Authorization", word, true, []access.Permission{scope})
	}
	gone, cookie := person(access.RoleAdmin, 2)
	disabled := staff.StatusDisabled
	if _, err := w.app.Staff.Update(ctx, gone.ID, 0, staff.Patch{Status: &disabled}); err != nil {
		w.t.Fatal(err)
	}
	add("disabled", "Cookie", cookie, false, nil)
	_, cookie = person(access.RoleAdmin, 3)
	if err := w.app.Sessions.SignOut(ctx, strings.TrimPrefix(cookie, "tandem_session=")); err != nil {
		w.t.Fatal(err)
	}
	add("signed out", "Cookie", cookie, false, nil)
	revoked, word := token(access.CustomerRead, 0)
	if err := w.app.Sessions.RevokeToken(ctx, revoked.ID); err != nil {
		w.t.Fatal(err)
	}
	add("revoked token", "Authorization", word, false, nil)
	now := w.app.Config.Clock.Now()
	_, word = token(access.CustomerRead, clock.Micros(now.Add(time.Second)))
	w.app.Config.Clock.(*clock.Manual).Advance(time.Minute)
	add("expired token", "Authorization", word, false, nil)
}

// whoMay is the headers of somebody to whom the route is open: an owner in the portal, an admin elsewhere.
func (w *world) whoMay(r rest.Route) map[string]string {
	if strings.HasPrefix(string(r.Needs), "portal.") {
		at := slices.IndexFunc(w.callers, func(c caller) bool { return c.name == "contact owner" })
		return w.callers[at].headers
	}
	return w.callers[2].headers
}

// contacts makes a contact of each role who is signed in to the portal.
func (w *world) contacts(ctx context.Context) {
	w.t.Helper()
	k, err := w.app.Customers.Create(ctx, customer.Draft{Name: "Fjord Fisk", Status: customer.StatusActive})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, role := range contact.Roles() {
		name, email, is := "A "+string(role), string(role)+"@kunde.example", string(role)
		c, err := w.app.Contacts.Create(ctx, k.ID, contact.Patch{Name: &name, Email: &email, Role: &is})
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.app.Contacts.GivePassword(ctx, c.ID, contact.PasswordOrder{Mode: contact.PasswordTyped, Password: goodPassword}); err != nil {
			w.t.Fatal(err)
		}
		started, err := w.app.Sessions.StartAs(ctx, identity.Member{Kind: access.KindContact, ID: c.ID}, "")
		if err != nil {
			w.t.Fatal(err)
		}
		w.callers = append(w.callers, caller{name: "contact " + is, headers: map[string]string{"Cookie": "tandem_session=" + started.Token}, known: true,
			may: access.PortalPermissions(is), contact: true})
	}
}

// guarded is somebody who may do everything once they have set up the second factor that their role requires.
func (w *world) guarded(ctx context.Context) {
	w.t.Helper()
	if _, err := w.app.Roles.Create(ctx, role.Input{Name: "Guarded", Permissions: access.AllPermissions(), RequireSecondFactor: true}); err != nil {
		w.t.Fatal(err)
	}
	s, err := w.app.Staff.Create(ctx, staff.Input{Name: "Guarded", Email: "guarded@example.com", Role: "guarded"})
	if err != nil {
		w.t.Fatal(err)
	}
	started, err := w.app.Sessions.Start(ctx, s.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	w.callers = append(w.callers, caller{name: "without a second factor", headers: map[string]string{"Cookie": "tandem_session=" + started.Token}, known: true, must: access.MustSetSecondFactor})
}

// lent is a support user who looks into the portal as an owner: the portal's routes answer as the owner may read, all others
// as support.
func (w *world) lent(staffCookie, contactCookie string) {
	w.t.Helper()
	me := w.read("/portal/session", contactCookie)
	link := w.send("POST", "/contacts/"+me["contact"].(map[string]any)["id"].(string)+"/impersonate", `{}`, staffCookie)
	var body struct{ URL string }
	if err := json.NewDecoder(link.Body).Decode(&body); err != nil {
		w.t.Fatal(err)
	}
	_, token, _ := strings.Cut(body.URL, "#")
	entered := w.send("POST", "/impersonation", fmt.Sprintf(`{"token":%q}`, token), staffCookie)
	if len(entered.Cookies()) != 1 {
		w.t.Fatalf("not in the portal: %d", entered.StatusCode)
	}
	may := append(access.RoleSupport.Permissions(), access.PortalView, access.PortalBilling, access.PortalContacts)
	w.callers = append(w.callers, caller{name: "support as an owner", headers: map[string]string{"Cookie": staffCookie + "; tandem_portal=" + entered.Cookies()[0].Value}, known: true, may: may})
}

func (w *world) send(method, path, body, cookie string) *http.Response {
	w.t.Helper()
	r, err := http.NewRequest(method, w.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", cookie)
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func (w *world) read(path, cookie string) map[string]any {
	w.t.Helper()
	var out map[string]any
	if err := json.NewDecoder(w.send("GET", path, "", cookie).Body).Decode(&out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// routes is every route, signing out last: it ends the session it is tried with.
func (w *world) routes() []rest.Route {
	out := w.server.Routes()
	slices.SortStableFunc(out, func(a, b rest.Route) int { return strings.Compare(last(a), last(b)) })
	return out
}

func last(r rest.Route) string {
	switch r.ID {
	case "leave-portal":
		return "1"
	case "sign-out":
		return "2"
	}
	return "0"
}

// told is an answer, with the body of refusals only: some routes stream for ever.
type told struct {
	status int
	kind   string
	body   []byte
	code   string
	detail string
}

func (w *world) ask(method, address string, body []byte, headers map[string]string) told {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.url+address, bytes.NewReader(body))
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, address, err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer func() { _ = res.Body.Close() }()
	out := told{status: res.StatusCode}
	out.kind, _, _ = mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode >= 400 {
		out.body, _ = io.ReadAll(res.Body)
		var p rest.Problem
		if json.Unmarshal(out.body, &p) == nil {
			out.code, out.detail = p.Code, p.Detail
		}
	}
	return out
}

// address is a route's address with something in place of its parameters.
func address(r rest.Route, param string) string {
	parts := strings.Split(r.Path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = url.PathEscape(param)
		}
	}
	return "/api/v1" + strings.Join(parts, "/")
}

func TestEveryRouteIsOpenToWhomItSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		tried, statuses := 0, map[int]int{}
		for _, r := range w.routes() {
			for _, who := range w.callers {
				var body []byte
				if r.Method != "GET" && r.Method != "DELETE" {
					body = []byte(`{}`)
				}
				got := w.ask(r.Method, address(r, "x"), body, who.headers)
				if why := judge(r, who, got); why != "" {
					t.Errorf("%s %s (needs %s) asked by %s: %s: %d %s", r.Method, r.Path, r.Needs, who.name, why, got.status, got.body)
				}
				tried++
				statuses[got.status]++
			}
		}
		t.Logf("%d routes, %d callers, %d requests, answered with %v", len(w.routes()), len(w.callers), tried, statuses)
	})
}

// judge tells what is wrong with an answer; empty when it is exactly as declared. A use case may ask for more than its
// route: that refusal names another permission.
func judge(r rest.Route, who caller, got told) string {
	if got.status >= 500 {
		return "a fault of ours"
	}
	if got.status >= 400 && (got.kind != "application/problem+json" || got.code == "") {
		return "not a problem"
	}
	bearer := who.headers["Authorization"] != ""
	refused := got.status == 401 || (got.status == 403 && got.code == "forbidden" && strings.HasSuffix(got.detail, " "+string(r.Needs)+"."))
	switch {
	case r.Needs == rest.Public && !who.known && bearer:
		return "" // a wrong token is always told
	case r.Needs == rest.Public:
		if refused {
			return "a public route refuses"
		}
	case !who.known:
		if got.status != 401 {
			return "open to nobody in particular"
		}
	case who.must != "" && !r.Always:
		if got.status != 403 || got.code != who.must {
			return "open before its time"
		}
	case r.Needs == rest.SignedIn && who.contact && !r.Portal:
		if got.status != 403 || got.code != "forbidden" {
			return "open to contacts"
		}
	case r.Needs == rest.SignedIn || slices.Contains(who.may, r.Needs):
		if refused {
			return "refused though allowed"
		}
	case got.status != 403 || got.code != "forbidden":
		return "allowed though not declared"
	}
	return ""
}

func TestNothingMalformedIsAFaultOfOurs(t *testing.T) {
	t.Parallel()
	bodies := [][]byte{nil, []byte(`{`), []byte(`null`), []byte(`[]`), []byte(`"x"`), []byte(`0`), []byte("\xff\xfe"), []byte(`{"name":{"a":[1,2]}}`), []byte(`{"\u0000":"\u0000"}`),
		[]byte(`{"name":"\u0000","email":"\u0000","filter":"\u0000","ids":["\u0000"],"changes":[{"field":"\u0000","op":"set","value":"x"}]}`),
		[]byte(`{"name":1e999,"count":1e999,"version":-1,"retention_days":99999999999999999999}`), bytes.Repeat([]byte(`[`), 50_000), bytes.Repeat([]byte(`{"a":`), 20_000),
		[]byte(`{"name":"<script>alert(1)</script>","email":"'; DROP TABLE staff;--","key":"=1+1","label":"x"}`),
		[]byte(`{"ids":["cus_0000000000000","x",null],"dry_run":true}`), []byte(`{"filter":"{\"field\":\"x\"}","dry_run":true}`), []byte(`{"count":-5,"prefix":"x","length":999,"dry_run":true}`)}
	params := []string{"x", "cus_0000000000000", "cus_7zzzzzzzzzzzz", strings.Repeat("9", 300), "%", "\x00", "\xff", "..", "a b", "'--", "é", "-1", "99999999999999999999", "job_0000000000001", "imp_0000000000001"}
	headers := []map[string]string{
		{"If-Match": "x"}, {"If-Match": `"-1"`}, {"If-Match": `"99999999999999999999"`}, {"Idempotency-Key": strings.Repeat("k", 300)}, {"Idempotency-Key": "\x80"},
		{"Tandem-Comment": "UTF-8''%00"}, {"Tandem-Comment": strings.Repeat("c", 5000)}, {"X-Request-Id": "\x80"}, {"Accept": "image/png"}, {"Accept": "text/csv"},
		{"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"}, {"Content-Type": "multipart/form-data; boundary=x"}, {"Content-Type": ";;;"}, {"Content-Type": "application/json+;"},
		{"Range": "bytes=5-1"}, {"Last-Event-ID": "\x80"}, {"X-Forwarded-For": "junk, junk"},
	}
	values := []string{"", "x", "-1", "0", "1e9", "99999999999999999999", "%00", "%ff", "{", `{"and":[]}`, `{"field":"name","op":"eq"}`, `{"field":"name","op":"boo","value":"x"}`, `{"field":"created_at","op":"gt","value":"never"}`,
		`{"field":"id","op":"in","value":[]}`, strings.Repeat(`{"and":[`, 200), "AAAA", "eyJzIjoieCJ9", "-name,-name", "name;drop", strings.Repeat("a,", 2000), "'", "*", "null", "true"}
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		names := w.queryNames()
		tried, statuses := 0, map[int]int{}
		at := 0
		try := func(r rest.Route, address string, body []byte, more map[string]string) {
			if at++; !soak() && at%3 != 0 { // the short form: every third, which goes round over the routes
				return
			}
			all := map[string]string{}
			for _, m := range []map[string]string{w.whoMay(r), more} {
				for k, v := range m {
					all[k] = v
				}
			}
			got := w.ask(r.Method, address, body, all)
			if got.status >= 500 || (got.status >= 400 && (got.kind != "application/problem+json" || got.code == "")) {
				t.Errorf("%s %s, body %.80q, headers %.80v: %d %s", r.Method, address, body, more, got.status, got.body)
			}
			tried++
			statuses[got.status]++
		}
		for _, r := range w.routes() {
			if r.ID == "sign-out" || r.ID == "sign-in" || r.ID == "stream-events" {
				continue // they end the session, lock the address, never end
			}
			for _, p := range params {
				if strings.Contains(r.Path, "{") {
					try(r, address(r, p), body(r, `{}`), nil)
				}
			}
			for _, b := range bodies {
				if r.Method != "GET" {
					try(r, address(r, "x"), b, nil)
				}
			}
			for _, h := range headers {
				try(r, address(r, "x"), body(r, `{}`), h)
			}
			for _, name := range names[r.Method+" "+r.Path] {
				for _, v := range values {
					if !strings.HasPrefix(v, "%") {
						v = url.QueryEscape(v)
					}
					try(r, address(r, "x")+"?"+url.QueryEscape(name)+"="+v, body(r, `{}`), nil)
				}
			}
		}
		t.Logf("%d malformed requests, answered with %v", tried, statuses)
		if statuses[401]+statuses[403] > tried/20 {
			t.Error("most were turned away at the door: nothing was tried")
		}
	})
}

func body(r rest.Route, text string) []byte {
	if r.Method == "GET" || r.Method == "DELETE" {
		return nil
	}
	return []byte(text)
}

// queryNames is the query parameters of each route, from the document, and one that no route has.
func (w *world) queryNames() map[string][]string {
	w.t.Helper()
	text, err := w.server.OpenAPI()
	if err != nil {
		w.t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string } `json:"parameters"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		w.t.Fatal(err)
	}
	out := map[string][]string{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			key := strings.ToUpper(method) + " " + strings.TrimPrefix(path, "/api/v1")
			out[key] = []string{"no_such_parameter"}
			for _, p := range op.Parameters {
				if p.In == "query" {
					out[key] = append(out[key], p.Name)
				}
			}
		}
	}
	return out
}
