package contact_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

func TestContact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "Fjord Nett", Country: "ES"})
		c := h.add(t, k.ID, contact.Patch{Name: text("  Øyvind  Berg "), Email: text("O.Berg@example.org"), Type: text("CEO"), Role: text("Owner"), Phone: text("911 234 567"), Mobile: text("+47 412 34 567"),
			PublicNotes: text("Likes mornings"), PrivateNotes: text("Beware of the dog"), EmailVerified: yes(),
			AllowedIPs: &[]string{"192.0.2.77/24", "192.0.2.0/24", "2001:DB8:1::1", "::ffff:198.51.100.9", ""}})
		if c.Role != contact.RoleOwner || c.Phone != "+34911234567" || c.Mobile != "+4741234567" || c.Customer.Name != "Fjord Nett" || c.CustomerID != k.CustomerID {
			t.Errorf("%+v", c)
		}
		if got := strings.Join(c.AllowedIPs, " "); got != "192.0.2.0/24 2001:db8:1::1/128 198.51.100.9/32" {
			t.Errorf("networks %s", got)
		}
		if !c.EmailVerified || c.EmailProof.By != "Tess Tester" || !c.EmailProof.At.Equal(h.clock.Now()) || c.MobileVerified || !c.MobileProof.At.IsZero() {
			t.Errorf("proofs %+v %+v", c.EmailProof, c.MobileProof)
		}
		again, err := h.Get(admin(t), c.ID)
		if err != nil || again.PrivateNotes != "Beware of the dog" || again.Version != 1 || !slices.Equal(again.AllowedIPs, c.AllowedIPs) {
			t.Errorf("%+v, %v", again, err)
		}
		for _, q := range []string{"øyvind", "berg", "o.berg@", "911234", "41234567", "fjord", strings.ToLower(k.CustomerID), "erg"} {
			wantNames(t, h, list.Query{Q: q}, c.Name)
		}
		wantNames(t, h, list.Query{Q: "dog"})
		wantNames(t, h, list.Query{Q: "mornings"}) // no keyword, but a filter finds it
		wantNames(t, h, list.Query{Filter: `{"field":"public_notes","op":"contains","value":"morn"}`}, c.Name)
		if _, _, err := h.List(admin(t), list.Query{Filter: `{"field":"private_notes","op":"contains","value":"dog"}`}); err == nil {
			t.Error("private notes stand in a filter")
		}
	})
}

func TestEveryWrongFieldIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "Wrong"})
		_, err := h.Create(admin(t), k.ID, contact.Patch{Email: text("no"), Role: text("king"), Phone: text("12"), Mobile: text("x"), Type: text(strings.Repeat("x", 61)), MobileVerified: yes(),
			AllowedIPs: &[]string{"300.1.1.1", "fe80::1%eth0"}, PublicNotes: text("password: tiger"), Insist: []string{"name"}})
		wantWrong(t, err, "type too_long", "name missing", "email bad_email", "role unknown_choice", "phone bad_phone", "mobile bad_phone", "allowed_ips bad_network", "allowed_ips bad_network",
			"insist unknown_field", "public_notes looks_like_secret")
		_, err = h.Create(admin(t), k.ID, contact.Patch{Name: text("A"), EmailVerified: yes(), MobileVerified: yes()})
		wantWrong(t, err, "email_verified missing", "mobile_verified missing")
		_, err = h.Create(admin(t), 77, contact.Patch{Name: text("A")})
		wantKind(t, err, errs.KindNotFound)
	})
}

func TestAnEmailStandsOnceAtACustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		one, two := h.customer(t, customer.Draft{Name: "One"}), h.customer(t, customer.Draft{Name: "Two"})
		a := h.add(t, one.ID, contact.Patch{Name: text("Ana"), Email: text("ana@example.org")})
		h.add(t, two.ID, contact.Patch{Name: text("Ana there"), Email: text("ana@example.org")})
		_, err := h.Create(admin(t), one.ID, contact.Patch{Name: text("Ana again"), Email: text("ANA@example.org")})
		wantWrong(t, err, "email duplicate_email")
		if e, _ := errs.As(err); !strings.Contains(e.Fields[0].Message, "Ana (con_") {
			t.Errorf("the other is not named: %s", e.Fields[0].Message)
		}
		h.add(t, one.ID, contact.Patch{Name: text("None")})
		h.add(t, one.ID, contact.Patch{Name: text("None either")})
		if err := h.Delete(admin(t), a.ID, 0); err != nil {
			t.Fatal(err)
		}
		h.add(t, one.ID, contact.Patch{Name: text("Ana anew"), Email: text("ana@example.org")})
		var wg sync.WaitGroup
		errors := make([]error, 8)
		for i := range errors {
			wg.Go(func() {
				_, errors[i] = h.Create(admin(t), two.ID, contact.Patch{Name: text("Racer"), Email: text("race@example.org")})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errors {
			if err == nil {
				won++
				continue
			}
			wantWrong(t, err, "email duplicate_email")
		}
		if won != 1 {
			t.Errorf("%d of 8 got the address", won)
		}
	})
}

func TestAnotherAddressClearsItsFlag(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "Flags"})
		c := h.add(t, k.ID, contact.Patch{Name: text("A"), Email: text("a@example.org"), Mobile: text("41234567"), EmailVerified: yes(), MobileVerified: yes()})
		change := func(p contact.Patch) *contact.Contact {
			t.Helper()
			h.clock.Advance(time.Hour)
			got, err := h.Update(admin(t), c.ID, 0, p)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := change(contact.Patch{Email: text("A@example.org"), Type: text("x")}); !got.EmailVerified || !got.EmailProof.At.Equal(c.EmailProof.At) {
			t.Errorf("another letter case cleared it: %+v", got)
		}
		if got := change(contact.Patch{Email: text("b@example.org")}); got.EmailVerified || !got.EmailProof.At.IsZero() || got.EmailProof.By != "" || !got.MobileVerified {
			t.Errorf("another address: %+v", got)
		}
		if got := change(contact.Patch{Mobile: text("")}); got.MobileVerified || !got.MobileProof.At.IsZero() {
			t.Errorf("no number: %+v", got)
		}
		if got := change(contact.Patch{Email: text("c@example.org"), EmailVerified: yes()}); !got.EmailVerified || !got.EmailProof.At.Equal(h.clock.Now()) {
			t.Errorf("with its flag: %+v", got)
		}
		now, err := h.Get(admin(t), c.ID)
		if err != nil || now.Version != 5 {
			t.Errorf("version %d, %v", now.Version, err)
		}
		_, err = h.Update(admin(t), c.ID, 1, contact.Patch{Name: text("late")})
		wantKind(t, err, errs.KindStale)
		if same := change(contact.Patch{Name: text("A")}); same.Version != 5 {
			t.Errorf("nothing changed, and the version is %d", same.Version)
		}
	})
}

func TestNotesThatLookLikeSecrets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "Notes"})
		c := h.add(t, k.ID, contact.Patch{Name: text("A"), PublicNotes: text("Ring twice")})
		for _, note := range []string{"Password: tiger", "pwd=x", "PIN 1234", "the pin is 998877", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "AKIAIOSFODNN7EXAMPLE", "sk_test_4eC39HqLyjWDarjt",
			"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "use 9f86d081884c7d659a2feaa0c55ad015", "contraseña: hola", "the password is Tiger7", "ghp_abcdefghijklmnop1234", "https://joe:hunter2@example.org/"} {
			for _, p := range []contact.Patch{{PublicNotes: text(note)}, {PrivateNotes: text(note), Insist: []string{"public_notes"}}} {
				field := "public_notes"
				if p.PrivateNotes != nil {
					field = "private_notes"
				}
				_, err := h.Update(admin(t), c.ID, 0, p)
				wantWrong(t, err, field+" looks_like_secret")
				if err != nil && strings.Contains(err.Error(), note) {
					t.Errorf("the refusal tells %q", note)
				}
			}
		}
		for _, note := range []string{"The password is sent by mail", "Spinnaker 4000 owner", "Tel +4722995494 or 22 99 54 94", "Hovedkontoret/Avdeling/Nord/2024", "DE89370400440532013000", "TechnicalSupportDepartmentNorth",
			"anna.andersson.lindqvist2024@longcompanyname.example.org", "https://www.example.org/customers/north/overview-2026", "Rechnung RE-2026-000123-A", "a very long description without anything hidden in it at all"} {
			if _, err := h.Update(admin(t), c.ID, 0, contact.Patch{PublicNotes: text(note)}); err != nil {
				t.Errorf("%q is refused: %v", note, err)
			}
		}
		got, err := h.Update(admin(t), c.ID, 0, contact.Patch{PrivateNotes: text("PIN 4711"), PublicNotes: text("Password: 4712"), Insist: []string{"private_notes", "public_notes"}})
		if err != nil || got.PrivateNotes != "PIN 4711" {
			t.Fatalf("insisted: %+v, %v", got, err)
		}
		if _, err := h.Update(admin(t), c.ID, 0, contact.Patch{PublicNotes: text("Gone"), Type: text("CEO")}); err != nil {
			t.Error(err)
		}
		told := h.told(t)
		for _, secret := range []string{"4711", "4712"} {
			if strings.Contains(told, secret) {
				t.Errorf("the audit tells %s", secret)
			}
		}
		if !strings.Contains(told, "Contact changed, insisting on a note that looks like a secret") || !strings.Contains(told, `"insisted"`) {
			t.Errorf("the audit does not tell who insisted: %s", told)
		}
	})
}

// told is everything the audit says.
func (h *house) told(t testing.TB) string {
	t.Helper()
	rows, _, err := h.audit.List(admin(t), list.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestPrivateNotesAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "Private"})
		c := h.add(t, k.ID, contact.Patch{Name: text("A"), PrivateNotes: text("hush-hush")})
		plain := as(t, access.ContactRead, access.ContactWrite, access.ContactDelete, access.CustomerExport)
		got, err := h.Get(plain, c.ID)
		if err != nil || got.PrivateNotes != "" {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = h.Update(plain, c.ID, 0, contact.Patch{PrivateNotes: text("mine")})
		wantKind(t, err, errs.KindForbidden)
		if got, err = h.Update(plain, c.ID, 0, contact.Patch{Type: text("CEO")}); err != nil || got.PrivateNotes != "" {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err = h.Get(admin(t), c.ID); err != nil || got.PrivateNotes != "hush-hush" {
			t.Errorf("somebody who may not see them lost them: %+v, %v", got, err)
		}
		_, err = h.Update(plain, c.ID, 1, contact.Patch{Type: text("late")})
		if e, ok := errs.As(err); !ok || e.Current.(*contact.Contact).PrivateNotes != "" {
			t.Errorf("a stale change shows them: %v", err)
		}
		if rows, _, err := h.List(admin(t), list.Query{}); err != nil || rows[0].PrivateNotes != "" {
			t.Errorf("a list has them: %+v, %v", rows, err)
		}
		file := func(private bool) string {
			t.Helper()
			var seen string
			if err := h.Export(admin(t), list.Query{}, private, func(page []*contact.Contact) error { seen += page[0].PrivateNotes; return nil }); err != nil {
				t.Fatal(err)
			}
			return seen
		}
		if file(false) != "" || file(true) != "hush-hush" {
			t.Error("files")
		}
		wantKind(t, h.Export(plain, list.Query{}, true, nil), errs.KindForbidden)
		wantKind(t, h.Export(as(t, access.ContactRead), list.Query{}, false, nil), errs.KindForbidden)
		if strings.Contains(h.told(t), "hush") {
			t.Error("the audit tells them")
		}
	})
}

func TestContactsFollowTheirCustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "Before"})
		c := h.add(t, k.ID, contact.Patch{Name: text("Ana")})
		gone := h.add(t, k.ID, contact.Patch{Name: text("Gone")})
		if err := h.Delete(admin(t), gone.ID, gone.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := h.customers.Update(admin(t), k.ID, 0, []customer.Change{{Field: "name", Value: "After"}}); err != nil {
			t.Fatal(err)
		}
		wantNames(t, h, list.Query{Q: "before"})
		wantNames(t, h, list.Query{Q: "after"}, "Ana")
		wantNames(t, h, list.Query{Filter: `{"field":"customer_name","op":"eq","value":"AFTER"}`}, "Ana")
		if err := h.customers.Delete(admin(t), k.ID, 0, "left"); err != nil {
			t.Fatal(err)
		}
		wantNames(t, h, list.Query{Filter: `{"field":"customer_closed","op":"eq","value":true}`}, "Ana")
		of, _, err := h.Of(admin(t), k.ID, list.Query{})
		if err != nil || len(of) != 1 || !of[0].CustomerClosed {
			t.Errorf("of the closed customer: %+v, %v", of, err)
		}
		_, err = h.Create(admin(t), k.ID, contact.Patch{Name: text("New")})
		wantKind(t, err, errs.KindConflict)
		_, err = h.Update(admin(t), c.ID, 0, contact.Patch{Name: text("New")})
		wantKind(t, err, errs.KindConflict)
		wantKind(t, h.Delete(admin(t), c.ID, 0), errs.KindConflict)
		if _, err := h.customers.Update(admin(t), k.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Update(admin(t), c.ID, 0, contact.Patch{Name: text("Back")}); err != nil {
			t.Error(err)
		}
		wantNames(t, h, list.Query{}, "Back")
	})
}

// Whoever comes first wins: no contact of a closed customer changes, and none is added.
func TestNobodyChangesContactsOfACustomerThatCloses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		for range 12 {
			k := h.customer(t, customer.Draft{Name: "Closing"})
			c := h.add(t, k.ID, contact.Patch{Name: text("Old")})
			var wg sync.WaitGroup
			var added, changed, closed error
			wg.Go(func() { _, added = h.Create(admin(t), k.ID, contact.Patch{Name: text("New")}) })
			wg.Go(func() { _, changed = h.Update(admin(t), c.ID, 0, contact.Patch{Type: text("x")}) })
			wg.Go(func() { closed = h.customers.Delete(admin(t), k.ID, 0, "") })
			wg.Wait()
			for _, err := range []error{added, changed} {
				if err != nil && !errs.IsKind(err, errs.KindConflict) {
					t.Error(err)
				}
			}
			if closed != nil {
				t.Error(closed)
			}
		}
	})
}

func TestRemovedContactsAreInNoList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "House"})
		a := h.add(t, k.ID, contact.Patch{Name: text("Ana"), Type: text("CEO")})
		h.add(t, k.ID, contact.Patch{Name: text("Bo"), Type: text("Night shift")})
		h.add(t, k.ID, contact.Patch{Name: text("Cy"), Type: text("ceo")})
		types, err := h.Types(admin(t))
		if err != nil || !slices.Equal(types, []string{"CEO", "Night shift"}) {
			t.Errorf("types %q, %v", types, err)
		}
		wantKind(t, h.Delete(admin(t), a.ID, 7), errs.KindStale)
		if err := h.Delete(admin(t), a.ID, a.Version); err != nil {
			t.Fatal(err)
		}
		wantKind(t, h.Delete(admin(t), a.ID, 0), errs.KindNotFound)
		_, err = h.Update(admin(t), a.ID, 0, contact.Patch{Name: text("Back")})
		wantKind(t, err, errs.KindNotFound)
		wantNames(t, h, list.Query{}, "Bo", "Cy")
		wantNames(t, h, list.Query{Q: "ana"})
		if got, err := h.Get(admin(t), a.ID); err != nil || got.RemovedAt.IsZero() {
			t.Errorf("%+v, %v", got, err)
		}
		hits, err := h.Hits(as(t, access.ContactRead), "bo", 5)
		if err != nil || len(hits) != 1 || hits[0].Title != "Bo" {
			t.Errorf("%+v, %v", hits, err)
		}
		for _, filter := range []string{`{"field":"name","op":"eq","value":"Bo"}],"or":[{"field":"name","op":"eq","value":"Cy"}`, `x`} {
			if _, _, err := h.Of(admin(t), k.ID, list.Query{Filter: filter}); err == nil {
				t.Errorf("a filter that breaks out is taken: %s", filter)
			}
		}
	})
}

func TestTheSearchIsMadeAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		k := h.customer(t, customer.Draft{Name: "House"})
		h.add(t, k.ID, contact.Patch{Name: text("Ana")})
		h.empty(t)
		if err := contact.Refill(t.Context(), h.db); err != nil {
			t.Fatal(err)
		}
		wantNames(t, h, list.Query{Q: "hous an"}, "Ana")
	})
}
