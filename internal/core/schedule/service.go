package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Options is what the service is made of.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Source
	Audit *audit.Log
	Log   *slog.Logger
	// Save keeps who asks; Restore gives a context in which they act, or refuses because they may not any more.
	Save    func(ctx context.Context) ([]byte, error)
	Restore func(ctx context.Context, saved []byte) (context.Context, error)
	// Visible is those of the customers that the place of the context's principal lets them see.
	Visible func(ctx context.Context, q db.Q, customers []int64) ([]int64, error)
	// Tell is told of a delayed save that conflicts or failed, in the transaction that notes it; nil: nobody.
	Tell func(ctx context.Context, tx *db.Tx, c Change) error
	Node string        // how this process is called in the audit
	Poll time.Duration // how often due saves are looked for; 0 = every second
}

// Service is the use cases of delayed saves. Safe for concurrent use.
type Service struct {
	o        Options
	appliers map[string]Applier
	engine   *list.Engine
	busy     chan struct{} // one round of looking at a time
}

// New gives the service. Each resource that can be saved later has one applier.
func New(o Options, appliers ...Applier) *Service {
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	s := &Service{o: o, appliers: map[string]Applier{}, busy: make(chan struct{}, 1)}
	for _, a := range appliers {
		s.appliers[a.Resource()] = a
	}
	s.engine = list.NewEngine(o.DB, o.Log, table(slices.Sorted(maps.Keys(s.appliers))), nil)
	return s
}

// Ended tells whether nothing will come of it any more.
func (s State) Ended() bool { return s == StateApplied || s == StateFailed || s == StateCancelled }

// States is every state.
func States() []State {
	return []State{StatePending, StateApplied, StateConflicted, StateFailed, StateCancelled}
}

// RowPrefix begins the IDs of the rows of a resource.
func (s *Service) RowPrefix(resource string) string {
	if a := s.appliers[resource]; a != nil {
		return a.Prefix()
	}
	return ""
}

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// List is one page of the delayed saves of resources that the caller may read.
func (s *Service) List(ctx context.Context, q list.Query) ([]Change, list.Page, error) {
	if err := access.Require(ctx, access.ScheduleRead); err != nil {
		return nil, list.Page{}, err
	}
	q.Scope = s.scope(ctx)
	return list.Rows(ctx, s.engine, q, sqlColumns, func(scan list.Scan) (Change, error) {
		var r record
		if err := scan(r.fields()...); err != nil {
			return Change{}, err
		}
		return r.change()
	})
}

// rules is what is particular about the fields of a resource.
func (s *Service) rules(resource string) Rules {
	if a := s.appliers[resource]; a != nil {
		return a.Rules()
	}
	return Rules{}
}

// scope leaves out what the caller does not see, as see does.
func (s *Service) scope(ctx context.Context) *list.Scope {
	p := access.From(ctx).Principal
	scope := &list.Scope{SQL: "c.resource IN (''"}
	for _, name := range slices.Sorted(maps.Keys(s.appliers)) {
		if !p.May(s.appliers[name].Reads()) {
			continue
		}
		scope.SQL += ", ?"
		scope.Args = append(scope.Args, name)
	}
	scope.SQL += ") AND (" + sqlMine + " OR c.own = 0"
	scope.Args = append(scope.Args, string(p.Kind), p.ID)
	if p.HasPlace() {
		scope.SQL += " AND " + sqlPlace
		scope.Args = append(scope.Args, p.Root, p.Root)
	}
	scope.SQL += ")"
	return scope
}

// FieldDiff is one field of a delayed save: as it was when it was asked, as it is, as it will be.
type FieldDiff struct {
	Field            string
	Asked, Now, Then any
	// Conflict: somebody changed a field of the patch since.
	Conflict bool
	// Masked: the values are hidden from who looks.
	Masked bool
}

// Get is one delayed save with the difference it makes now. An ended one tells the difference it was asked for.
func (s *Service) Get(ctx context.Context, changeID int64) (Change, []FieldDiff, error) {
	whole, a, err := s.readable(ctx, changeID)
	if err != nil {
		return Change{}, nil, err
	}
	c := *s.Shown(ctx, &whole)
	now := c.Base
	if !c.State.Ended() && c.Op != OpCreate && a != nil && !c.Waits() {
		row, err := a.Show(ctx, c.Row)
		if err != nil && !errs.IsKind(err, errs.KindNotFound) {
			return Change{}, nil, err
		}
		if err == nil {
			now = row.Fields
		}
	}
	guarded, err := c.guarded()
	if err != nil {
		return Change{}, nil, err
	}
	out := []FieldDiff{}
	for _, name := range slices.Sorted(maps.Keys(c.Outcome)) {
		d := FieldDiff{Field: name, Asked: c.Base[name], Now: now[name], Then: c.Outcome[name]}
		d.Conflict = slices.Contains(guarded, name) && !Same(d.Asked, d.Now)
		if access.Hidden(ctx, name) { // what is there now is hidden, so it cannot be compared
			d = FieldDiff{Field: name, Masked: true}
		}
		out = append(out, d)
	}
	return c, out, nil
}

// guarded is the fields that nobody may change meanwhile.
func (c *Change) guarded() ([]string, error) {
	switch c.Op {
	case OpDelete:
		return slices.Sorted(maps.Keys(c.Base)), nil
	case OpUpdate:
		_, names, err := onlyFields(c.Patch, func(string) bool { return true })
		return names, err
	}
	return nil, nil
}

func (s *Service) readable(ctx context.Context, changeID int64) (Change, Applier, error) {
	if err := access.Require(ctx, access.ScheduleRead); err != nil {
		return Change{}, nil, err
	}
	c, err := one(ctx, s.o.DB.Read(), changeID, "")
	if err != nil {
		return Change{}, nil, err
	}
	return c, s.appliers[c.Resource], s.see(ctx, s.o.DB.Read(), &c)
}

// see is nil for a delayed save that the caller sees. Who has a place sees those that were asked for in that place, about
// customers that stand in it.
func (s *Service) see(ctx context.Context, q db.Q, c *Change) error {
	p, missing := access.From(ctx).Principal, errs.NotFound("delayed save")
	if a := s.appliers[c.Resource]; a != nil && !p.May(a.Reads()) {
		return missing
	}
	switch {
	case c.Own && !c.Mine(ctx), !c.Own && p.HasPlace() && (c.Customer == 0 || c.Requester.Root == 0):
		return missing
	case c.Own || !p.HasPlace():
		return nil
	}
	seen, err := s.o.Visible(ctx, q, []int64{c.Customer, c.Requester.Root})
	if err == nil && !(slices.Contains(seen, c.Customer) && slices.Contains(seen, c.Requester.Root)) {
		err = missing
	}
	return err
}

// Shown is a delayed save without what the caller may not be shown.
func (s *Service) Shown(ctx context.Context, whole *Change) *Change {
	c, p := *whole, access.From(ctx).Principal
	c.Hidden = nil
	if p.HasPlace() {
		c.AppliedBy = ""
	}
	for name, needs := range s.rules(c.Resource).Needs {
		if !p.May(needs) {
			c.Hidden = append(c.Hidden, name)
		}
	}
	if len(c.Hidden) == 0 {
		return &c
	}
	slices.Sort(c.Hidden)
	keep := func(name string) bool { return !slices.Contains(c.Hidden, name) }
	leave := func(name string, _ any) bool { return !keep(name) }
	c.Base, c.Outcome = maps.Clone(c.Base), maps.Clone(c.Outcome)
	maps.DeleteFunc(c.Base, leave)
	maps.DeleteFunc(c.Outcome, leave)
	if patch, _, err := onlyFields(c.Patch, keep); err == nil { // we wrote it
		c.Patch = patch
	}
	return &c
}

// Mine tells whether the context's principal asked for it.
func (c *Change) Mine(ctx context.Context) bool {
	p := access.From(ctx).Principal
	return p.Kind == c.Requester.Kind && p.ID == c.Requester.ID
}

// Waits tells whether it takes back a change that was not made yet.
func (c *Change) Waits() bool { return c.State == StatePending && c.due == 0 }

// MayManage tells whether the context's principal may change, cancel or run it.
func (c *Change) MayManage(ctx context.Context) bool {
	return c.Mine(ctx) || access.From(ctx).Principal.May(access.ScheduleManage)
}

// hold reads a delayed save that the caller may manage, and keeps others from it until the transaction ends.
func (s *Service) hold(ctx context.Context, tx *db.Tx, changeID, version int64) (Change, error) {
	c, err := one(ctx, tx, changeID, tx.Dialect().ForUpdate())
	if err != nil {
		return c, err
	}
	if err := s.see(ctx, tx, &c); err != nil {
		return c, err
	}
	if !c.Mine(ctx) {
		if err := access.Require(ctx, access.ScheduleManage); err != nil {
			return c, err
		}
	}
	if version != 0 && version != c.Version {
		return c, errs.Stale(c)
	}
	if c.State.Ended() {
		return c, errs.New(errs.KindConflict, "delayed_save_ended", "This delayed save is %s already.", c.State)
	}
	return c, nil
}

// Edit is what may be changed of a delayed save that waits; nil stays.
type Edit struct {
	ApplyAt *string // as ParseAt reads it
	Comment *string
}

// Edit changes when a delayed save is applied, or why.
func (s *Service) Edit(ctx context.Context, changeID, version int64, e Edit) (Change, error) {
	if err := access.Require(ctx, access.ScheduleRead); err != nil {
		return Change{}, err
	}
	var c Change
	err := s.o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if c, err = s.hold(ctx, tx, changeID, version); err != nil {
			return err
		}
		if c.State != StatePending {
			return errs.New(errs.KindConflict, "delayed_save_conflicted", "It conflicts with a later change: decide about that first.")
		}
		var diff []audit.Change
		if e.ApplyAt != nil {
			at, err := s.newTime(ctx, tx, &c, *e.ApplyAt)
			if err != nil {
				return err
			}
			diff = append(diff, audit.Change{Field: "apply_at", Old: stamp(c.ApplyAt), New: stamp(at)})
			c.ApplyAt, c.faults = at, 0
			if c.due > 0 {
				c.due = clock.Micros(at)
			}
		}
		if e.Comment != nil && *e.Comment != c.Comment {
			diff = append(diff, audit.Change{Field: "comment", Old: c.Comment, New: *e.Comment})
			c.Comment = *e.Comment
		}
		if len(diff) == 0 {
			return nil
		}
		c.UpdatedAt = s.o.Clock.Now()
		if err := save(ctx, tx, &c); err != nil {
			return err
		}
		return s.note(ctx, tx, &c, audit.ActionUpdate, "Delayed save changed", diff)
	})
	return c, err
}

// newTime reads another time; the two of a pair keep their order.
func (s *Service) newTime(ctx context.Context, q db.Q, c *Change, text string) (time.Time, error) {
	var wrong errs.Fields
	at, code, message := ParseAt(text, s.o.Clock.Now())
	if code != "" {
		wrong.Add("apply_at", code, "%s", message)
		return at, wrong.Err()
	}
	if c.Pair == 0 {
		return at, nil
	}
	other, err := one(ctx, q, c.Pair, "")
	if errs.IsKind(err, errs.KindNotFound) {
		return at, nil
	}
	if err != nil {
		return at, err
	}
	first, back := at, other.ApplyAt
	if c.Role == RoleBack {
		first, back = other.ApplyAt, at
	}
	if !other.State.Ended() && !back.After(first) {
		wrong.Add("apply_at", "pair_order", "The change back has to come after the change itself.")
	}
	return at, wrong.Err()
}

// Cancel ends a delayed save that was not applied; the one that would take it back ends with it.
func (s *Service) Cancel(ctx context.Context, changeID, version int64) (Change, error) {
	if err := access.Require(ctx, access.ScheduleRead); err != nil {
		return Change{}, err
	}
	var c Change
	err := s.o.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if c, err = s.hold(ctx, tx, changeID, version); err != nil {
			return err
		}
		return s.end(ctx, tx, &c, StateCancelled, "cancelled", "Cancelled by "+access.From(ctx).Principal.Name+".", "Delayed save cancelled")
	})
	return c, err
}

// end writes that nothing comes of a delayed save, and of the one that would take it back.
func (s *Service) end(ctx context.Context, tx *db.Tx, c *Change, state State, code, reason, message string) error {
	was := c.State
	c.State, c.ReasonCode, c.Reason, c.due, c.UpdatedAt = state, code, reason, 0, s.o.Clock.Now()
	if err := save(ctx, tx, c); err != nil {
		return err
	}
	diff := []audit.Change{{Field: "state", Old: string(was), New: string(state)}, {Field: "reason", New: reason}}
	if err := s.note(ctx, tx, c, audit.ActionUpdate, message, diff); err != nil {
		return err
	}
	if s.o.Tell != nil && (state == StateConflicted || state == StateFailed) {
		told := *c
		told.RowName = c.name()
		if err := s.o.Tell(ctx, tx, told); err != nil {
			return err
		}
	}
	if c.Role != RoleFirst || !state.Ended() {
		return nil
	}
	back, err := one(ctx, tx, c.Pair, tx.Dialect().ForUpdate())
	if errs.IsKind(err, errs.KindNotFound) || err == nil && back.State != StatePending {
		return nil
	}
	if err != nil {
		return err
	}
	return s.end(ctx, tx, &back, StateCancelled, "pair_ended", "What it would take back came to nothing.", "Delayed save cancelled")
}

// note writes the audit entry about a delayed save.
func (s *Service) note(ctx context.Context, tx *db.Tx, c *Change, action audit.Action, message string, diff []audit.Change) error {
	return s.o.Audit.Record(ctx, tx, audit.Entry{Action: action, Table: Table, RowID: c.ID, RowName: c.name(), Message: message, Changes: diff})
}

// name is what people call a delayed save.
func (c *Change) name() string {
	if c.RowName != "" {
		return c.RowName
	}
	return "new " + c.Resource
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Purge forgets saves that ended before the keep began. Their audit entries stay.
func (s *Service) Purge(ctx context.Context, keep time.Duration) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlPurge, clock.Micros(s.o.Clock.Now().Add(-keep))); err != nil {
			return fmt.Errorf("purge delayed saves: %w", err)
		}
		return nil
	})
}

// nameOf is what a new row will be called, as far as its patch tells.
func nameOf(patch json.RawMessage) string {
	var told struct {
		Name      string `json:"name"`
		Company   string `json:"company"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
	}
	if json.Unmarshal(patch, &told) != nil {
		return ""
	}
	for _, name := range []string{told.Name, told.Company} {
		if name != "" {
			return name
		}
	}
	if told.FirstName != "" && told.LastName != "" {
		return told.FirstName + " " + told.LastName
	}
	return told.FirstName + told.LastName
}
