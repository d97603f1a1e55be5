package verification_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/notify"
	"tandem/internal/core/verification"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// post takes mails and texts.
type post struct {
	mails []notify.Outgoing
	texts []notify.Text
}

func (p *post) From() string { return "crm@example.net" }
func (p *post) Send(_ context.Context, m notify.Outgoing) error {
	p.mails = append(p.mails, m)
	return nil
}
func (p *post) SendText(_ context.Context, _ notify.Target, t notify.Text) error {
	p.texts = append(p.texts, t)
	return nil
}
func (p *post) Allowed(netip.Addr) error { return nil }

// house is one customer with contacts who want to verify their addresses.
type house struct {
	*verification.Service
	t        *testing.T
	db       *db.DB
	clock    *clock.Manual
	post     *post
	mail     *notify.Service
	contacts *contact.Service
	fjord    *customer.Customer
	other    *customer.Customer
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		ids := id.NewSource(c)
		log, quiet := audit.NewLog(c, ids), slog.New(slog.DiscardHandler)
		box, err := secret.NewBox(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		customers, err := customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
			Defaults: func(context.Context) (customer.Defaults, error) {
				return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "UTC", Retention: time.Hour}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		h := &house{t: t, db: d, clock: c, post: &post{}}
		h.contacts = contact.New(contact.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers})
		h.mail = notify.New(notify.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Box: box, Sender: h.post, Texts: h.post,
			Place: func(context.Context, db.Q, int64) (notify.Place, error) {
				return notify.Place{Address: "https://crm.example.net", Organization: "Nordlys", Language: "en", Zone: "UTC"}, nil
			}})
		h.Service = verification.New(verification.Options{DB: d, Clock: c, IDs: ids, Audit: log, Box: box, Contacts: h.contacts, Mail: h.mail})
		for name, at := range map[string]**customer.Customer{"Fjord Fisk": &h.fjord, "Other": &h.other} {
			if *at, err = customers.Create(admin, customer.Draft{Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		fn(t, h)
	})
}

var admin = access.With(context.Background(), access.Call{Principal: access.System("test")})

func (h *house) add(of *customer.Customer, p contact.Patch) *contact.Contact {
	h.t.Helper()
	name := "Ola"
	p.Name = &name
	c, err := h.contacts.Create(admin, of.ID, p)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// ola is a contact with both addresses, and the context in which they act.
func (h *house) ola() (*contact.Contact, context.Context) {
	email, mobile := "ola@fjord.example", "+4799887766"
	c := h.add(h.fjord, contact.Patch{Email: &email, Mobile: &mobile})
	return c, in(c)
}

func in(c *contact.Contact) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindContact, ID: c.ID, Name: c.Name, Customer: c.Customer.ID,
		Permissions: access.PortalPermissions(string(contact.RoleOwner))}})
}

// texts switches the gateway on.
func (h *house) texts() {
	h.t.Helper()
	url, on := "https://sms.example.net/send", true
	if _, _, err := h.mail.SetGateway(admin, 0, notify.GatewayPatch{URL: &url, Enabled: &on}); err != nil {
		h.t.Fatal(err)
	}
}

// sent asks for a code and reads it from what comes.
func (h *house) sent(ctx context.Context, a contact.Address) string {
	h.t.Helper()
	if _, err := h.Start(ctx, a); err != nil {
		h.t.Fatal(err)
	}
	return h.read(a)
}

func (h *house) read(a contact.Address) string {
	h.t.Helper()
	for {
		worked, err := h.mail.Work(context.Background())
		if err != nil {
			h.t.Fatal(err)
		}
		if !worked {
			break
		}
	}
	if a == contact.AddressMobile {
		return h.post.texts[len(h.post.texts)-1].Text[:6]
	}
	_, code, found := strings.Cut(h.post.mails[len(h.post.mails)-1].Text, "#verify=email&code=")
	if !found {
		h.t.Fatalf("no code in %s", h.post.mails[len(h.post.mails)-1].Text)
	}
	return code[:6]
}

func (h *house) state(ctx context.Context, a contact.Address) verification.State {
	h.t.Helper()
	all, err := h.Own(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, one := range all {
		if one.Address == a {
			return one
		}
	}
	h.t.Fatalf("nothing is told of %s", a)
	return verification.State{}
}

// not is a code that is another one.
func not(code string) string {
	if code[0] == '1' {
		return "2" + code[1:]
	}
	return "1" + code[1:]
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

func (h *house) want(err error, want string) {
	h.t.Helper()
	if code(err) != want {
		h.t.Errorf("%v, want %s", err, want)
	}
}

func TestBothAddresses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, ctx := h.ola()
		if s := h.state(ctx, contact.AddressMobile); s.Offered || s.Value != c.Mobile {
			t.Errorf("offered without a gateway: %+v", s)
		}
		_, err := h.Start(ctx, contact.AddressMobile)
		h.want(err, "no_sms_gateway")
		h.texts()
		for _, a := range contact.Addresses() {
			if s := h.state(ctx, a); !s.Offered || s.Pending || s.Verified {
				t.Errorf("%+v", s)
			}
			word := h.sent(ctx, a)
			if s := h.state(ctx, a); !s.Pending || s.Left != verification.MostWrong || !s.Expires.Equal(h.clock.Now().Add(15*time.Minute)) || !s.Next.Equal(h.clock.Now().Add(time.Minute)) {
				t.Errorf("%+v", s)
			}
			_, err := h.Confirm(ctx, a, not(word))
			h.want(err, "code wrong_code")
			after, err := h.Confirm(ctx, a, " "+word[:3]+" "+word[3:]) // as people type it
			if err != nil {
				t.Fatal(err)
			}
			if _, is := a.Value(after); !is || h.state(ctx, a).Offered || h.state(ctx, a).Pending {
				t.Errorf("%s: %+v", a, after)
			}
			_, err = h.Confirm(ctx, a, word)
			h.want(err, "code_ended")
			_, err = h.Start(ctx, a)
			h.want(err, "already_verified")
			// Nobody can read the code but where it went.
			var kept []string
			if err := h.db.Read().SelectContext(t.Context(), &kept, `SELECT subject || body_text || body_html || last_error FROM emails UNION ALL SELECT changes || message FROM audit_entries`); err != nil || strings.Contains(strings.Join(kept, "\n"), word) {
				t.Errorf("%s is kept, %v", word, err)
			}
		}
		now, err := h.contacts.Get(admin, c.ID)
		if err != nil || !now.EmailVerified || !now.MobileVerified || now.EmailProof.By != "Ola" {
			t.Errorf("%+v %v", now, err)
		}
		var told []string
		if err := h.db.Read().SelectContext(t.Context(), &told, `SELECT message FROM audit_entries WHERE table_name = 'contacts' ORDER BY id`); err != nil ||
			strings.Join(told, ", ") != "Contact added, Verification code sent, E-mail verified by a code, Verification code sent, Mobile number verified by a code" {
			t.Errorf("%q %v", told, err)
		}
	})
}

func TestWhenACodeEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, ctx := h.ola()
		const a = contact.AddressEmail
		_, err := h.Confirm(ctx, a, "123456")
		h.want(err, "code_ended")
		old := h.sent(ctx, a)
		for n := range verification.MostWrong {
			_, err := h.Confirm(ctx, a, not(old))
			h.want(err, map[bool]string{false: "code wrong_code", true: "code_ended"}[n == verification.MostWrong-1])
		}
		_, err = h.Confirm(ctx, a, old)
		h.want(err, "code_ended")
		h.clock.Advance(time.Minute)
		old = h.sent(ctx, a)
		h.clock.Advance(verification.Life)
		_, err = h.Confirm(ctx, a, old)
		h.want(err, "code_ended")
		old = h.sent(ctx, a)
		h.clock.Advance(time.Minute)
		word := h.sent(ctx, a)
		if old != word {
			_, err = h.Confirm(ctx, a, old)
			h.want(err, "code wrong_code")
		}
		// Another address, and back: what was sent to the former is of no use for the latter.
		other := "ola@other.example"
		if _, err := h.contacts.Update(admin, c.ID, 0, contact.Patch{Email: &other}); err != nil {
			t.Fatal(err)
		}
		if s := h.state(ctx, a); s.Pending {
			t.Errorf("%+v", s)
		}
		_, err = h.Confirm(ctx, a, word)
		h.want(err, "code_ended")
		word = h.sent(ctx, a) // at once: it is another address
		if after, err := h.Confirm(ctx, a, word); err != nil || !after.EmailVerified {
			t.Errorf("%+v %v", after, err)
		}
		third := "ola@third.example"
		if after, err := h.contacts.Update(admin, c.ID, 0, contact.Patch{Email: &third}); err != nil || after.EmailVerified {
			t.Errorf("%+v %v", after, err)
		}
		_, err = h.Start(ctx, "phone")
		h.want(err, "address unknown_choice")
		_, err = h.Start(ctx, contact.AddressMobile)
		h.want(err, "no_sms_gateway")
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		_, ctx := h.ola()
		h.texts()
		const a, m = contact.AddressEmail, contact.AddressMobile
		h.sent(ctx, a)
		_, err := h.Start(ctx, a)
		if e, ok := errs.As(err); !ok || e.Code != "too_many_codes" || e.RetryAfter != 60 || e.Kind != errs.KindTooMany {
			t.Errorf("%v", err)
		}
		for range 4 {
			h.clock.Advance(time.Minute)
			h.sent(ctx, a)
		}
		h.clock.Advance(time.Minute)
		_, err = h.Start(ctx, a)
		if e, ok := errs.As(err); !ok || e.Code != "too_many_codes" || e.RetryAfter != 24*3600-5*60 {
			t.Errorf("%v %+v", err, e)
		}
		// The same address of another customer's contact counts with it.
		email := "OLA@fjord.example"
		twin := h.add(h.other, contact.Patch{Email: &email})
		_, err = h.Start(in(twin), a)
		h.want(err, "too_many_codes")
		for range 5 {
			h.sent(ctx, m)
			h.clock.Advance(time.Minute)
		}
		_, err = h.Start(ctx, m)
		h.want(err, "too_many_codes")
		h.clock.Advance(24 * time.Hour)
		h.sent(ctx, a)
		if err := h.Purge(admin); err != nil {
			t.Fatal(err)
		}
		if s := h.state(ctx, a); !s.Pending {
			t.Errorf("%+v", s)
		}
	})
}

// Of sixteen who enter the right code at once one wins; sixteen wrong ones count five; sixteen who ask get one.
func TestRaces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		_, ctx := h.ola()
		const a = contact.AddressEmail
		race := func(fn func() error) (won int64, codes map[string]int) {
			var all sync.WaitGroup
			var n atomic.Int64
			var mu sync.Mutex
			codes = map[string]int{}
			for range 16 {
				all.Go(func() {
					err := fn()
					if err == nil {
						n.Add(1)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					codes[code(err)]++
				})
			}
			all.Wait()
			return n.Load(), codes
		}
		if won, codes := race(func() error { _, err := h.Start(ctx, a); return err }); won != 1 || codes["too_many_codes"] != 15 {
			t.Errorf("%d were sent, %v", won, codes)
		}
		word := h.read(a)
		if won, codes := race(func() error { _, err := h.Confirm(ctx, a, not(word)); return err }); won != 0 || codes["code wrong_code"] != 4 || codes["code_ended"] != 12 {
			t.Errorf("%d won, %v", won, codes)
		}
		h.clock.Advance(time.Minute)
		word = h.sent(ctx, a)
		if won, codes := race(func() error { _, err := h.Confirm(ctx, a, word); return err }); won != 1 || codes["code_ended"] != 15 {
			t.Errorf("%d won, %v", won, codes)
		}
	})
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c, ctx := h.ola()
		looker := access.From(ctx)
		looker.Principal.Permissions = []access.Permission{access.PortalView}
		_, err := h.Start(access.With(ctx, looker), contact.AddressEmail)
		h.want(err, "forbidden")
		_, err = h.Confirm(access.With(ctx, looker), contact.AddressEmail, "123456")
		h.want(err, "forbidden")
		_, err = h.StartFor(ctx, c.ID, contact.AddressEmail)
		h.want(err, "forbidden")
		// Staff send one; only the contact can enter it, and only their own.
		if _, err := h.StartFor(admin, c.ID, contact.AddressEmail); err != nil {
			t.Fatal(err)
		}
		word := h.read(contact.AddressEmail)
		email := "per@fjord.example"
		_, err = h.Confirm(in(h.add(h.fjord, contact.Patch{Email: &email})), contact.AddressEmail, word)
		h.want(err, "code_ended")
		foreign := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, Root: h.other.ID, Permissions: []access.Permission{access.ContactWrite}}})
		_, err = h.StartFor(foreign, c.ID, contact.AddressEmail)
		h.want(err, "not_found")
		// Sent again it is another code, again and again.
		var ids []int64
		for range 2 {
			h.clock.Advance(time.Minute)
			if err := h.db.Read().SelectContext(t.Context(), &ids, `SELECT id FROM emails ORDER BY id DESC LIMIT 1`); err != nil {
				t.Fatal(err)
			}
			if _, err := h.mail.Resend(admin, ids[0], notify.Edit{}); err != nil {
				t.Fatal(err)
			}
			word = h.read(contact.AddressEmail)
		}
		_, err = h.mail.Resend(admin, ids[0], notify.Edit{})
		h.want(err, "too_many_codes")
		if after, err := h.Confirm(ctx, contact.AddressEmail, word); err != nil || !after.EmailVerified {
			t.Errorf("%+v %v", after, err)
		}
	})
}
