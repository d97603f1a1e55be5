package httpx_test

import (
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tandem/internal/kit/httpx"
)

func TestProxies(t *testing.T) {
	t.Parallel()
	if _, err := httpx.ParseProxies([]string{"10.0.0.0/8", " 192.0.2.1 ", "", "2001:db8::/32"}); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"x", "10.0.0.0/99", "10.0.0"} {
		if _, err := httpx.ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	p, _ := httpx.ParseProxies([]string{"10.0.0.0/8"})
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.9:1", "203.0.113.1", "192.0.2.9"},
		{"10.0.0.1:1", "203.0.113.1", "203.0.113.1"},
		{"10.0.0.1:1", "198.51.100.1, 203.0.113.1, 10.2.3.4", "203.0.113.1"},
		{"10.0.0.1:1", "203.0.113.1, junk", "10.0.0.1"},
		{"10.0.0.1:1", "10.9.9.9", "10.9.9.9"},
		{"10.0.0.1:1", "fe80::1%eth0", "fe80::1"},
		{"[::ffff:10.0.0.1]:1", "203.0.113.1", "203.0.113.1"},
		{"@", "203.0.113.1", "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		if got := p.ClientIP(r).String(); got != c.want {
			t.Errorf("peer %s, forwarded for %s: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	https := http.Header{"X-Forwarded-Proto": {"https"}}
	if !p.Secure(&http.Request{RemoteAddr: "10.0.0.1:1", Header: https}) || p.Secure(&http.Request{RemoteAddr: "192.0.2.1:1", Header: https}) ||
		!p.Secure(&http.Request{RemoteAddr: "192.0.2.1:1", TLS: &tls.ConnectionState{}}) {
		t.Error("X-Forwarded-Proto is believed of proxies alone")
	}
}

func TestHeaderText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"plain": "plain", " x ": "x", "UTF-8''%E2%82%AC%20a": "€ a", "utf-8''a%2Bb+c": "a+b+c", "": ""} {
		if got, err := httpx.HeaderText(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"a\r\nb", "\x00", "\xff", "UTF-8''%zz", "UTF-8''%0a", "UTF-8''%E2%80%A8", "UTF-8''%E2%81%A6"} {
		if got, err := httpx.HeaderText(in); err == nil {
			t.Errorf("%q was taken as %q", in, got)
		}
	}
}

func FuzzHeaderText(f *testing.F) {
	f.Add("UTF-8''%E2%82%AC")
	f.Fuzz(func(t *testing.T, in string) {
		if got, err := httpx.HeaderText(in); err == nil && strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%q became %q", in, got)
		}
	})
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{`"0"`: 0, `"7"`: 7, ` "7" `: 7, `W/"7"`: 7} {
		if got, any, err := httpx.IfMatch(in); err != nil || any || got != want {
			t.Errorf("%q: %d, %v, %v", in, got, any, err)
		}
	}
	for _, in := range []string{"", "*", " * "} {
		if _, any, err := httpx.IfMatch(in); err != nil || !any {
			t.Errorf("%q: %v, %v", in, any, err)
		}
	}
	for _, in := range []string{"7", `"`, `""`, `"x"`, `"-1"`, `"1","2"`, `"9223372036854775808"`} {
		if _, _, err := httpx.IfMatch(in); err == nil {
			t.Errorf("%q was taken", in)
		}
	}
	if got := httpx.ETag(-9223372036854775808); got != `"-9223372036854775808"` {
		t.Error(got)
	}
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.csv":           `attachment; filename="a.csv"`,
		"é \"x\"\r\n.csv": `attachment; filename="_ _x___.csv"; filename*=UTF-8''%C3%A9%20%22x%22%0D%0A.csv`,
	} {
		if got := httpx.Attachment(in); got != want {
			t.Errorf("%q: %s", in, got)
		}
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("text ", 1000)
	serve := func(contentType, body string, zip bool) *http.Response {
		w := httptest.NewRecorder()
		rec := httpx.NewRecorder(w)
		rec.Zip = zip
		rec.Header().Set("Content-Type", contentType)
		rec.WriteHeader(http.StatusTeapot)
		rec.WriteHeader(http.StatusOK) // too late
		if _, err := io.WriteString(rec, body); err != nil {
			t.Fatal(err)
		}
		if rec.Status != http.StatusTeapot || rec.Bytes != int64(len(body)) {
			t.Errorf("%d, %d bytes", rec.Status, rec.Bytes)
		}
		rec.Done()
		rec.Release()
		return w.Result()
	}
	res := serve("application/json", long, true)
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != long || res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%d bytes, %v, %v", len(got), err, res.Header)
	}
	for name, res := range map[string]*http.Response{"short": serve("application/json", "{}", true), "a picture": serve("image/png", long, true), "not asked": serve("application/json", long, false)} {
		if res.Header.Get("Content-Encoding") != "" || res.StatusCode != http.StatusTeapot {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
	}
	if res := serve("application/json", "", true); res.StatusCode != http.StatusTeapot {
		t.Errorf("an answer without a body: %d", res.StatusCode)
	}
	for header, want := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "": false, "br": false, "gzip; q=0.0": false} {
		if got := httpx.AcceptsGzip(&http.Request{Header: http.Header{"Accept-Encoding": {header}}}); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}
