package contact_test

import (
	"strings"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

func TestContactsOfAPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		reseller := h.customer(t, customer.Draft{Name: "Res", Kind: customer.KindReseller})
		other := h.customer(t, customer.Draft{Name: "Other"})
		kid := h.customer(t, customer.Draft{Name: "Kid", Reseller: reseller.ID})
		own := h.add(t, reseller.ID, contact.Patch{Name: text("Own"), Type: text("boss")})
		mine := h.add(t, kid.ID, contact.Patch{Name: text("Mine"), Type: text("desk")})
		foreign := h.add(t, other.ID, contact.Patch{Name: text("Foreign"), Type: text("hidden")})
		placed := func(root, at int64) access.Principal {
			return access.Principal{Kind: access.KindStaff, ID: 2, Permissions: access.AllPermissions(), Root: root, Customer: at}
		}
		ctx := access.With(t.Context(), access.Call{Principal: placed(reseller.ID, 0)})
		rows, page, err := h.List(ctx, list.Query{})
		if err != nil || len(rows) != 2 || rows[0].Name != "Mine" || rows[1].Name != "Own" || page.Total != 2 {
			t.Errorf("sees %v, %+v, %v", rows, page, err)
		}
		if rows, _, err = h.List(access.With(t.Context(), access.Call{Principal: placed(0, kid.ID)}), list.Query{}); err != nil || len(rows) != 1 || rows[0].Name != "Mine" {
			t.Errorf("of one customer %v, %v", rows, err)
		}
		if types, err := h.Types(ctx); err != nil || strings.Join(types, ",") != "boss,desk" {
			t.Errorf("types %v, %v", types, err)
		}
		answers := func(n, customerID int64) string {
			var out []string
			say := func(err error) { out = append(out, err.Error()) }
			_, err := h.Get(ctx, n)
			say(err)
			_, err = h.Update(ctx, n, 0, contact.Patch{Name: text("x")})
			say(err)
			say(h.Delete(ctx, n, 0))
			_, _, err = h.Of(ctx, customerID, list.Query{})
			say(err)
			_, err = h.Create(ctx, customerID, contact.Patch{Name: text("x")})
			say(err)
			return strings.Join(out, "|")
		}
		if got, missing := answers(foreign.ID, other.ID), answers(12345, 12345); got != missing {
			t.Errorf("a foreign one answers %s, one that is not there %s", got, missing)
		}
		if _, err := h.Update(ctx, mine.ID, 0, contact.Patch{Name: text("Changed")}); err != nil {
			t.Error(err)
		}
		for _, err := range []error{h.Delete(ctx, own.ID, 0), func() error { _, err := h.Create(ctx, reseller.ID, contact.Patch{Name: text("x")}); return err }()} {
			if e, ok := errs.As(err); !ok || e.Code != "own_record" {
				t.Errorf("changes who is at its own record: %v", err)
			}
		}
		h.sound(t)
	})
}
