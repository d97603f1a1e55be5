package bulk

import (
	"context"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// Bounds of a preview.
const (
	PreviewRows = 100_000 // customers tried; up to here a preview is exact
	previewRead = 1000    // customers read at once
	samples     = 5
	examples    = 3
)

// Example is one customer with what stands in its way, when that is a thing.
type Example struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	BlockedBy []errs.Blocker `json:"blocked_by,omitempty"`
}

// Exclusion is why customers would be left as they are, with some of them.
type Exclusion struct {
	Excluded
	Examples []Example `json:"examples"`
}

// Sample is one customer with what would change.
type Sample struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Changes []audit.Change `json:"changes"`
}

// Preview is what a request would do now.
type Preview struct {
	Matching   int64       `json:"matching"`
	WillChange int64       `json:"will_change"`
	Unchanged  int64       `json:"unchanged"`
	Excluded   []Exclusion `json:"excluded"`
	Sample     []Sample    `json:"sample"`
	Evaluated  int64       `json:"evaluated"` // customers that were tried
	Exact      bool        `json:"is_exact"`  // all of them; else the figures are in proportion to those tried

	raw []*customer.Outcome // behind Sample
}

func newPreview(matching int64) *Preview {
	return &Preview{Matching: matching, Excluded: []Exclusion{}, Sample: []Sample{}, Exact: true}
}

func (p *Preview) exclude(n int64, name string, why errs.Field, blockers []errs.Blocker) {
	p.Evaluated++
	at := slices.IndexFunc(p.Excluded, func(e Exclusion) bool { return e.Code == why.Code })
	if at < 0 {
		message := why.Message
		if text := general[why.Code]; text != "" {
			message = text
		}
		at = len(p.Excluded)
		p.Excluded = append(p.Excluded, Exclusion{Excluded: Excluded{Code: why.Code, Message: message}, Examples: []Example{}})
	}
	e := &p.Excluded[at]
	e.Count++
	if len(e.Examples) < examples {
		e.Examples = append(e.Examples, Example{id.Format(customer.Prefix, n), name, blockers})
	}
}

func (p *Preview) tried(o *customer.Outcome) {
	switch {
	case len(o.Wrong) > 0:
		p.exclude(o.Before.ID, o.Before.RowName(), o.Wrong[0], o.Blocked)
		return
	case len(o.Diff) == 0:
		p.Unchanged++
	default:
		p.WillChange++
		if len(p.raw) < samples {
			p.raw = append(p.raw, o)
		}
	}
	p.Evaluated++
}

// extrapolate makes figures of the part that was tried figures of all.
func (p *Preview) extrapolate() {
	if p.Exact || p.Evaluated == 0 {
		return
	}
	grow := func(n int64) int64 { return int64(float64(n) * float64(p.Matching) / float64(p.Evaluated)) }
	p.WillChange, p.Unchanged = grow(p.WillChange), grow(p.Unchanged)
	for i := range p.Excluded {
		p.Excluded[i].Count = grow(p.Excluded[i].Count)
	}
}

// scan hands the customers of a scope over in order of ID, up to PreviewRows of them, and tells the preview of those
// that are not there.
func (s *Service) scan(ctx context.Context, sc *scope, p *Preview, each func([]*customer.Customer) error) error {
	after, seen := int64(0), int64(0)
	for {
		queue, err := s.next(ctx, sc, after, fetchIDs)
		if err != nil {
			return err
		}
		if len(queue) == 0 {
			p.Matching = seen // exact as of the walk
			return nil
		}
		for ids := range slices.Chunk(queue, previewRead) {
			found, err := s.o.Customers.Load(ctx, s.o.DB.Read(), ids)
			if err != nil {
				return err
			}
			for _, n := range missing(ids, found) {
				p.exclude(n, "", errs.Field{Code: "not_found"}, nil)
			}
			if err := each(found); err != nil {
				return err
			}
			after = ids[len(ids)-1]
		}
		if seen += int64(len(queue)); seen >= PreviewRows && p.Matching > seen {
			p.Exact = false
			return nil
		}
	}
}

// PreviewUpdate tells what an update would do.
func (s *Service) PreviewUpdate(ctx context.Context, r Request) (*Preview, error) {
	plan, err := s.readUpdate(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.previewUpdate(ctx, plan)
}

func (s *Service) previewUpdate(ctx context.Context, plan payload) (*Preview, error) {
	total, err := s.count(ctx, &plan.Scope)
	if err != nil {
		return nil, err
	}
	p := newPreview(total)
	err = s.scan(ctx, &plan.Scope, p, func(found []*customer.Customer) error {
		tried, err := s.o.Customers.Try(ctx, s.o.DB.Read(), found, slices.Repeat([][]customer.Change{plan.Changes}, len(found)), false)
		for i := range tried {
			p.tried(&tried[i])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p.extrapolate()
	return p, s.sample(ctx, p)
}

// sample tells the changes of some customers, with names for the IDs of groups and resellers.
func (s *Service) sample(ctx context.Context, p *Preview) error {
	var groups, resellers []int64
	for _, o := range p.raw {
		groups = append(groups, append(slices.Clone(o.Before.Groups), o.After.Groups...)...)
		resellers = append(resellers, o.Before.Reseller, o.After.Reseller)
	}
	ofGroups, ofResellers, err := s.o.Customers.Names(ctx, s.o.DB.Read(), groups, resellers)
	if err != nil {
		return err
	}
	for _, o := range p.raw {
		sample := Sample{id.Format(customer.Prefix, o.Before.ID), o.Before.RowName(), slices.Clone(o.Diff)}
		for i := range sample.Changes {
			switch ch := &sample.Changes[i]; ch.Field {
			default:
				if access.Hidden(ctx, ch.Field) {
					ch.Old, ch.New = nil, nil
				}
			case "groups":
				ch.Old, ch.New = named("grp", o.Before.Groups, ofGroups), named("grp", o.After.Groups, ofGroups)
			case "reseller":
				ch.Old, ch.New = one(named(customer.Prefix, []int64{o.Before.Reseller}, ofResellers)), one(named(customer.Prefix, []int64{o.After.Reseller}, ofResellers))
			}
		}
		p.Sample = append(p.Sample, sample)
	}
	return nil
}

func named(prefix string, ids []int64, names map[int64]string) []Example {
	out := make([]Example, 0, len(ids))
	for _, n := range ids {
		if n != 0 {
			out = append(out, Example{ID: id.Format(prefix, n), Name: names[n]})
		}
	}
	return out
}

func one(list []Example) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// PreviewDelete tells which customers a delete would close, and what blocks the others.
func (s *Service) PreviewDelete(ctx context.Context, r Request) (*Preview, error) {
	plan, err := s.readDelete(ctx, r)
	if err != nil {
		return nil, err
	}
	total, err := s.count(ctx, &plan.Scope)
	if err != nil {
		return nil, err
	}
	d := deletion{s: s, preview: newPreview(total)}
	err = s.scan(ctx, &plan.Scope, d.preview, func(found []*customer.Customer) error { return d.look(ctx, found) })
	if err != nil {
		return nil, err
	}
	if err := d.resellersLast(ctx); err != nil {
		return nil, err
	}
	d.preview.extrapolate()
	return d.preview, nil
}

// deletion gathers what a delete would do.
type deletion struct {
	s         *Service
	preview   *Preview
	going     []int64                      // customers that would be closed, in order
	gone      map[int64]bool               // resellers that would be
	resellers map[int64]*customer.Customer // to be looked at in the end
	last      int64                        // the last customer looked at
}

func (d *deletion) look(ctx context.Context, found []*customer.Customer) error {
	var ids []int64
	var open []*customer.Customer
	for _, c := range found {
		d.last = c.ID
		switch {
		case c.Status == customer.StatusClosed:
			d.preview.exclude(c.ID, c.RowName(), errs.Field{Code: "closed"}, nil)
		case c.Kind == customer.KindReseller:
			if d.resellers == nil {
				d.resellers, d.gone = map[int64]*customer.Customer{}, map[int64]bool{}
			}
			d.resellers[c.ID] = c
		default:
			open, ids = append(open, c), append(ids, c.ID)
		}
	}
	blocked, err := d.s.o.Customers.Blockers(ctx, ids)
	if err != nil {
		return err
	}
	for _, c := range open {
		if list := blocked[c.ID]; len(list) > 0 {
			d.block(c, list)
			continue
		}
		d.goes()
		d.going = append(d.going, c.ID)
	}
	return nil
}

func (d *deletion) goes() {
	d.preview.WillChange++
	d.preview.Evaluated++
}

func (d *deletion) block(c *customer.Customer, list []errs.Blocker) {
	d.preview.exclude(c.ID, c.RowName(), errs.Field{Code: "blocked"}, list)
}

// resellersLast looks at the resellers when it is known which of their customers go with them.
func (d *deletion) resellersLast(ctx context.Context) error {
	var ids []int64
	for n := range d.resellers {
		ids = append(ids, n)
	}
	slices.Sort(ids)
	levels, err := d.s.levels(ctx, ids)
	if err != nil {
		return err
	}
	for _, level := range levels {
		blocked, err := d.s.o.Customers.Blockers(ctx, level)
		if err != nil {
			return err
		}
		for _, n := range level {
			list, err := d.stays(ctx, n, blocked[n])
			if err != nil {
				return err
			}
			if len(list) > 0 {
				d.block(d.resellers[n], list)
			} else {
				d.goes()
				d.gone[n] = true
			}
		}
	}
	return nil
}

// stays is what still blocks a reseller when the chosen customers are closed.
func (d *deletion) stays(ctx context.Context, reseller int64, blockers []errs.Blocker) ([]errs.Blocker, error) {
	var out []errs.Blocker
	owns := false
	for _, b := range blockers {
		if n, err := id.Parse(customer.Prefix, b.ID); b.Type != "customer" || err != nil {
			out = append(out, b)
		} else if owns = true; !d.goesToo(n) {
			out = append(out, b)
		}
	}
	if len(out) > 0 || !owns {
		return out, nil
	}
	for after := int64(0); ; { // a guard names some; here is whether any other stays
		ids, err := d.s.o.Customers.OwnedIDs(ctx, d.s.o.DB.Read(), reseller, after, previewRead)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		for _, n := range ids {
			if !d.goesToo(n) {
				_, names, err := d.s.o.Customers.Names(ctx, d.s.o.DB.Read(), nil, []int64{n})
				return []errs.Blocker{{Type: "customer", ID: id.Format(customer.Prefix, n), Name: names[n]}}, err
			}
			after = n
		}
	}
}

func (d *deletion) goesToo(n int64) bool {
	if !d.preview.Exact && n > d.last {
		return true // not looked at: part of the proportion
	}
	_, found := slices.BinarySearch(d.going, n)
	return found || d.gone[n]
}
