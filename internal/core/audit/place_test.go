package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// tree is an audit beside customers: mine owns kid, other owns foreign.
type tree struct {
	*house
	customers                 *customer.Service
	mine, kid, other, foreign *customer.Customer
}

func newTree(t *testing.T, d *db.DB) *tree {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	quiet := slog.New(slog.DiscardHandler)
	h := &tree{house: &house{t: t, db: d, clock: c, log: log, Service: audit.NewService(audit.Options{DB: d, Clock: c, Log: quiet, Audit: log, Signer: box(1),
		Place: audit.Place{Scope: customer.ScopeOf, Visible: customer.Visible, Prefix: customer.Prefix}})}}
	var err error
	h.customers, err = customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
		Defaults: func(context.Context) (customer.Defaults, error) { return customer.Defaults{Currency: "EUR"}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	h.mine = h.create(customer.Draft{Name: "Mine", Kind: customer.KindReseller})
	h.kid = h.create(customer.Draft{Name: "Kid", Reseller: h.mine.ID})
	h.other = h.create(customer.Draft{Name: "Other", Kind: customer.KindReseller})
	h.foreign = h.create(customer.Draft{Name: "Foreign", Reseller: h.other.ID})
	return h
}

func (h *tree) create(d customer.Draft) *customer.Customer {
	h.t.Helper()
	c, err := h.customers.Create(admin, d)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// under is a context in which somebody sees the subtree of a reseller.
func under(root int64) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 9, Name: "Rae", Root: root, Permissions: access.AllPermissions()},
		IP: "198.51.100.9", Verb: "PATCH"})
}

func TestWhoHasAPlaceSeesItsEntriesAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newTree(t, d)
		ctx := under(h.mine.ID)
		moved := h.create(customer.Draft{Name: "Moved", Reseller: h.other.ID})
		if _, err := h.customers.Update(admin, moved.ID, 0, []customer.Change{{Field: "reseller", IDs: []int64{h.mine.ID}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.customers.Update(ctx, h.kid.ID, 0, []customer.Change{{Field: "city", Value: "Bergen"}}); err != nil {
			t.Fatal(err)
		}
		err := d.Write(ctx, func(tx *db.Tx) error { // about no customer: it belongs to the place of who acts
			return h.log.Record(ctx, tx, audit.Entry{Action: audit.ActionRun, Table: "jobs", RowID: 77, Message: "Job begun"})
		})
		if err != nil {
			t.Fatal(err)
		}
		h.record(admin, 3, "groups")
		rows, page, err := h.List(ctx, list.Query{Limit: 100})
		if err != nil || page.Total != 6 || len(rows) != 6 {
			t.Fatalf("sees %d of %d, %v", len(rows), page.Total, err)
		}
		for _, r := range rows {
			switch {
			case strings.Contains(string(r.Raw), id.Format(customer.Prefix, h.other.ID)), strings.Contains(r.RowName, "Foreign"):
				t.Errorf("tells of another's: %+v %s", r, r.Raw)
			case r.ActorName == "Rae" != (r.IP == "198.51.100.9"):
				t.Errorf("tells from where the operator works, or hides one's own: %+v", r)
			case r.Customer == h.mine.ID && r.ActorName != "Rae" && r.Comment != "":
				t.Errorf("tells what the operator says of them: %+v", r)
			}
		}
		all, _, err := h.List(admin, list.Query{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, r := range all {
			_, err := h.Get(ctx, r.ID)
			if err == nil {
				seen++
			} else if _, missing := h.Get(ctx, 4711); err.Error() != missing.Error() {
				t.Errorf("a foreign entry answers %v, a missing one %v", err, missing)
			}
		}
		exported := 0
		err = h.Export(ctx, list.Query{}, func(audit.Kept) error { exported++; return nil }, func() error { return nil })
		if err != nil || seen != 6 || exported != 7 { // the export itself too
			t.Errorf("reads %d one by one, exports %d, %v", seen, exported, err)
		}
		for _, q := range []list.Query{{Filter: `{"field":"changes","op":"contains","value":"x"}`},
			{Filter: `{"and":[{"or":[{"field":"changes","op":"contains","value":"\"field\":\"reseller\",\"old\":\"cus_"}]}]}`}, {Filter: `{"field":"changes","op":"ncontains","value":"\"field\":\"city\""}`}, {Filter: `{"field":"ip","op":"eq","value":"192.0.2.7"}`}, {Sort: "ip"}} {
			if _, _, err := h.List(ctx, q); !errs.IsKind(err, errs.KindInvalid) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		if rows, _, err := h.List(ctx, list.Query{Filter: `{"field":"changes","op":"contains","value":"\"field\":\"city\""}`}); err != nil || len(rows) != 1 {
			t.Errorf("by the field that changed: %d, %v", len(rows), err)
		}
		if _, err := h.Head(ctx); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("the head: %v", err)
		}
		if _, err := h.ExportProof(ctx, &strings.Builder{}); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("the proof: %v", err)
		}
		contactCtx := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindContact, Customer: h.kid.ID, Permissions: access.AllPermissions()}})
		if rows, _, err := h.List(contactCtx, list.Query{}); err != nil || len(rows) != 2 {
			t.Errorf("of one customer: %d, %v", len(rows), err)
		}
	})
}

// TestAPlacesEntriesAreNoWalkOverOthers asserts the plan: the few entries of a small reseller are gathered from the index of
// its customers.
func TestAPlacesEntriesAreNoWalkOverOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newTree(t, d)
		for range 20 {
			entries := make([]audit.Entry, 1000)
			for i := range entries {
				entries[i] = audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: h.foreign.ID, RowName: fmt.Sprint("Foreign ", i), Message: "Customer changed"}
			}
			h.clock.Advance(time.Second)
			if err := d.Write(admin, func(tx *db.Tx) error { return h.log.Record(admin, tx, entries...) }); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Analyze(t.Context(), "audit_entries", "customer_ancestors"); err != nil {
			t.Fatal(err)
		}
		for _, q := range []list.Query{{}, {Sort: "at"}, {Sort: "actor"}, {Filter: fmt.Sprintf(`{"field":"row_id","op":"eq","value":%q}`, id.Format(customer.Prefix, h.kid.ID))}} {
			plan, gathers, err := h.Gathers(under(h.mine.ID), q)
			text := strings.Join(plan, "\n")
			if err != nil || !gathers || strings.Contains(text, "Seq Scan on audit_entries") || strings.Contains(text, "SCAN a ") {
				t.Errorf("%+v is not gathered: %v\n%s", q, err, text)
			}
			rows, _, err := h.List(under(h.mine.ID), q)
			if err != nil || len(rows) == 0 || len(rows) > 2 {
				t.Errorf("%+v: %d rows, %v", q, len(rows), err)
			}
		}
	})
}
