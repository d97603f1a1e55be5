package rest_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/httpx"
)

func TestAFieldIsNamedOnceAndExactly(t *testing.T) {
	t.Parallel()
	h := newSigned(t, dbtest.SQLite(t), func(*rest.Config) {})
	admin := h.setUp()
	try := func(body string) *answer { return h.do("", "POST", "/api/v1/staff", body, "Cookie", admin) }
	for _, twice := range []string{
		`{"name":"Bob","email":"b@example.com","role":"support","role":"admin"}`,
		`{"name":"Bob","email":"b@example.com","role":"support","r\u006fle":"admin"}`,
		`{"name":"Bob","name":"Bob","email":"b@example.com","role":"support"}`,
	} {
		if p := try(twice).problem(400, "malformed"); !strings.Contains(p.Errors[0].Message, "twice") {
			t.Errorf("%s: %+v", twice, p)
		}
	}
	if p := try(`{"name":"Bob","email":"b@example.com","Role":"support","role":"support"}`).problem(422, "invalid"); field(p, "Role") != "unknown_field" {
		t.Errorf("%+v", p)
	}
	if p := try(`{"NAME":"Bob","email":"b@example.com","role":"support"}`).problem(422, "invalid"); field(p, "NAME") != "unknown_field" {
		t.Errorf("%+v", p)
	}
	try(`{"name":"a:{\"b\",\"b\"}[\\","email":"b@example.com","role":"support"}`).want(201)
}

func TestBrowsersAreTold(t *testing.T) {
	t.Parallel()
	proxies, _ := httpx.ParseProxies([]string{"127.0.0.1"})
	h := newSigned(t, dbtest.SQLite(t), func(c *rest.Config) { c.Proxies = proxies })
	for _, path := range []string{"/api/v1/session", "/api/v1/no-such", "/api/v1/setup", "/api/docs", "/api/openapi.json", "/", "/customers/x", "/assets/none.js", "/healthz"} {
		got := h.do("", "GET", path, nil, "X-Forwarded-Proto", "https", "Origin", "https://evil.example")
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Access-Control-Allow-Origin": ""} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Header.Get(name), want)
			}
		}
		if kind := got.Header.Get("Content-Type"); strings.HasPrefix(path, "/api/") || strings.HasPrefix(kind, "text/html") {
			if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s: policy %q", path, policy)
			}
		}
		if strings.HasPrefix(path, "/api/v1/") && got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
		if strings.Contains(got.Header.Get("Server")+got.Header.Get("X-Powered-By"), "/") {
			t.Errorf("%s tells its version", path)
		}
	}
}

func TestOddOriginsAreRefused(t *testing.T) {
	t.Parallel()
	h := newSigned(t, dbtest.SQLite(t), func(*rest.Config) {})
	admin := h.setUp()
	host := strings.TrimPrefix(h.URL, "http://")
	try := func(header, value string) *answer {
		return h.do("", "PATCH", "/api/v1/settings", map[string]string{"organization_name": value}, "Cookie", admin, header, value)
	}
	for _, origin := range []string{"null", "http://evil.example", "http://" + host + ".evil.example", "http://" + host + "@evil.example", "http://127.0.0.1:9", "http://evil.example#" + host, "file://"} {
		try("Origin", origin).problem(403, "cross_origin")
	}
	for _, site := range []string{"cross-site", "same-site", "CROSS-SITE", "anything"} {
		try("Sec-Fetch-Site", site).problem(403, "cross_origin")
	}
	try("Origin", "http://"+host).want(200)
	try("Sec-Fetch-Site", "same-origin").want(200)
	h.do("", "POST", "/api/v1/session", map[string]string{"email": "ann@example.com", "password": goodPass}, "Sec-Fetch-Site", "cross-site").problem(403, "cross_origin")
	h.do("", "PATCH", "/api/v1/settings", `{"organization_name":"x"}`, "Cookie", admin, "Content-Type", "text/plain").problem(415, "unsupported_type")
	if got := h.do("", "GET", "/api/v1/settings", nil, "Cookie", admin).want(200).object(); got["organization_name"] != "same-origin" {
		t.Errorf("%v", got)
	}
}

func TestPathsLeadNowhereElse(t *testing.T) {
	t.Parallel()
	h := serveThings(t)
	h.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	raw := func(line string) string {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, line+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		text, _ := io.ReadAll(conn)
		return string(text)
	}
	for _, path := range []string{"/../../etc/passwd", "/assets/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/%2e%2e%2f%2e%2e%2fetc/passwd", "/..%5c..%5cetc", "//evil.example/x", "///evil.example", "/\\evil.example",
		"/api/v1/../../metrics", "/api//evil.example", "/.git/config", "/tandem.db", "/assets/", "/%0d%0aSet-Cookie:x=1", "http://evil.example/"} {
		text := raw("GET " + path)
		head, body, _ := strings.Cut(text, "\r\n\r\n")
		if strings.Contains(body, "root:") || strings.Contains(body, "[core]") || strings.Contains(body, "<pre>") || strings.Contains(head, "\nSet-Cookie") {
			t.Errorf("%s: %s", path, text)
		}
		for _, line := range strings.Split(head, "\r\n") {
			if to, ok := strings.CutPrefix(line, "Location: "); ok && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\")) {
				t.Errorf("%s leads to %s", path, to)
			}
		}
	}
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "get", "OPTIONS"} {
		if status := strings.Split(raw(method+" /api/v1/who")+"   ", " ")[1]; status != "405" && status != "404" && status != "400" {
			t.Errorf("%s is answered with %s", method, status)
		}
	}
}

func TestNothingIsToldAfterTheSessionEnded(t *testing.T) {
	t.Parallel()
	o := newOffice(t, dbtest.SQLite(t))
	lines, _ := o.listen("support")
	until(t, lines, "welcome")
	o.identities.revoke("support")
	o.change("customers", "cus_0000000000001")
	for line := range lines { // ends
		if strings.Contains(line, "cus_") {
			t.Errorf("told after the end: %s", line)
		}
	}
}
