package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/group"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// jsonNames is the properties of a patch.
func jsonNames[P any]() []string {
	t := reflect.TypeFor[P]()
	var out []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out = append(out, name)
	}
	return out
}

func rowOf[P any](row, version int64, name string, body any) (schedule.Row, error) {
	fields, err := schedule.Flatten(body, jsonNames[P]())
	return schedule.Row{ID: row, Version: version, Name: name, Fields: fields, Body: body}, err
}

func readPatch[P any](raw json.RawMessage) (P, error) {
	var p P
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("read the patch of a delayed save: %w", err)
	}
	return p, nil
}

// CustomerApplier lets changes of customers be asked for later.
func CustomerApplier(s *customer.Service) schedule.Applier { return customerApplier{s} }

type customerApplier struct{ s *customer.Service }

// Resource is customers.
func (a customerApplier) Resource() string { return customer.Table }

// Prefix begins the IDs of customers.
func (a customerApplier) Prefix() string { return customer.Prefix }

// Reads is what reading customers needs.
func (a customerApplier) Reads() access.Permission { return access.CustomerRead }

// Resolve takes cus_... or a customer ID.
func (a customerApplier) Resolve(ctx context.Context, text string) (int64, error) {
	return a.s.Resolve(ctx, text)
}

func (a customerApplier) row(c *customer.Customer, err error) (schedule.Row, error) {
	if err != nil {
		return schedule.Row{}, current(err, oneCustomer)
	}
	return rowOf[CustomerPatch](c.ID, c.Version, c.Name+" ("+c.CustomerID+")", oneCustomer(c))
}

// Load reads and holds a customer.
func (a customerApplier) Load(ctx context.Context, tx *db.Tx, row int64) (schedule.Row, error) {
	return a.row(a.s.GetIn(ctx, tx, row))
}

// Show reads a customer.
func (a customerApplier) Show(ctx context.Context, row int64) (schedule.Row, error) {
	return a.row(a.s.Get(ctx, row))
}

// Begin takes a customer ID for a new customer.
func (a customerApplier) Begin(ctx context.Context, op schedule.Op) (any, error) {
	if op != schedule.OpCreate {
		return nil, nil
	}
	return a.s.TakeNumber(ctx)
}

// Apply creates, changes or closes a customer.
func (a customerApplier) Apply(ctx context.Context, tx *db.Tx, t schedule.Task) (schedule.Row, error) {
	p, err := readPatch[CustomerPatch](t.Patch)
	if err != nil {
		return schedule.Row{}, err
	}
	switch t.Op {
	case schedule.OpCreate:
		d, err := p.draft(a.s)
		if err != nil {
			return schedule.Row{}, err
		}
		number, _ := t.Token.(int64)
		return a.row(a.s.CreateIn(ctx, tx, d, number))
	case schedule.OpDelete:
		if err := a.s.DeleteIn(ctx, tx, t.Row, 0, t.Options["reason"]); err != nil {
			return schedule.Row{}, err
		}
		return a.Load(ctx, tx, t.Row)
	}
	changes, err := p.changes()
	if err != nil {
		return schedule.Row{}, err
	}
	return a.row(a.s.UpdateIn(ctx, tx, t.Row, 0, changes))
}

// Rehearse is Apply, but takes no customer ID for a new one.
func (a customerApplier) Rehearse(ctx context.Context, tx *db.Tx, t schedule.Task) (schedule.Row, error) {
	if t.Op != schedule.OpCreate {
		return a.Apply(ctx, tx, t)
	}
	p, err := readPatch[CustomerPatch](t.Patch)
	if err != nil {
		return schedule.Row{}, err
	}
	d, err := p.draft(a.s)
	if err != nil {
		return schedule.Row{}, err
	}
	return schedule.Row{}, a.s.Rehearse(ctx, tx, &d)
}

// GroupApplier lets changes of groups be asked for later.
func GroupApplier(s *group.Service) schedule.Applier { return groupApplier{s} }

type groupApplier struct{ s *group.Service }

// Resource is groups.
func (a groupApplier) Resource() string { return "groups" }

// Prefix begins the IDs of groups.
func (a groupApplier) Prefix() string { return group.Prefix }

// Reads is what reading groups needs.
func (a groupApplier) Reads() access.Permission { return access.GroupRead }

// Resolve takes grp_...
func (a groupApplier) Resolve(_ context.Context, text string) (int64, error) {
	return pathID(group.Prefix, "group", text)
}

func (a groupApplier) row(g group.Group, err error) (schedule.Row, error) {
	if err != nil {
		return schedule.Row{}, current(group.Duplicate(err), groupBody)
	}
	return rowOf[GroupPatch](g.ID, g.Version, g.Name, groupBody(g))
}

// Load reads and holds a group.
func (a groupApplier) Load(ctx context.Context, tx *db.Tx, row int64) (schedule.Row, error) {
	return a.row(a.s.GetIn(ctx, tx, row))
}

// Show reads a group.
func (a groupApplier) Show(ctx context.Context, row int64) (schedule.Row, error) {
	return a.row(a.s.Get(ctx, row))
}

// Begin has nothing to do.
func (a groupApplier) Begin(context.Context, schedule.Op) (any, error) { return nil, nil }

// Apply creates, changes or removes a group. One with members is not removed later: moving them is long work.
func (a groupApplier) Apply(ctx context.Context, tx *db.Tx, t schedule.Task) (schedule.Row, error) {
	p, err := readPatch[GroupPatch](t.Patch)
	if err != nil {
		return schedule.Row{}, err
	}
	switch t.Op {
	case schedule.OpCreate:
		if err := access.Require(ctx, access.GroupWrite); err != nil {
			return schedule.Row{}, err
		}
		return a.row(a.s.CreateIn(ctx, tx, p.over(group.Input{})))
	case schedule.OpDelete:
		if t.Options["reassign_to"] != "" {
			var wrong errs.Fields
			wrong.Add("reassign_to", "not_here", "Members cannot be moved later: move them first.")
			return schedule.Row{}, wrong.Err()
		}
		return schedule.Row{ID: t.Row}, a.s.DeleteIn(ctx, tx, t.Row, 0)
	}
	now, err := a.s.GetIn(ctx, tx, t.Row)
	if err != nil {
		return schedule.Row{}, err
	}
	return a.row(a.s.UpdateIn(ctx, tx, t.Row, 0, p.over(group.Input{Name: now.Name, Type: now.Type, Description: now.Description})))
}

// Rehearse is Apply.
func (a groupApplier) Rehearse(ctx context.Context, tx *db.Tx, t schedule.Task) (schedule.Row, error) {
	return a.Apply(ctx, tx, t)
}
