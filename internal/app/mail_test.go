package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"

	server "github.com/emersion/go-smtp"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/staff"
	"tandem/internal/kit/list"
)

// caught is a mail server on the loopback that keeps what it takes.
type caught struct {
	address string
	mails   chan *mail.Message
}

type catching struct{ *caught }

func (c *caught) NewSession(*server.Conn) (server.Session, error) { return catching{c}, nil }
func (catching) Reset()                                           {}
func (catching) Logout() error                                    { return nil }
func (catching) Mail(string, *server.MailOptions) error           { return nil }
func (catching) Rcpt(string, *server.RcptOptions) error           { return nil }
func (c catching) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return err
	}
	m.Body = strings.NewReader(string(body))
	c.mails <- m
	return nil
}

func catchMails(t *testing.T) *caught {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &caught{l.Addr().String(), make(chan *mail.Message, 100)}
	s := server.NewServer(c)
	done := make(chan struct{})
	go func() { _ = s.Serve(l); close(done) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return c
}

var linkIn = regexp.MustCompile(`https://crm\.example\.net/set-password\?token=([\w-]+)`)

// next is who the next mail is to, its subject, and the token of the link in it.
func (c *caught) next(t *testing.T) (to, subject, token string) {
	t.Helper()
	m := <-c.mails
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	if found := linkIn.FindStringSubmatch(string(body)); found != nil {
		token = found[1]
	}
	return m.Header.Get("To"), m.Header.Get("Subject"), token
}

func mailing(t *testing.T, c app.Config) (*app.App, *caught, func(path, body string, headers ...string) told) {
	t.Helper()
	box := catchMails(t)
	c.SMTPURL, c.MailFrom, c.PublicURL = "smtp://"+box.address+"?tls=none", "Tandem <crm@example.net>", "https://crm.example.net"
	a := open(t, c)
	s, events, err := a.Server("")
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(s)
	ctx, stop := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() { a.Mail.Run(ctx) })
	both.Go(func() { a.Sessions.Remember(ctx, func(err error) { t.Error(err) }) })
	t.Cleanup(func() {
		stop()
		both.Wait()
		events.Close()
		ts.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, app: a, server: s, url: ts.URL, client: ts.Client()}
	return a, box, func(path, body string, headers ...string) told {
		all := map[string]string{}
		for i := 0; i+1 < len(headers); i += 2 {
			all[headers[i]] = headers[i+1]
		}
		return w.ask(http.MethodPost, "/api/v1"+path, []byte(body), all)
	}
}

func TestPasswordsByMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a, box, post := mailing(t, c)
		ctx := app.CommandLine(context.Background())
		bob, err := a.Staff.Create(ctx, staff.Input{Name: "Bob", Email: "bob@example.com", Role: access.RoleSupport, Invite: true})
		if err != nil {
			t.Fatal(err)
		}
		to, _, invited := box.next(t)
		if to != "<bob@example.com>" || invited == "" {
			t.Fatalf("%s %q", to, invited)
		}
		set := func(token string, n int) told {
			return post("/session/set-password", fmt.Sprintf(`{"token": %q, "password": "a long enough one %d"}`, token, n))
		}
		if got := set(invited, 0); got.status != 204 {
			t.Fatalf("%+v", got)
		}
		// A host that the caller made up stands in no link, and who is unknown is answered alike.
		for _, email := range []string{"BOB@example.com", "nobody@example.com", "not an address"} {
			got := post("/session/forgot-password", fmt.Sprintf(`{"email": %q}`, email), "Host", "evil.example", "X-Forwarded-Host", "evil.example")
			if got.status != 204 || len(got.body) > 0 {
				t.Errorf("%s: %+v", email, got)
			}
		}
		to, _, reset := box.next(t)
		if to != "<bob@example.com>" || reset == "" {
			t.Fatalf("%s %q", to, reset)
		}
		var wg sync.WaitGroup
		results := make([]told, 16)
		for i := range results {
			wg.Go(func() { results[i] = set(reset, i+1) })
		}
		wg.Wait()
		won := 0
		for _, r := range results {
			if r.status == 204 {
				won++
			} else if r.status != 422 {
				t.Errorf("%+v", r)
			}
		}
		if won != 1 {
			t.Errorf("the link worked %d times of 16", won)
		}
		if to, subject, token := box.next(t); to != "<bob@example.com>" || !strings.Contains(subject, "was changed") || token != "" {
			t.Errorf("%s %s %s", to, subject, token)
		}
		disabled := staff.StatusDisabled
		if _, err := a.Staff.Update(ctx, bob.ID, 0, staff.Patch{Status: &disabled}); err != nil {
			t.Fatal(err)
		}
		if got := post("/session/forgot-password", `{"email": "bob@example.com"}`); got.status != 204 {
			t.Errorf("%+v", got)
		}
		mails, _, err := a.Mail.List(ctx, list.Query{})
		if err != nil || len(mails) != 3 {
			t.Errorf("%d mails, %v", len(mails), err)
		}
		text, _ := json.Marshal(mails)
		if strings.Contains(string(text), reset) || strings.Contains(string(text), invited) {
			t.Error("a link stands in the list")
		}
	})
}

func TestAskingForPasswordsIsLimited(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		a, box, post := mailing(t, c)
		for _, email := range []string{"ann@example.com", "nobody@example.com"} {
			limited := 0
			for range 12 {
				if got := post("/session/forgot-password", fmt.Sprintf(`{"email": %q}`, email)); got.status == 429 && got.code == "too_many_attempts" {
					limited++
				} else if got.status != 204 {
					t.Errorf("%+v", got)
				}
			}
			if limited < 5 {
				t.Errorf("%s: %d of 12 were refused", email, limited)
			}
		}
		box.next(t)
		// Signing in is not held up by somebody else's asking.
		if got := post("/session", `{"email": "ann@example.com", "password": "a long enough one"}`); got.status != 201 {
			t.Errorf("%+v", got)
		}
		_ = a
	})
}

func TestMailNeedsItsSettings(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*app.Config){
		func(c *app.Config) { c.SMTPURL = "smtp://mail.example.net" },
		func(c *app.Config) { c.MailFrom = "a@b.example" },
		func(c *app.Config) { c.SMTPURL, c.MailFrom = "smtp://mail.example.net", "a@b.example" },
		func(c *app.Config) {
			c.SMTPURL, c.MailFrom, c.PublicURL = "smtp://u:canary@mail.example.net?tls=no", "a@b.example", "https://crm.example.net"
		},
	} {
		c := config(t, "")
		change(&c)
		if a, err := app.Open(context.Background(), c); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%+v, %v", a, err)
		}
	}
	c := config(t, "")
	a := open(t, c)
	defer func() { _ = a.Close() }()
	ctx := app.CommandLine(context.Background())
	if _, err := a.Staff.Create(ctx, staff.Input{Name: "Bob", Email: "bob@example.com", Role: access.RoleSupport, Invite: true}); err == nil {
		t.Error("somebody was invited without a mail server")
	}
	if err := a.Sessions.Forgot(ctx, "ann@example.com"); err == nil {
		t.Error("a link was promised without a mail server")
	}
}
