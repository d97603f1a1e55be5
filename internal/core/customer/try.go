package customer

import (
	"context"
	"errors"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
)

// Outcome is what changes make of one customer, before they are written.
type Outcome struct {
	Before, After *Customer
	Diff          []audit.Change // none: it stays as it is
	Wrong         []errs.Field   // why it cannot be; nothing of it is written then
	Blocked       []errs.Blocker // what keeps it from being closed, in detail
}

// Good tells whether there is something to write and nothing wrong with it.
func (o *Outcome) Good() bool { return len(o.Wrong) == 0 && len(o.Diff) > 0 }

func (o *Outcome) closes() bool {
	return o.After.Status == StatusClosed && o.Before.Status != StatusClosed
}

func (o *Outcome) err() error {
	var f errs.Fields
	for _, w := range o.Wrong {
		f.Add(w.Field, w.Code, "%s", w.Message)
	}
	return f.Err()
}

// Try tells for many customers at once what their changes would make of them; changes[i] are those of customers[i].
// It asks the database the same few questions whatever the number of customers. restoring takes back an earlier
// change: the status may then go any way. Within one call, a customer does not get what another one gives up.
func (s *Service) Try(ctx context.Context, q db.Q, customers []*Customer, changes [][]Change, restoring bool) ([]Outcome, error) {
	tried, err := s.try(ctx, q, customers, changes, restoring)
	if err != nil {
		return nil, err
	}
	var closing []int64
	for i := range tried {
		if o := &tried[i]; o.Good() && o.closes() {
			closing = append(closing, o.Before.ID)
		}
	}
	if len(closing) == 0 {
		return tried, nil
	}
	blocked, err := s.blockers(ctx, q, closing)
	if err != nil {
		return nil, err
	}
	for i := range tried {
		o := &tried[i]
		if list := blocked[o.Before.ID]; len(list) > 0 && o.closes() {
			o.Blocked = list
			o.Wrong = append(o.Wrong, errs.Field{Field: "status", Code: "blocked", Message: "It cannot be closed yet: " + list[0].Name + " stands in the way."})
		}
	}
	return tried, nil
}

// Write writes the good ones among outcomes that Try gave in the same transaction, of customers that it holds
// (LoadLocked), each with an audit entry. db.UniqueViolation tells that another transaction took an e-mail or
// reference meanwhile: roll back and try again.
func (s *Service) Write(ctx context.Context, tx *db.Tx, tried []Outcome, message string, action audit.Action) error {
	good := make([]Outcome, 0, len(tried))
	for _, o := range tried {
		if o.Good() {
			good = append(good, o)
		}
	}
	if len(good) == 0 {
		return nil
	}
	return s.write(ctx, tx, good, message, action)
}

func (s *Service) write(ctx context.Context, tx *db.Tx, good []Outcome, message string, action audit.Action) error {
	sc, now := s.schema.Load(), s.Clock.Now()
	entries := make([]audit.Entry, len(good))
	for i := range good {
		o := &good[i]
		if o.closes() {
			o.After.ClosedAt = now
		}
		o.After.Version, o.After.UpdatedAt = o.Before.Version+1, now
		entries[i] = audit.Entry{Action: action, Table: Table, RowID: o.After.ID, RowName: rowName(o.After), Message: message, Changes: o.Diff}
	}
	if done, err := sc.update(ctx, tx, good); err != nil || !done {
		if err == nil {
			err = errs.Stale(nil)
		}
		return err
	}
	if err := recount(ctx, tx, good); err != nil {
		return err
	}
	if err := replant(ctx, tx, good); err != nil {
		return err
	}
	if err := s.tellFollowers(ctx, tx, good); err != nil {
		return err
	}
	return s.Audit.Record(ctx, tx, entries...)
}

// tellFollowers hands on who got another name, was closed or came back, or whose people may sign in now or no more.
func (s *Service) tellFollowers(ctx context.Context, tx *db.Tx, good []Outcome) error {
	var changed []*Customer
	for i := range good {
		before, after := good[i].Before, good[i].After
		if before.Name != after.Name || (before.Status == StatusClosed) != (after.Status == StatusClosed) || before.Status.SignsIn() != after.Status.SignsIn() {
			changed = append(changed, after)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	for _, f := range s.follow {
		if err := f(ctx, tx, changed); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) try(ctx context.Context, q db.Q, customers []*Customer, changes [][]Change, restoring bool) ([]Outcome, error) {
	def, err := s.Defaults(ctx)
	if err != nil {
		return nil, err
	}
	sc := s.schema.Load()
	tried, wrong := make([]Outcome, len(customers)), make([]*errs.Fields, len(customers))
	for i, before := range customers {
		if len(before.Masked) > 0 {
			return nil, errors.New("try a change: the customer was read without its masked fields")
		}
		var after *Customer
		after, wrong[i] = s.changed(sc, before, changes[i], def, restoring)
		for _, ch := range changes[i] {
			if !restoring { // which takes back what others did, and tells none of it
				access.RefuseHidden(ctx, wrong[i], ch.Field)
			}
		}
		tried[i] = Outcome{Before: before, After: after, Diff: sc.diff(before, after)}
	}
	if err := s.tryUnique(ctx, q, tried, wrong); err != nil {
		return nil, err
	}
	if err := tryRefs(ctx, q, tried, wrong); err != nil {
		return nil, err
	}
	if err := tryTree(ctx, q, tried, wrong); err != nil {
		return nil, err
	}
	for i := range tried {
		keepPlace(ctx, &tried[i], wrong[i])
		tried[i].Wrong = access.From(ctx).Principal.Scrub(wrong[i].List())
	}
	return tried, nil
}

// tryUnique compares what is new of e-mails and references with other customers, and with each other.
func (s *Service) tryUnique(ctx context.Context, q db.Q, tried []Outcome, wrong []*errs.Fields) error {
	var at []int
	var drafts []*Draft
	var self []int64
	for i := range tried {
		before, after := tried[i].Before, tried[i].After
		reopened := before.Status == StatusClosed && after.Status != StatusClosed
		if before.Email != after.Email || before.Reference != after.Reference || reopened {
			at, drafts, self = append(at, i), append(drafts, &after.Draft), append(self, after.ID)
		}
	}
	if len(at) == 0 {
		return nil
	}
	found, err := s.Duplicates(ctx, q, drafts, self)
	if err != nil {
		return err
	}
	emails, references := map[string]bool{"": true}, map[string]bool{"": true}
	for i, list := range found {
		w := wrong[at[i]]
		for _, f := range list {
			w.Add(f.Field, f.Code, "%s", f.Message)
		}
		email, reference := fold.Key(drafts[i].Email), fold.Key(drafts[i].Reference)
		if email != "" && emails[email] && !w.Has("email") {
			w.Add("email", "duplicate_email", "Another customer of this change would have the same e-mail address.")
		}
		if reference != "" && references[reference] && !w.Has("reference") {
			w.Add("reference", "duplicate_reference", "Another customer of this change would have the same reference number.")
		}
		if len(w.List()) == 0 {
			emails[email], references[reference] = true, true
		}
	}
	return nil
}

// tryRefs looks for the resellers and groups that are new to a customer.
func tryRefs(ctx context.Context, q db.Q, tried []Outcome, wrong []*errs.Fields) error {
	resellers, groups := map[int64]bool{}, map[int64]bool{}
	for i := range tried {
		reseller, added := tried[i].newRefs()
		if reseller != 0 {
			resellers[reseller] = true
		}
		for _, g := range added {
			groups[g] = true
		}
	}
	if len(resellers) == 0 && len(groups) == 0 {
		return nil
	}
	known, err := readRefs(ctx, q, keys(resellers), keys(groups))
	if err != nil {
		return err
	}
	for i := range tried {
		reseller, added := tried[i].newRefs()
		known.check(reseller, added, wrong[i])
	}
	return nil
}

func (o *Outcome) newRefs() (reseller int64, groups []int64) {
	reopened := o.Before.Status == StatusClosed && o.After.Status != StatusClosed
	if o.Before.Reseller != o.After.Reseller || reopened { // the reseller may have been closed meanwhile
		reseller = o.After.Reseller
	}
	if !slices.Equal(o.Before.Groups, o.After.Groups) {
		groups = without(o.After.Groups, o.Before.Groups)
	}
	return reseller, groups
}

// refs is which of some resellers and groups are there.
type refs struct{ resellers, groups map[int64]bool }

func (r refs) check(reseller int64, groups []int64, wrong *errs.Fields) {
	if reseller != 0 && !r.resellers[reseller] {
		wrong.Add("reseller", "unknown_reseller", "There is no such open reseller.")
	}
	for _, g := range groups {
		if !r.groups[g] {
			wrong.Add("groups", "unknown_group", "There is no group %s.", id.Format(groupPrefix, g))
		}
	}
}

func keys(m map[int64]bool) []int64 {
	out := make([]int64, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
