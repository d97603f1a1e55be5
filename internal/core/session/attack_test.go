package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
)

// Every spelling of an address that signs in the same person is counted as one, so that none gives more tries.
func TestSpellingsOfAnAddressShareTheirTries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		boss := access.With(t.Context(), access.Call{Principal: access.System("test")})
		if _, err := h.staff.Create(boss, staff.Input{Name: "Kåre", Email: "kåre.ås@example.com", Role: access.RoleSupport, Password: good}); err != nil {
			t.Fatal(err)
		}
		spellings := []string{"kåre.ås@example.com", " KÅRE.ÅS@EXAMPLE.COM\t", "ka\u030are.ås@example.com", "kåre.a\u030as@example.com", "\u212Aåre.\u212Bs@example.com"}
		for i := range 5 {
			if _, err := h.sessions.SignIn(from("192.0.2.1"), session.Credentials{Email: spellings[i%len(spellings)], Password: "wrong"}); !errs.IsKind(err, errs.KindUnauthorized) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		for _, s := range spellings {
			if _, err := h.sessions.SignIn(from("192.0.2.2"), session.Credentials{Email: s, Password: good}); !errs.IsKind(err, errs.KindTooMany) {
				t.Errorf("%q has tries of its own: %v", s, err)
			}
		}
	})
}

// Tries that are held up are noted once for each counter, however many come, and never by what was typed.
func TestHeldUpTriesAreNotedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		boss := access.With(t.Context(), access.Call{Principal: access.System("test")})
		if _, err := h.staff.Create(boss, staff.Input{Name: "Bea", Email: "bea@example.com", Role: access.RoleSupport, Password: good}); err != nil {
			t.Fatal(err)
		}
		noted := func() (names []string) {
			t.Helper()
			if err := d.Read().SelectContext(t.Context(), &names, "SELECT row_name FROM audit_entries WHERE message LIKE 'Sign-in tries held up%' ORDER BY id"); err != nil {
				t.Fatal(err)
			}
			return names
		}
		for i := range 40 {
			_, err := h.sessions.SignIn(from("192.0.2.1"), session.Credentials{Email: "bea@example.com", Password: "wrong"})
			if err == nil {
				t.Fatal(i)
			}
			h.clock.Advance(16 * time.Minute)
		}
		if got := noted(); !slices.Equal(got, []string{"Bea", "Bea", ""}) { // the address twice, where it came from once
			t.Errorf("%q", got)
		}
		for i := range 100 { // a spray over addresses nobody has
			_, _ = h.sessions.SignIn(from("192.0.2.9"), session.Credentials{Email: fmt.Sprintf("secret-%d@example.com", i), Password: "wrong"})
		}
		if got := noted(); len(got) > 4 || strings.Contains(strings.Join(got, " "), "secret") {
			t.Errorf("%q", got)
		}
	})
}
