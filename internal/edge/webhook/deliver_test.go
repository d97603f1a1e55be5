package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/event"
	core "tandem/internal/core/webhook"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
)

func TestADelivery(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, r := newHouse(t, d, manual()), newReceiver(t)
		w, word := h.make(r.URL+"/hook", "customer.created")
		h.change(audit.ActionCreate, 1)
		h.change(audit.ActionUpdate, 1) // not asked for
		h.work()
		got := r.messages()
		if len(got) != 1 {
			t.Fatalf("%d messages", len(got))
		}
		var body struct{ ID, Type, Timestamp, Resource, RowID string }
		if err := json.Unmarshal([]byte(got[0].body), &body); err != nil || body.Type != "customer.created" || body.ID != got[0].id || body.Resource != "customers" || !strings.Contains(got[0].body, `"data":{"n":1}`) {
			t.Errorf("%s, %v", got[0].body, err)
		}
		if got[0].path != "/hook" || got[0].header.Get("Content-Type") != "application/json" || got[0].at != h.clock.Now().Unix() {
			t.Errorf("%+v", got[0])
		}
		verify(t, got[0], word)
		sent := h.deliveries(w.ID)
		if len(sent) != 1 || sent[0].State != core.DeliveryDelivered || sent[0].Status != 200 || sent[0].Attempts != 1 {
			t.Fatalf("%+v", sent)
		}
		whole, err := h.Delivery(admin, sent[0].ID)
		if err != nil || whole.Body != got[0].body || len(whole.Attempts) != 1 {
			t.Fatalf("%+v, %v", whole, err)
		}
		a := whole.Attempts[0]
		if a.Status != 200 || string(a.ResponseBody) != "thanks" || a.ResponseHeaders["x-seen"] != "yes" || a.RequestHeaders["webhook-signature"] != got[0].header.Get("webhook-signature") || a.Error != "" {
			t.Errorf("%+v", a)
		}
		other := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, Permissions: []access.Permission{access.WebhookRead}}})
		if _, err := h.Delivery(other, sent[0].ID); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("who may not read customers reads what was told of one: %v", err)
		}
	})
}

// verify proves the signature as a receiver would, without our code.
func verify(t *testing.T, m message, secrets ...string) {
	t.Helper()
	signatures := strings.Fields(m.header.Get("webhook-signature"))
	if len(signatures) != len(secrets) {
		t.Errorf("%d signatures for %d secrets", len(signatures), len(secrets))
		return
	}
	for i, word := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, "whsec_"))
		if err != nil || len(key) != 32 {
			t.Fatalf("%s: %v", word, err)
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", m.id, m.header.Get("webhook-timestamp"), m.body)
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); signatures[i] != want {
			t.Errorf("signature %s, want %s", signatures[i], want)
		}
	}
}

func TestTheSecretIsRolled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, r := newHouse(t, d, manual()), newReceiver(t)
		w, first := h.make(r.URL, "*")
		rolled, second, err := h.Roll(admin, w.ID)
		if err != nil || first == second || !rolled.OldUntil.Equal(h.clock.Now().Add(24*time.Hour)) {
			t.Fatalf("%+v, %v", rolled, err)
		}
		h.change(audit.ActionCreate, 1)
		h.work()
		h.clock.Advance(24 * time.Hour)
		h.change(audit.ActionCreate, 2)
		h.work()
		got := r.messages()
		if len(got) != 2 {
			t.Fatalf("%d messages", len(got))
		}
		verify(t, got[0], second, first)
		verify(t, got[1], second)
		var kept []string
		if err := d.Read().SelectContext(t.Context(), &kept, `SELECT message FROM audit_entries WHERE table_name = 'webhooks' AND changes NOT LIKE '%whsec%' ORDER BY id`); err != nil || strings.Join(kept, ", ") != "Webhook created, Secret shown, Secret of the webhook rolled, Secret shown" {
			t.Errorf("%q, %v", kept, err)
		}
	})
}

// Attempts come at the times that are promised, with the same ID and bytes; after the last one the delivery has failed,
// and can be sent again.
func TestRetries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, r := newHouse(t, d, manual()), newReceiver(t)
		r.answers(func(message, int) int { return http.StatusInternalServerError })
		w, _ := h.make(r.URL, "*")
		h.change(audit.ActionCreate, 1)
		h.work()
		for i, wait := range []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
			h.clock.Advance(wait - time.Second)
			h.work()
			if n := len(r.messages()); n != i+1 {
				t.Fatalf("%d attempts before %s were over", n, wait)
			}
			h.clock.Advance(time.Second)
			h.work()
			if n := len(r.messages()); n != i+2 {
				t.Fatalf("%d attempts after %s", n, wait)
			}
		}
		h.clock.Advance(48 * time.Hour)
		h.work()
		got, sent := r.messages(), h.deliveries(w.ID)
		if len(got) != 8 || sent[0].State != core.DeliveryFailed || sent[0].Status != 500 || sent[0].LastError == "" {
			t.Fatalf("%d attempts, %+v", len(got), sent)
		}
		for _, m := range got {
			if m.id != got[0].id || m.body != got[0].body {
				t.Errorf("another attempt sent %s %s", m.id, m.body)
			}
		}
		if now, err := h.Get(admin, w.ID); err != nil || now.FailingSince.IsZero() {
			t.Errorf("%+v, %v", now, err)
		}
		r.answers(func(message, int) int { return http.StatusNoContent })
		if n, err := h.ResendFailed(admin, w.ID, h.clock.Now()); err != nil || n != 0 {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := h.ResendFailed(admin, w.ID, time.Time{}); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
		h.work()
		if _, err := h.Resend(admin, sent[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Resend(admin, sent[0].ID); !errs.IsKind(err, errs.KindConflict) {
			t.Errorf("%v", err)
		}
		h.work()
		if got = r.messages(); len(got) != 10 || got[9].id != got[0].id {
			t.Errorf("%d messages", len(got))
		}
		if now, err := h.Get(admin, w.ID); err != nil || !now.FailingSince.IsZero() {
			t.Errorf("%+v, %v", now, err)
		}
		if whole, err := h.Delivery(admin, sent[0].ID); err != nil || len(whole.Attempts) != 10 || whole.State != core.DeliveryDelivered {
			t.Errorf("%d attempts, %v", len(whole.Attempts), err)
		}
	})
}

// A later event of a row waits for the earlier one; other rows do not.
func TestOrderOfOneRow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, r := newHouse(t, d, manual()), newReceiver(t)
		first := true
		r.answers(func(m message, _ int) int {
			if strings.Contains(m.body, `"n":1}`) && first {
				first = false
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		h.make(r.URL, "customer.*")
		h.change(audit.ActionCreate, 1)
		h.work()
		for range 5 {
			h.change(audit.ActionUpdate, 1, 2)
			h.work()
		}
		h.clock.Advance(5 * time.Second)
		h.work()
		var one []string
		two := 0
		for _, m := range r.messages() {
			if strings.Contains(m.body, `"n":2}`) {
				two++
				if len(one) > 1 {
					t.Error("another row was held up")
				}
				continue
			}
			one = append(one, m.id)
		}
		if len(one) != 7 || two != 5 || one[0] != one[1] {
			t.Fatalf("%d of one row, %d of the other", len(one), two)
		}
		for i := 2; i < len(one); i++ {
			if one[i] <= one[i-1] {
				t.Errorf("event %s came after %s", one[i], one[i-1])
			}
		}
	})
}

func TestReceiversThatAreGoneOrFailForDaysAreDisabled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, r := newHouse(t, d, manual()), newReceiver(t)
		var told []core.Reason
		h.Disabled = func(_ context.Context, _ *db.Tx, w core.Webhook) error { told = append(told, w.Reason); return nil }
		r.answers(func(m message, _ int) int {
			if m.path == "/gone" {
				return http.StatusGone
			}
			return http.StatusBadGateway
		})
		gone, _ := h.make(r.URL+"/gone", "*")
		h.change(audit.ActionCreate, 1)
		h.work()
		failing, _ := h.make(r.URL+"/failing", "*")
		for range 7 {
			h.change(audit.ActionCreate, 2)
			h.work()
			h.clock.Advance(20 * time.Hour)
		}
		state := func(webhookID int64) string {
			w, err := h.Get(admin, webhookID)
			if err != nil {
				t.Fatal(err)
			}
			return string(w.State) + " " + string(w.Reason)
		}
		if state(gone.ID) != "disabled gone" || state(failing.ID) != "disabled failures" || len(told) != 2 {
			t.Errorf("%s, %s, %v", state(gone.ID), state(failing.ID), told)
		}
		before := len(r.messages())
		h.change(audit.ActionCreate, 3)
		h.clock.Advance(48 * time.Hour)
		h.work()
		if n := len(r.messages()); n != before {
			t.Errorf("%d messages to receivers that are disabled", n-before)
		}
		r.answers(func(message, int) int { return http.StatusOK })
		if w, err := h.Update(admin, failing.ID, 0, func(in *core.Input) { in.State = core.StateActive }); err != nil || w.State != core.StateActive || w.Reason != "" || !w.FailingSince.IsZero() {
			t.Errorf("%+v, %v", w, err)
		}
		h.work()
		if n := len(r.messages()); n == before {
			t.Error("what waited was not sent")
		}
	})
}

func TestPausedFilteredAndRemoved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, r := newHouse(t, d, manual()), newReceiver(t)
		w, _, err := h.Create(admin, core.Input{URL: r.URL, Events: []string{"customer.*"}, Filter: `{}`, State: core.StatePaused})
		if err != nil {
			t.Fatal(err)
		}
		h.change(audit.ActionCreate, 1, 2, 3)
		h.work()
		if n := len(r.messages()); n != 0 {
			t.Errorf("%d messages to who is paused", n)
		}
		if st, err := h.Status(admin, w.ID); err != nil || st.Waiting != 2 {
			t.Errorf("%+v, %v", st, err)
		}
		if _, err := h.Try(admin, w.ID); !errs.IsKind(err, errs.KindConflict) {
			t.Errorf("%v", err)
		}
		if _, err := h.Update(admin, w.ID, w.Version+1, func(*core.Input) {}); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("%v", err)
		}
		if _, err := h.Update(admin, w.ID, w.Version, func(in *core.Input) { in.State = core.StateActive }); err != nil {
			t.Fatal(err)
		}
		h.work()
		if n := len(r.messages()); n != 2 {
			t.Errorf("%d messages, want those of the odd rows", n)
		}
		if d, err := h.Try(admin, w.ID); err != nil || d.Type != event.Test {
			t.Errorf("%+v, %v", d, err)
		}
		h.work()
		if got := r.messages(); len(got) != 3 || !strings.Contains(got[2].body, `"type":"webhook.test"`) {
			t.Errorf("%d messages", len(got))
		}
		h.change(audit.ActionCreate, 5)
		if err := h.Delete(admin, w.ID, 0); err != nil {
			t.Fatal(err)
		}
		h.work()
		if n := len(r.messages()); n != 3 {
			t.Errorf("%d messages to who is removed", n-3)
		}
		if _, err := h.Get(admin, w.ID); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
		if err := h.Purge(admin); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := d.Read().GetContext(t.Context(), &left, `SELECT (SELECT COUNT(*) FROM webhooks) + (SELECT COUNT(*) FROM webhook_deliveries) + (SELECT COUNT(*) FROM webhook_attempts)`); err != nil || left != 0 {
			t.Errorf("%d rows are left, %v", left, err)
		}
	})
}

// A node that dies while it sends leaves the delivery to another, which sends the same under the same ID.
func TestANodeDiesWhileSending(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		h, other, r := newHouse(t, d, c), newHouse(t, d, c), newReceiver(t)
		w, _ := h.make(r.URL, "*")
		h.change(audit.ActionCreate, 1)
		if _, err := h.box.Take(admin); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Relay(admin); err != nil {
			t.Fatal(err)
		}
		came, hold := make(chan bool), make(chan bool)
		r.answers(func(_ message, n int) int {
			if n == 0 {
				close(came)
				<-hold
			}
			return http.StatusOK
		})
		if err := h.Dispatch(admin); err != nil { // and of this node nothing is heard for three minutes
			t.Fatal(err)
		}
		<-came
		other.work()
		if n := len(r.messages()); n != 1 {
			t.Fatalf("%d messages while the first node had the delivery", n)
		}
		c.Advance(3 * time.Minute)
		other.work()
		close(hold)
		h.Wait()
		got, sent := r.messages(), h.deliveries(w.ID)
		if len(got) != 2 || got[0].id != got[1].id || got[0].body != got[1].body || sent[0].State != core.DeliveryDelivered || sent[0].Attempts != 2 {
			t.Errorf("%d messages, %+v", len(got), sent)
		}
	})
}

// Two nodes over one database: each event comes once, and those of one row in order.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		one, two, r := newHouse(t, d, c), newHouse(t, d, c), newReceiver(t)
		one.make(r.URL, "*")
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for _, h := range []*house{one, two} {
			all.Go(func() { h.box.Run(ctx, slog.New(slog.DiscardHandler)) })
			all.Go(func() { h.Run(ctx) })
		}
		const rows, changes = 12, 6
		var writing sync.WaitGroup
		for row := range int64(rows) {
			writing.Go(func() {
				for range changes {
					[]*house{one, two}[row%2].change(audit.ActionUpdate, row+1)
				}
			})
		}
		writing.Wait()
		late := dbtest.TooLate(t)
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for len(r.messages()) < rows*changes {
			select {
			case <-look.C:
			case <-late:
				t.Fatalf("%d of %d messages", len(r.messages()), rows*changes)
			}
		}
		stop()
		all.Wait()
		last, seen := map[string]string{}, map[string]bool{}
		for _, m := range r.messages() {
			row := m.body[strings.Index(m.body, `"data"`):]
			if seen[m.id] {
				t.Errorf("%s came twice", m.id)
			}
			if m.id <= last[row] {
				t.Errorf("%s came after %s", m.id, last[row])
			}
			seen[m.id], last[row] = true, m.id
		}
	})
}

// A receiver that never answers takes its own places and nobody else's.
func TestASlowReceiverHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h, slow, fast := newHouse(t, d, manual()), newReceiver(t), newReceiver(t)
	hold := make(chan bool)
	slow.answers(func(message, int) int { <-hold; return http.StatusOK })
	h.make(slow.URL, "*")
	h.make(fast.URL, "*")
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { h.box.Run(ctx, slog.New(slog.DiscardHandler)) })
	all.Go(func() { h.Run(ctx) })
	rows := make([]int64, 50)
	for i := range rows {
		rows[i] = int64(i + 1)
	}
	h.change(audit.ActionCreate, rows...)
	late := dbtest.TooLate(t)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for len(fast.messages()) < len(rows) {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("the fast one got %d", len(fast.messages()))
		}
	}
	if n := len(slow.messages()); n != 4 {
		t.Errorf("%d at once to the slow one", n)
	}
	close(hold)
	stop()
	all.Wait()
}

func TestWhatIsWrongIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t), manual())
	h.PlainHTTP = false
	for url, code := range map[string]string{
		"": "required", "http://example.net": "not_https", "ftp://example.net": "not_https", "https://": "bad_url", "https:example.net": "bad_url", "https://user:pw@example.net": "has_password",
		"https://example.net/#x": "bad_url", "https://10.0.0.1/": "address_refused", "https://[::1]/": "address_refused", "https://169.254.169.254/latest": "address_refused",
		"https://2130706433/": "bad_url", "https://0x7f.1/": "bad_url", "https://127.1/": "bad_url", "https://intranet/": "bad_url", "https://example.net:0/": "bad_url",
		"https://ex ample.net": "bad_url", "https://" + strings.Repeat("x", 2000) + ".net": "too_long",
	} {
		_, _, err := h.Create(admin, core.Input{URL: url, Events: []string{"*"}})
		e, ok := errs.As(err)
		if !ok || len(e.Fields) != 1 || e.Fields[0].Field != "url" || e.Fields[0].Code != code {
			t.Errorf("%.40s: %v, want %s", url, err, code)
		}
	}
	for name, in := range map[string]core.Input{
		"required":      {URL: "https://example.net"},
		"unknown_event": {URL: "https://example.net", Events: []string{"customer.*", "nothing.*"}},
		"malformed":     {URL: "https://example.net", Events: []string{"*"}, Filter: `{`},
		"no_customers":  {URL: "https://example.net", Events: []string{"group.*"}, Filter: `{}`},
		"unknown":       {URL: "https://example.net", Events: []string{"*"}, State: "disabled"},
		"too_long":      {URL: "https://example.net", Events: []string{"*"}, Description: strings.Repeat("x", 201)},
	} {
		_, _, err := h.Create(admin, in)
		if e, ok := errs.As(err); !ok || len(e.Fields) != 1 || e.Fields[0].Code != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	little := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, Permissions: []access.Permission{access.WebhookWrite, access.GroupRead}}})
	if _, _, err := h.Create(little, core.Input{URL: "https://example.net", Events: []string{"customer.created"}}); !errs.IsKind(err, errs.KindForbidden) {
		t.Errorf("who may not read customers is told of them: %v", err)
	}
	if _, _, err := h.Create(little, core.Input{URL: "https://example.net", Events: []string{"group.*"}}); err != nil {
		t.Error(err)
	}
}
