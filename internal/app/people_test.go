package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/staff"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/id"
)

const goodPassword = "a long enough one"

// town is an installation on the wire, whose mails are caught, with Ann who administers it.
type town struct {
	t     *testing.T
	app   *app.App
	clock *clock.Manual
	url   string
	box   *caught
	ann   *visitor
	edge  *rest.Server
}

// visitor is a browser: it keeps its cookie.
type visitor struct {
	*town
	cookie string
	portal string // the cookie of whoever is in the portal as a contact
	ip     string
	host   string // the address that it came to; empty: the town's
}

// reply is an answer.
type reply struct {
	status int
	code   string
	body   map[string]any
	text   string
}

func newTown(t *testing.T, c app.Config) *town {
	t.Helper()
	h := &town{t: t, box: catchMails(t), clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	c.SMTPURL, c.MailFrom, c.PublicURL = "smtp://"+h.box.address+"?tls=none", "Tandem <crm@example.net>", "https://crm.example.net"
	c.Clock, c.TrustedProxies = h.clock, []string{"127.0.0.0/8"}
	h.app = open(t, c)
	s, events, err := h.app.Server("")
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(s)
	h.url, h.edge = ts.URL, s
	ctx, stop := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() { h.app.Mail.Run(ctx) })
	both.Go(func() { h.app.Sessions.Remember(ctx, func(err error) { t.Error(err) }) })
	t.Cleanup(func() {
		stop()
		both.Wait()
		events.Close()
		ts.Close()
		if err := h.app.Close(); err != nil {
			t.Error(err)
		}
	})
	h.staff("Ann", "ann.admin@example.com", access.RoleAdmin)
	h.ann = h.visitor()
	h.ann.signIn("ann.admin@example.com", goodPassword).want(t, 201, "")
	return h
}

func (h *town) visitor() *visitor { return &visitor{town: h, ip: "192.0.2.1"} }

func (h *town) staff(name, email string, role access.Role) staff.Staff {
	h.t.Helper()
	s, err := h.app.Staff.Create(app.CommandLine(context.Background()), staff.Input{Name: name, Email: email, Role: role, Password: goodPassword})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// contact makes a customer with one contact.
func (h *town) contact(of, name, email string) (customerID, contactID string) {
	h.t.Helper()
	ctx := app.CommandLine(context.Background())
	k, err := h.app.Customers.Create(ctx, customer.Draft{Name: of, Status: customer.StatusActive})
	if err != nil {
		h.t.Fatal(err)
	}
	owner := string(contact.RoleOwner)
	c, err := h.app.Contacts.Create(ctx, k.ID, contact.Patch{Name: &name, Email: &email, Role: &owner})
	if err != nil {
		h.t.Fatal(err)
	}
	return id.Format(customer.Prefix, k.ID), id.Format(contact.Prefix, c.ID)
}

func (v *visitor) do(method, path, body string) reply {
	v.t.Helper()
	return v.doWith(method, path, body, nil)
}

func (v *visitor) doWith(method, path, body string, headers map[string]string) reply {
	v.t.Helper()
	r, err := http.NewRequest(method, v.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", v.ip)
	r.Host = v.host
	if v.cookie != "" {
		r.Header.Set("Cookie", v.cookie+v.portal)
	}
	for k, value := range headers {
		r.Header.Set(k, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "tandem_portal") {
			v.portal = "; " + c.Name + "=" + c.Value
		}
		if strings.HasSuffix(c.Name, "tandem_session") {
			v.cookie = c.Name + "=" + c.Value
		}
	}
	out := reply{status: res.StatusCode, text: string(text)}
	if len(bytes.TrimSpace(text)) > 0 && json.Unmarshal(text, &out.body) != nil {
		v.t.Fatalf("%s %s: %s", method, path, text)
	}
	out.code, _ = out.body["code"].(string)
	return out
}

func (r reply) want(t *testing.T, status int, code string) reply {
	t.Helper()
	if r.status != status || r.code != code {
		t.Fatalf("%d %s %s, want %d %s", r.status, r.code, r.text, status, code)
	}
	return r
}

// at is a property of the answer, by its path.
func (r reply) at(path string) string {
	var v any = r.body
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	return fmt.Sprint(v)
}

func (v *visitor) signIn(email, password string, more ...string) reply {
	v.t.Helper()
	return v.do("POST", "/session", fmt.Sprintf(`{"email":%q,"password":%q%s}`, email, password, strings.Join(more, "")))
}

var passwordIn = regexp.MustCompile(`\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b`)

// mail is the next mail: to whom, its subject and the secret in it.
func (h *town) mail() (to, subject, secret string) {
	h.t.Helper()
	m := <-h.box.mails
	body, err := io.ReadAll(m.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if found := linkIn.FindStringSubmatch(string(body)); found != nil {
		secret = found[1]
	} else if found := passwordIn.FindString(string(body)); found != "" {
		secret = found
	}
	return strings.Trim(m.Header.Get("To"), "<>"), m.Header.Get("Subject"), secret
}

func setPassword(token, password string) string {
	return fmt.Sprintf(`{"token":%q,"password":%q}`, token, password)
}

func TestAContactIsLetIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		customerID, contactID := h.contact("Fjord", "Ola", "ola@example.com")
		ola := h.visitor()
		ola.signIn("ola@example.com", goodPassword).want(t, 401, "wrong_credentials")
		ola.do("POST", "/session/forgot-password", `{"email":"ola@example.com"}`).want(t, 204, "") // nobody let him in: no mail
		if got := h.ann.do("GET", "/contacts/"+contactID+"/sign-in", "").want(t, 200, ""); got.at("allowed") != "false" {
			t.Errorf("%s", got.text)
		}
		h.ann.do("POST", "/contacts/"+contactID+"/password", `{}`).want(t, 204, "")
		to, _, link := h.mail()
		if to != "ola@example.com" || link == "" {
			t.Fatalf("%s %q", to, link)
		}
		ola.do("POST", "/session/set-password", setPassword(link, "ola@example.com")).want(t, 422, "invalid")
		ola.do("POST", "/session/set-password", setPassword(link, goodPassword)).want(t, 204, "")
		ola.do("POST", "/session/set-password", setPassword(link, goodPassword)).want(t, 422, "bad_link")
		ola.signIn("OLA@example.com", goodPassword).want(t, 201, "")
		me := ola.do("GET", "/session", "").want(t, 200, "")
		if me.at("kind") != "contact" || me.at("staff.id") != contactID || me.at("staff.role") != "owner" || me.at("customer.id") != customerID || me.at("customer.name") != "Fjord" || strings.Contains(me.text, "customer.read") {
			t.Errorf("%s", me.text)
		}
		for _, path := range []string{"/customers", "/contacts/" + contactID, "/search?q=fjord", "/roles", "/jobs", "/staff", "/views?target=customers", "/events", "/settings", "/audit-entries"} {
			if got := ola.do("GET", path, ""); got.status != 403 && got.status != 404 || strings.Contains(got.text, "Fjord") {
				t.Errorf("a contact reads %s: %d %s", path, got.status, got.text)
			}
		}
		if got := h.ann.do("GET", "/contacts/"+contactID+"/sign-in", ""); got.at("has_password") != "true" {
			t.Errorf("%s", got.text)
		}
		// His own password, which is told to him.
		before := ola.cookie
		ola.do("POST", "/session/password", `{"current":"wrong","new":"another good one"}`).want(t, 422, "invalid")
		ola.do("POST", "/session/password", fmt.Sprintf(`{"current":%q,"new":"another good one"}`, goodPassword)).want(t, 204, "")
		if to, subject, _ := h.mail(); to != "ola@example.com" || !strings.Contains(subject, "was changed") {
			t.Errorf("%s %s", to, subject)
		}
		ola.do("GET", "/session", "").want(t, 200, "")
		old := &visitor{town: h, cookie: before, ip: ola.ip}
		old.do("GET", "/session", "").want(t, 401, "not_signed_in")
		// Forgotten: by mail.
		ola.do("POST", "/session/forgot-password", `{"email":"Ola@Example.com"}`).want(t, 204, "")
		if to, _, link := h.mail(); to != "ola@example.com" || link == "" {
			t.Errorf("%s %q", to, link)
		}
	})
}

func TestPasswordsThatAreGiven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		_, contactID := h.contact("Fjord", "Ola", "ola@example.com")
		path := "/contacts/" + contactID + "/password"
		for body, field := range map[string]string{`{"mode":"typed"}`: "password", `{"mode":"typed","password":"ola"}`: "password", `{"mode":"typed","password":"Password1"}`: "password", `{"mode":"spoken"}`: "mode"} {
			if got := h.ann.do("POST", path, body).want(t, 422, "invalid"); !strings.Contains(got.text, `"field":"`+field+`"`) {
				t.Errorf("%s: %s", body, got.text)
			}
		}
		h.ann.do("POST", path, `{"mode":"generated"}`).want(t, 204, "")
		_, _, word := h.mail()
		if len(word) != 19 {
			t.Fatalf("%q", word)
		}
		ola := h.visitor()
		if got := ola.signIn("ola@example.com", word).want(t, 201, ""); got.at("must") != "change_password" || got.at("permissions") != "[]" {
			t.Errorf("%s", got.text)
		}
		ola.do("GET", "/reference", "").want(t, 403, "change_password")
		ola.do("POST", "/session/password", fmt.Sprintf(`{"current":%q,"new":%q}`, word, goodPassword)).want(t, 204, "")
		h.mail()
		if got := ola.do("GET", "/session", "").want(t, 200, ""); got.at("must") != "<nil>" {
			t.Errorf("%s", got.text)
		}
		// A password that nobody came for ends.
		h.ann.do("POST", path, `{"mode":"generated"}`).want(t, 204, "")
		told := false
		for range 2 { // whichever goes out first
			to, subject, said := h.mail()
			if strings.Contains(subject, "was changed") {
				told = to == "ola@example.com"
			} else {
				word = said
			}
		}
		if !told {
			t.Error("nobody told that the password was changed")
		}
		ola.do("GET", "/session", "").want(t, 401, "not_signed_in")
		h.clock.Advance(73 * time.Hour)
		ola.signIn("ola@example.com", word).want(t, 401, "wrong_credentials")
		h.ann.signIn("ann.admin@example.com", goodPassword).want(t, 201, "")
		h.ann.do("POST", path, fmt.Sprintf(`{"mode":"typed","password":%q}`, goodPassword)).want(t, 204, "")
		if got := ola.signIn("ola@example.com", goodPassword).want(t, 201, ""); got.at("must") != "<nil>" {
			t.Errorf("%s", got.text)
		}
	})
}

func TestOnePersonSeveralDoors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		_, first := h.contact("Fjord", "Ola F", "ola@example.com")
		_, second := h.contact("Sund", "Ola S", "OLA@example.com")
		_, foreign := h.contact("Vik", "Per", "per@example.com")
		h.ann.do("POST", "/contacts/"+first+"/password", fmt.Sprintf(`{"mode":"typed","password":%q}`, goodPassword)).want(t, 204, "")
		ola := h.visitor()
		ola.signIn("ola@example.com", goodPassword).want(t, 201, "") // one door: straight in
		h.ann.do("POST", "/contacts/"+second+"/password", `{}`).want(t, 204, "")
		got := ola.signIn("ola@example.com", goodPassword).want(t, 200, "")
		if !strings.Contains(got.text, first) || !strings.Contains(got.text, second) || !strings.Contains(got.text, "Sund") || strings.Contains(got.text, `"staff":`) {
			t.Errorf("%s", got.text)
		}
		for _, as := range []string{foreign, "con_7zzzzzzzzzzzz"} {
			ola.signIn("ola@example.com", goodPassword, `,"membership":"`+as+`"`).want(t, 401, "wrong_credentials")
		}
		ola.signIn("ola@example.com", goodPassword, `,"membership":"x"`).want(t, 422, "invalid")
		if got := ola.signIn("ola@example.com", goodPassword, `,"membership":"`+second+`"`).want(t, 201, ""); got.at("customer.name") != "Sund" {
			t.Errorf("%s", got.text)
		}
		// A choice forgives no wrong tries.
		for range 4 {
			h.visitor().signIn("ola@example.com", "wrong").want(t, 401, "wrong_credentials")
			ola.signIn("ola@example.com", goodPassword).want(t, 200, "")
		}
		h.visitor().signIn("ola@example.com", "wrong").want(t, 401, "wrong_credentials")
		ola.signIn("ola@example.com", goodPassword).want(t, 429, "too_many_attempts")
	})
}

// What staff give a contact never opens a staff user's door of the same address.
func TestNoWayUpThroughAContact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		h.staff("Sue", "sue@example.com", access.RoleSupport)
		boss := h.staff("Bob", "bob@example.com", access.RoleAdmin)
		sue := h.visitor()
		sue.signIn("sue@example.com", goodPassword).want(t, 201, "")
		_, evil := h.contact("Evil", "Bob", "bob@example.com")
		for _, body := range []string{`{"mode":"typed","password":"I am the boss now"}`, `{"mode":"generated"}`} {
			sue.do("POST", "/contacts/"+evil+"/password", body).want(t, 403, "link_only")
		}
		h.visitor().signIn("bob@example.com", "I am the boss now").want(t, 401, "wrong_credentials")
		bob := h.visitor()
		bob.signIn("bob@example.com", goodPassword).want(t, 201, "") // nothing was changed, and nobody was let in
		sue.do("POST", "/contacts/"+evil+"/password", `{}`).want(t, 204, "")
		if to, _, link := h.mail(); to != "bob@example.com" || link == "" {
			t.Errorf("%s %q", to, link)
		}
		// The other way round: the contact is there first, with a password that Sue knows.
		_, early := h.contact("Early", "Carl", "carl@example.com")
		sue.do("POST", "/contacts/"+early+"/password", `{"mode":"typed","password":"Sue knows this"}`).want(t, 204, "")
		carl := h.visitor()
		carl.signIn("carl@example.com", "Sue knows this").want(t, 201, "")
		ctx := app.CommandLine(context.Background())
		if _, err := h.app.Staff.Create(ctx, staff.Input{Name: "Carl", Email: "Carl@example.com", Role: access.RoleAdmin}); err != nil {
			t.Fatal(err)
		}
		carl.do("GET", "/session", "").want(t, 401, "not_signed_in")
		carl.signIn("carl@example.com", "Sue knows this").want(t, 401, "wrong_credentials")
		// And by another address of a staff user.
		_, later := h.contact("Later", "Dan", "dan@example.com")
		sue.do("POST", "/contacts/"+later+"/password", `{"mode":"typed","password":"Sue knows this too"}`).want(t, 204, "")
		address := "dan@example.com"
		if _, err := h.app.Staff.Update(ctx, boss.ID, 0, staff.Patch{Email: &address}); err != nil {
			t.Fatal(err)
		}
		h.visitor().signIn("dan@example.com", "Sue knows this too").want(t, 401, "wrong_credentials")
	})
}

func TestContactsAreShutOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		ctx := app.CommandLine(context.Background())
		address := "new@example.com"
		become := func(k int64, status customer.Status) error {
			_, err := h.app.Customers.Update(ctx, k, 0, []customer.Change{{Field: "status", Op: "set", Value: string(status)}})
			return err
		}
		networks := []string{"198.51.100.0/24"}
		shut := map[string]func(k, n int64) error{
			"removed": func(_, n int64) error { return h.app.Contacts.Delete(ctx, n, 0) },
			"other address": func(_, n int64) error {
				_, err := h.app.Contacts.Update(ctx, n, 0, contact.Patch{Email: &address})
				return err
			},
			"other network": func(_, n int64) error {
				_, err := h.app.Contacts.Update(ctx, n, 0, contact.Patch{AllowedIPs: &networks})
				return err
			},
			"inactive": func(k, _ int64) error { return become(k, customer.StatusInactive) },
			"closed":   func(k, _ int64) error { return h.app.Customers.Delete(ctx, k, 0, "") },
		}
		i := 0
		for name, end := range shut {
			i++
			email := fmt.Sprintf("ola%d@example.com", i)
			customerID, contactID := h.contact(name, "Ola", email)
			h.ann.do("POST", "/contacts/"+contactID+"/password", fmt.Sprintf(`{"mode":"typed","password":%q}`, goodPassword)).want(t, 204, "")
			ola := h.visitor()
			ola.signIn(email, goodPassword).want(t, 201, "")
			k, _ := id.Parse(customer.Prefix, customerID)
			n, _ := id.Parse(contact.Prefix, contactID)
			if err := end(k, n); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h.clock.Advance(2 * time.Second)
			if got := ola.do("GET", "/session", ""); got.status != 401 {
				t.Errorf("%s: the session lives: %s", name, got.text)
			}
			if got := h.visitor().signIn(email, goodPassword); got.status != 401 || got.code != "wrong_credentials" {
				t.Errorf("%s: signs in: %s", name, got.text)
			}
			if name == "other network" {
				there := &visitor{town: h, ip: "198.51.100.7"}
				there.signIn(email, goodPassword).want(t, 201, "")
				there.ip = "192.0.2.1"
				there.do("GET", "/session", "").want(t, 401, "not_signed_in")
			}
			if name == "inactive" { // it does not come back to life
				if err := become(k, customer.StatusActive); err != nil {
					t.Fatal(err)
				}
				h.clock.Advance(2 * time.Second)
				ola.do("GET", "/session", "").want(t, 401, "not_signed_in")
			}
		}
	})
}

// code is what the authenticator app shows so many steps from now.
func (h *town) code(secret string, steps int) string {
	h.t.Helper()
	code, err := totp.GenerateCode(secret, h.clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

func TestAnAuthenticatorApp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		bob := h.staff("Bob", "bob@example.com", access.RoleSupport)
		v := h.visitor()
		v.signIn("bob@example.com", goodPassword).want(t, 201, "")
		v.do("POST", "/session/second-factor/app", `{"password":"wrong"}`).want(t, 422, "invalid")
		v.do("POST", "/session/second-factor/app/confirm", `{"code":"123456"}`).want(t, 422, "wrong_otp")
		begun := v.do("POST", "/session/second-factor/app", fmt.Sprintf(`{"password":%q}`, goodPassword)).want(t, 200, "")
		key := begun.at("secret")
		if !strings.HasPrefix(begun.at("url"), "otpauth://totp/") || !strings.HasPrefix(begun.at("qr"), "M") {
			t.Errorf("%s", begun.text)
		}
		v.signIn("bob@example.com", goodPassword).want(t, 201, "") // not asked for before it was tried
		v.do("POST", "/session/second-factor/app/confirm", `{"code":"000000"}`).want(t, 422, "wrong_otp")
		codes := v.do("POST", "/session/second-factor/app/confirm", fmt.Sprintf(`{"code":%q}`, h.code(key, 0))).want(t, 200, "").body["codes"].([]any)
		if len(codes) != 10 {
			t.Fatalf("%v", codes)
		}
		v.do("POST", "/session/second-factor/app", fmt.Sprintf(`{"password":%q}`, goodPassword)).want(t, 409, "totp_set")
		otp := func(code string) string { return `,"otp":"` + code + `"` }
		fresh := func() *visitor { return h.visitor() }
		fresh().signIn("bob@example.com", goodPassword).want(t, 401, "otp_required")
		fresh().signIn("bob@example.com", goodPassword, otp(h.code(key, 0))).want(t, 401, "wrong_otp") // it was used to set up
		h.clock.Advance(time.Minute)
		now := h.code(key, 0)
		var wg sync.WaitGroup
		replies := make([]reply, 4)
		for i := range replies { // of many at once, one is right
			wg.Go(func() { replies[i] = fresh().signIn("bob@example.com", goodPassword, otp(now)) })
		}
		wg.Wait()
		won := 0
		for _, r := range replies {
			if r.status == 201 {
				won++
			} else if r.code != "wrong_otp" && r.code != "too_many_attempts" {
				t.Errorf("%s", r.text)
			}
		}
		if won != 1 {
			t.Errorf("a code worked %d times of 4", won)
		}
		guessesCount(t, h, otp, codes[0].(string))
		in := fresh()
		h.clock.Advance(time.Hour)
		in.signIn("bob@example.com", goodPassword, otp(codes[1].(string))).want(t, 201, "")
		if got := in.do("GET", "/session/second-factor", "").want(t, 200, ""); got.at("app") != "true" || got.at("recovery_codes") != "8" {
			t.Errorf("%s", got.text)
		}
		// Lost: an admin takes it away, and Bob hears of it. Bob's own rights do not reach that far.
		staffID := id.Format(staff.Prefix, bob.ID)
		in.do("DELETE", "/staff/"+staffID+"/second-factor", "").want(t, 403, "forbidden")
		h.ann.do("DELETE", "/staff/"+staffID+"/second-factor", "").want(t, 204, "")
		if to, subject, _ := h.mail(); to != "bob@example.com" || !strings.Contains(subject, "second factor") {
			t.Errorf("%s %s", to, subject)
		}
		in.do("GET", "/session", "").want(t, 401, "not_signed_in")
		in.signIn("bob@example.com", goodPassword).want(t, 201, "")
	})
}

// guessesCount: guesses of a code count as wrong passwords do, and being asked for one forgives none.
func guessesCount(t *testing.T, h *town, otp func(string) string, recovery string) {
	t.Helper()
	fresh := func() *visitor { return h.visitor() }
	h.clock.Advance(time.Hour)
	for range 5 {
		if got := fresh().signIn("bob@example.com", goodPassword, otp("000001")); got.code != "wrong_otp" && got.code != "too_many_attempts" {
			t.Errorf("%s", got.text)
		}
	}
	if got := fresh().signIn("bob@example.com", goodPassword); got.code != "too_many_attempts" {
		t.Errorf("%s", got.text)
	}
	h.clock.Advance(time.Hour)
	fresh().signIn("bob@example.com", goodPassword).want(t, 401, "otp_required")
	fresh().signIn("bob@example.com", goodPassword, otp("000001")).want(t, 401, "wrong_otp")
	if got := fresh().signIn("bob@example.com", goodPassword); got.code != "too_many_attempts" {
		t.Errorf("being asked for a code forgave the guesses: %s", got.text)
	}
	h.clock.Advance(time.Hour)
	fresh().signIn("bob@example.com", goodPassword, otp(strings.ToUpper(recovery))).want(t, 201, "")
	fresh().signIn("bob@example.com", goodPassword, otp(recovery)).want(t, 401, "wrong_otp")
}

func TestWhereOneIsSignedIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		bob := h.staff("Bob", "bob@example.com", access.RoleSupport)
		one, two, three := h.visitor(), h.visitor(), h.visitor()
		two.ip = "198.51.100.2"
		for _, v := range []*visitor{one, two, three} {
			v.signIn("bob@example.com", goodPassword).want(t, 201, "")
			h.clock.Advance(time.Minute)
		}
		all := one.do("GET", "/session/all", "").want(t, 200, "")
		items := all.body["items"].([]any)
		if len(items) != 3 || strings.Count(all.text, `"this":true`) != 1 || !strings.Contains(all.text, "198.51.100.2") || !strings.Contains(all.text, "Go-http-client") {
			t.Fatalf("%s", all.text)
		}
		var of2, ofAnn string
		for _, i := range items {
			if m := i.(map[string]any); m["ip"] == "198.51.100.2" {
				of2 = m["id"].(string)
			}
		}
		ofAnn = h.ann.do("GET", "/session/all", "").want(t, 200, "").body["items"].([]any)[0].(map[string]any)["id"].(string)
		one.do("DELETE", "/session/all/"+ofAnn, "").want(t, 404, "not_found")
		one.do("DELETE", "/session/all/"+of2, "").want(t, 204, "")
		two.do("GET", "/session", "").want(t, 401, "not_signed_in")
		one.do("DELETE", "/session/all", "").want(t, 204, "")
		three.do("GET", "/session", "").want(t, 401, "not_signed_in")
		one.do("GET", "/session", "").want(t, 200, "")
		staffID := id.Format(staff.Prefix, bob.ID)
		one.do("GET", "/staff/"+staffID+"/sessions", "").want(t, 403, "forbidden")
		if got := h.ann.do("GET", "/staff/"+staffID+"/sessions", "").want(t, 200, ""); len(got.body["items"].([]any)) != 1 {
			t.Errorf("%s", got.text)
		}
		h.ann.do("DELETE", "/staff/"+staffID+"/sessions", "").want(t, 204, "")
		one.do("GET", "/session", "").want(t, 401, "not_signed_in")
	})
}
