package smshook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/notify"
	"tandem/internal/edge/smshook"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

var admin = access.With(context.Background(), access.Call{Principal: access.System("test")})

// got is one text that the gateway was handed.
type got struct {
	header       http.Header
	body         string
	ID, To, Text string
}

// house is a service of messages whose gateway of texts is a real server on the loopback.
type house struct {
	*notify.Service
	*httptest.Server
	db     *db.DB
	clock  *clock.Manual
	mu     sync.Mutex
	texts  []got
	answer func(n int) int
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := &house{db: d, clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), answer: func(int) int { return http.StatusNoContent }}
		h.Server = httptest.NewServer(http.HandlerFunc(h.take))
		t.Cleanup(h.Close)
		h.Service = h.service(t, "127.0.0.0/8")
		fn(t, h)
	})
}

// service is a process over the same database.
func (h *house) service(t *testing.T, networks string) *notify.Service {
	t.Helper()
	allow, err := callout.ParseNetworks(networks)
	if err != nil {
		t.Fatal(err)
	}
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	ids := id.NewSource(h.clock)
	return notify.New(notify.Options{DB: h.db, Clock: h.clock, IDs: ids, Audit: audit.NewLog(h.clock, ids), Log: slog.New(slog.DiscardHandler), Box: box, PlainHTTP: true,
		Texts: smshook.New(callout.Config{Allow: allow}, h.clock),
		Place: func(context.Context, db.Q, int64) (notify.Place, error) {
			return notify.Place{Organization: "Fjord", Language: "en", Zone: "UTC"}, nil
		}})
}

func (h *house) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	one := got{header: r.Header, body: string(body)}
	if err == nil {
		err = json.Unmarshal(body, &one)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	status := h.answer(len(h.texts))
	h.texts = append(h.texts, one)
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_, _ = fmt.Fprint(w, "I did not like: ", one.Text) // a gateway that repeats what it was given
	}
}

// on switches the gateway on and gives its secret.
func (h *house) on(t *testing.T) string {
	t.Helper()
	on := true
	g, word, err := h.SetGateway(admin, 0, notify.GatewayPatch{URL: &h.URL, Enabled: &on})
	if err != nil || !g.Enabled || !strings.HasPrefix(word, "whsec_") {
		t.Fatalf("%+v %q %v", g, word, err)
	}
	return word
}

func (h *house) send(t *testing.T, code string) int64 {
	t.Helper()
	var n int64
	err := h.db.Write(admin, func(tx *db.Tx) (err error) {
		n, err = h.Send(admin, tx, notify.Message{Key: notify.KeyVerifyMobile, To: "+4799887766", Vars: map[string]string{"name": "Ada", "code": code},
			Times: map[string]time.Time{"expires": h.clock.Now().Add(15 * time.Minute)}, GiveUp: h.clock.Now().Add(15 * time.Minute)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) work(t *testing.T) (n int) {
	t.Helper()
	for ; ; n++ {
		worked, err := h.Work(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return n
		}
	}
}

func (h *house) get(t *testing.T, n int64) notify.Email {
	t.Helper()
	e, err := h.Get(admin, n)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// verify proves the signature as a gateway would, without our code.
func verify(t *testing.T, g got, word string) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, "whsec_"))
	if err != nil || len(key) != 32 {
		t.Fatalf("%s: %v", word, err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", g.header.Get("webhook-id"), g.header.Get("webhook-timestamp"), g.body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); g.header.Get("webhook-signature") != want || g.header.Get("webhook-id") != g.ID {
		t.Errorf("signed %s, want %s (%s)", g.header.Get("webhook-signature"), want, g.header.Get("webhook-id"))
	}
}

func code(err error) string {
	e, ok := errs.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Field + " " + e.Fields[0].Code
	}
	return e.Code
}

func TestATextIsHandedOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		if err := h.NeedGateway(admin); code(err) != "no_sms_gateway" {
			t.Errorf("%v", err)
		}
		word := h.on(t)
		n := h.send(t, "314159")
		if e := h.get(t, n); e.Channel != notify.ChannelSMS || !strings.Contains(e.Text, "•••") || e.Subject != e.Text || e.HTML != "" {
			t.Errorf("%+v", e)
		}
		if h.work(t) != 1 || len(h.texts) != 1 {
			t.Fatalf("%+v", h.texts)
		}
		g := h.texts[0]
		verify(t, g, word)
		if g.To != "+4799887766" || !strings.HasPrefix(g.Text, "314159 is your code for Fjord.") || g.ID != id.Format(notify.Prefix, n) {
			t.Errorf("%+v", g)
		}
		if e := h.get(t, n); e.State != notify.StateSent {
			t.Errorf("%+v", e)
		}
		if err := h.TestGateway(admin, "+4791234567"); err != nil || len(h.texts) != 2 || h.texts[1].Text != "A test from Fjord: texts arrive." {
			t.Errorf("%v %+v", err, h.texts)
		}
		rolled, err := h.RollGateway(admin)
		if err != nil || rolled == word {
			t.Fatal(err)
		}
		h.send(t, "271828")
		h.work(t)
		verify(t, h.texts[2], rolled)
	})
}

// What fails is tried again under the same ID, by another process too, and ends; what the gateway repeats is kept nowhere.
func TestTextsThatFail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.on(t)
		h.answer = func(n int) int { return []int{500, 503, 204, 422, 500, 500, 500, 500}[n] }
		n := h.send(t, "314159")
		h.work(t)
		if e := h.get(t, n); e.State != notify.StateQueued || e.LastError != "The receiver answered 500 Internal Server Error." || !e.NextAttempt.Equal(h.clock.Now().Add(10*time.Second)) {
			t.Errorf("%+v", e)
		}
		h.clock.Advance(10 * time.Second)
		h.Service = h.service(t, "127.0.0.0/8") // after a restart
		h.work(t)
		h.clock.Advance(30 * time.Second)
		h.work(t)
		if e := h.get(t, n); e.State != notify.StateSent || e.Attempts != 3 || len(h.texts) != 3 || h.texts[2].ID != h.texts[0].ID || h.texts[2].body != h.texts[0].body {
			t.Errorf("%+v %+v", e, h.texts)
		}
		refused := h.send(t, "161803")
		h.work(t)
		if e := h.get(t, refused); e.State != notify.StateFailed || e.Attempts != 1 {
			t.Errorf("%+v", e)
		}
		late := h.send(t, "141421")
		for range 4 {
			h.work(t)
			h.clock.Advance(5 * time.Minute)
		}
		if e := h.get(t, late); e.State != notify.StateFailed || !strings.Contains(e.LastError, "waited so long") {
			t.Errorf("%+v", e)
		}
		var kept []string
		if err := h.db.Read().SelectContext(t.Context(), &kept, `SELECT body_text || body_html || subject || last_error || CAST(sealed AS TEXT) FROM emails UNION ALL SELECT changes FROM audit_entries`); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"314159", "161803", "141421"} {
			if strings.Contains(strings.Join(kept, "\n"), secret) {
				t.Errorf("%s is kept", secret)
			}
		}
	})
}

func TestTheGateway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		on, off, none, inside := true, false, "", "http://10.0.0.1/sms"
		for want, p := range map[string]notify.GatewayPatch{"url required": {Enabled: &on}, "url address_refused": {URL: &inside}} {
			if _, _, err := h.SetGateway(admin, 0, p); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		word := h.on(t)
		g, err := h.Gateway(admin)
		if err != nil || !g.HasSecret || g.URL != h.URL {
			t.Errorf("%+v %v", g, err)
		}
		if _, again, err := h.SetGateway(admin, g.Version, notify.GatewayPatch{Enabled: &off}); err != nil || again != "" {
			t.Errorf("%q %v", again, err)
		}
		if _, _, err := h.SetGateway(admin, g.Version, notify.GatewayPatch{URL: &none}); code(err) != "stale" {
			t.Errorf("%v", err)
		}
		n := h.send(t, "314159")
		h.work(t)
		if e := h.get(t, n); len(h.texts) != 0 || e.State != notify.StateQueued {
			t.Errorf("sent though it is off: %+v", e)
		}
		// What a name stands for is judged when it is dialled.
		h.again(t, &on)
		h.Service = h.service(t, "")
		h.clock.Advance(time.Minute)
		h.work(t)
		if e := h.get(t, n); len(h.texts) != 0 || !strings.Contains(e.LastError, "no public address") {
			t.Errorf("%+v", e)
		}
		for _, to := range []string{"12345678", "+1 202", "+47abc", "+47999999999999999"} {
			if err := h.TestGateway(admin, to); code(err) != "to bad_phone" {
				t.Errorf("%s: %v", to, err)
			}
		}
		nobody := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, Permissions: []access.Permission{access.SettingRead}}})
		if _, err := h.RollGateway(nobody); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("%v", err)
		}
		var kept []string
		if err := h.db.Read().SelectContext(t.Context(), &kept, `SELECT changes FROM audit_entries WHERE table_name = 'sms_gateway'`); err != nil || len(kept) != 4 || strings.Contains(strings.Join(kept, ""), word) {
			t.Errorf("%q %v", kept, err)
		}
	})
}

// again switches the gateway on again.
func (h *house) again(t *testing.T, on *bool) {
	t.Helper()
	if _, word, err := h.SetGateway(admin, 0, notify.GatewayPatch{Enabled: on}); err != nil || word != "" {
		t.Fatalf("%q %v", word, err)
	}
}
