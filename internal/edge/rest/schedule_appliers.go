package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/schedule"
	"tandem/internal/kit/db"
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

// lends is a service whose use cases run inside a transaction of somebody else's.
type lends[S any] interface{ In(tx *db.Tx) S }

// applier is how the rows R of one resource are changed later, by the use cases of its owner's service S.
type applier[S lends[S], R any] struct {
	resource, prefix, noun string
	reads                  access.Permission
	service                S
	rules                  schedule.Rules
	resolve                func(ctx context.Context, text string) (int64, error) // nil: an ID with the prefix
	get                    func(ctx context.Context, s S, row int64) (R, error)
	row                    func(ctx context.Context, r R) (schedule.Row, error)
	body                   func(ctx context.Context, err error) error                 // of the row that a stale one carries; nil: there is no version
	create, update         func(ctx context.Context, s S, t schedule.Task) (R, error) // nil: there is none
	remove                 func(ctx context.Context, s S, t schedule.Task) error      // nil: there is none
}

// Resource is its name at the API.
func (a applier[S, R]) Resource() string { return a.resource }

// Prefix begins the IDs of its rows.
func (a applier[S, R]) Prefix() string { return a.prefix }

// Reads is what reading it needs.
func (a applier[S, R]) Reads() access.Permission { return a.reads }

// Rules is what is particular about its fields.
func (a applier[S, R]) Rules() schedule.Rules { return a.rules }

// Resolve reads an ID as callers write it.
func (a applier[S, R]) Resolve(ctx context.Context, text string) (int64, error) {
	if a.resolve != nil {
		return a.resolve(ctx, text)
	}
	return pathID(a.prefix, a.noun, text)
}

func (a applier[S, R]) shown(ctx context.Context, r R, err error) (schedule.Row, error) {
	if err == nil {
		return a.row(ctx, r)
	}
	if a.body != nil {
		err = a.body(ctx, err)
	}
	return schedule.Row{}, err
}

// Load reads a row; the version keeps what is applied from one that changed since.
func (a applier[S, R]) Load(ctx context.Context, tx *db.Tx, row int64) (schedule.Row, error) {
	r, err := a.get(ctx, a.service.In(tx), row)
	return a.shown(ctx, r, err)
}

// Show reads a row.
func (a applier[S, R]) Show(ctx context.Context, row int64) (schedule.Row, error) {
	r, err := a.get(ctx, a.service, row)
	return a.shown(ctx, r, err)
}

// Begin has nothing to do.
func (a applier[S, R]) Begin(context.Context, schedule.Op) (any, error) { return nil, nil }

// Apply carries a task out.
func (a applier[S, R]) Apply(ctx context.Context, tx *db.Tx, t schedule.Task) (schedule.Row, error) {
	return a.apply(ctx, a.service.In(tx), t)
}

// Rehearse is Apply, by those use cases that the service has for it.
func (a applier[S, R]) Rehearse(ctx context.Context, tx *db.Tx, t schedule.Task) (schedule.Row, error) {
	if s, ok := any(a.service).(interface{ Rehearse(tx *db.Tx) S }); ok {
		return a.apply(ctx, s.Rehearse(tx), t)
	}
	return a.Apply(ctx, tx, t)
}

func (a applier[S, R]) apply(ctx context.Context, s S, t schedule.Task) (schedule.Row, error) {
	do := a.update
	switch t.Op {
	case schedule.OpCreate:
		do = a.create
	case schedule.OpDelete:
		err := a.remove(ctx, s, t)
		if err != nil && a.body != nil {
			err = a.body(ctx, err)
		}
		return schedule.Row{ID: t.Row}, err
	}
	r, err := do(ctx, s, t)
	return a.shown(ctx, r, err)
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

// Rules has none.
func (a customerApplier) Rules() schedule.Rules { return schedule.Rules{} }

// Resolve takes cus_... or a customer ID.
func (a customerApplier) Resolve(ctx context.Context, text string) (int64, error) {
	return a.s.Resolve(ctx, text)
}

func (a customerApplier) row(c *customer.Customer, err error) (schedule.Row, error) {
	if err != nil {
		return schedule.Row{}, current(err, oneCustomer)
	}
	row, err := rowOf[CustomerPatch](c.ID, c.Version, c.Name+" ("+c.CustomerID+")", oneCustomer(c))
	row.Customer = c.ID
	return row, err
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
	err = a.s.Rehearse(ctx, tx, &d)
	return schedule.Row{Customer: d.Reseller}, err
}
