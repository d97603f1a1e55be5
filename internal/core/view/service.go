package view

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/id"
)

// Options are what the service needs.
type Options struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *id.Source
	Audit *audit.Log
}

// Service keeps views and preferences. Targets are registered before it is used. Safe for concurrent use.
type Service struct {
	o       Options
	targets map[string]Target
}

// New gives a service without targets.
func New(o Options) *Service { return &Service{o: o, targets: map[string]Target{}} }

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.o.DB = s.o.DB.Within(tx)
	return &lent
}

// Register lets a list have views.
func (s *Service) Register(t Target) { s.targets[t.Name] = t }

// List gives the views of a target that the caller may see, by name: the caller's own and shared ones.
func (s *Service) List(ctx context.Context, target string) ([]View, error) {
	t, ok := s.targets[target]
	if !ok {
		return nil, unknownTarget()
	}
	if err := access.Require(ctx, t.Read); err != nil {
		return nil, err
	}
	p := access.From(ctx).Principal
	who := p.Key()
	var found []record
	if err := s.o.DB.Read().SelectContext(ctx, &found, sqlList, who, target, maxListed); err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	views := make([]View, 0, len(found))
	for _, r := range found {
		if p.HasPlace() && r.Owner != who { // what is shared may name those whom they do not see
			continue
		}
		v, err := r.view(who)
		if err != nil {
			return nil, err
		}
		v.hide(ctx, t)
		views = append(views, v)
	}
	return views, nil
}

func unknownTarget() error {
	var wrong errs.Fields
	wrong.Add("target", "unknown_target", "There is no such list.")
	return wrong.Err()
}

// Get is one view that the caller may see.
func (s *Service) Get(ctx context.Context, n int64) (View, error) {
	v, err := s.read(ctx, s.o.DB.Read(), n, "")
	return s.shown(ctx, v), err
}

// shown is a view as the caller may see it. Such a one is never written.
func (s *Service) shown(ctx context.Context, v View) View {
	v.hide(ctx, s.targets[v.Target])
	return v
}

type getter interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

func (s *Service) read(ctx context.Context, q getter, n int64, lock string) (View, error) {
	p := access.From(ctx).Principal
	var r record
	err := q.GetContext(ctx, &r, sqlGet+lock, p.Key(), n)
	if errors.Is(err, sql.ErrNoRows) {
		return View{}, errs.NotFound("view")
	}
	if err != nil {
		return View{}, fmt.Errorf("read a view: %w", err)
	}
	if t, ok := s.targets[r.Target]; !ok || !p.May(t.Read) || p.HasPlace() && r.Owner != p.Key() {
		return View{}, errs.NotFound("view")
	}
	return r.view(p.Key())
}

// Create makes a view of the caller's own.
func (s *Service) Create(ctx context.Context, c Content) (View, error) {
	if err := access.Require(ctx, access.ViewWrite); err != nil {
		return View{}, err
	}
	c.tidy()
	if err := s.validate(ctx, c, c.Shared); err != nil {
		return View{}, err
	}
	p := access.From(ctx).Principal
	n := s.o.IDs.Next()
	var v View
	err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
		var have int
		if err := tx.GetContext(ctx, &have, sqlCount, p.Key(), c.Target); err != nil {
			return fmt.Errorf("create a view: %w", err)
		}
		if have >= maxViews {
			return errs.New(errs.KindConflict, "too_many_views", "You have %d views of this list already.", maxViews)
		}
		_, err := tx.ExecContext(ctx, sqlInsert, n, p.Key(), p.Name, c.Target, c.Name, fold.Key(c.Name), string(c.Filter), c.Q,
			c.Sort, columnsText(c.Columns), c.Shared, s.now())
		if err != nil {
			return duplicate(err, c.Name)
		}
		if err := s.mark(ctx, tx, n, Content{Target: c.Target}, c); err != nil {
			return err
		}
		if v, err = s.read(ctx, tx, n, ""); err != nil {
			return err
		}
		return s.record(ctx, tx, audit.ActionCreate, "View created", v, changes(nil, &v.Content))
	})
	return v, err
}

// Update changes a view; version 0 means whatever it is now. Somebody else's shared view can be pinned and be one's
// default, and nothing else.
func (s *Service) Update(ctx context.Context, n, version int64, p Patch) (View, error) {
	if err := access.Require(ctx, access.ViewWrite); err != nil {
		return View{}, err
	}
	before, err := s.read(ctx, s.o.DB.Read(), n, "")
	if err != nil {
		return View{}, err
	}
	after := before.Content
	p.apply(&after)
	after.tidy()
	if p.touchesView() {
		if !before.Mine {
			return View{}, errs.New(errs.KindForbidden, "not_yours", "Only %s may change this view. Save a copy of your own.", before.OwnerName)
		}
		if err := s.validate(ctx, after, after.Shared && !before.Shared); err != nil {
			return View{}, err
		}
	}
	var v View
	err = s.o.DB.Write(ctx, func(tx *db.Tx) error {
		v, err = s.update(ctx, tx, n, version, p)
		return err
	})
	return s.shown(ctx, v), err
}

func (s *Service) update(ctx context.Context, tx *db.Tx, n, version int64, p Patch) (View, error) {
	before, err := s.read(ctx, tx, n, lock(tx))
	if err != nil {
		return View{}, err
	}
	if version != 0 && version != before.Version {
		return View{}, errs.Stale(s.shown(ctx, before))
	}
	c := before.Content
	p.apply(&c)
	c.tidy()
	told := changes(&before.Content, &c)
	if len(told) == 0 {
		return before, nil
	}
	if p.touchesView() {
		_, err := tx.ExecContext(ctx, sqlUpdate, c.Name, fold.Key(c.Name), string(c.Filter), c.Q, c.Sort, columnsText(c.Columns),
			c.Shared, s.now(), n, before.Version)
		if err != nil {
			return View{}, duplicate(err, c.Name)
		}
	}
	if err := s.mark(ctx, tx, n, before.Content, c); err != nil {
		return View{}, err
	}
	v, err := s.read(ctx, tx, n, "")
	if err != nil {
		return View{}, err
	}
	return v, s.record(ctx, tx, audit.ActionUpdate, "View changed", v, told)
}

// Delete removes a view: its owner may, and, when it is shared, who manages staff, since owners leave.
func (s *Service) Delete(ctx context.Context, n, version int64) error {
	if err := access.Require(ctx, access.ViewWrite); err != nil {
		return err
	}
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		v, err := s.read(ctx, tx, n, lock(tx))
		if err != nil {
			return err
		}
		if !v.Mine && !access.From(ctx).Principal.May(access.StaffWrite) {
			return errs.New(errs.KindForbidden, "not_yours", "Only %s may remove this view.", v.OwnerName)
		}
		if version != 0 && version != v.Version {
			return errs.Stale(s.shown(ctx, v))
		}
		if _, err := tx.ExecContext(ctx, sqlDelete, n, v.Version); err != nil {
			return fmt.Errorf("delete a view: %w", err)
		}
		return s.record(ctx, tx, audit.ActionDelete, "View removed", v, []audit.Change{{Field: "name", Old: v.Name}})
	})
}

// lock holds the view's row, and not the caller's marks, until the transaction ends.
func lock(tx *db.Tx) string {
	if clause := tx.Dialect().ForUpdate(); clause != "" {
		return clause + " OF v"
	}
	return ""
}

// validate tells everything that is wrong with a content at once.
func (s *Service) validate(ctx context.Context, c Content, sharing bool) error {
	var wrong errs.Fields
	c.check(&wrong)
	t, ok := s.targets[c.Target]
	if !ok {
		wrong.Add("target", "unknown_target", "There is no such list.")
		return wrong.Err()
	}
	if err := access.Require(ctx, t.Read); err != nil {
		return err
	}
	if sharing {
		if err := access.Require(ctx, access.ViewShare); err != nil {
			return err
		}
	}
	if wrong.Has("filter") {
		c.Filter = nil
	}
	err := t.Validate(ctx, c)
	refusal, refused := errs.As(err)
	if err != nil && (!refused || len(refusal.Fields) == 0) {
		return err
	}
	if refused {
		for _, f := range refusal.Fields {
			if !wrong.Has(f.Field) {
				wrong.Add(f.Field, f.Code, "%s", f.Message)
			}
		}
	}
	return wrong.Err()
}

// mark keeps what the caller pinned and what is the caller's default.
func (s *Service) mark(ctx context.Context, tx *db.Tx, n int64, before, after Content) error {
	if before.Pinned == after.Pinned && before.Default == after.Default {
		return nil
	}
	who := access.From(ctx).Principal.Key()
	if after.Default {
		if _, err := tx.ExecContext(ctx, sqlNoDefault, who, after.Target, n); err != nil {
			return fmt.Errorf("mark a view: %w", err)
		}
	}
	_, err := tx.ExecContext(ctx, sqlMark, who, n, after.Target, after.Pinned, after.Default)
	if strings.Contains(db.UniqueViolation(err), "view_marks") {
		return errs.New(errs.KindConflict, "default_changed", "Your default was changed elsewhere at the same moment. Try again.")
	}
	if err != nil {
		return fmt.Errorf("mark a view: %w", err)
	}
	return nil
}

func duplicate(err error, name string) error {
	if db.UniqueViolation(err) == "" {
		return fmt.Errorf("keep a view: %w", err)
	}
	var wrong errs.Fields
	wrong.Add("name", "duplicate_name", "You have a view of this list named %q already.", name)
	return wrong.Err()
}

func (s *Service) record(ctx context.Context, tx *db.Tx, a audit.Action, message string, v View, c []audit.Change) error {
	return s.o.Audit.Record(ctx, tx, audit.Entry{
		Action: a, Table: "views", RowID: v.ID, RowName: v.Name, Message: message, Changes: c,
	})
}

func (s *Service) now() int64 { return clock.Micros(s.o.Clock.Now()) }
