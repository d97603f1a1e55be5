package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/event"
	"tandem/internal/core/group"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
)

// EventRows tells events of rows what the API tells of them.
func EventRows(customers *customer.Service, contacts *contact.Service, groups *group.Service, jobs *job.Service) event.Rows {
	return eventRows{customers, contacts, groups, jobs}
}

type eventRows struct {
	customers *customer.Service
	contacts  *contact.Service
	groups    *group.Service
	jobs      *job.Service
}

// RowID is the identifier of a row at the API.
func (eventRows) RowID(resource string, row int64) string {
	prefix := map[string]string{event.Customers: customer.Prefix, event.Contacts: contact.Prefix, event.Groups: group.Prefix, event.Jobs: job.Prefix}[resource]
	return id.Format(prefix, row)
}

// Bodies is the rows that the caller may see.
func (r eventRows) Bodies(ctx context.Context, resource string, rows []int64) (map[int64]json.RawMessage, error) {
	out := map[int64]json.RawMessage{}
	switch resource {
	case event.Customers:
		found, _, err := r.customers.List(ctx, list.Query{IDs: rows, Filter: anyStatus, Limit: list.MaxLimit, Total: list.TotalNone})
		return out, printed(out, found, err, func(c *customer.Customer) (int64, any) { return c.ID, customerBody(c) })
	case event.Groups:
		found, _, err := r.groups.List(ctx, list.Query{IDs: rows, Limit: list.MaxLimit, Total: list.TotalNone})
		return out, printed(out, found, err, func(g group.Group) (int64, any) { return g.ID, groupBody(g) })
	case event.Contacts:
		return out, r.contactBodies(ctx, rows, out)
	case event.Jobs:
		for _, n := range rows {
			j, err := r.jobs.Get(ctx, n)
			if err := printed(out, []job.Job{j}, err, func(j job.Job) (int64, any) { return j.ID, jobBody(j) }); err != nil && !errs.IsKind(err, errs.KindNotFound) {
				return nil, err
			}
		}
	}
	return out, nil
}

// contactBodies reads those that were removed one by one: no list has them.
func (r eventRows) contactBodies(ctx context.Context, rows []int64, out map[int64]json.RawMessage) error {
	body := func(c *contact.Contact) (int64, any) { return c.ID, contactBody(c) }
	found, _, err := r.contacts.List(ctx, list.Query{IDs: rows, Limit: list.MaxLimit, Total: list.TotalNone})
	if err := printed(out, found, err, body); err != nil {
		return err
	}
	for _, n := range rows {
		if out[n] != nil {
			continue
		}
		c, err := r.contacts.Get(ctx, n)
		if err := printed(out, []*contact.Contact{c}, err, body); err != nil && !errs.IsKind(err, errs.KindNotFound) {
			return err
		}
	}
	return nil
}

func printed[R any](out map[int64]json.RawMessage, found []R, err error, body func(R) (int64, any)) error {
	if err != nil {
		return err
	}
	for _, row := range found {
		n, b := body(row)
		if out[n], err = json.Marshal(b); err != nil {
			return fmt.Errorf("print a row: %w", err)
		}
	}
	return nil
}

// anyStatus lets closed customers through: lists leave them out unless the filter speaks of the status.
const anyStatus = `{"field":"status","op":"in","value":["active","inactive","penalty","pending","closed"]}`

// CheckFilter refuses what is no filter of customers, or filters by what is hidden from the caller.
func (r eventRows) CheckFilter(ctx context.Context, filter string) error {
	_, err := r.customers.ListTable().ParseFilter(filter, access.Masked(ctx)...)
	return err
}

// Matching is which customers a filter lets through.
func (r eventRows) Matching(ctx context.Context, filter string, rows []int64) (map[int64]bool, error) {
	found, _, err := r.customers.List(ctx, list.Query{IDs: rows, Filter: `{"and":[` + anyStatus + `,` + filter + `]}`, Limit: list.MaxLimit, Total: list.TotalNone})
	out := map[int64]bool{}
	for _, c := range found {
		out[c.ID] = true
	}
	return out, err
}
