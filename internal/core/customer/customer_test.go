package customer_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
)

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newHouse(t, d)) })
}

func wantCodes(t *testing.T, err error, want ...string) {
	t.Helper()
	e, ok := errs.As(err)
	if !ok {
		t.Fatalf("got %v, want wrong fields %v", err, want)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Field+":"+f.Code)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("wrong fields %v, want %v", got, want)
	}
}

func TestCreateFillsInAndNormalises(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := h.create(t, customer.Draft{FirstName: " Øyvind ", LastName: "Løvås", Telephone: "22 99 54 94", Country: "norway", Email: "Lovas@Example.org"})
		if c.Name != "Øyvind Løvås" || c.Telephone != "+4722995494" || c.Country != "NO" || c.Kind != customer.KindCustomer ||
			c.Status != customer.StatusActive || c.BillingType != customer.BillingPrepaid || c.Party != customer.PartyPerson ||
			c.Currency != "EUR" || c.Timezone != "Europe/Oslo" || c.Version != 1 {
			t.Errorf("made %+v", c)
		}
		if number, err := customer.ParseNumber(c.CustomerID); err != nil || number != c.CustomerID {
			t.Errorf("customer ID %q: %v", c.CustomerID, err)
		}
		same, err := h.Get(as(t, access.RoleReadOnly), c.ID)
		if err != nil || same.Email != "Lovas@Example.org" {
			t.Errorf("read %+v, %v", same, err)
		}
	})
}

func TestEveryWrongFieldAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.create(t, customer.Draft{Name: "First", Email: "a@example.org", Reference: "R-1"})
		_, err := h.Create(as(t, access.RoleAdmin), customer.Draft{
			Kind: "friend", Email: "A@EXAMPLE.ORG", Reference: "r-1", Telephone: "123", Country: "Atlantis", Currency: "XYZ", Reseller: 77, Groups: []int64{5},
			City: strings.Repeat("x", 101), Timezone: "Mars/Base",
		})
		wantCodes(t, err, "kind:unknown_choice", "city:too_long", "name:missing_name", "country:bad_country", "currency:bad_currency",
			"timezone:bad_timezone", "telephone:bad_phone", "email:duplicate_email", "reference:duplicate_reference", "reseller:unknown_reseller", "groups:unknown_group")
	})
}

func TestTwoWritersOneEmail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		var mu sync.Mutex
		made, refused := 0, 0
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				_, err := h.Create(ctx, customer.Draft{Name: fmt.Sprint("Racer ", i), Email: "race@example.org"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made++
				} else if e, ok := errs.As(err); ok && e.Fields[0].Code == "duplicate_email" {
					refused++
				} else {
					t.Errorf("unexpected: %v", err)
				}
			})
		}
		wg.Wait()
		if made != 1 || refused != 15 {
			t.Errorf("%d made, %d refused", made, refused)
		}
	})
}

func TestStaleEditIsRefusedWithTheCurrentState(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		c := h.create(t, customer.Draft{Name: "Stale"})
		if _, err := h.Update(ctx, c.ID, 1, []customer.Change{{Field: "city", Value: "Oslo"}}); err != nil {
			t.Fatal(err)
		}
		_, err := h.Update(ctx, c.ID, 1, []customer.Change{{Field: "city", Value: "Bergen"}})
		e, ok := errs.As(err)
		if !ok || e.Kind != errs.KindStale {
			t.Fatalf("got %v", err)
		}
		if now, ok := e.Current.(*customer.Customer); !ok || now.City != "Oslo" || now.Version != 2 {
			t.Errorf("current is %+v", e.Current)
		}
	})
}

func TestStatusMovesOnlyAlongTransitions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		all := []customer.Status{"active", "inactive", "penalty", "pending", "closed"}
		for _, from := range all {
			for _, to := range all {
				c := h.create(t, customer.Draft{Name: string(from + " to " + to), Status: startOf(from)})
				if c.Status != from {
					if _, err := h.Update(ctx, c.ID, 0, []customer.Change{{Field: "status", Value: string(from)}}); err != nil {
						t.Fatal(err)
					}
				}
				_, err := h.Update(ctx, c.ID, 0, []customer.Change{{Field: "status", Value: string(to)}, {Field: "status_reason", Value: "because"}})
				if allowed := from.May(to); (err == nil) != allowed {
					t.Errorf("%s to %s: allowed %v, got %v", from, to, allowed, err)
				}
			}
		}
	})
}

func startOf(s customer.Status) customer.Status {
	if s == customer.StatusPenalty || s == customer.StatusClosed {
		return customer.StatusActive
	}
	return s
}

func TestClosingFreesKeysAndComesBackWithinRetention(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		first := h.create(t, customer.Draft{Name: "First", Email: "x@example.org", Reference: "X1"})
		if err := h.Delete(ctx, first.ID, 0, "moved away"); err != nil {
			t.Fatal(err)
		}
		second := h.create(t, customer.Draft{Name: "Second", Email: "x@example.org", Reference: "X1"})
		_, err := h.Update(ctx, first.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}})
		wantCodes(t, err, "email:duplicate_email", "reference:duplicate_reference")
		if err := h.Delete(ctx, second.ID, 0, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Update(ctx, first.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}}); err != nil {
			t.Errorf("coming back: %v", err)
		}
		h.clock.Advance(31 * 24 * time.Hour)
		_, err = h.Update(ctx, second.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}, {Field: "email", Value: ""}, {Field: "reference", Value: ""}})
		wantCodes(t, err, "status:retention_over")
	})
}

func TestResellerThatOwnsCustomersStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		r := h.create(t, customer.Draft{Name: "Reseller", Kind: customer.KindReseller})
		c := h.create(t, customer.Draft{Name: "Owned", Reseller: r.ID})
		err := h.Delete(ctx, r.ID, 0, "")
		e, ok := errs.As(err)
		if !ok || e.Kind != errs.KindConflict || len(e.BlockedBy) != 1 || !strings.Contains(e.BlockedBy[0].Name, c.CustomerID) {
			t.Fatalf("got %v", err)
		}
		if err := h.Delete(ctx, c.ID, 0, ""); err != nil {
			t.Fatal(err)
		}
		if err := h.Delete(ctx, r.ID, 0, ""); err != nil {
			t.Error(err)
		}
	})
}

func TestBillingTypeIsFixed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := h.create(t, customer.Draft{Name: "Fixed"})
		_, err := h.Update(as(t, access.RoleAdmin), c.ID, 0, []customer.Change{{Field: "billing_type", Value: "postpaid"}, {Field: "customer_id", Value: "ABC"}})
		wantCodes(t, err, "billing_type:fixed", "customer_id:read_only")
	})
}

func TestCustomFieldsAreFieldsLikeAnyOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		for _, in := range []customfield.Input{
			{Label: "Sales area", Type: customfield.TypeText}, {Label: "Score", Type: customfield.TypeNumber},
			{Label: "Signed", Type: customfield.TypeDate}, {Label: "Plan", Type: customfield.TypeChoice, Choices: []customfield.Choice{{Value: "gold"}, {Value: "iron"}}},
		} {
			if _, err := h.fields.Create(ctx, in); err != nil {
				t.Fatal(err)
			}
		}
		c := h.create(t, customer.Draft{Name: "Custom", Custom: map[string]string{"sales_area": "Nørd", "score": "1,200.50", "signed": "2026-02-28", "plan": "Gold"}})
		if got := fmt.Sprint(c.Custom); got != "map[plan:gold sales_area:Nørd score:1200.5 signed:2026-02-28]" {
			t.Errorf("kept %s", got)
		}
		_, err := h.Create(ctx, customer.Draft{Name: "Bad", Custom: map[string]string{"score": "much", "signed": "2026-02-30", "plan": "tin", "nothing": "x"}})
		wantCodes(t, err, "custom.nothing:unknown_field", "custom.score:bad_number", "custom.signed:bad_date", "custom.plan:unknown_choice")
		up, err := h.Update(ctx, c.ID, 0, []customer.Change{{Field: "custom.score", Op: customer.OpIncrease, Value: "0.25"}, {Field: "custom.plan", Op: customer.OpClear}})
		if err != nil || up.Custom["score"] != "1200.75" || up.Custom["plan"] != "" {
			t.Errorf("changed to %v, %v", up.Custom, err)
		}
	})
}

func TestPermissionsAreAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		c := h.create(t, customer.Draft{Name: "Guarded"})
		ro := as(t, access.RoleReadOnly)
		if _, err := h.Create(ro, customer.Draft{Name: "No"}); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("create: %v", err)
		}
		if _, err := h.Update(ro, c.ID, 0, nil); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("update: %v", err)
		}
		if err := h.Delete(as(t, access.RoleSupport), c.ID, 0, ""); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("delete: %v", err)
		}
		if _, err := h.Get(t.Context(), c.ID); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("anonymous: %v", err)
		}
	})
}

func TestCustomerIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := range int64(50_000) {
		s := customer.FormatNumber(n)
		if seen[s] {
			t.Fatalf("%s twice", s)
		}
		seen[s] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		s := customer.FormatNumber(rapid.Int64Range(0, 887_503_680).Draw(t, "n"))
		if got, err := customer.ParseNumber(strings.ToLower(s[:3]) + "-" + s[3:]); err != nil || got != s {
			t.Fatalf("%s reads as %s, %v", s, got, err)
		}
		i := rapid.IntRange(0, len(s)-1).Draw(t, "i")
		wrong := []byte(s)
		wrong[i] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"[rapid.IntRange(0, 30).Draw(t, "c")]
		if string(wrong) != s {
			if got, err := customer.ParseNumber(string(wrong)); err == nil {
				t.Fatalf("%s was taken for %s", wrong, got)
			}
		}
		j := rapid.IntRange(0, len(s)-1).Draw(t, "j")
		swapped := []byte(s)
		swapped[i], swapped[j] = swapped[j], swapped[i]
		if string(swapped) != s {
			if got, err := customer.ParseNumber(string(swapped)); err == nil {
				t.Fatalf("swapped %s was taken for %s", swapped, got)
			}
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	f.Add("K7P3WQD")
	f.Add(" k7p-3wqd ")
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := customer.ParseNumber(s); err == nil {
			if again, err := customer.ParseNumber(got); err != nil || again != got {
				t.Fatalf("%q gives %q, which gives %q, %v", s, got, again, err)
			}
		}
	})
}
