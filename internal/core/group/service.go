package group

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// Prefix begins the IDs of groups at the API.
const Prefix = "grp"

// auditTable is the name under which changes of groups stand in the audit.
const auditTable = "groups"

// Options is what the service is made of.
type Options struct {
	DB        *db.DB
	Clock     clock.Clock
	IDs       *id.Source
	Audit     *audit.Log
	Log       *slog.Logger
	Customers *customer.Service
	OwnTypes  func(ctx context.Context) ([]string, error) // the operator's own group types
}

// Service is the use cases of groups. Safe for concurrent use.
type Service struct {
	Options
	engine *list.Engine
	lent   bool // to a transaction that has other work to do
}

// New gives the service.
func New(o Options) *Service {
	return &Service{Options: o, engine: list.NewEngine(o.DB, o.Log, table(), nil)}
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.DB, lent.lent = s.DB.Within(tx), true
	return &lent
}

// ListTable is the declaration of the list.
func (s *Service) ListTable() *list.Table { return s.engine.Table() }

// List is one page of groups.
func (s *Service) List(ctx context.Context, q list.Query) ([]Group, list.Page, error) {
	if err := access.Require(ctx, access.GroupRead); err != nil {
		return nil, list.Page{}, err
	}
	return list.Rows(ctx, s.engine, q, sqlColumns, scan)
}

// Get is one group.
func (s *Service) Get(ctx context.Context, groupID int64) (Group, error) {
	if err := access.Require(ctx, access.GroupRead); err != nil {
		return Group{}, err
	}
	return get(ctx, s.DB.Read(), groupID, "")
}

func get(ctx context.Context, q db.Q, groupID int64, lock string) (Group, error) {
	g, err := scan(q.QueryRowContext(ctx, sqlGet+lock, groupID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return g, errs.NotFound("group")
	}
	if err != nil {
		return g, fmt.Errorf("read the group: %w", err)
	}
	return g, nil
}

// hold reads a group that nobody joins, changes or removes until the transaction ends. The row is locked by itself first:
// the members are counted by a statement that begins when nobody can join any more.
func hold(ctx context.Context, tx *db.Tx, groupID int64) (Group, error) {
	var there []int64
	if err := tx.SelectContext(ctx, &there, sqlLock+tx.Dialect().ForUpdate(), groupID); err != nil {
		return Group{}, fmt.Errorf("lock the group: %w", err)
	}
	return get(ctx, tx, groupID, "")
}

func (s *Service) validate(ctx context.Context, q db.Q, in *Input, self int64) error {
	own, err := s.OwnTypes(ctx)
	if err != nil {
		return err
	}
	wrong := in.Validate(own)
	var other []int64
	if err := q.SelectContext(ctx, &other, sqlByName, fold.Key(in.Name)); err != nil {
		return fmt.Errorf("look for the group's name: %w", err)
	}
	if len(other) > 0 && other[0] != self {
		wrong.Add("name", "duplicate_name", "There is a group named %q already.", in.Name)
	}
	return wrong.Err()
}

// Create makes a group.
func (s *Service) Create(ctx context.Context, in Input) (Group, error) {
	if err := access.Require(ctx, access.GroupWrite); err != nil {
		return Group{}, err
	}
	var g Group
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		g, err = s.CreateIn(ctx, tx, in)
		return err
	})
	return g, duplicate(err)
}

// CreateIn makes a group in the caller's transaction: for imports that meet a name for the first time.
func (s *Service) CreateIn(ctx context.Context, tx *db.Tx, in Input) (Group, error) {
	if err := s.validate(ctx, tx, &in, 0); err != nil {
		return Group{}, err
	}
	now := s.Clock.Now()
	g := Group{ID: s.IDs.Next(), Name: in.Name, Type: in.Type, Description: in.Description, CreatedAt: now, UpdatedAt: now, Version: 1}
	_, err := tx.ExecContext(ctx, sqlInsert, g.ID, g.Name, fold.Key(g.Name), string(g.Type), g.Description, fold.Key(g.Description), clock.Micros(now), clock.Micros(now), g.Version)
	if err != nil {
		return Group{}, fmt.Errorf("make the group: %w", err)
	}
	return g, s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionCreate, Table: auditTable, RowID: g.ID, RowName: g.Name, Message: "Group created", Changes: diff(Group{}, g)})
}

// Update renames or redescribes a group. version 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, groupID, version int64, in Input) (Group, error) {
	if err := access.Require(ctx, access.GroupWrite); err != nil {
		return Group{}, err
	}
	var after Group
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		after, err = s.update(ctx, tx, groupID, version, in)
		return err
	})
	return after, duplicate(err)
}

func (s *Service) update(ctx context.Context, tx *db.Tx, groupID, version int64, in Input) (Group, error) {
	before, err := get(ctx, tx, groupID, "")
	if err != nil {
		return Group{}, err
	}
	if version != 0 && version != before.Version {
		return Group{}, errs.Stale(before)
	}
	if err := s.validate(ctx, tx, &in, groupID); err != nil {
		return Group{}, err
	}
	after := before
	after.Name, after.Type, after.Description = in.Name, in.Type, in.Description
	changes := diff(before, after)
	if len(changes) == 0 {
		return after, nil
	}
	after.UpdatedAt, after.Version = s.Clock.Now(), before.Version+1
	r, err := tx.ExecContext(ctx, sqlUpdate, after.Name, fold.Key(after.Name), string(after.Type), after.Description, fold.Key(after.Description), clock.Micros(after.UpdatedAt), groupID, before.Version)
	if err != nil {
		return Group{}, fmt.Errorf("change the group: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return Group{}, errors.Join(errs.Stale(nil), err)
	}
	return after, s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: auditTable, RowID: groupID, RowName: after.Name, Message: "Group changed", Changes: changes})
}

// Delete removes a group. While it has members it is refused, unless they are to go: to the group moveTo, or, with
// moveTo -1, out. Members are moved in batches, each with its audit entries; asked again after an interruption, it goes on.
func (s *Service) Delete(ctx context.Context, groupID, version, moveTo int64) error {
	if err := access.Require(ctx, access.GroupWrite); err != nil {
		return err
	}
	g, err := get(ctx, s.DB.Read(), groupID, "")
	if err != nil {
		return err
	}
	if version != 0 && version != g.Version {
		return errs.Stale(g)
	}
	if moveTo != 0 && s.lent {
		var wrong errs.Fields
		wrong.Add("reassign_to", "not_here", "Members cannot be moved later: move them first.")
		return wrong.Err()
	}
	if g.Members > 0 && moveTo == 0 {
		return inUse(g)
	}
	if moveTo > 0 {
		if _, err := get(ctx, s.DB.Read(), moveTo, ""); err != nil || moveTo == groupID {
			var wrong errs.Fields
			wrong.Add("reassign_to", "unknown_group", "There is no such other group.")
			return wrong.Err()
		}
	}
	for after := int64(0); moveTo != 0; {
		last, err := s.moveSome(ctx, g, moveTo, after)
		if err != nil {
			return err
		}
		if last == 0 {
			break
		}
		after = last
	}
	return s.remove(ctx, g)
}

func (s *Service) moveSome(ctx context.Context, g Group, moveTo, after int64) (last int64, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var ids []int64
		if err := tx.SelectContext(ctx, &ids, sqlMembers, g.ID, after); err != nil {
			return fmt.Errorf("read the members: %w", err)
		}
		members, err := s.Customers.LoadLocked(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, c := range members {
			changes := []customer.Change{{Field: "groups", Op: customer.OpRemove, IDs: []int64{g.ID}}}
			if moveTo > 0 {
				changes = append(changes, customer.Change{Field: "groups", Op: customer.OpAdd, IDs: []int64{moveTo}})
			}
			if _, err := s.Customers.Apply(ctx, tx, c, changes, "Group "+g.Name+" removed"); err != nil {
				return fmt.Errorf("move %s: %w", c.CustomerID, err)
			}
			last = c.ID
		}
		return nil
	})
	return last, err
}

func (s *Service) remove(ctx context.Context, g Group) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := hold(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		if now.Members > 0 { // joined while we moved the others
			return errs.New(errs.KindConflict, "group_in_use", "%d customers joined %s meanwhile: try again.", now.Members, g.Name)
		}
		return s.drop(ctx, tx, now, "Group removed")
	})
}

// RemoveUnused removes a group in the caller's transaction when it is as it was made and nobody is in it; false when it
// stays, or is gone already. message stands in the audit.
func (s *Service) RemoveUnused(ctx context.Context, tx *db.Tx, groupID int64, message string) (bool, error) {
	if err := access.Require(ctx, access.GroupWrite); err != nil {
		return false, err
	}
	g, err := hold(ctx, tx, groupID)
	switch {
	case errs.IsKind(err, errs.KindNotFound):
		return false, nil
	case err != nil:
		return false, err
	case g.Version != 1 || g.Members > 0:
		return false, nil
	}
	return true, s.drop(ctx, tx, g, message)
}

func (s *Service) drop(ctx context.Context, tx *db.Tx, g Group, message string) error {
	if _, err := tx.ExecContext(ctx, sqlDelete, g.ID); err != nil {
		return fmt.Errorf("remove the group: %w", err)
	}
	return s.Audit.Record(ctx, tx, audit.Entry{Action: audit.ActionDelete, Table: auditTable, RowID: g.ID, RowName: g.Name, Message: message, Changes: diff(g, Group{})})
}

func inUse(g Group) error {
	e := errs.New(errs.KindConflict, "group_in_use", "%d customers are in %s: say which group they go to, or none.", g.Members, g.Name)
	e.BlockedBy = []errs.Blocker{{Type: "customers", ID: id.Format(Prefix, g.ID), Name: fmt.Sprintf("%d customers", g.Members)}}
	return e
}

func duplicate(err error) error {
	if db.UniqueViolation(err) == "" {
		return err
	}
	var wrong errs.Fields
	wrong.Add("name", "duplicate_name", "There is a group of this name already.")
	return wrong.Err()
}

func diff(before, after Group) []audit.Change {
	var out []audit.Change
	for _, f := range [][3]string{{"name", before.Name, after.Name}, {"type", string(before.Type), string(after.Type)}, {"description", before.Description, after.Description}} {
		if f[1] != f[2] {
			out = append(out, audit.Change{Field: f[0], Old: f[1], New: f[2]})
		}
	}
	return out
}
