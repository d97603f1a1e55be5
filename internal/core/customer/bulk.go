package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/money"
)

// groupPrefix begins the IDs of groups at the API.
const groupPrefix = "grp"

// Asked is one change of a bulk update as the API spells it.
type Asked struct {
	Field     string
	Op        string   // empty sets
	Values    []string // one, none for clear, several IDs for references
	Malformed bool     // the value was neither a text, a number nor a list of them
}

// ReadChanges understands the changes of a bulk update, or tells each that is wrong by its place: changes[0].value.
// What depends on the customer (its status, its number now) shows when the changes are tried.
func (s *Service) ReadChanges(ctx context.Context, q db.Q, asked []Asked) ([]Change, *errs.Fields, error) {
	def, err := s.Defaults(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := changeReader{schema: s.schema.Load(), def: def, wrong: &errs.Fields{}, seen: map[string]bool{}}
	out := make([]Change, 0, len(asked))
	for i, a := range asked {
		at := fmt.Sprintf("changes[%d]", i)
		if access.Hidden(ctx, a.Field) {
			r.wrong.Add(at+".field", "masked", "Your role does not show you this field, so it stays as it is.")
		}
		out = append(out, r.read(at, a))
	}
	return out, r.wrong, r.checkRefs(ctx, q, out)
}

type changeReader struct {
	schema *schema
	def    Defaults
	wrong  *errs.Fields
	seen   map[string]bool
}

func (r *changeReader) read(at string, a Asked) Change {
	f := r.schema.byName[a.Field]
	if a.Op == "" {
		a.Op = string(OpSet)
	}
	ch := Change{Field: a.Field, Op: Op(a.Op)}
	switch {
	case f == nil:
		r.wrong.Add(at+".field", "unknown_field", "There is no field %q.", a.Field)
		return ch
	case len(f.Bulk) == 0:
		r.wrong.Add(at+".field", "not_in_bulk", "%s cannot be changed for many customers at once.", f.Label)
		return ch
	case !slices.Contains(f.Bulk, a.Op):
		r.wrong.Add(at+".op", "not_in_bulk", "%s knows %s.", f.Label, strings.Join(f.Bulk, ", "))
		return ch
	}
	if f.Members == nil {
		a.Op = "" // groups may be added and removed at once; every other field changes one way
	}
	if r.seen[a.Field+" "+a.Op] || r.seen[a.Field+" "+string(OpSet)] && f.Members != nil {
		r.wrong.Add(at+".field", "twice", "%s is changed twice.", f.Label)
	}
	r.seen[a.Field+" "+a.Op] = true
	r.value(at+".value", f, a, &ch)
	return ch
}

func (r *changeReader) value(at string, f *field, a Asked, ch *Change) {
	switch {
	case a.Malformed:
		r.wrong.Add(at, "malformed", "Give %s as a text, a number, or a list of IDs.", f.Label)
	case ch.Op == OpClear:
		if len(a.Values) > 0 && a.Values[0] != "" {
			r.wrong.Add(at, "not_empty", "To clear %s takes no value.", f.Label)
		}
		if f.Required {
			r.wrong.Add(strings.TrimSuffix(at, ".value")+".op", "required", "%s is required.", f.Label)
		}
	case f.Type == list.TypeRef || f.Type == list.TypeMultiRef:
		r.refs(at, f, a.Values, ch)
	case len(a.Values) != 1 || strings.TrimSpace(a.Values[0]) == "":
		r.wrong.Add(at, "required", "Give one value for %s.", f.Label)
	case ch.Op == OpIncrease || ch.Op == OpDecrease:
		ch.Value = a.Values[0]
		if _, err := money.Parse(ch.Value); err != nil {
			r.wrong.Add(at, "bad_number", "Give the number by which %s changes, with up to six decimals.", f.Label)
		}
	default:
		ch.Value = a.Values[0]
		r.text(at, f, ch.Value)
	}
}

// text tries a value on a customer that has nothing else.
func (r *changeReader) text(at string, f *field, value string) {
	d := Draft{Name: "x"}
	d.fill(r.def)
	f.set(&d, value)
	for _, w := range r.schema.normalise(&d, r.def.Country).List() {
		if w.Field == f.Name {
			r.wrong.Add(at, w.Code, "%s", w.Message)
		}
	}
}

func (r *changeReader) refs(at string, f *field, texts []string, ch *Change) {
	if len(texts) == 0 || (f.Type == list.TypeRef && len(texts) != 1) {
		r.wrong.Add(at, "required", "Give the ID for %s.", f.Label)
		return
	}
	if len(texts) > maxRefs {
		r.wrong.Add(at, "too_many", "%s takes at most %d IDs.", f.Label, maxRefs)
		return
	}
	for _, t := range texts {
		n, err := id.Parse(f.Prefix, t)
		if err != nil {
			r.wrong.Add(at, "bad_id", "%s takes IDs that begin with %s_.", f.Label, f.Prefix)
			continue
		}
		ch.IDs = append(ch.IDs, n)
	}
}

const maxRefs = 200 // IDs in one change

func (r *changeReader) checkRefs(ctx context.Context, q db.Q, changes []Change) error {
	for i, ch := range changes {
		if len(ch.IDs) == 0 {
			continue
		}
		var resellers, groups []int64
		if ch.Field == "reseller" {
			resellers = ch.IDs
		} else {
			groups = ch.IDs
		}
		known, err := readRefs(ctx, q, resellers, groups)
		if err != nil {
			return err
		}
		var unknown errs.Fields
		for _, n := range resellers {
			known.check(n, nil, &unknown)
		}
		known.check(0, groups, &unknown)
		for _, w := range unknown.List() {
			r.wrong.Add(fmt.Sprintf("changes[%d].value", i), w.Code, "%s", w.Message)
		}
	}
	return nil
}

// Undoing is the changes that take back what Try told of a customer.
func Undoing(o *Outcome) []Change {
	out := make([]Change, 0, len(o.Diff))
	for _, d := range o.Diff {
		ch := Change{Field: d.Field, StatusBefore: o.Before.statusBefore(d.Field)}
		switch old := d.Old.(type) {
		case []string:
			for _, text := range old {
				if n, err := id.Parse(groupPrefix, text); err == nil { // our own spelling
					ch.IDs = append(ch.IDs, n)
				}
			}
		case string:
			ch.Value = old
			if d.Field == "reseller" {
				if n, err := id.Parse(Prefix, old); err == nil { // our own spelling
					ch.IDs = []int64{n}
				}
			}
		default:
			ch.Op = OpClear
		}
		out = append(out, ch)
	}
	return out
}

// statusBefore is what the Change of a field must hold to give a customer its penalty back; "" for other fields and
// statuses.
func (c *Customer) statusBefore(field string) Status {
	if field != "status" || c.Status != StatusPenalty {
		return ""
	}
	return c.StatusBefore
}

// RowName is what people call a customer in lists of results: its name and its customer ID.
func (c *Customer) RowName() string { return rowName(c) }
