package customer_test

import (
	"context"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/check"
	"tandem/internal/kit/db"
)

// broken is the names of the checks that find something.
func broken(t *testing.T, h *house) (names []string) {
	t.Helper()
	if err := check.All(t.Context(), h.db, customer.Checks(), func(r check.Result) {
		if !r.OK {
			names = append(names, r.Name)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestChecksFindWhatIsBroken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		for _, name := range []string{"One", "Two", "Three"} {
			h.create(t, customer.Draft{Name: name})
		}
		gone := h.create(t, customer.Draft{Name: "Gone"})
		if err := h.Delete(ctx, gone.ID, 0, ""); err != nil {
			t.Fatal(err)
		}
		if got := broken(t, h); len(got) != 0 {
			t.Fatalf("broken from the start: %q", got)
		}
		for want, statement := range map[string]string{
			"customers add up to their totals":                       "UPDATE customer_totals SET n = n + 1",
			"every customer can be found":                            "DELETE FROM customer_search",
			"customers are closed exactly when their status says so": "UPDATE customers SET closed = 1 - closed",
			"customer IDs prove themselves":                          "UPDATE customers SET customer_id = customer_id || 'X'",
		} {
			if err := h.db.Write(ctx, func(tx *db.Tx) error { _, err := tx.ExecContext(ctx, statement); return err }); err != nil {
				t.Fatal(err)
			}
			found := false
			for _, name := range broken(t, h) {
				found = found || name == want
			}
			if !found {
				t.Errorf("after %s, %q finds nothing", statement, want)
			}
		}
	})
}

// TestRefill empties the search as a migration does: of four nodes that start, one fills it, and everything is found.
func TestRefill(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		populate(t, h, 300)
		ctx := context.Background()
		if err := h.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM customer_search")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		errs := make(chan error)
		for range 4 {
			go func() { errs <- customer.Refill(ctx, h.DB) }()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		var n int
		if err := h.DB.Read().GetContext(ctx, &n, "SELECT COUNT(*) FROM customer_search"); err != nil || n != 300 {
			t.Errorf("%d of 300 customers can be found: %v", n, err)
		}
	})
}
