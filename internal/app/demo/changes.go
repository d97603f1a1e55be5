package demo

import (
	"context"
	"fmt"
	"time"

	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// changes gives some customers a history, spread over the time until end.
func (f *filler) changes(ctx context.Context, n int, end time.Time) error {
	ids, err := f.Customers.Matching(ctx, list.Query{Filter: `{"field":"kind","op":"eq","value":"customer"}`}, 0, 5*n+1)
	if err != nil {
		return err
	}
	n = min(n, len(ids))
	step := end.Sub(f.Clock.Now()) / time.Duration(n+1)
	for i := range n {
		f.Clock.Advance(step)
		if err := f.change(f.by(ctx), ids[(i*7)%len(ids)]); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) change(ctx context.Context, customerID int64) error {
	p := f.place()
	edits := [][]customer.Change{
		{{Field: "address_1", Value: fmt.Sprintf("%s %d", pick(f.r, p.streets), 1+f.r.IntN(90))}},
		{{Field: "description", Value: pick(f.r, notes)}},
		{{Field: "status", Value: "inactive"}, {Field: "status_reason", Value: "Asked for a pause"}},
		{{Field: "status", Value: "active"}, {Field: "status_reason", Value: "Paid"}},
		{{Field: "status", Value: "penalty"}, {Field: "status_reason", Value: "Unusual traffic at night"}},
		{{Field: "groups", Op: customer.OpAdd, IDs: []int64{f.groups["Early birds"]}}},
		{{Field: "custom.account_manager", Value: "Marit Lunde"}},
	}
	edit := pick(f.r, edits)
	err := f.DB.Write(ctx, func(tx *db.Tx) error {
		found, err := f.Customers.Load(ctx, tx, []int64{customerID})
		if err != nil || len(found) == 0 {
			return err
		}
		_, err = f.Customers.Apply(ctx, tx, found[0], edit, "Customer changed")
		return err
	})
	if errs.IsKind(err, errs.KindInvalid) { // a status that cannot be reached from where this customer is
		return nil
	}
	return err
}
