package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"tandem/internal/core/access"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/httpx"
)

// thing is a resource made for these tests.
type thing struct {
	Name  string `json:"name" minLength:"1" maxLength:"20"`
	Email string `json:"email" format:"email"`
	Kind  string `json:"kind,omitempty" enum:"a,b"`
}

type thingIn struct{ Body thing }

type patchIn struct {
	rest.MatchParam
	ID   string `path:"id"`
	Body struct {
		Name rest.Opt[string] `json:"name,omitzero" maxLength:"20"`
	}
}

type listIn struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000"`
	Q     string `query:"q"`
}

func things(api *rest.API) {
	rest.Register(api, rest.Route{Method: "POST", Path: "/things", ID: "create-thing", Summary: "Make a thing", Tag: "Things",
		Needs: access.CustomerCreate, Status: 201, MaxBody: 4096},
		func(_ context.Context, in *thingIn) (*rest.Created[thing], error) {
			return &rest.Created[thing]{Location: "/api/v1/things/1", ETag: rest.ETag(1), Body: in.Body}, nil
		})
	rest.Register(api, rest.Route{Method: "GET", Path: "/things", ID: "list-things", Summary: "List things", Tag: "Things",
		Needs: access.CustomerRead, Also: map[string]rest.RawHandler{"text/csv": func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			_, err := io.WriteString(w, "name\n")
			return err
		}}},
		func(_ context.Context, in *listIn) (*rest.Answer[[]thing], error) {
			out := make([]thing, in.Limit)
			for i := range out {
				out[i] = thing{Name: strings.Repeat("x", 20)}
			}
			return &rest.Answer[[]thing]{Body: out}, nil
		})
	rest.Register(api, rest.Route{Method: "PATCH", Path: "/things/{id}", ID: "patch-thing", Summary: "Change a thing", Tag: "Things", Needs: access.CustomerUpdate},
		func(_ context.Context, in *patchIn) (*rest.Single[map[string]any], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			if version == 6 {
				return nil, errs.Stale(map[string]any{"name": "now"})
			}
			return &rest.Single[map[string]any]{ETag: rest.ETag(7), Body: map[string]any{"set": in.Body.Name.Set, "null": in.Body.Name.Null, "name": in.Body.Name.Value}}, nil
		})
	rest.Register(api, rest.Route{Method: "DELETE", Path: "/things/{id}", ID: "delete-thing", Summary: "Remove a thing", Tag: "Things", Needs: access.CustomerDelete},
		func(_ context.Context, in *struct {
			ID string `path:"id"`
		}) (*rest.Nothing, error) {
			switch in.ID {
			case "blocked":
				e := errs.New(errs.KindConflict, "blocked", "Something stands in the way.")
				e.BlockedBy = []errs.Blocker{{Type: "customer", ID: "cus_1", Name: "ACME"}}
				return nil, e
			case "panic":
				panic("the secret is hunter2")
			case "broken":
				return nil, errors.New("SELECT failed at 10.0.0.1")
			case "busy":
				return nil, fmt.Errorf("read: %w", context.DeadlineExceeded)
			}
			return nil, nil
		})
	rest.RegisterRaw(api, rest.Route{Method: "POST", Path: "/things/upload", ID: "upload-things", Summary: "Take a file", Tag: "Things",
		Needs: access.CustomerImport, Stream: true, Body: "multipart/form-data", Answer: "application/json", Query: []rest.Query{{Name: "dry", Doc: "Only look."}}},
		func(w http.ResponseWriter, r *http.Request) error {
			n, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 10))
			if err != nil {
				return err
			}
			w.Header().Set("Content-Type", "application/json")
			return json.NewEncoder(w).Encode(map[string]int64{"bytes": n})
		})
	rest.Register(api, rest.Route{Method: "GET", Path: "/who", ID: "who", Summary: "Who asks", Tag: "Things", Needs: rest.Public},
		func(ctx context.Context, _ *rest.Nothing) (*rest.Answer[map[string]string], error) {
			c := access.From(ctx)
			return &rest.Answer[map[string]string]{Body: map[string]string{"who": string(c.Principal.Kind), "ip": c.IP, "comment": c.Comment, "id": c.RequestID}}, nil
		})
	rest.Register(api, rest.Route{Method: "POST", Path: "/who", ID: "who-post", Summary: "Who asks", Tag: "Things", Needs: rest.SignedIn},
		func(ctx context.Context, _ *rest.Nothing) (*rest.Answer[map[string]string], error) {
			return &rest.Answer[map[string]string]{Body: map[string]string{"comment": access.From(ctx).Comment}}, nil
		})
}

func serveThings(t *testing.T) *harness { return newHarness(t, dbtest.SQLite(t), things) }

func TestRoutesMustSayWhatTheyNeed(t *testing.T) {
	t.Parallel()
	bad := func(needs access.Permission, id string) rest.Module {
		return func(api *rest.API) {
			rest.Register(api, rest.Route{Method: "GET", Path: "/x/" + id, ID: id, Summary: "x", Tag: "x", Needs: needs},
				func(context.Context, *rest.Nothing) (*rest.Nothing, error) { return nil, nil })
		}
	}
	cfg := rest.Config{DB: dbtest.SQLite(t), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Identities: roleTokens{}}
	for _, needs := range []access.Permission{"", "no.such", "public"} {
		if _, err := rest.New(cfg, bad(needs, "a")); err == nil {
			t.Errorf("a route that needs %q was taken", needs)
		}
	}
	if _, err := rest.New(cfg, bad(access.CustomerRead, "a"), bad(access.CustomerRead, "a")); err == nil {
		t.Error("two routes with one ID were taken")
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	good := thing{Name: "n", Email: "a@example.com"}
	h.do("", "GET", "/api/v1/things?limit=1", nil).problem(401, "not_signed_in")
	h.do("nobody", "GET", "/api/v1/things", nil).problem(401, "invalid_token")
	h.do("", "GET", "/api/v1/things", nil, "Authorization", "Basic abc").problem(401, "invalid_token")
	h.do("read_only", "POST", "/api/v1/things", good).problem(403, "forbidden")
	h.do("read_only", "POST", "/api/v1/things", "{").problem(403, "forbidden")
	h.do("admin", "GET", "/api/v1/nothing", nil).problem(404, "no_such_route")
	h.do("admin", "GET", "/api/v2/things", nil).problem(404, "no_such_route")
	h.do("admin", "GET", "/api/v1//things", nil).problem(404, "no_such_route")
	if got := h.do("admin", "PUT", "/api/v1/things", nil); got.problem(405, "method_not_allowed").Code == "" || got.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow = %q", got.Header.Get("Allow"))
	}
	h.do("admin", "POST", "/api/v1/things", good).want(201)
	for _, body := range []string{"{", "nonsense", "{\"name\":\"\xff\"}", `{"name":"a\u0000","email":"a@example.com"}`, `{"name":}`, strings.Repeat("[", 20000)} {
		if len(body) > 4000 {
			h.do("admin", "POST", "/api/v1/things", body).problem(413, "too_large")
			continue
		}
		h.do("admin", "POST", "/api/v1/things", body).problem(400, "malformed")
	}
	h.do("admin", "POST", "/api/v1/things", "").problem(400, "body_required")
	h.do("admin", "POST", "/api/v1/things", "<a/>", "Content-Type", "application/xml").problem(415, "unsupported_type")
	h.do("admin", "POST", "/api/v1/things", "{}", "Content-Type", "text/plain").problem(415, "unsupported_type")
	h.do("admin", "POST", "/api/v1/things", good, "Content-Type", "application/merge-patch+json").want(201)
	p := h.do("admin", "POST", "/api/v1/things", map[string]any{"email": "sesame-open", "kind": "c", "rule": 1}).problem(422, "invalid")
	for name, code := range map[string]string{"name": "required", "email": "invalid", "kind": "invalid", "rule": "unknown_field"} {
		if field(p, name) != code {
			t.Errorf("field %s has code %q, want %q (%+v)", name, field(p, name), code, p.Errors)
		}
	}
	if text, _ := json.Marshal(p); strings.Contains(string(text), "sesame") {
		t.Errorf("the rejected value came back: %s", text)
	}
	p = h.do("admin", "POST", "/api/v1/things", `[1]`).problem(422, "invalid")
	if len(p.Errors) == 0 {
		t.Error("a body of the wrong kind must be told as an error")
	}
	h.do("admin", "DELETE", "/api/v1/things/1", nil).want(204)
	b := h.do("admin", "DELETE", "/api/v1/things/blocked", nil).problem(409, "blocked")
	if len(b.BlockedBy) != 1 || b.BlockedBy[0].Name != "ACME" {
		t.Errorf("blocked_by = %+v", b.BlockedBy)
	}
}

func TestFaultsOfOursAreLoggedAndNotTold(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	for _, id := range []string{"panic", "broken"} {
		got := h.do("admin", "DELETE", "/api/v1/things/"+id, nil, "X-Request-Id", "req-"+id)
		p := got.problem(500, "internal")
		if p.RequestID != "req-"+id || strings.Contains(string(got.Body), "hunter2") || strings.Contains(string(got.Body), "SELECT") {
			t.Errorf("%s", got.Body)
		}
		if !strings.Contains(h.Log.String(), `"request_id":"req-`+id) {
			t.Errorf("the log does not tell of %s", id)
		}
	}
	if got := h.do("admin", "DELETE", "/api/v1/things/busy", nil); got.problem(503, "unavailable").Code == "" || got.Header.Get("Retry-After") == "" {
		t.Error("503 must say when to ask again")
	}
}

func TestQueryParameters(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	for query, want := range map[string][2]string{
		"limit=x": {"limit", "invalid"}, "limit=0": {"limit", "invalid"}, "limit=1001": {"limit", "invalid"},
		"limi=1": {"limi", "unknown_parameter"}, "limit=1&limit=2": {"limit", "repeated"}, "q=%00": {"q", "bad_text"}, "q=%ff": {"q", "bad_text"},
		"%0a=1": {"?", "unknown_parameter"},
	} {
		if p := h.do("admin", "GET", "/api/v1/things?"+query, nil).problem(422, "invalid"); field(p, want[0]) != want[1] {
			t.Errorf("%s: %+v", query, p.Errors)
		}
	}
	h.do("admin", "GET", "/api/v1/things?q=%zz", nil).problem(400, "malformed")
	h.do("admin", "GET", "/api/v1/things?a;b", nil).problem(400, "malformed")
	h.do("admin", "POST", "/api/v1/things/upload?wet=1", "x").problem(422, "invalid")
	if got := h.do("admin", "GET", "/api/v1/things?limit=1", nil, "Accept", "text/csv").want(200); string(got.Body) != "name\n" {
		t.Errorf("CSV = %q", got.Body)
	}
}

func TestPatchAndVersions(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	for body, want := range map[string]string{
		`{}`: `{"name":"","null":false,"set":false}`, `{"name":null}`: `{"name":"","null":true,"set":true}`,
		`{"name":"x"}`: `{"name":"x","null":false,"set":true}`,
	} {
		got := h.do("admin", "PATCH", "/api/v1/things/1", body).want(200)
		if strings.TrimSpace(string(got.Body)) != want || got.Header.Get("ETag") != `"7"` {
			t.Errorf("%s: %s, ETag %s", body, got.Body, got.Header.Get("ETag"))
		}
	}
	if p := h.do("admin", "PATCH", "/api/v1/things/1", `{"name":5}`).problem(422, "invalid"); field(p, "name") == "" {
		t.Errorf("%+v", p.Errors)
	}
	p := h.do("admin", "PATCH", "/api/v1/things/1", `{}`, "If-Match", `"6"`).problem(412, "stale")
	if fmt.Sprint(p.Current) != "map[name:now]" {
		t.Errorf("current = %v", p.Current)
	}
	for _, header := range []string{"6", `"x"`, `"-1"`, `"`, `""`, `"99999999999999999999"`} {
		p := h.do("admin", "PATCH", "/api/v1/things/1", `{}`, "If-Match", header).problem(400, "bad_header")
		if field(p, "If-Match") == "" {
			t.Errorf("%s: %+v", header, p.Errors)
		}
	}
	h.do("admin", "PATCH", "/api/v1/things/1", `{}`, "If-Match", "*").want(200)
}

func TestCommentHeader(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	for header, want := range map[string]string{
		"as agreed by telephone": "as agreed by telephone", "UTF-8''caf%C3%A9%20%E2%82%AC": "café €", "café": "café",
	} {
		if got := h.do("admin", "POST", "/api/v1/who", nil, "Tandem-Comment", header).want(200).object()["comment"]; got != want {
			t.Errorf("comment %q became %q", header, got)
		}
	}
	for _, header := range []string{"UTF-8''a%0d%0aSet-Cookie:x", "UTF-8''%00", "UTF-8''%ff", "UTF-8''%", "UTF-8''a%E2%80%AEb", strings.Repeat("x", 1001)} {
		h.do("admin", "POST", "/api/v1/who", nil, "Tandem-Comment", header).problem(400, "bad_header")
	}
}

func TestDelayedSavesAreNotDoneAtOnce(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	p := h.do("admin", "DELETE", "/api/v1/things/1", nil, "Tandem-Apply-At", "+1h").problem(422, "invalid")
	if field(p, "Tandem-Apply-At") == "" {
		t.Errorf("%+v", p)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	if got := h.do("", "GET", "/api/v1/who", nil, "X-Request-Id", "abc-1.2_X").Header.Get("X-Request-Id"); got != "abc-1.2_X" {
		t.Errorf("request ID = %q", got)
	}
	for _, bad := range []string{"", "a b", "a\tb", strings.Repeat("x", 65), "<script>"} {
		got := h.do("", "GET", "/api/v1/who", nil, "X-Request-Id", bad).Header.Get("X-Request-Id")
		if got == bad || len(got) != 20 {
			t.Errorf("request ID %q became %q", bad, got)
		}
	}
}

func TestForwardedAddressesAreBelievedOfProxiesAlone(t *testing.T) {
	t.Parallel()
	if got := serveThings(t).do("", "GET", "/api/v1/who", nil, "X-Forwarded-For", "9.9.9.9").object()["ip"]; got != "127.0.0.1" {
		t.Errorf("without a proxy ip = %v", got)
	}
	proxies, err := httpx.ParseProxies([]string{"127.0.0.0/8", "10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	h := newHarnessWith(t, dbtest.SQLite(t), func(c *rest.Config) { c.Proxies = proxies }, things)
	for header, want := range map[string]string{
		"9.9.9.9": "9.9.9.9", "1.1.1.1, 9.9.9.9, 10.0.0.1": "9.9.9.9", "junk": "127.0.0.1", "": "127.0.0.1", "::ffff:9.9.9.9": "9.9.9.9",
	} {
		if got := h.do("", "GET", "/api/v1/who", nil, "X-Forwarded-For", header).object()["ip"]; got != want {
			t.Errorf("X-Forwarded-For %q: ip = %v, want %s", header, got, want)
		}
	}
	got := h.do("admin", "GET", "/api/v1/things?limit=100", nil, "X-Forwarded-For", "9.9.9.9", "X-Forwarded-Proto", "https", "Accept-Encoding", "gzip")
	if got.Header.Get("Content-Encoding") != "gzip" || got.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("headers = %v", got.Header)
	}
	got = h.do("admin", "GET", "/api/v1/things?limit=1", nil, "X-Forwarded-For", "9.9.9.9", "Accept-Encoding", "gzip")
	if got.Header.Get("Content-Encoding") != "" {
		t.Error("a short answer is not worth compressing")
	}
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	h.do("", "POST", "/api/v1/who", nil, "Sec-Fetch-Site", "cross-site").problem(403, "cross_origin")
	h.do("", "POST", "/api/v1/who", nil, "Origin", "https://evil.example").problem(403, "cross_origin")
	h.do("", "POST", "/api/v1/who", nil, "Sec-Fetch-Site", "same-origin").problem(401, "not_signed_in")
	h.do("admin", "POST", "/api/v1/who", nil, "Sec-Fetch-Site", "cross-site").want(200) // a token is sent on purpose
}

func TestUploadsAreBounded(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	h.do("admin", "POST", "/api/v1/things/upload", "0123456789").want(200)
	h.do("admin", "POST", "/api/v1/things/upload", "0123456789x").problem(413, "too_large")
}

func TestCutBodies(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	for _, path := range []string{"/api/v1/things", "/api/v1/things/upload"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{\"a", path)
		_ = conn.(*net.TCPConn).CloseWrite()
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.Contains(line, " 400 ") {
			t.Errorf("%s: %q", path, line)
		}
		_ = conn.Close()
	}
}

func TestConsoleFiles(t *testing.T) {
	t.Parallel()
	web := fstest.MapFS{
		"index.html":       {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__">`)},
		"assets/app-1a.js": {Data: []byte(strings.Repeat("let a=1;", 500))},
		"favicon.svg":      {Data: []byte("<svg/>")},
	}
	h := newHarnessWith(t, dbtest.SQLite(t), func(c *rest.Config) { c.Web = web }, things)
	first, second := h.do("", "GET", "/customers/cus_1?tab=main", nil).want(200), h.do("", "GET", "/", nil).want(200)
	if strings.Contains(string(first.Body), "__CSP") || string(first.Body) == string(second.Body) {
		t.Errorf("the nonce must be a new one each time: %s", first.Body)
	}
	nonce := strings.Split(string(first.Body), `"`)[3]
	if policy := first.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "'nonce-"+nonce+"'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy = %s", policy)
	}
	js := h.do("", "GET", "/assets/app-1a.js", nil, "Accept-Encoding", "gzip").want(200)
	if js.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || js.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(js.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("headers = %v", js.Header)
	}
	h.do("", "GET", "/assets/gone-2b.js", nil).want(404)
	h.do("", "GET", "/favicon.svg", nil).want(200)
	h.do("", "POST", "/customers", nil).want(405)
	for _, header := range []string{"X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"} {
		if first.Header.Get(header) == "" {
			t.Errorf("%s is missing", header)
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	doc := h.do("", "GET", "/api/openapi.json", nil).want(200).object()
	if doc["openapi"] != "3.1.0" || doc["x-problem-codes"].(map[string]any)["stale"] == "" {
		t.Errorf("openapi = %v", doc["openapi"])
	}
	paths := doc["paths"].(map[string]any)
	for _, r := range h.Server.Routes() {
		if _, ok := paths["/api/v1"+r.Path].(map[string]any)[strings.ToLower(r.Method)]; !ok {
			t.Errorf("%s %s is not documented", r.Method, r.Path)
		}
	}
	page := string(h.do("", "GET", "/api/docs", nil).want(200).Body)
	if !strings.Contains(page, "/api/v1/things/{id}") || strings.Contains(page, "https://") || strings.Contains(page, "__CSP") {
		t.Error("the page must show the routes and ask nobody else for anything")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var missing error
	h := newHarnessWith(t, dbtest.SQLite(t), func(c *rest.Config) { c.Ready = func(context.Context) error { return missing } }, things)
	h.do("", "GET", "/healthz", nil).want(200)
	h.do("", "GET", "/readyz", nil).want(200)
	h.do("admin", "GET", "/api/v1/things?limit=1", nil).want(200)
	if got := string(h.do("", "GET", "/metrics", nil).want(200).Body); !strings.Contains(got, `tandem_http_requests_total{method="GET",route="/api/v1/things",status="2xx"} 1`) {
		t.Errorf("metrics = %s", got)
	}
	missing = errors.New("the database is away")
	h.do("", "GET", "/readyz", nil).want(503)
}
