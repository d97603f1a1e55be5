package customer_test

import (
	"sync"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
)

// Whoever comes first wins: a customer is never left alive under a reseller that is closed at the same moment.
func TestNobodyJoinsAClosingReseller(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		closed := 0
		for i := range 64 {
			r := h.create(t, customer.Draft{Name: "Reseller", Kind: customer.KindReseller})
			mover := h.create(t, customer.Draft{Name: "Mover"})
			sleeper := h.create(t, customer.Draft{Name: "Sleeper", Reseller: r.ID})
			if err := h.Delete(ctx, sleeper.ID, 0, ""); err != nil {
				t.Fatal(err)
			}
			joins := []func() error{
				func() error {
					_, err := h.Update(ctx, mover.ID, 0, []customer.Change{{Field: "reseller", IDs: []int64{r.ID}}})
					return err
				},
				func() error {
					_, err := h.Create(ctx, customer.Draft{Name: "New", Reseller: r.ID})
					return err
				},
				func() error {
					_, err := h.Update(ctx, sleeper.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}})
					return err
				},
			}
			join := joins[i%len(joins)]
			var wg sync.WaitGroup
			var joined, gone error
			start := make(chan struct{})
			wg.Go(func() { <-start; joined = join() })
			wg.Go(func() { <-start; gone = h.Delete(ctx, r.ID, 0, "") })
			close(start)
			wg.Wait()
			if joined != nil {
				wantCodes(t, joined, "reseller:unknown_reseller")
			}
			if gone != nil && !errs.IsKind(gone, errs.KindConflict) {
				t.Errorf("closing the reseller: %v", gone)
			}
			if (joined == nil) == (gone == nil) {
				t.Errorf("try %d: joining %v, closing %v", i, joined, gone)
			}
			if gone == nil {
				closed++
			}
		}
		var orphans int
		if err := h.db.Read().GetContext(ctx, &orphans, `SELECT COUNT(*) FROM customers c JOIN customers r ON r.id = c.reseller_id WHERE c.closed = 0 AND r.closed = 1`); err != nil || orphans != 0 {
			t.Errorf("%d customers live under a closed reseller, %v", orphans, err)
		}
		t.Logf("the reseller was closed first in %d of 64", closed)
	})
}

// A customer does not come back to a reseller that was closed meanwhile.
func TestReopeningUnderAClosedReseller(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := as(t, access.RoleAdmin)
		r := h.create(t, customer.Draft{Name: "Reseller", Kind: customer.KindReseller})
		c := h.create(t, customer.Draft{Name: "Owned", Reseller: r.ID})
		for _, n := range []int64{c.ID, r.ID} {
			if err := h.Delete(ctx, n, 0, ""); err != nil {
				t.Fatal(err)
			}
		}
		_, err := h.Update(ctx, c.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}})
		wantCodes(t, err, "reseller:unknown_reseller")
		back, err := h.Update(ctx, c.ID, 0, []customer.Change{{Field: "status", Value: "inactive"}, {Field: "reseller", Op: customer.OpClear}})
		if err != nil || back.Status != customer.StatusInactive || back.Reseller != 0 {
			t.Errorf("back without a reseller: %+v, %v", back, err)
		}
	})
}
