package signup_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/brand"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/identity"
	"tandem/internal/core/notify"
	"tandem/internal/core/signup"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

const word = "fish and fresh bread" // the password of who signs up

type post struct{ mails []notify.Outgoing }

func (p *post) From() string { return "crm@example.net" }
func (p *post) Send(_ context.Context, m notify.Outgoing) error {
	p.mails = append(p.mails, m)
	return nil
}

// house is an operator and two resellers, mine with a portal of its own, and a template of each of the first two.
type house struct {
	*signup.Service
	t                         *testing.T
	db                        *db.DB
	clock                     *clock.Manual
	post                      *post
	mail                      *notify.Service
	customers                 *customer.Service
	contacts                  *contact.Service
	people                    *identity.Service
	brands                    *brand.Service
	like, mine, other, myLike *customer.Customer
	waits                     []string
}

const minePortal = "portal.mine.example"

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		ids := id.NewSource(c)
		log, quiet := audit.NewLog(c, ids), slog.New(slog.DiscardHandler)
		box, err := secret.NewBox(make([]byte, 32))
		must(t, err)
		h := &house{t: t, db: d, clock: c, post: &post{}}
		h.customers, err = customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
			Defaults: func(context.Context) (customer.Defaults, error) {
				return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "UTC", Retention: time.Hour}, nil
			}})
		must(t, err)
		h.contacts = contact.New(contact.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: h.customers})
		h.mail = notify.New(notify.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Box: box, Sender: h.post,
			Place: func(_ context.Context, _ db.Q, customerID int64) (notify.Place, error) {
				p := notify.Place{Address: "https://crm.example.net", Organization: "Nordlys", Language: "en", Zone: "UTC"}
				if customerID != 0 {
					p.Address = "https://" + minePortal
				}
				return p, nil
			}})
		h.people = identity.New(identity.Options{DB: d, Clock: c, IDs: ids, Audit: log, Hasher: secret.NewHasher(secret.Cost{MemoryKiB: 64, Time: 1}, 4), Box: box})
		h.people.Mails(h.mail)
		h.contacts.SignsIn(h.people, h.mail)
		h.brands = brand.New(brand.Options{DB: d, Clock: c, IDs: ids, Audit: log, Customers: h.customers, PublicURL: "https://crm.example.net",
			Organization: func(context.Context) (string, error) { return "Nordlys", nil }})
		h.Service = signup.New(signup.Options{DB: d, Clock: c, IDs: ids, Audit: log, Brands: h.brands, Customers: h.customers, Contacts: h.contacts, People: h.people, Mail: h.mail,
			Waits: func(_ context.Context, _ *db.Tx, _ customer.Created, name string) error {
				h.waits = append(h.waits, name)
				return nil
			}})
		h.like = h.customer(customer.Draft{Name: "Like", Email: "like@example.net", Telephone: "+4722995494", BillingType: customer.BillingPostpaid, Currency: "NOK",
			Timezone: "Europe/Oslo", Language: "es", Country: "SE", City: "Bergen", Description: "A template"})
		h.mine = h.customer(customer.Draft{Name: "Mine", Kind: customer.KindReseller})
		h.other = h.customer(customer.Draft{Name: "Other", Kind: customer.KindReseller})
		h.myLike = h.customer(customer.Draft{Name: "My like", Reseller: h.mine.ID})
		domain := minePortal
		_, err = h.brands.Update(admin, h.mine.ID, 0, brand.Patch{Domain: &domain}, "crm.example.net")
		must(t, err)
		fn(t, h)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var admin = access.With(context.Background(), access.Call{Principal: access.System("test")})

// stranger is nobody, at an address.
func stranger(host, ip string) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindAnonymous}, Host: host, IP: ip, Verb: "POST"})
}

var here = stranger("crm.example.net", "192.0.2.7")

func (h *house) customer(d customer.Draft) *customer.Customer {
	h.t.Helper()
	c, err := h.customers.Create(admin, d)
	must(h.t, err)
	return c
}

func ptr[T any](v T) *T { return &v }

func (h *house) opened(approval bool) {
	h.t.Helper()
	_, err := h.Update(admin, brand.Operator, 0, signup.Patch{Open: ptr(true), Template: &h.like.ID, Approval: &approval})
	must(h.t, err)
}

func ada() signup.Input {
	return signup.Input{Name: "Ada Lovelace", Email: "ada@kunde.example", Password: word}
}

// mails is what was sent since the last time.
func (h *house) mails() []notify.Outgoing {
	h.t.Helper()
	for worked := true; worked; {
		var err error
		worked, err = h.mail.Work(context.Background())
		must(h.t, err)
	}
	out := h.post.mails
	h.post.mails = nil
	return out
}

// link signs somebody up and gives what the mail brings.
func (h *house) link(ctx context.Context, in signup.Input) string {
	h.t.Helper()
	must(h.t, h.SignUp(ctx, in))
	sent := h.mails()
	if len(sent) != 1 || sent[0].To != in.Email {
		h.t.Fatalf("mails: %+v", sent)
	}
	return tokenOf(h.t, sent[0])
}

func tokenOf(t *testing.T, m notify.Outgoing) string {
	t.Helper()
	_, rest, found := strings.Cut(m.Text, "/portal/sign-up/confirm#token=")
	if !found {
		t.Fatalf("no link in %q", m.Text)
	}
	return strings.Fields(rest)[0]
}

func code(err error) string {
	e, ok := errs.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	out := e.Code
	for _, f := range e.Fields {
		out += " " + f.Field + ":" + f.Code
	}
	return out
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	must(h.t, h.db.Read().GetContext(context.Background(), &n, query, args...))
	return n
}

func (h *house) named(name string) *customer.Customer {
	h.t.Helper()
	var n int64
	must(h.t, h.db.Read().GetContext(context.Background(), &n, `SELECT id FROM customers WHERE name = $1`, name))
	c, err := h.customers.Get(admin, n)
	must(h.t, err)
	return c
}

func TestItIsClosedUntilSomebodyOpensIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		closed := func(when string) {
			t.Helper()
			if o, err := h.Offered(here); err != nil || o.Open {
				t.Errorf("%s: %+v %v", when, o, err)
			}
			if err := h.SignUp(here, ada()); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("%s: %v", when, err)
			}
		}
		closed("at first")
		h.opened(true)
		if o, err := h.Offered(here); err != nil || !o.Open || !o.Approval {
			t.Errorf("opened: %+v %v", o, err)
		}
		if o, err := h.Offered(stranger(minePortal, "192.0.2.7")); err != nil || o.Open {
			t.Errorf("at a reseller's address: %+v %v", o, err)
		}
		_, err := h.customers.Update(admin, h.like.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}})
		must(t, err)
		closed("while the template is not active")
	})
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(true)
		in := ada()
		in.Company, in.Telephone, in.Country = "Analytical Engines", "22 99 54 94", "NO"
		token := h.link(here, in)
		if h.count(`SELECT COUNT(*) FROM customers WHERE name = 'Analytical Engines'`) != 0 {
			t.Error("the customer is there before the link was used")
		}
		done, err := h.Confirm(here, token, word)
		if err != nil || done.Email != in.Email || !done.Waits || !done.Password {
			t.Fatalf("%+v %v", done, err)
		}
		c := h.named("Analytical Engines")
		if c.Status != customer.StatusPending || c.BillingType != customer.BillingPostpaid || c.Currency != "NOK" || c.Timezone != "Europe/Oslo" || c.Language != "es" ||
			c.Country != "NO" || c.Telephone != "+4722995494" || c.Email != in.Email || c.City != "" || c.Description != "" || c.Reference != "" || c.Kind != customer.KindCustomer {
			t.Errorf("made like the template: %+v", c.Draft)
		}
		if strings.Join(h.waits, ",") != "Analytical Engines" {
			t.Errorf("told: %v", h.waits)
		}
		i, err := h.people.ByEmail(here, in.Email)
		must(t, err)
		if right, err := h.people.Verify(here, i, in.Password); err != nil || !right || i.Given {
			t.Errorf("the password: %v %v %+v", right, err, i)
		}
		doors, err := h.people.Doors(here, h.db.Read(), i)
		if err != nil || len(doors) != 1 || doors[0].Principal.Role != access.Role(contact.RoleOwner) || doors[0].Person.CustomerID != c.ID {
			t.Errorf("doors: %+v %v", doors, err)
		}
		if _, err := h.Confirm(here, token, word); code(err) != "bad_link token:bad_link" {
			t.Errorf("again: %v", err)
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_entries WHERE message = 'Signed up' AND ip = '192.0.2.7' AND actor_name = 'sign-up'`); n != 1 {
			t.Errorf("entries: %d", n)
		}
	})
}

func TestLinksEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(false)
		token := h.link(here, ada())
		h.clock.Advance(signup.Life)
		if _, err := h.Confirm(here, token, word); code(err) != "bad_link token:bad_link" {
			t.Errorf("late: %v", err)
		}
		if _, err := h.Confirm(here, "x", word); code(err) != "bad_link token:bad_link" {
			t.Errorf("none: %v", err)
		}
		must(t, h.Purge(context.Background()))
		if n := h.count(`SELECT COUNT(*) FROM sign_ups`); n != 0 {
			t.Errorf("left: %d", n)
		}
		token = h.link(here, ada())
		_, err := h.Update(admin, brand.Operator, 0, signup.Patch{Open: ptr(false)})
		must(t, err)
		if _, err := h.Confirm(here, token, word); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("closed meanwhile: %v", err)
		}
	})
}

func TestOfManyAtOnceOneSucceeds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(false)
		tokens := []string{h.link(here, ada()), h.link(here, ada())} // two links of one address
		var made atomic.Int64
		var all sync.WaitGroup
		for n := range 16 {
			all.Go(func() {
				_, err := h.Confirm(here, tokens[n%2], word)
				if err == nil {
					made.Add(1)
				} else if c := code(err); c != "bad_link token:bad_link" && c != "already_customer" {
					t.Errorf("refused: %v", err)
				}
			})
		}
		all.Wait()
		if n := h.count(`SELECT COUNT(*) FROM customers WHERE name = 'Ada Lovelace'`); made.Load() != 1 || n != 1 {
			t.Errorf("%d succeeded, %d customers", made.Load(), n)
		}
	})
}

func TestKnownAddressesAreToldByMailAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(false)
		in := ada()
		in.Email = "Like@Example.net" // a customer's
		must(t, h.SignUp(here, in))
		sent := h.mails()
		if len(sent) != 1 || !strings.Contains(sent[0].Text, "https://crm.example.net/portal/sign-in") || strings.Contains(sent[0].Text, "token") || strings.Contains(sent[0].Text, "Ada") {
			t.Fatalf("mails: %+v", sent)
		}
		must(t, h.SignUp(here, in))
		if sent := h.mails(); len(sent) != 0 {
			t.Errorf("told twice in a day: %+v", sent)
		}
		h.clock.Advance(25 * time.Hour)
		must(t, h.SignUp(here, in))
		if sent := h.mails(); len(sent) != 1 {
			t.Errorf("the next day: %+v", sent)
		}
		if n := h.count(`SELECT COUNT(*) FROM sign_ups`); n != 0 {
			t.Errorf("kept: %d", n)
		}
	})
}

func TestWhoCameMeanwhileIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(false)
		token := h.link(here, ada())
		h.customer(customer.Draft{Name: "By staff", Email: ada().Email})
		if _, err := h.Confirm(here, token, word); code(err) != "already_customer" {
			t.Errorf("%v", err)
		}
	})
}

// Who signs in with another party keeps the password of their own: who brings the link has proved the address, and no more.
func TestThePasswordOfOnePersonStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		in := ada()
		theirs, err := h.contacts.Create(admin, h.like.ID, contact.Patch{Name: ptr("Ada"), Email: &in.Email})
		must(t, err)
		must(t, h.contacts.GivePassword(admin, theirs.ID, contact.PasswordOrder{Mode: contact.PasswordTyped, Password: "an older sentence"}))
		h.mails()
		_, err = h.Update(admin, h.mine.ID, 0, signup.Patch{Open: ptr(true), Template: &h.myLike.ID, Approval: ptr(false)})
		must(t, err)
		there := stranger(minePortal, "192.0.2.7")
		done, err := h.Confirm(there, h.link(there, in), word)
		if err != nil || done.Password {
			t.Fatalf("%+v %v", done, err)
		}
		i, err := h.people.ByEmail(here, in.Email)
		must(t, err)
		if right, err := h.people.Verify(here, i, "an older sentence"); err != nil || !right {
			t.Errorf("the password that there was: %v %v", right, err)
		}
		if doors, err := h.people.Doors(here, h.db.Read(), i); err != nil || len(doors) != 2 {
			t.Errorf("doors: %+v %v", doors, err)
		}
	})
}

func TestAResellersOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		_, err := h.Update(admin, h.mine.ID, 0, signup.Patch{Open: ptr(true), Template: &h.myLike.ID, Approval: ptr(false)})
		must(t, err)
		there := stranger(minePortal+":8443", "192.0.2.7")
		must(t, h.SignUp(there, ada()))
		sent := h.mails()
		if len(sent) != 1 || !strings.Contains(sent[0].Text, "https://"+minePortal+"/portal/sign-up/confirm#token=") {
			t.Fatalf("mails: %+v", sent)
		}
		_, err = h.Confirm(here, tokenOf(t, sent[0]), word)
		must(t, err)
		c := h.named("Ada Lovelace")
		if c.Reseller != h.mine.ID || c.Status != customer.StatusActive {
			t.Errorf("made: %+v", c.Draft)
		}
		if o, err := h.Offered(here); err != nil || o.Open {
			t.Errorf("at the operator's: %+v %v", o, err)
		}
		foreign := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 7, Root: h.other.ID, Permissions: access.AllPermissions()}.Placed()})
		if _, err := h.customers.Get(foreign, c.ID); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("a foreign reseller sees the customer: %v", err)
		}
		for _, of := range []int64{h.mine.ID, brand.Operator} {
			if _, err := h.Get(foreign, of); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("a foreign reseller sees the settings: %v", err)
			}
			if _, err := h.Update(foreign, of, 0, signup.Patch{Open: ptr(false)}); !errs.IsKind(err, errs.KindNotFound) {
				t.Errorf("a foreign reseller changes the settings: %v", err)
			}
		}
	})
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		provider := h.customer(customer.Draft{Name: "Provider", Kind: customer.KindProvider})
		waiting := h.customer(customer.Draft{Name: "Waiting", Status: customer.StatusPending})
		for _, c := range []*customer.Customer{provider, waiting, h.mine, h.myLike} {
			if _, err := h.Update(admin, brand.Operator, 0, signup.Patch{Template: &c.ID}); code(err) != "invalid template:bad_template" {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
		if _, err := h.Update(admin, brand.Operator, 0, signup.Patch{Template: ptr(int64(5))}); code(err) != "invalid template:not_found" {
			t.Errorf("none: %v", err)
		}
		if _, err := h.Update(admin, brand.Operator, 0, signup.Patch{Open: ptr(true), TermsURL: ptr("javascript:alert(1)")}); code(err) != "invalid terms_url:bad_web_address template:required" {
			t.Errorf("two wrong fields: %v", err)
		}
		h.opened(true)
		err := h.customers.Delete(admin, h.like.ID, 0, "")
		if e, ok := errs.As(err); !ok || e.Code != "blocked" || len(e.BlockedBy) != 1 || e.BlockedBy[0].Type != "sign_up" || e.BlockedBy[0].ID != "operator" {
			t.Errorf("closed while it is used: %v", err)
		}
		now, err := h.Get(admin, brand.Operator)
		if err != nil || now.TemplateName != "Like" || !now.Open || now.Version != 2 {
			t.Errorf("now: %+v %v", now, err)
		}
		if _, err := h.Update(admin, brand.Operator, 1, signup.Patch{Open: ptr(false)}); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("stale: %v", err)
		}
		_, err = h.Update(admin, brand.Operator, 0, signup.Patch{Open: ptr(false)})
		must(t, err)
		must(t, h.customers.Delete(admin, h.like.ID, 0, ""))
	})
}

func TestWhatStrangersSay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		_, err := h.Update(admin, brand.Operator, 0, signup.Patch{Open: ptr(true), Template: &h.like.ID, TermsURL: ptr("https://nordlys.example/terms")})
		must(t, err)
		for _, c := range []struct {
			change func(*signup.Input)
			want   string
		}{
			{func(in *signup.Input) { in.AcceptsTerms = false }, "accepts_terms:terms_not_accepted"},
			{func(in *signup.Input) { in.Name = " " }, "name:required"},
			{func(in *signup.Input) { in.Name = "Win at https://evil.example" }, "name:address_in_name"},
			{func(in *signup.Input) { in.Company = "www.evil.example" }, "company:address_in_name"},
			{func(in *signup.Input) { in.Name = "Ada\u202e" }, "name:bad_text"},
			{func(in *signup.Input) { in.Name = strings.Repeat("a", 121) }, "name:too_long"},
			{func(in *signup.Input) { in.Email = "" }, "email:required"},
			{func(in *signup.Input) { in.Email = "ada@kunde.example\r\nBcc: eve@evil.example" }, "email:bad_email"},
			{func(in *signup.Input) { in.Email = "Ada <ada@kunde.example>" }, "email:bad_email"},
			{func(in *signup.Input) { in.Password = "short" }, "password:too_short"},
			{func(in *signup.Input) { in.Password = "ada lovelace" }, "password:too_personal"},
			{func(in *signup.Input) { in.Country = "Atlantis" }, "country:bad_country"},
			{func(in *signup.Input) { in.Language = "klingonish" }, "language:bad_language"},
			{func(in *signup.Input) { in.Telephone = "12" }, "telephone:bad_phone"},
		} {
			in := ada()
			in.AcceptsTerms = true
			c.change(&in)
			if got := code(h.SignUp(here, in)); got != "invalid "+c.want {
				t.Errorf("%s: %s", c.want, got)
			}
		}
		in := ada()
		in.AcceptsTerms, in.Name = true, "<img src=x>\r\nBcc: eve"
		must(t, h.SignUp(here, in))
		sent := h.mails()
		if len(sent) != 1 || strings.Contains(sent[0].HTML, "<img") || strings.Contains(sent[0].Text, "\nBcc") || strings.Contains(sent[0].Subject, "img") {
			t.Errorf("the mail: %+v", sent)
		}
		_, err = h.Confirm(here, tokenOf(t, sent[0]), word)
		must(t, err)
		if n := h.count(`SELECT COUNT(*) FROM audit_entries WHERE message = 'Signed up' AND comment = 'Terms accepted: https://nordlys.example/terms'`); n != 1 {
			t.Errorf("the terms are in %d entries", n)
		}
		if n := h.count(`SELECT COUNT(*) FROM audit_entries WHERE changes LIKE '%fish and fresh%' OR changes LIKE '%argon2%'`); n != 0 {
			t.Error("the password is in the audit")
		}
	})
}

func TestManyAreHeldUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(false)
		in := ada()
		for n := range 4 {
			err := h.SignUp(stranger("crm.example.net", fmt.Sprintf("192.0.2.%d", n)), in)
			if e, ok := errs.As(err); (n < 3) != (err == nil) || n == 3 && (!ok || e.Code != "too_many_sign_ups" || e.RetryAfter != 3600) {
				t.Errorf("sign-up %d with an address: %v", n, err)
			}
		}
		from := func(n, host int) error {
			in := ada()
			in.Email = fmt.Sprintf("n%d@kunde.example", n)
			return h.SignUp(stranger("crm.example.net", fmt.Sprintf("2001:db8::%x", host)), in)
		}
		for n := range 11 { // one network
			if err := from(n, n); (n < 10) != (err == nil) {
				t.Errorf("sign-up %d from a network: %v", n, err)
			}
		}
		h.clock.Advance(time.Hour)
		must(t, from(20, 1))
		must(t, h.SignUp(here, in))
	})
}

// Who asked with the address of somebody else gets nothing from it: the other does not know the password.
func TestTheLinkAloneOpensNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.opened(false)
		token := h.link(here, ada())
		for range 10 {
			if _, err := h.Confirm(here, token, "a guess of mine"); code(err) != "invalid password:other_password" {
				t.Fatalf("a guess: %v", err)
			}
		}
		if _, err := h.Confirm(here, token, word); code(err) != "bad_link token:bad_link" {
			t.Errorf("after too many guesses: %v", err)
		}
	})
}
