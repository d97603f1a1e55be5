package customer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// under is a context in which somebody who sees the subtree of a reseller acts, with every permission.
func under(t testing.TB, root int64) context.Context {
	t.Helper()
	return access.With(t.Context(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 2, Name: "Rita Reseller",
		Permissions: access.AllPermissions(), Root: root}, Verb: "POST"})
}

// forest is two trees: a owns b, which owns c; each reseller has a customer; o stands apart with its own.
type forest struct {
	a, b, c, o     *customer.Customer // resellers
	ka, kb, kc, ko *customer.Customer
	free           *customer.Customer
}

func newForest(t testing.TB, h *house) forest {
	t.Helper()
	reseller := func(name string, above int64) *customer.Customer {
		return h.create(t, customer.Draft{Name: name, Kind: customer.KindReseller, Reseller: above})
	}
	kid := func(name string, above int64) *customer.Customer {
		return h.create(t, customer.Draft{Name: name, Reseller: above, Email: strings.ReplaceAll(name, " ", ".") + "@example.org", Telephone: "+4722995494"})
	}
	var f forest
	f.a = reseller("Res A", 0)
	f.b = reseller("Res B", f.a.ID)
	f.c = reseller("Res C", f.b.ID)
	f.o = reseller("Res O", 0)
	f.ka, f.kb, f.kc, f.ko, f.free = kid("Kid A", f.a.ID), kid("Kid B", f.b.ID), kid("Kid C", f.c.ID), kid("Kid O", f.o.ID), kid("Kid Free", 0)
	return f
}

func (h *house) names(t testing.TB, ctx context.Context, q list.Query) string {
	t.Helper()
	q.Sort = "name"
	rows, page, err := h.List(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	if page.Next == "" && q.Offset == 0 && (page.Total != int64(len(rows)) || !page.Exact) {
		t.Errorf("%d rows, the total is %d", len(rows), page.Total)
	}
	return strings.Join(names, ", ")
}

func (h *house) sound(t testing.TB) {
	t.Helper()
	for _, c := range customer.Checks() {
		broken, err := c.Run(context.Background(), h.db.Read())
		if err != nil || len(broken) > 0 {
			t.Errorf("%s: %v, %v", c.Name, broken, err)
		}
	}
}

func TestAPlaceInTheTree(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		f := newForest(t, h)
		b := under(t, f.b.ID)
		if got := h.names(t, b, list.Query{}); got != "Kid B, Kid C, Res B, Res C" {
			t.Errorf("sees %s", got)
		}
		if got := h.names(t, b, list.Query{Q: "kid"}); got != "Kid B, Kid C" {
			t.Errorf("finds %s", got)
		}
		if got := h.names(t, b, list.Query{IDs: []int64{f.ka.ID, f.kb.ID, f.ko.ID}}); got != "Kid B" {
			t.Errorf("of chosen ones %s", got)
		}
		if n, err := h.Count(b, list.Query{}); err != nil || n != 4 {
			t.Errorf("counts %d, %v", n, err)
		}
		if rows, _, err := h.Aggregate(b, list.Query{}, nil, 0, 100); err != nil || rows != 4 {
			t.Errorf("sums %d rows, %v", rows, err)
		}
		var out []string
		err := h.Each(b, list.Query{Sort: "name"}, customer.Span{}, func(page []*customer.Customer) error {
			for _, c := range page {
				out = append(out, c.Name+"<"+c.ResellerName)
			}
			return nil
		})
		if err != nil || strings.Join(out, ", ") != "Kid B<Res B, Kid C<Res C, Res B<, Res C<Res B" {
			t.Errorf("exports %v, %v", out, err)
		}
		if ids, err := h.Matching(b, list.Query{}, 0, 100); err != nil || len(ids) != 4 {
			t.Errorf("gathers %v, %v", ids, err)
		}
		missing := foreignAnswers(t, h, b, id.Format(customer.Prefix, 12345), 12345)
		for _, foreign := range []*customer.Customer{f.a, f.ka, f.o, f.ko, f.free} {
			if got := foreignAnswers(t, h, b, foreign.CustomerID, foreign.ID); got != missing {
				t.Errorf("%s answers %s, one that is not there %s", foreign.Name, got, missing)
			}
		}
		own, err := h.Get(b, f.b.ID)
		if err != nil || own.Reseller != 0 || own.ResellerName != "" {
			t.Errorf("own record: %+v, %v", own, err)
		}
		if _, err := h.Update(b, f.b.ID, 0, []customer.Change{{Field: "name", Value: "x"}}); code(err) != "own_record" {
			t.Errorf("changes its own record: %v", err)
		}
		if err := h.Delete(b, f.b.ID, 0, ""); code(err) != "own_record" {
			t.Errorf("closes its own record: %v", err)
		}
		h.sound(t)
	})
}

// foreignAnswers is what every use case says about a customer by its ID.
func foreignAnswers(t testing.TB, h *house, ctx context.Context, text string, n int64) string {
	t.Helper()
	var out []string
	say := func(err error) { out = append(out, fmt.Sprint(err)) }
	_, err := h.Get(ctx, n)
	say(err)
	if text, err := h.Resolve(ctx, text); err == nil {
		_, err := h.Get(ctx, text)
		say(err)
	} else {
		say(err)
	}
	_, err = h.Update(ctx, n, 0, []customer.Change{{Field: "name", Value: "x"}})
	say(err)
	say(h.Delete(ctx, n, 0, ""))
	held, err := h.Load(ctx, h.db.Read(), []int64{n})
	say(err)
	_, err = h.Create(ctx, customer.Draft{Name: "New", Reseller: n})
	say(err)
	_, _, wrong := func() (any, any, error) {
		_, fields, err := h.ReadChanges(ctx, h.db.Read(), []customer.Asked{{Field: "reseller", Values: []string{id.Format(customer.Prefix, n)}}})
		if err == nil {
			err = fields.Err()
		}
		return nil, nil, err
	}()
	say(wrong)
	return fmt.Sprint(strings.Join(out, "|"), len(held))
}

func code(err error) string {
	e, ok := errs.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Field + " " + e.Fields[0].Code
	}
	return e.Code
}

func TestWhoHasAPlaceStaysInIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		f := newForest(t, h)
		b := under(t, f.b.ID)
		made, err := h.Create(b, customer.Draft{Name: "New"})
		if err != nil || made.Reseller != f.b.ID {
			t.Fatalf("%+v, %v", made, err)
		}
		if made, err = h.Update(b, made.ID, 0, []customer.Change{{Field: "reseller", IDs: []int64{f.c.ID}}}); err != nil || made.Reseller != f.c.ID {
			t.Fatalf("%+v, %v", made, err)
		}
		if _, err := h.Update(b, made.ID, 0, []customer.Change{{Field: "reseller", Op: customer.OpClear}}); code(err) != "reseller required" {
			t.Errorf("lets one go: %v", err)
		}
		if _, err := h.Update(b, made.ID, 0, []customer.Change{{Field: "reseller", IDs: []int64{f.a.ID}}}); code(err) != "reseller unknown_reseller" {
			t.Errorf("gives one away: %v", err)
		}
		_, err = h.Create(b, customer.Draft{Name: "Twin", Email: f.ko.Email})
		if e, _ := errs.As(err); e == nil || strings.Contains(e.Fields[0].Message, "cus_") {
			t.Errorf("a foreign twin is named: %+v", err)
		}
		contact := access.With(t.Context(), access.Call{Principal: access.Principal{Kind: access.KindContact, ID: 3, Customer: f.kb.ID, Permissions: access.AllPermissions()}})
		if got := h.names(t, contact, list.Query{}); got != "Kid B" {
			t.Errorf("a contact sees %s", got)
		}
		nobodys := access.With(t.Context(), access.Call{Principal: access.Principal{Kind: access.KindContact, ID: 3, Permissions: access.AllPermissions()}})
		if got := h.names(t, nobodys, list.Query{}); got != "" {
			t.Errorf("a contact of nobody sees %s", got)
		}
		h.sound(t)
	})
}

func TestTheTreeFollowsMoves(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		f := newForest(t, h)
		all := as(t, access.RoleAdmin)
		move := func(c, to *customer.Customer) error {
			ch := customer.Change{Field: "reseller", Op: customer.OpClear}
			if to != nil {
				ch = customer.Change{Field: "reseller", IDs: []int64{to.ID}}
			}
			_, err := h.Update(all, c.ID, 0, []customer.Change{ch})
			return err
		}
		for _, ring := range [][2]*customer.Customer{{f.a, f.c}, {f.a, f.b}, {f.b, f.c}} {
			if err := move(ring[0], ring[1]); code(err) != "reseller ring" {
				t.Errorf("%s under %s: %v", ring[0].Name, ring[1].Name, err)
			}
		}
		if err := move(f.b, f.o); err != nil {
			t.Fatal(err)
		}
		h.sound(t)
		if got := h.names(t, under(t, f.o.ID), list.Query{}); got != "Kid B, Kid C, Kid O, Res B, Res C, Res O" {
			t.Errorf("o sees %s", got)
		}
		if got := h.names(t, under(t, f.a.ID), list.Query{}); got != "Kid A, Res A" {
			t.Errorf("a sees %s", got)
		}
		for _, c := range []struct{ who, to *customer.Customer }{{f.b, nil}, {f.kc, f.a}, {f.kc, nil}, {f.free, f.c}} {
			if err := move(c.who, c.to); err != nil {
				t.Fatal(err)
			}
			h.sound(t)
		}
	})
}

// TestMovesAtOnceKeepTheTree moves resellers under each other and makes customers below them, all at the same time.
func TestMovesAtOnceKeepTheTree(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := as(t, access.RoleAdmin)
		var all []*customer.Customer
		for i := range 6 {
			all = append(all, h.create(t, customer.Draft{Name: fmt.Sprint("Res ", i), Kind: customer.KindReseller}))
		}
		var wait sync.WaitGroup
		for i := range 6 {
			wait.Go(func() {
				for j := 1; j < 5; j++ {
					to := all[(i+j)%6]
					_, err := h.Update(ctx, all[i].ID, 0, []customer.Change{{Field: "reseller", IDs: []int64{to.ID}}})
					if err != nil && code(err) != "reseller ring" && !errs.IsKind(err, errs.KindStale) && !errs.IsKind(err, errs.KindUnavailable) {
						t.Errorf("move: %v", err)
					}
					_, err = h.Create(ctx, customer.Draft{Name: fmt.Sprint("Kid ", i, j), Reseller: to.ID})
					if err != nil && !errs.IsKind(err, errs.KindUnavailable) {
						t.Errorf("create: %v", err)
					}
				}
			})
		}
		wait.Wait()
		h.sound(t)
	})
}

// TestAPageOfASubtreeIsNoWalkOverOthers asserts the plans: a small subtree is gathered from the tree's index, a large one
// is kept among or walked.
func TestAPageOfASubtreeIsNoWalkOverOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		populate(t, h, crowd)
		small := h.create(t, customer.Draft{Name: "Small", Kind: customer.KindReseller})
		for i := range 30 {
			h.create(t, customer.Draft{Name: fmt.Sprint("Of small ", i), Reseller: small.ID})
		}
		if err := h.db.Analyze(t.Context(), "customers", "customer_ancestors"); err != nil {
			t.Fatal(err)
		}
		ctx := under(t, small.ID)
		for _, q := range []list.Query{{}, {Sort: "name"}, {Sort: "-updated_at"}, {Sort: "name", Filter: `{"field":"name","op":"contains","value":"small 2"}`}} {
			plan, gathers, err := h.Explain(ctx, q)
			text := strings.Join(plan, "\n")
			if err != nil || !gathers || !strings.Contains(text, "customer_ancestors") || strings.Contains(text, "Seq Scan on customers") || strings.Contains(text, "SCAN c ") {
				t.Errorf("%+v is not gathered from the tree: %v\n%s", q, err, text)
			}
			rows, page, err := h.List(ctx, q)
			if err != nil || !page.Exact || len(rows) == 0 || slices.ContainsFunc(rows, func(c *customer.Customer) bool { return c.ID != small.ID && c.Reseller != small.ID }) {
				t.Errorf("%+v: %d rows, %+v, %v", q, len(rows), page, err)
			}
		}
	})
}
