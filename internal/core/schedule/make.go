package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Ask is a save as its caller sent it.
type Ask struct {
	Resource string
	Op       Op
	Row      string // the ID as it was written; empty for a create
	Version  int64  // 0 stands for "whatever it is now"
	Patch    json.RawMessage
	Options  map[string]string
	At       time.Time // when to apply it
	Back     time.Time // when to take it back; zero for never. For updates alone
}

// errRehearsed rolls a rehearsal back.
var errRehearsed = errors.New("it was a rehearsal")

// plan is what a rehearsal told.
type plan struct {
	before, after Row
	patch, back   json.RawMessage
	names         []string // fields that change
	base, outcome Values
}

// Make accepts a save for later: permissions and rules are asked now as they will be then.
func (s *Service) Make(ctx context.Context, ask Ask) (Change, error) {
	a, row, err := s.admit(ctx, ask)
	if err != nil {
		return Change{}, err
	}
	p, err := s.rehearse(ctx, a, row, ask)
	if err != nil {
		return Change{}, err
	}
	c, err := s.draft(ctx, ask, p)
	if err != nil {
		return Change{}, err
	}
	c.Row, c.due = row, clock.Micros(c.ApplyAt)
	changes := []Change{c}
	if !ask.Back.IsZero() {
		back := c
		back.ID, back.ApplyAt, back.due, back.Role = s.o.IDs.Next(), ask.Back, 0, RoleBack
		back.Patch, back.Base, back.Outcome, back.Pair = p.back, p.outcome, p.base, c.ID
		changes[0].Role, changes[0].Pair = RoleFirst, back.ID
		changes = append(changes, back)
	}
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error { return s.insert(ctx, tx, changes) })
	return changes[0], err
}

// NowAndBack carries an update out at once, and accepts that it is taken back later. It gives the row as it is now, and
// what will take it back.
func (s *Service) NowAndBack(ctx context.Context, ask Ask) (Row, Change, error) {
	a, row, err := s.admit(ctx, ask)
	if err != nil {
		return Row{}, Change{}, err
	}
	if _, err := s.rehearse(ctx, a, row, ask); err != nil {
		return Row{}, Change{}, err
	}
	token, err := a.Begin(ctx, ask.Op)
	if err != nil {
		return Row{}, Change{}, err
	}
	var c Change
	var p plan
	err = again(ask.Version, func() error {
		return s.o.DB.Write(ctx, func(tx *db.Tx) error {
			var err error
			if p, err = s.carry(ctx, tx, ask, row, a, a.Apply, token); err != nil {
				return err
			}
			if c, err = s.draft(ctx, ask, p); err != nil {
				return err
			}
			c.Row, c.ApplyAt, c.due, c.Role = row, ask.Back, clock.Micros(ask.Back), RoleBack
			c.Patch, c.Base, c.Outcome, c.RowVersion = p.back, p.outcome, p.base, p.after.Version
			return s.insert(ctx, tx, []Change{c})
		})
	})
	return p.after, c, err
}

// admit asks what can be asked without the row.
func (s *Service) admit(ctx context.Context, ask Ask) (Applier, int64, error) {
	if err := access.Require(ctx, access.ScheduleRead); err != nil {
		return nil, 0, err
	}
	a := s.appliers[ask.Resource]
	if a == nil {
		return nil, 0, fmt.Errorf("nobody here applies delayed saves of %s", ask.Resource)
	}
	var wrong errs.Fields
	if !ask.Back.IsZero() {
		from := ask.At
		if from.IsZero() {
			from = s.o.Clock.Now()
		}
		if ask.Op != OpUpdate {
			wrong.Add("Tandem-Revert-At", "not_here", "A change alone can be taken back, not what is made or removed.")
		} else if !ask.Back.After(from) {
			wrong.Add("Tandem-Revert-At", "pair_order", "The change back has to come after the change itself.")
		}
	}
	if err := wrong.Err(); err != nil {
		return nil, 0, err
	}
	if ask.Op == OpCreate {
		return a, 0, nil
	}
	row, err := a.Resolve(ctx, ask.Row)
	return a, row, err
}

// rehearse does it all in a transaction that is rolled back, so that every rule of the resource is asked.
func (s *Service) rehearse(ctx context.Context, a Applier, row int64, ask Ask) (plan, error) {
	call := access.From(ctx)
	call.Once = nil // nothing is carried out yet
	quiet := access.With(ctx, call)
	var p plan
	err := again(ask.Version, func() error {
		return s.o.DB.Write(quiet, func(tx *db.Tx) (err error) {
			if p, err = s.carry(quiet, tx, ask, row, a, a.Rehearse, nil); err != nil {
				return err
			}
			if !ask.Back.IsZero() {
				if _, err := a.Rehearse(quiet, tx, Task{Op: OpUpdate, Row: row, Patch: p.back, Options: ask.Options}); err != nil {
					return err
				}
			}
			return errRehearsed
		})
	})
	if errors.Is(err, errRehearsed) {
		err = nil
	}
	return p, err
}

// tries is how often something is done again that lost a race for its row.
const tries = 5

// again does something until it does not lose a race for its row any more: what is against version alone is done once.
func again(version int64, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if version != 0 || try == tries || !errs.IsKind(err, errs.KindStale) {
			return err
		}
	}
}

type doing func(ctx context.Context, tx *db.Tx, t Task) (Row, error)

// carry does what was asked in the transaction, and tells what it changed.
func (s *Service) carry(ctx context.Context, tx *db.Tx, ask Ask, row int64, a Applier, do doing, token any) (plan, error) {
	p, beside := plan{patch: ask.Patch}, a.Rules().Beside
	task := Task{Op: ask.Op, Row: row, Patch: ask.Patch, Options: ask.Options, Token: token}
	var err error
	if ask.Op == OpCreate {
		if p.after, err = do(ctx, tx, task); err != nil {
			return p, err
		}
		if p.outcome, err = flattenPatch(ask.Patch); err != nil {
			return p, err
		}
		for _, name := range beside {
			delete(p.outcome, name)
		}
		p.base, p.before.Name = Values{}, nameOf(ask.Patch)
		return p, nil
	}
	if p.before, err = a.Load(ctx, tx, row); err != nil {
		return p, err
	}
	if ask.Version != 0 && ask.Version != p.before.Version {
		return p, errs.Stale(p.before.Body)
	}
	task.Version = p.before.Version
	if p.after, err = do(ctx, tx, task); err != nil {
		return p, err
	}
	p.names = differing(p.before.Fields, p.after.Fields)
	if ask.Op == OpDelete {
		p.patch = json.RawMessage("{}")
	} else if len(p.names) == 0 {
		var wrong errs.Fields
		wrong.Add("Tandem-Apply-At", "nothing_to_do", "It changes nothing: every field has the value already.")
		return p, wrong.Err()
	} else if p.patch, _, err = onlyFields(ask.Patch, func(name string) bool { return slices.Contains(p.names, name) || slices.Contains(beside, name) }); err != nil {
		return p, err
	}
	p.base, p.outcome = p.before.Fields.only(p.names), p.after.Fields.only(p.names)
	p.back, err = patchOf(p.base, ask.Patch, beside)
	return p, err
}

func flattenPatch(patch json.RawMessage) (Values, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(patch, &all); err != nil {
		return nil, fmt.Errorf("read a patch: %w", err)
	}
	return Flatten(patch, slices.Collect(maps.Keys(all)))
}

// draft is the row of a delayed save that applies the plan.
func (s *Service) draft(ctx context.Context, ask Ask, p plan) (Change, error) {
	caller, err := s.o.Save(ctx)
	if err != nil {
		return Change{}, err
	}
	call, now := access.From(ctx), s.o.Clock.Now()
	stands := p.before
	if ask.Op == OpCreate {
		stands = p.after
	}
	who := call.Principal
	return Change{ID: s.o.IDs.Next(), Resource: ask.Resource, RowName: p.before.Name, Op: ask.Op, Patch: p.patch, Options: ask.Options,
		Base: p.base, Outcome: p.outcome, RowVersion: p.before.Version, Requester: Requester{who.Kind, who.ID, who.Name, who.Root}, Customer: stands.Customer, Own: stands.Own,
		Comment: call.Comment, ApplyAt: ask.At, State: StatePending, CreatedAt: now, UpdatedAt: now, Version: 1, caller: caller}, nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, changes []Change) error {
	if err := insert(ctx, tx, changes...); err != nil {
		return err
	}
	entries := make([]audit.Entry, len(changes))
	for i := range changes {
		c := &changes[i]
		diff := []audit.Change{{Field: "apply_at", New: stamp(c.ApplyAt)}, {Field: "operation", New: string(c.Op)}}
		for _, name := range slices.Sorted(maps.Keys(c.Outcome)) {
			if slices.Contains(s.rules(c.Resource).Untold, name) {
				diff = append(diff, audit.Secret(name))
				continue
			}
			diff = append(diff, audit.Change{Field: name, Old: bare(c.Base[name]), New: bare(c.Outcome[name])})
		}
		entries[i] = audit.Entry{Action: audit.ActionCreate, Table: Table, RowID: c.ID, RowName: c.name(), Message: "Delayed save made", Changes: diff}
	}
	return s.o.Audit.Record(ctx, tx, entries...)
}
