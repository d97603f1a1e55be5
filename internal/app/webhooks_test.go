package app_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/notice"
	"tandem/internal/core/staff"
	"tandem/internal/core/webhook"
	"tandem/internal/kit/callout"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// telling opens an installation that tells webhooks, and a receiver of them.
func telling(t *testing.T, c app.Config) (ctx context.Context, a *app.App, url string, got <-chan string) {
	t.Helper()
	bodies := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- string(body)
	}))
	c.WebhookAllow, c.WebhookHTTP = "127.0.0.0/8", true
	a = open(t, c)
	ctx, stop := context.WithCancel(app.CommandLine(context.Background()))
	var both sync.WaitGroup
	both.Go(func() { a.Outbox.Run(ctx, slog.New(slog.DiscardHandler)) })
	both.Go(func() { a.Webhooks.Run(ctx) })
	t.Cleanup(func() {
		stop()
		both.Wait()
		receiver.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return ctx, a, receiver.URL, bodies
}

// What the API tells of a customer and a contact is what a webhook is told, and nothing that is for staff alone.
func TestWebhooksTellWhatTheAPITells(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		ctx, a, url, got := telling(t, c)
		_, _, err := a.Webhooks.Create(ctx, webhook.Input{URL: url, Events: []string{"*"}, Filter: `{"field":"country","op":"eq","value":"NO"}`})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Customers.Create(ctx, customer.Draft{Name: "Svea", Country: "SE"}); err != nil {
			t.Fatal(err)
		}
		made, err := a.Customers.Create(ctx, customer.Draft{Name: "Nora", Country: "NO"})
		if err != nil {
			t.Fatal(err)
		}
		next := func(kind string) string {
			t.Helper()
			body := <-got
			if !strings.Contains(body, `"type":"`+kind+`"`) {
				t.Fatalf("%s, want %s", body, kind)
			}
			return body
		}
		var told struct {
			RowID string `json:"row_id"`
			Data  struct {
				ID, Name, Country, Status string
				Version                   int64
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(next("customer.created")), &told); err != nil || told.RowID != id.Format("cus", made.ID) || told.Data.ID != told.RowID || told.Data.Name != "Nora" || told.Data.Version != 1 {
			t.Errorf("%+v, %v", told, err)
		}
		name, notes := "Per", "The canary sings at noon"
		person, err := a.Contacts.Create(ctx, made.ID, contact.Patch{Name: &name, PrivateNotes: &notes})
		if err != nil {
			t.Fatal(err)
		}
		if body := next("contact.created"); strings.Contains(body, "canary") || !strings.Contains(body, `"name":"Per"`) || !strings.Contains(body, "private_notes") {
			t.Errorf("%s", body)
		}
		if err := a.Contacts.Delete(ctx, person.ID, 0); err != nil {
			t.Fatal(err)
		}
		if body := next("contact.removed"); !strings.Contains(body, `"removed_at":"2`) {
			t.Errorf("%s", body)
		}
		if err := a.Customers.Delete(ctx, made.ID, 0, "Moved"); err != nil {
			t.Fatal(err)
		}
		for range 2 { // and perhaps what closing did to the contacts
			body := <-got
			if strings.Contains(body, `"type":"customer.closed"`) && strings.Contains(body, `"status":"closed"`) {
				return
			}
		}
		t.Error("nobody was told that the customer was closed")
	})
}

func TestWebhookSettings(t *testing.T) {
	t.Parallel()
	c := config(t, "")
	c.WebhookAllow = "everything"
	if a, err := app.Open(context.Background(), c); err == nil {
		t.Errorf("%+v", a)
	}
}

var jsBlock = regexp.MustCompile("(?s)```js\n(.*?)```")

// The guide's way to verify a message, run by Node.js as a reader would.
func TestTheGuideVerifiesMessages(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/integrators.md")
	if err != nil {
		t.Fatal(err)
	}
	code := jsBlock.FindSubmatch(guide)
	if code == nil {
		t.Fatal("the guide has no example")
	}
	const word, other, messageID = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0", "evt_0am1tgb6e7800"
	now, body := time.Now(), `{"name":"Søren"}`
	signed := func(at time.Time, words ...string) string {
		out := make([]string, len(words))
		for i, w := range words {
			if out[i], err = callout.Sign(w, messageID, at, []byte(body)); err != nil {
				t.Fatal(err)
			}
		}
		return strings.Join(out, " ")
	}
	type try struct {
		At, Signature, Body string
		Want                bool
	}
	unix := func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
	old := now.Add(-time.Hour)
	tries, err := json.Marshal([]try{
		{unix(now), signed(now, word), body, true}, {unix(now), signed(now, other, word), body, true}, {unix(now), signed(now, other), body, false},
		{unix(now), signed(now, word), body + " ", false}, {unix(old), signed(old, word), body, false}, {unix(now), signed(old, word), body, false},
		{"", signed(now, word), body, false}, {unix(now), "v1,", body, false},
	})
	if err != nil {
		t.Fatal(err)
	}
	script := string(code[1]) + `
for (const { At, Signature, Body, Want } of ` + string(tries) + `) {
  const headers = { 'webhook-id': '` + messageID + `', 'webhook-timestamp': At, 'webhook-signature': Signature };
  if (genuine(headers, Body, '` + word + `') !== Want) console.log('wrong about', headers, Body);
}`
	cmd := exec.CommandContext(t.Context(), "node", "--input-type=module", "-")
	cmd.Stdin = strings.NewReader(script)
	if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

// Who made a webhook is written to when it is disabled.
func TestWhoMadeADisabledWebhookIsWrittenTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
		defer gone.Close()
		ctx, a, _, _ := telling(t, c)
		bea, err := a.Staff.Create(ctx, staff.Input{Name: "Bea", Email: "bea@example.com", Role: access.RoleAdmin, Password: "a long enough one"})
		if err != nil {
			t.Fatal(err)
		}
		as := access.With(ctx, access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: bea.ID, Permissions: access.RoleAdmin.Permissions()}})
		made, _, err := a.Webhooks.Create(as, webhook.Input{URL: gone.URL, Events: []string{"group.*"}, Description: "Accounting"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Webhooks.Try(as, made.ID); err != nil {
			t.Fatal(err)
		}
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		late := dbtest.TooLate(t)
		for {
			mails, _, err := a.Mail.List(ctx, list.Query{})
			if err != nil {
				t.Fatal(err)
			}
			if len(mails) == 1 {
				if mails[0].To != "bea@example.com" || mails[0].Subject != "Webhook disabled: Accounting" {
					t.Errorf("%+v", mails[0])
				}
				break
			}
			select {
			case <-look.C:
			case <-late:
				t.Fatalf("%d mails", len(mails))
			}
		}
		if told, _, err := a.Notices.List(as, list.Query{}); err != nil || len(told) != 1 || told[0].Code != notice.WebhookDisabled || told[0].RowID != made.ID {
			t.Errorf("%+v, %v", told, err)
		}
		if w, err := a.Webhooks.Get(ctx, made.ID); err != nil || w.State != webhook.StateDisabled || w.Reason != webhook.ReasonGone {
			t.Errorf("%+v, %v", w, err)
		}
	})
}
