package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Place is how whoever sees a part of the customers is kept to the entries about them.
type Place struct {
	// Scope is what the caller's place puts on the list: a condition on one of the fields "within" and "self".
	Scope func(ctx context.Context) *list.Scope
	// Visible is those of the customers that the caller sees.
	Visible func(ctx context.Context, q db.Q, customers []int64) ([]int64, error)
	Prefix  string // of the IDs of customers
}

var scopes = []list.Field{
	{Name: "within", Type: list.TypeMultiRef, Members: &list.Members{Table: "customer_ancestors", Row: "customer_id", Ref: "ancestor_id", Of: "a.customer_id", List: sqlWithin}},
	{Name: "self", Type: list.TypeRef, Key: "a.customer_id", Sortable: true},
}

// declarePlaced is the list as callers with a place know it: from which address the operator's people work is not looked for.
func declarePlaced() *list.Table {
	t := declare()
	t.Fields = slices.DeleteFunc(t.Fields, func(f list.Field) bool { return f.Name == "ip" })
	return t
}

// fieldChanged is what callers with a place look for in changes: that a field did. By its values they could find out
// resellers that they do not see.
var fieldChanged = regexp.MustCompile(`^"field":"[a-z0-9_.]+"$`)

// looksAtFieldsAlone refuses a filter that looks for values in what changed.
func looksAtFieldsAlone(filter string) error {
	var tree any
	if filter == "" || json.Unmarshal([]byte(filter), &tree) != nil {
		return nil // which the list refuses
	}
	if !fieldsAlone(tree) {
		var wrong errs.Fields
		wrong.Add("filter", "not_by_value", `You see a part of the customers: look in changes for a field alone, as "field":"status".`)
		return wrong.Err()
	}
	return nil
}

func fieldsAlone(node any) bool {
	switch n := node.(type) {
	case []any:
		return !slices.ContainsFunc(n, func(v any) bool { return !fieldsAlone(v) })
	case map[string]any:
		if field, _ := n["field"].(string); field == "changes" {
			value, _ := n["value"].(string)
			return n["op"] == "contains" && fieldChanged.MatchString(strings.ToLower(value))
		}
		for _, v := range n {
			if !fieldsAlone(v) {
				return false
			}
		}
	}
	return true
}

func (s *Service) lister(ctx context.Context) *list.Engine {
	if access.From(ctx).Principal.HasPlace() {
		return s.placed
	}
	return s.engine
}

// query is a query as the caller may ask it.
func (s *Service) query(ctx context.Context, q list.Query) (list.Query, error) {
	q.Masked = access.Masked(ctx)
	if !access.From(ctx).Principal.HasPlace() {
		return q, nil
	}
	if s.o.Place.Scope == nil {
		return q, errNoPlace
	}
	q.Scope = s.o.Place.Scope(ctx)
	return q, looksAtFieldsAlone(q.Filter)
}

func (s *Service) parse(ctx context.Context, q list.Query) (*list.Parsed, error) {
	q, err := s.query(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.lister(ctx).Parse(q)
}

// By looks up the customers of rows by a query that gives id and customer_id of those among %s.
func By(query string) Customers {
	return func(ctx context.Context, q db.Q, rows []int64) (map[int64]int64, error) {
		out := make(map[int64]int64, len(rows))
		for some := range slices.Chunk(rows, 500) {
			var found []struct {
				ID       int64 `db:"id"`
				Customer int64 `db:"customer_id"`
			}
			if err := q.SelectContext(ctx, &found, fmt.Sprintf(query, numbers(some))); err != nil {
				return nil, fmt.Errorf("look up customers: %w", err)
			}
			for _, f := range found {
				out[f.ID] = f.Customer
			}
		}
		return out, nil
	}
}

var errNoPlace = errors.New("the audit does not know how callers are kept to their place")

// sees tells whether the caller sees the entries about a customer; 0 is none.
func (s *Service) sees(ctx context.Context, customerID int64) (bool, error) {
	if !access.From(ctx).Principal.HasPlace() {
		return true, nil
	}
	if customerID == 0 {
		return false, nil
	}
	seen, err := s.visible(ctx, []int64{customerID})
	return len(seen) == 1, err
}

func (s *Service) visible(ctx context.Context, customers []int64) ([]int64, error) {
	if s.o.Place.Visible == nil {
		return nil, errNoPlace
	}
	return s.o.Place.Visible(ctx, s.o.DB.Read(), customers)
}

// shown takes out of entries what is not for the caller: values that are masked, and what their place closes.
func (s *Service) shown(ctx context.Context, entries []Kept) error {
	if err := s.placedShown(ctx, entries); err != nil {
		return err
	}
	p := access.From(ctx).Principal
	for i := range entries {
		var err error
		if entries[i], err = entries[i].masked(p); err != nil {
			return err
		}
	}
	return nil
}

// placedShown takes out of entries what is not for a caller with a place: addresses of who is none of theirs, comments on their
// own record, and resellers that they do not see.
func (s *Service) placedShown(ctx context.Context, entries []Kept) error {
	p := access.From(ctx).Principal
	if !p.HasPlace() {
		return nil
	}
	for i := range entries {
		k := &entries[i]
		own := k.ActorKind == p.Kind && k.ActorID == p.ID
		if !own && k.ActorKind != access.KindContact {
			k.IP = ""
		}
		if !own && k.Customer == p.Root {
			k.Comment = ""
		}
		if err := s.hideResellers(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// hideResellers takes out of the changes whom a customer stood under before or after, when the caller does not see them.
func (s *Service) hideResellers(ctx context.Context, k *Kept) error {
	var changes []Change
	if err := json.Unmarshal(k.Raw, &changes); err != nil {
		return fmt.Errorf("read what changed: %w", err)
	}
	hidden := false
	for i := range changes {
		if changes[i].Field != "reseller" {
			continue
		}
		for _, value := range []*any{&changes[i].Old, &changes[i].New} {
			text, _ := (*value).(string)
			n, err := id.Parse(s.o.Place.Prefix, text)
			if err != nil {
				continue // none, or it was erased
			}
			seen, err := s.visible(ctx, []int64{n})
			if err != nil {
				return err
			}
			if len(seen) == 0 {
				*value, hidden = nil, true
			}
		}
	}
	if !hidden {
		return nil
	}
	text, err := json.Marshal(changes)
	if err != nil {
		return fmt.Errorf("write what changed: %w", err)
	}
	k.Raw = text
	return nil
}
