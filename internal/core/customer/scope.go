package customer

import (
	"context"
	"fmt"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// Whoever has a place sees the customers of it alone: a reseller's principal the subtree of its Root, the Root included, a
// contact the one customer. A foreign customer answers like one that is not there.

// The scopes of lists, by what the place is.
const (
	ScopeWithin = "within" // of a reseller's subtree
	ScopeSelf   = "self"   // one customer
)

// ScopeOf is what the caller's place puts on every list whose table has both scopes; nil for who sees everything.
func ScopeOf(ctx context.Context) *list.Scope {
	p := access.From(ctx).Principal
	switch {
	case !p.HasPlace():
		return nil
	case p.Root != 0 && p.Customer == 0:
		return &list.Scope{Field: ScopeWithin, Keys: []int64{p.Root}}
	}
	return &list.Scope{Field: ScopeSelf, Keys: []int64{p.Customer}} // 0 is no customer: a contact without one sees nothing
}

// scopes declares both for the list of customers.
var scopes = []list.Field{
	{Name: ScopeWithin, Type: list.TypeMultiRef, Members: &list.Members{Table: ancestorTable, Row: "customer_id", Ref: "ancestor_id"}},
	{Name: ScopeSelf, Type: list.TypeRef, Key: "c.id", Sortable: true},
}

// Visible is those of the customers that the caller's place lets them see, whether they are there or not.
func Visible(ctx context.Context, q db.Q, ids []int64) ([]int64, error) {
	p := access.From(ctx).Principal
	switch {
	case !p.HasPlace() || len(ids) == 0:
		return ids, nil
	case p.Root == 0 || p.Customer != 0:
		return slices.DeleteFunc(slices.Clone(ids), func(n int64) bool { return n != p.Customer }), nil
	}
	var seen []int64
	if err := q.SelectContext(ctx, &seen, fmt.Sprintf(sqlWithin, db.IDList(ids)), p.Root); err != nil {
		return nil, fmt.Errorf("look for customers in a subtree: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(ids), func(n int64) bool { return !slices.Contains(seen, n) }), nil
}

// See is nil for a customer that the caller may see; for any other it says what it says of one that is not there.
func See(ctx context.Context, q db.Q, customerID int64) error {
	seen, err := Visible(ctx, q, []int64{customerID})
	if err == nil && len(seen) == 0 {
		err = errs.NotFound("customer")
	}
	return err
}

// Touch is nil for a customer that the caller may change, as far as its place goes: a reseller's own record is for looking
// at. What contacts change of their customer is said by their permissions.
func Touch(ctx context.Context, customerID int64) error {
	if p := access.From(ctx).Principal; p.Root != 0 && customerID == p.Root {
		return errs.New(errs.KindForbidden, "own_record", "Your own record is for looking at.")
	}
	return nil
}

// place puts a new customer under the caller's reseller when it is given none.
func (d *Draft) place(ctx context.Context) {
	if p := access.From(ctx).Principal; d.Reseller == 0 {
		d.Reseller = p.Root
	}
}

// keepPlace adds what the caller's place has against a change.
func keepPlace(ctx context.Context, o *Outcome, wrong *errs.Fields) {
	p := access.From(ctx).Principal
	if !p.HasPlace() || len(o.Diff) == 0 {
		return
	}
	if o.Before.ID == p.Root {
		wrong.Add("id", "own_record", "Your own record is for looking at.")
	}
	if o.Before.Reseller != o.After.Reseller && o.After.Reseller == 0 {
		wrong.Add("reseller", "required", "A customer of yours stays under you, or under a reseller of yours.")
	}
}

// shown is a customer as the caller may see it: without the fields that are masked, and of their own record not who stands
// above them.
func shown(ctx context.Context, c *Customer) *Customer {
	p := access.From(ctx).Principal
	own := p.HasPlace() && (c.ID == p.Root || c.ID == p.Customer)
	if !own && len(p.Masks) == 0 {
		return c
	}
	out := *c
	if own {
		out.Reseller, out.ResellerName = 0, ""
	}
	out.Masked = nil
	for i := range builtin {
		if f := &builtin[i]; f.text != nil && p.Hides(access.Mask(f.Mask)) {
			f.set(&out.Draft, "")
			out.Masked = append(out.Masked, f.Name)
		}
	}
	return &out
}

// showing is shown behind a call that may have failed.
func showing(ctx context.Context, c *Customer, err error) (*Customer, error) {
	if err != nil || c == nil {
		return nil, err
	}
	return shown(ctx, c), nil
}

// refuseHidden adds the fields of a new customer that its maker may not write.
func refuseHidden(ctx context.Context, d *Draft, wrong *errs.Fields) {
	if len(access.Masked(ctx)) == 0 {
		return
	}
	for i := range builtin {
		if f := &builtin[i]; f.text != nil && f.get(d) != "" {
			access.RefuseHidden(ctx, wrong, f.Name)
		}
	}
}

func allShown(ctx context.Context, customers []*Customer) []*Customer {
	for i, c := range customers {
		customers[i] = shown(ctx, c)
	}
	return customers
}

// parse understands a query as the caller may ask it: of their place, and by no field that is masked.
func (s *schema) parse(ctx context.Context, q list.Query) (*list.Parsed, error) {
	q.Scope, q.Masked = ScopeOf(ctx), access.Masked(ctx)
	return s.table.Parse(q)
}
