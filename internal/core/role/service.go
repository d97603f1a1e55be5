package role

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
)

// Usage tells who has a role, in the transaction that would remove it.
type Usage func(ctx context.Context, q db.Q, key access.Role) ([]errs.Blocker, error)

// Service is the use cases. Safe for concurrent use once Uses and OnChange are no longer called.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	ids     *id.Source
	audit   *audit.Log
	uses    []Usage
	changed []func()
}

// New gives the service.
func New(d *db.DB, c clock.Clock, ids *id.Source, log *audit.Log) *Service {
	return &Service{db: d, clock: c, ids: ids, audit: log}
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.db = s.db.Within(tx)
	return &lent
}

// Uses registers who may have roles. Call it while the program is put together.
func (s *Service) Uses(u Usage) { s.uses = append(s.uses, u) }

// OnChange registers what runs in this process after a role changed, such as emptying a cache. Call it while the program
// is put together.
func (s *Service) OnChange(fn func()) { s.changed = append(s.changed, fn) }

func (s *Service) afterCommit(tx *db.Tx) {
	tx.AfterCommit(func() {
		for _, fn := range s.changed {
			fn()
		}
	})
}

// All is every role: those that ship, the mightiest first, then the operator's own by name. Whoever has a place sees those
// that they may give.
func (s *Service) All(ctx context.Context) ([]Role, error) {
	if err := access.Require(ctx, access.RoleRead); err != nil {
		return nil, err
	}
	ship, err := shipped(ctx, s.db.Read(), "")
	if err != nil {
		return nil, err
	}
	own, err := read(ctx, s.db.Read(), sqlAll)
	return slices.DeleteFunc(append(ship, own...), func(r Role) bool { return !seen(ctx, &r) }), err
}

// seen tells whether the caller sees a role: with a place, only one that they may give.
func seen(ctx context.Context, r *Role) bool {
	p := access.From(ctx).Principal
	return !p.HasPlace() || MayGiveWithin(p, r.Permissions, r.Masks) == nil
}

// Get is one role by its key, or by its ID as the API spells it.
func (s *Service) Get(ctx context.Context, key string) (Role, error) {
	if err := access.Require(ctx, access.RoleRead); err != nil {
		return Role{}, err
	}
	r, err := find(ctx, s.db.Read(), key, "")
	if err == nil && !seen(ctx, &r) {
		return Role{}, errs.NotFound("role")
	}
	return r, err
}

func find(ctx context.Context, q db.Q, key, lock string) (Role, error) {
	if access.Role(key).Known() {
		return oneShipped(ctx, q, access.Role(key), lock)
	}
	if n, err := id.Parse(Prefix, key); err == nil {
		for _, r := range Shipped() {
			if r.Row() == n {
				return oneShipped(ctx, q, r.Key, lock)
			}
		}
		return one(ctx, q, sqlGet+lock, n)
	}
	return one(ctx, q, sqlByKey+lock, key)
}

// Create makes a role that may do no more than its maker.
func (s *Service) Create(ctx context.Context, in Input) (Role, error) {
	if err := access.Require(ctx, access.RoleWrite); err != nil {
		return Role{}, err
	}
	wrong := in.validate()
	key := in.key(wrong)
	if err := wrong.Err(); err != nil {
		return Role{}, err
	}
	if err := MayGive(access.From(ctx).Principal, in.Permissions, in.Masks); err != nil {
		return Role{}, err
	}
	now := s.clock.Now()
	made := Role{ID: s.ids.Next(), Key: key, Name: in.Name, Description: in.Description, Permissions: in.Permissions, Masks: in.Masks, RequireSecondFactor: in.RequireSecondFactor, CreatedAt: now, UpdatedAt: now, Version: 1}
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := twin(ctx, tx, made); err != nil {
			return err
		}
		err := exec(ctx, tx, "make the role", sqlInsert, made.ID, string(made.Key), made.Name, fold.Key(made.Name), made.Description, clock.Micros(now), db.Bit(made.RequireSecondFactor), masksText(made.Masks))
		if err != nil {
			return err
		}
		if err := give(ctx, tx, made.ID, made.Permissions); err != nil {
			return err
		}
		s.afterCommit(tx)
		return s.record(ctx, tx, audit.ActionCreate, "Role made", made, diff(Role{}, made))
	})
	return made, duplicate(err)
}

// twin refuses a key or name that another role has.
func twin(ctx context.Context, q db.Q, r Role) error {
	var taken []string
	if err := q.SelectContext(ctx, &taken, sqlTwin, string(r.Key), fold.Key(r.Name), r.ID); err != nil {
		return fmt.Errorf("look for another role of that name: %w", err)
	}
	var wrong errs.Fields
	for _, field := range taken {
		if !wrong.Has(field) {
			addTaken(&wrong, field)
		}
	}
	return wrong.Err()
}

func addTaken(wrong *errs.Fields, field string) {
	if field == "role" {
		wrong.Add("role", "duplicate_key", "Another role has this key.")
		return
	}
	wrong.Add("name", "duplicate_name", "Another role has this name.")
}

// duplicate turns a lost race for a key or name into the same answer as a lost check.
func duplicate(err error) error {
	name := db.UniqueViolation(err)
	if name == "" {
		return err
	}
	var wrong errs.Fields
	field := "role"
	if strings.Contains(name, "name") {
		field = "name"
	}
	addTaken(&wrong, field)
	return wrong.Err()
}

// Patch is a change of a role; nil leaves a field as it is.
type Patch struct {
	Name        *string
	Description *string
	Permissions *[]access.Permission
	Masks       *[]access.Mask

	RequireSecondFactor *bool // of roles that ship as well
}

// ofOwn tells whether the patch says something that only roles of the operator's own have to change.
func (p *Patch) ofOwn() bool {
	return p.Name != nil || p.Description != nil || p.Permissions != nil || p.Masks != nil
}

// Update changes a role: one of the operator's own, or of one that ships whether it requires a second factor. A version of 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, key string, version int64, p Patch) (Role, error) {
	if err := access.Require(ctx, access.RoleWrite); err != nil {
		return Role{}, err
	}
	var after Role
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.keepShipped(ctx, tx, access.Role(key)); err != nil {
			return err
		}
		before, err := s.open(ctx, tx, key, version)
		if err != nil {
			return err
		}
		if before.Ships() && (p.ofOwn() || p.RequireSecondFactor == nil) {
			return stays(before)
		}
		if after, err = p.over(before); err != nil {
			return err
		}
		if err := MayGive(access.From(ctx).Principal, after.Permissions, after.Masks); err != nil {
			return err
		}
		if len(diff(before, after)) == 0 {
			return nil
		}
		if err := s.save(ctx, tx, before, &after); err != nil {
			return err
		}
		return s.record(ctx, tx, audit.ActionUpdate, "Role changed", after, diff(before, after))
	})
	return after, duplicate(err)
}

// keepShipped makes the row of a role that ships, so that there is something to lock.
func (s *Service) keepShipped(ctx context.Context, tx *db.Tx, key access.Role) error {
	if !key.Known() {
		return nil
	}
	return exec(ctx, tx, "keep a role that ships", sqlKeepShipped, string(key), clock.Micros(s.clock.Now()))
}

func (s *Service) save(ctx context.Context, tx *db.Tx, before Role, after *Role) error {
	now := s.clock.Now()
	after.Version = before.Version + 1
	s.afterCommit(tx)
	if after.Ships() {
		return exec(ctx, tx, "change a role that ships", sqlUpdateShipped, db.Bit(after.RequireSecondFactor), clock.Micros(now), string(after.Key))
	}
	after.UpdatedAt = now
	if err := twin(ctx, tx, *after); err != nil {
		return err
	}
	err := exec(ctx, tx, "change the role", sqlUpdate, after.Name, fold.Key(after.Name), after.Description, clock.Micros(now), after.ID, db.Bit(after.RequireSecondFactor), masksText(after.Masks))
	if err != nil {
		return err
	}
	return give(ctx, tx, after.ID, after.Permissions)
}

func (p *Patch) over(before Role) (Role, error) {
	if p.RequireSecondFactor != nil {
		before.RequireSecondFactor = *p.RequireSecondFactor
	}
	if before.Ships() {
		return before, nil
	}
	in := Input{Name: before.Name, Description: before.Description, Permissions: before.Permissions, Masks: before.Masks}
	if p.Name != nil {
		in.Name = *p.Name
	}
	if p.Description != nil {
		in.Description = *p.Description
	}
	if p.Permissions != nil {
		in.Permissions = *p.Permissions
	}
	if p.Masks != nil {
		in.Masks = *p.Masks
	}
	wrong := in.validate()
	after := before
	after.Name, after.Description, after.Permissions, after.Masks = in.Name, in.Description, in.Permissions, in.Masks
	return after, wrong.Err()
}

// open locks a role for a change, checks the version, and that the caller may do no less than it.
func (s *Service) open(ctx context.Context, tx *db.Tx, key string, version int64) (Role, error) {
	r, err := find(ctx, tx, key, tx.Dialect().ForUpdate())
	switch {
	case err != nil:
		return r, err
	case version != 0 && version != r.Version:
		return r, errs.Stale(r)
	}
	return r, MayGive(access.From(ctx).Principal, r.Permissions, r.Masks)
}

func stays(r Role) error {
	return errs.New(errs.KindConflict, "role_ships", "%s comes with Tandem and stays as it is. Copy it to make one of your own.", r.Name)
}

// Remove takes away a role that nobody has.
func (s *Service) Remove(ctx context.Context, key string, version int64) error {
	if err := access.Require(ctx, access.RoleWrite); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := s.open(ctx, tx, key, version)
		if err != nil {
			return err
		}
		if r.Ships() {
			return stays(r)
		}
		var blocked []errs.Blocker
		for _, uses := range s.uses {
			found, err := uses(ctx, tx, r.Key)
			if err != nil {
				return err
			}
			blocked = append(blocked, found...)
		}
		if len(blocked) > 0 {
			e := errs.New(errs.KindConflict, "role_in_use", "%s is in use. Give those who have it another role first.", r.Name)
			e.BlockedBy = blocked
			return e
		}
		if err := exec(ctx, tx, "take what the role may do", sqlTakeAll, r.ID); err != nil {
			return err
		}
		if err := exec(ctx, tx, "remove the role", sqlDelete, r.ID); err != nil {
			return err
		}
		s.afterCommit(tx)
		return s.record(ctx, tx, audit.ActionDelete, "Role removed", r, diff(r, Role{}))
	})
}

func (s *Service) record(ctx context.Context, tx *db.Tx, action audit.Action, message string, about Role, changes []audit.Change) error {
	return s.audit.Record(ctx, tx, audit.Entry{Action: action, Table: Table, RowID: about.ID, RowName: about.Name, Message: message, Changes: changes})
}

func diff(before, after Role) []audit.Change {
	var out []audit.Change
	add := func(field, old, now string) {
		if old != now {
			out = append(out, audit.Change{Field: field, Old: old, New: now})
		}
	}
	add("role", string(before.Key), string(after.Key))
	add("name", before.Name, after.Name)
	add("description", before.Description, after.Description)
	if before.RequireSecondFactor != after.RequireSecondFactor {
		out = append(out, audit.Change{Field: "require_second_factor", Old: before.RequireSecondFactor, New: after.RequireSecondFactor})
	}
	if !slices.Equal(before.Permissions, after.Permissions) {
		out = append(out, audit.Change{Field: "permissions", Old: before.Permissions, New: after.Permissions})
	}
	if !slices.Equal(before.Masks, after.Masks) {
		out = append(out, audit.Change{Field: "masks", Old: before.Masks, New: after.Masks})
	}
	return out
}
