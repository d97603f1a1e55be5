package webhook_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	core "tandem/internal/core/webhook"
	"tandem/internal/edge/webhook"
	"tandem/internal/kit/callout"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	s := webhook.New(callout.Config{})
	for _, refused := range strings.Fields(`
		0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255
		192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
		:: ::1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1
		64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:10::1 2002:7f00:1::1 2002:a9fe:a9fe:: 3fff::1 5f00::1
		fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff05::1`) {
		if s.Allowed(netip.MustParseAddr(refused)) == nil {
			t.Errorf("%s may be dialled", refused)
		}
	}
	for _, public := range strings.Fields(`1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 172.15.255.255 172.32.0.0 192.167.255.255
		192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 ::ffff:8.8.8.8 2001:4860:4860::8888 2606:4700::1111 2a00:1450::1`) {
		if err := s.Allowed(netip.MustParseAddr(public)); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
	list, err := callout.ParseNetworks(" 127.0.0.0/8, fd00::1 ,,::ffff:10.1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	named := webhook.New(callout.Config{Allow: list})
	for address, want := range map[string]bool{"127.0.0.1": true, "::ffff:127.9.9.9": true, "fd00::1": true, "fd00::2": false, "10.1.2.3": true, "10.1.2.4": false, "8.8.8.8": true} {
		if got := named.Allowed(netip.MustParseAddr(address)) == nil; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	for _, wrong := range []string{"localhost", "10.0.0.0/33", "fe80::1%eth0", "*"} {
		if _, err := callout.ParseNetworks(wrong); err == nil {
			t.Errorf("%q is understood", wrong)
		}
	}
}

// A server on the loopback must not be reached, however its address is spelled, by a name, or by a redirect.
func TestNothingInsideIsReached(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := webhook.New(callout.Config{})
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1.", "LOCALHOST"} {
		within, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		got := s.Send(within, core.Post{URL: fmt.Sprintf("http://%s:%s/", host, port), Body: []byte("{}")})
		cancel()
		if got.Status != 0 || got.Error == "" {
			t.Errorf("%s: %+v", host, got)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("reached %d times", n)
	}
}

func TestRedirectsProxiesAndLongAnswers(t *testing.T) {
	var reached atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer other.Close()
	t.Setenv("HTTP_PROXY", other.URL)
	t.Setenv("http_proxy", other.URL)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/long":
			_, _ = w.Write([]byte(strings.Repeat("x", 3*core.MaxAnswer)))
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", 100<<10))
		case "/break":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("x"))
		}
	}))
	defer receiver.Close()
	allow, err := callout.ParseNetworks("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	s := webhook.New(callout.Config{Allow: allow})
	send := func(path string) core.Answer {
		return s.Send(t.Context(), core.Post{URL: receiver.URL + path, Headers: map[string]string{"webhook-id": "evt_1"}, Body: []byte("{}")})
	}
	if got := send("/redirect"); got.Status != http.StatusTemporaryRedirect || got.Headers["location"] != other.URL {
		t.Errorf("%+v", got)
	}
	if got := send("/long"); got.Status != http.StatusOK || len(got.Body) != core.MaxAnswer || !got.Cut {
		t.Errorf("%d, %d bytes, cut %v", got.Status, len(got.Body), got.Cut)
	}
	if got := send("/headers"); got.Status != 0 || got.Error == "" {
		t.Errorf("%+v", got)
	}
	if got := send("/break"); got.Status != http.StatusOK || string(got.Body) != "x" || got.Cut {
		t.Errorf("%+v", got)
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("another server was reached %d times", n)
	}
	receiver.Close()
	if got := send("/"); got.Status != 0 || got.Error != "The receiver refuses connections." {
		t.Errorf("%+v", got)
	}
}
