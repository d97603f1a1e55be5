package staff_test

import (
	"context"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/staff"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		h.setUp(t)
		h.KnowsResellers(func(context.Context, db.Q, []int64) (map[int64]string, error) { return map[int64]string{7: "Res"}, nil }, nil)
		bob, err := h.Create(cli, staff.Input{Name: "Bob", Email: "bob@example.com", Roles: []access.Role{access.RoleSupport, access.RoleReadOnly}})
		if err != nil {
			t.Fatal(err)
		}
		why := func(p access.Permission) staff.Why {
			t.Helper()
			w, err := h.Why(cli, bob.ID, p)
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		if w := why(access.AuditRead); !w.May || len(w.Given) != 1 || w.Given[0] != access.RoleSupport || len(w.Would) != 2 {
			t.Errorf("%+v", w)
		}
		if w := why(access.StaffWrite); w.May || len(w.Given) != 0 || len(w.Would) != 1 || w.Would[0] != access.RoleAdmin {
			t.Errorf("%+v", w)
		}
		if _, err := h.Update(cli, bob.ID, 0, staff.Patch{Reseller: ptr(int64(7))}); err != nil {
			t.Fatal(err)
		}
		if w := why(access.GroupRead); w.May || !w.Placed {
			t.Errorf("kept to a reseller: %+v", w)
		}
		if w := why(access.CustomerRead); !w.May {
			t.Errorf("kept to a reseller: %+v", w)
		}
		if _, err := h.Update(cli, bob.ID, 0, staff.Patch{Status: ptr(staff.StatusDisabled)}); err != nil {
			t.Fatal(err)
		}
		if w := why(access.CustomerRead); w.May || !w.Disabled {
			t.Errorf("disabled: %+v", w)
		}
		if _, err := h.Why(cli, bob.ID, "made.up"); code(err) != "permission unknown" {
			t.Errorf("%v", err)
		}
	})
}
