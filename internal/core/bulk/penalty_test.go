package bulk_test

import (
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
)

// A penalty that an undo gives back still knows what it goes back to itself.
func TestUndoGivesAPenaltyBackWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		admin := as(t, access.RoleAdmin)
		ids := r.fill(t, 2, nil)
		for _, status := range []string{"inactive", "penalty"} {
			if _, err := r.customers.Update(admin, ids[0], 0, []customer.Change{{Field: "status", Value: status}, {Field: "status_reason", Value: "late " + status}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.customers.Update(admin, ids[1], 0, []customer.Change{{Field: "status", Value: "penalty"}}); err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{"active", "inactive", "closed"} {
			j, err := r.Update(admin, update(chosen(ids...), change("status", "set", to)))
			done := r.run(t, j, err)
			undo, err := r.jobs.Undo(admin, done.ID)
			r.run(t, undo, err)
			for i, want := range []customer.Status{customer.StatusInactive, customer.StatusActive} {
				c, err := r.customers.Get(admin, ids[i])
				if err != nil || c.Status != customer.StatusPenalty || c.StatusBefore != want {
					t.Errorf("after %s and back: %s, before it %s, want %s; %v", to, c.Status, c.StatusBefore, want, err)
				}
			}
		}
		if c, err := r.customers.Get(admin, ids[0]); err != nil || c.StatusReason != "late penalty" {
			t.Errorf("the reason is %q, %v", c.StatusReason, err)
		}
	})
}
