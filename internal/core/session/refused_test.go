package session_test

import (
	"context"
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

// refusals is what the audit tells of tries that were refused, the oldest first.
func (h *house) refusals() (out []string) {
	h.t.Helper()
	var rows []struct {
		Name    string `db:"row_name"`
		IP      string `db:"ip"`
		Changes string `db:"changes"`
	}
	err := h.db.Read().SelectContext(context.Background(), &rows, "SELECT row_name, ip, changes FROM audit_entries WHERE message IN ('Sign-in refused', 'Password asked for again was wrong') ORDER BY id")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range rows {
		out = append(out, r.Name+" "+r.IP+" "+r.Changes)
	}
	return out
}

func TestEachRefusedTryIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		gone := h.create("gone@example.com", access.RoleSupport)
		if _, err := h.staff.Update(as(h.admin), gone.ID, 0, staff.Patch{Status: ptr(staff.StatusDisabled)}); err != nil {
			t.Fatal(err)
		}
		try := func(ip, email, password string) string {
			_, err := h.sessions.SignIn(from(ip), session.Credentials{Email: email, Password: password})
			if !errs.IsKind(err, errs.KindUnauthorized) {
				t.Fatalf("%s: %v", email, err)
			}
			return err.Error()
		}
		answers := []string{try("192.0.2.1", "ann@example.com", "wrong"), try("192.0.2.2", "nobody@example.com", good), try("192.0.2.3", "gone@example.com", good),
			try("192.0.2.4", "correct horse battery", good), try("192.0.2.5", strings.Repeat("x", 300)+"@"+strings.Repeat("y.", 300)+"z", "wrong")}
		for _, a := range answers {
			if a != answers[0] {
				t.Errorf("the answers differ: %q", answers)
			}
		}
		h.signIn()
		got := h.refusals()
		if len(got) != 5 {
			t.Fatalf("noted %q", got)
		}
		for i, want := range [][]string{
			{"Ann 192.0.2.1", "wrong_password", `"a…@example.com"`}, {" 192.0.2.2", "unknown_address", `"n…@example.com"`},
			{"gone@example.com 192.0.2.3", "disabled", `"g…@example.com"`}, {" 192.0.2.4", "unknown_address", "null"}, {" 192.0.2.5", "unknown_address", "y.y."},
		} {
			for _, w := range want {
				if !strings.Contains(got[i], w) {
					t.Errorf("%s lacks %s", got[i], w)
				}
			}
			if strings.Contains(got[i], "horse") || strings.Contains(got[i], "nobody") || len(got[i]) > 300 {
				t.Errorf("it keeps too much: %s", got[i])
			}
		}
	})
}

// TestRefusalsDoNotFlood: there are no more entries than tries that were let through.
func TestRefusalsDoNotFlood(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		through := 0
		for i := range 300 {
			_, err := h.sessions.SignIn(from("192.0.2.1"), session.Credentials{Email: fmt.Sprintf("p%d@example.com", i), Password: "wrong"})
			if errs.IsKind(err, errs.KindUnauthorized) {
				through++
			}
		}
		if got := h.refusals(); len(got) != through || through > 40 {
			t.Errorf("%d were let through, %d noted", through, len(got))
		}
		h.clock.Advance(time.Hour)
		first := h.signIn()
		ctx := access.With(t.Context(), access.Call{Principal: first.Principal, IP: "192.0.2.77"})
		for range 50 {
			if err := h.sessions.ProveAgain(ctx, "wrong", ""); err == nil {
				t.Fatal("a wrong password proves who it is")
			}
		}
		if got := h.refusals(); len(got) > through+10 || !slices.ContainsFunc(got[through:], func(s string) bool { return strings.HasPrefix(s, "Ann ") && strings.Contains(s, "wrong_password") }) {
			t.Errorf("%d were noted: %q", len(got)-through, got[through:])
		}
	})
}
