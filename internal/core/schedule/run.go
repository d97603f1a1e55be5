package schedule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	round     = 100             // due saves that are looked for at once
	maxFaults = 10              // faults of ours until a save fails
	backOff   = 2 * time.Second // after the first fault; twice as long after each other, up to maxBack
	maxBack   = 5 * time.Minute
)

// Run applies what is due until ctx ends. Every node runs it.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(s.o.Poll)
	defer tick.Stop()
	for {
		for {
			n, err := s.ApplyDue(ctx)
			if err != nil && ctx.Err() == nil {
				s.o.Log.Error("delayed saves could not be applied", "error", err)
			}
			if n < round || err != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// ApplyDue applies what is due now and gives how many saves it brought further. What another node has in hand is passed
// over.
func (s *Service) ApplyDue(ctx context.Context) (int, error) {
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return 0, nil
	}
	var due []int64
	if err := s.o.DB.Read().SelectContext(ctx, &due, sqlDue, clock.Micros(s.o.Clock.Now()), round); err != nil {
		return 0, fmt.Errorf("look for due delayed saves: %w", err)
	}
	done := 0
	for _, changeID := range due {
		if ctx.Err() != nil {
			return done, nil
		}
		moved, err := s.applyOne(ctx, changeID)
		if err != nil {
			return done, err
		}
		if moved {
			done++
		}
	}
	return done, nil
}

// applyOne applies one that is due; false when somebody else has it, or it has to be tried again later.
func (s *Service) applyOne(ctx context.Context, changeID int64) (bool, error) {
	c, err := one(ctx, s.o.DB.Read(), changeID, "")
	if errs.IsKind(err, errs.KindNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	acting, err := s.inNameOf(ctx, &c)
	if err == nil {
		var got *Change
		got, err = s.carryOut(acting, &c, attempt{by: s.o.Node})
		if err == nil {
			return got != nil, nil
		}
	} else {
		acting = access.With(ctx, access.Call{Principal: access.System("delayed saves"), Verb: "JOB"})
	}
	if ctx.Err() != nil {
		return false, nil // the process stops; the next one goes on
	}
	if e, ok := errs.As(err); ok && e.Kind != errs.KindUnavailable && e.Kind != errs.KindStale {
		told := *e
		told.Fields = access.Refused(e.Fields) // the reason is read by many
		return true, s.fail(acting, changeID, e.Code, told.Error())
	}
	s.o.Log.Warn("a delayed save met a fault and will be tried again", "change", changeID, "faults", c.faults+1, "error", err)
	if c.faults+1 >= maxFaults {
		return true, s.fail(acting, changeID, "fault", "Something went wrong on our side; it is in the log.")
	}
	return false, s.postpone(ctx, &c)
}

func (s *Service) postpone(ctx context.Context, c *Change) error {
	again := s.o.Clock.Now().Add(min(backOff<<c.faults, maxBack))
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlPostpone, clock.Micros(again), c.ID, c.faults); err != nil {
			return fmt.Errorf("put a delayed save off: %w", err)
		}
		return nil
	})
}

// inNameOf is a context in which the requester acts, as they may now.
func (s *Service) inNameOf(ctx context.Context, c *Change) (context.Context, error) {
	acting, err := s.o.Restore(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	call := access.From(acting)
	call.Comment = c.Comment
	return access.With(acting, call), nil
}

// attempt is how a delayed save is carried out.
type attempt struct {
	by     string // the node or person, for the audit
	asked  bool   // a person asks: before its time, and a refusal leaves it as it is
	anyway bool   // whatever changed meanwhile
	// runner is the person's own context, in which the audit tells that they asked.
	runner context.Context
	// held checks the save that the transaction holds.
	held func(tx *db.Tx, c *Change) error
}

// carryOut changes the row and the save in one transaction, as ctx's principal. nil: somebody else has it in hand, or
// it is not due any more.
func (s *Service) carryOut(ctx context.Context, c *Change, how attempt) (*Change, error) {
	a := s.appliers[c.Resource]
	if a == nil {
		return nil, fmt.Errorf("nobody here applies delayed saves of %s", c.Resource)
	}
	token, err := a.Begin(ctx, c.Op)
	if err != nil {
		return nil, err
	}
	var got *Change
	err = again(0, func() error {
		return s.o.DB.Write(ctx, func(tx *db.Tx) (err error) {
			if got, err = s.take(ctx, tx, c.ID, how); err != nil || got == nil {
				return err
			}
			return s.applyIn(ctx, tx, a, got, token, how)
		})
	})
	return got, err
}

// take holds a delayed save that may be applied; nil: somebody else has it in hand, or it is not due any more.
func (s *Service) take(ctx context.Context, tx *db.Tx, changeID int64, how attempt) (*Change, error) {
	lock := tx.Dialect().ForUpdateSkipLocked()
	if how.asked {
		lock = tx.Dialect().ForUpdate()
	}
	held, err := one(ctx, tx, changeID, lock)
	switch {
	case errs.IsKind(err, errs.KindNotFound) && !how.asked:
		return nil, nil // another node holds it
	case err != nil:
		return nil, err
	case how.asked:
		return &held, how.held(tx, &held)
	case held.due == 0 || held.due > clock.Micros(s.o.Clock.Now()):
		return nil, nil
	}
	return &held, nil
}

func (s *Service) applyIn(ctx context.Context, tx *db.Tx, a Applier, c *Change, token any, how attempt) error {
	if err := c.mayWrite(ctx); err != nil {
		return err
	}
	task := Task{Op: c.Op, Row: c.Row, Patch: c.Patch, Options: c.Options, Token: token}
	if c.Op != OpCreate && !how.anyway {
		row, err := a.Load(ctx, tx, c.Row)
		if err != nil {
			return err
		}
		changed, err := c.conflicts(row.Fields)
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			reason := "Changed by somebody else since it was asked: " + strings.Join(changed, ", ") + "."
			return s.end(ctx, tx, c, StateConflicted, "conflicted", reason, "Delayed save conflicts with a later change")
		}
		task.Version = row.Version
	}
	after, err := a.Apply(ctx, tx, task)
	if err != nil {
		return err
	}
	was := c.State
	now := s.o.Clock.Now()
	c.State, c.due, c.Result, c.AppliedAt, c.AppliedBy, c.UpdatedAt = StateApplied, 0, after.ID, now, how.by, now
	c.ReasonCode, c.Reason = "", ""
	if err := save(ctx, tx, c); err != nil {
		return err
	}
	noted := ctx
	if how.runner != nil {
		noted = how.runner
	}
	diff := []audit.Change{{Field: "state", Old: string(was), New: string(StateApplied)}, {Field: "requester", New: c.Requester.Name}, {Field: "applied_by", New: how.by}}
	if err := s.note(noted, tx, c, audit.ActionUpdate, "Delayed save applied", diff); err != nil {
		return err
	}
	return s.wakeBack(ctx, tx, c, after)
}

// mayWrite refuses a save of fields that are hidden from who it is carried out for.
func (c *Change) mayWrite(ctx context.Context) error {
	names, err := c.guarded()
	if err != nil {
		return err
	}
	var wrong errs.Fields
	for _, name := range names {
		access.RefuseHidden(ctx, &wrong, name)
	}
	return wrong.Err()
}

// conflicts is the fields of the patch that somebody changed since it was asked.
func (c *Change) conflicts(now Values) ([]string, error) {
	names, err := c.guarded()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		if !Same(c.Base[name], now[name]) {
			out = append(out, name)
		}
	}
	return out, nil
}

// wakeBack lets the change that takes an applied one back wait for its own time, from what is there now.
func (s *Service) wakeBack(ctx context.Context, tx *db.Tx, c *Change, after Row) error {
	if c.Role != RoleFirst {
		return nil
	}
	back, err := one(ctx, tx, c.Pair, tx.Dialect().ForUpdate())
	if errs.IsKind(err, errs.KindNotFound) || err == nil && back.State != StatePending {
		return nil
	}
	if err != nil {
		return err
	}
	for name := range back.Base {
		back.Base[name] = after.Fields[name]
	}
	back.RowVersion, back.due, back.UpdatedAt = after.Version, clock.Micros(back.ApplyAt), s.o.Clock.Now()
	return save(ctx, tx, &back)
}

// fail writes why a delayed save could not be applied.
func (s *Service) fail(ctx context.Context, changeID int64, code, reason string) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := one(ctx, tx, changeID, tx.Dialect().ForUpdateSkipLocked())
		if errs.IsKind(err, errs.KindNotFound) || err == nil && c.due == 0 {
			return nil // somebody else brought it to an end
		}
		if err != nil {
			return err
		}
		return s.end(ctx, tx, &c, StateFailed, code, reason, "Delayed save failed")
	})
}

// RunNow applies a delayed save before its time, with the requester's rights. It may turn out conflicted; a refusal is
// told and leaves it pending.
func (s *Service) RunNow(ctx context.Context, changeID int64) (Change, error) {
	c, _, err := s.readable(ctx, changeID)
	if err != nil {
		return Change{}, err
	}
	acting, err := s.inNameOf(ctx, &c)
	if err != nil {
		if e, ok := errs.As(err); ok {
			return Change{}, errs.New(errs.KindConflict, "requester_gone", "%s", e.Detail)
		}
		return Change{}, err
	}
	got, err := s.asked(acting, &c, attempt{by: access.From(ctx).Principal.Name, asked: true, runner: ctx, held: func(tx *db.Tx, held *Change) error {
		if *held, err = s.hold(ctx, tx, changeID, 0); err != nil {
			return err
		}
		switch {
		case held.State == StateConflicted:
			return errs.New(errs.KindConflict, "delayed_save_conflicted", "It conflicts with a later change: decide about that first.")
		case held.due == 0:
			return errs.New(errs.KindConflict, "delayed_save_waits", "It takes back a change that was not made yet: run that first.")
		}
		return nil
	}})
	return got, access.Scrubbed(ctx, err)
}

// Resolve decides about a conflicted one: apply it to what is there now, with the caller's own rights, or drop it.
func (s *Service) Resolve(ctx context.Context, changeID int64, apply bool) (Change, error) {
	c, _, err := s.readable(ctx, changeID)
	if err != nil {
		return Change{}, err
	}
	held := func(tx *db.Tx, held *Change) (err error) {
		if *held, err = s.hold(ctx, tx, changeID, 0); err != nil {
			return err
		}
		if held.State != StateConflicted {
			return errs.New(errs.KindConflict, "delayed_save_no_conflict", "It conflicts with nothing.")
		}
		return nil
	}
	if apply {
		return s.asked(ctx, &c, attempt{by: access.From(ctx).Principal.Name, asked: true, anyway: true, runner: ctx, held: held})
	}
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if err := held(tx, &c); err != nil {
			return err
		}
		return s.end(ctx, tx, &c, StateCancelled, "dropped", "Dropped by "+access.From(ctx).Principal.Name+" because of the conflict.", "Delayed save dropped")
	})
	return c, err
}

func (s *Service) asked(ctx context.Context, c *Change, how attempt) (Change, error) {
	got, err := s.carryOut(ctx, c, how)
	if err != nil {
		return Change{}, err
	}
	return *got, nil
}
