package customfield

import (
	"context"
	"fmt"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

const table = "custom_fields"

// Service is the use cases. Safe for concurrent use.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	ids     *id.Source
	audit   *audit.Log
	changed func()
	dry     bool // columns stay as they are
}

// New gives the service. changed is called after each change in this process, so that caches are read again.
func New(d *db.DB, c clock.Clock, ids *id.Source, log *audit.Log, changed func()) *Service {
	return &Service{db: d, clock: c, ids: ids, audit: log, changed: changed}
}

// In is the use cases inside a transaction that runs already, and ends with them.
func (s *Service) In(tx *db.Tx) *Service {
	lent := *s
	lent.db = s.db.Within(tx)
	return &lent
}

// Rehearse is In for a transaction that is rolled back: it changes no columns, which takes its time in a big table.
func (s *Service) Rehearse(tx *db.Tx) *Service {
	lent := s.In(tx)
	lent.dry = true
	return lent
}

// List is every definition in order.
func (s *Service) List(ctx context.Context) ([]Field, error) {
	if err := access.Require(ctx, access.CustomFieldRead); err != nil {
		return nil, err
	}
	fields, _, err := All(ctx, s.db.Read())
	return fields, err
}

// Get is one definition.
func (s *Service) Get(ctx context.Context, fieldID int64) (Field, error) {
	fields, err := s.List(ctx)
	if err != nil {
		return Field{}, err
	}
	return find(fields, fieldID)
}

func find(fields []Field, fieldID int64) (Field, error) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.ID == fieldID })
	if i < 0 {
		return Field{}, errs.NotFound("custom field")
	}
	return fields[i], nil
}

// Create defines a field and makes its column. On a big table the index takes some seconds.
func (s *Service) Create(ctx context.Context, in Input) (Field, error) {
	if err := access.Require(ctx, access.CustomFieldWrite); err != nil {
		return Field{}, err
	}
	wrong := in.Validate()
	var f Field
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		fields, _, err := All(ctx, tx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(fields, func(o Field) bool { return o.Key == in.Key }) {
			wrong.Add("key", "duplicate_key", "There is a field with the key %q.", in.Key)
		}
		if len(fields) >= MaxFields {
			wrong.Add("label", "too_many", "There may be %d custom fields.", MaxFields)
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		var n int64
		if err := tx.GetContext(ctx, &n, sqlTouch, 1); err != nil {
			return fmt.Errorf("number the column: %w", err)
		}
		now := s.clock.Now()
		f = Field{ID: s.ids.Next(), Key: in.Key, Label: in.Label, Type: in.Type, Choices: in.Choices, Required: in.Required, Help: in.Help,
			Position: in.Position, Column: fmt.Sprintf("cf_%d", n), CreatedAt: now, UpdatedAt: now, Version: 1}
		if f.Position == 0 {
			f.Position = int64(len(fields) + 1)
		}
		if err := s.insert(ctx, tx, f); err != nil {
			return err
		}
		tx.AfterCommit(s.changed)
		return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionCreate, Table: table, RowID: f.ID, RowName: f.Label,
			Message: "Custom field defined", Changes: diff(Field{}, f)})
	})
	return f, err
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, f Field) error {
	choices, err := encode(f.Choices)
	if err != nil {
		return err
	}
	if !s.dry {
		if err := addColumn(ctx, tx, f); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, sqlInsert, f.ID, f.Key, f.Label, string(f.Type), choices, flag(f.Required), f.Help, f.Position, f.Column,
		clock.Micros(f.CreatedAt), clock.Micros(f.UpdatedAt), f.Version)
	if err != nil {
		return fmt.Errorf("define the custom field: %w", err)
	}
	return nil
}

// Update changes what may change: label, choices, required, help, position. A choice that customers have stays. A
// version of 0 stands for "whatever it is now".
func (s *Service) Update(ctx context.Context, fieldID, version int64, in Input) (Field, error) {
	if err := access.Require(ctx, access.CustomFieldWrite); err != nil {
		return Field{}, err
	}
	var after Field
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		fields, _, err := All(ctx, tx)
		if err != nil {
			return err
		}
		before, err := find(fields, fieldID)
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return errs.Stale(before)
		}
		if after, err = s.changedField(ctx, tx, before, in); err != nil {
			return err
		}
		choices, err := encode(after.Choices)
		if err != nil {
			return err
		}
		if err := exactlyOne(tx.ExecContext(ctx, sqlUpdate, after.Label, choices, flag(after.Required), after.Help, after.Position, clock.Micros(after.UpdatedAt), fieldID, before.Version)); err != nil {
			return err
		}
		after.Version++
		return s.finish(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: fieldID, RowName: after.Label,
			Message: "Custom field changed", Changes: diff(before, after)})
	})
	return after, err
}

func (s *Service) changedField(ctx context.Context, tx *db.Tx, before Field, in Input) (Field, error) {
	wrongType := in.Type != "" && in.Type != before.Type
	wrongKey := in.Key != "" && in.Key != before.Key
	in.Type, in.Key = before.Type, before.Key
	wrong := in.Validate()
	if wrongType {
		wrong.Add("type", "fixed", "The type of a field never changes: define another field.")
	}
	if wrongKey {
		wrong.Add("key", "fixed", "The key of a field never changes.")
	}
	for _, c := range before.Choices {
		if slices.ContainsFunc(in.Choices, func(n Choice) bool { return n.Value == c.Value }) {
			continue
		}
		n, err := used(ctx, tx, before, c.Value)
		if err != nil {
			return Field{}, err
		}
		if n > 0 {
			wrong.Add("choices", "in_use", "%d customers have %q: change them first.", n, c.Label)
		}
	}
	after := before
	after.Label, after.Choices, after.Required, after.Help, after.UpdatedAt = in.Label, in.Choices, in.Required, in.Help, s.clock.Now()
	if in.Position > 0 {
		after.Position = in.Position
	}
	return after, wrong.Err()
}

// Delete removes a field with its column. Values are lost with it, so it is refused while there are any, unless force.
func (s *Service) Delete(ctx context.Context, fieldID, version int64, force bool) error {
	if err := access.Require(ctx, access.CustomFieldWrite); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		fields, _, err := All(ctx, tx)
		if err != nil {
			return err
		}
		f, err := find(fields, fieldID)
		if err != nil {
			return err
		}
		if version != 0 && version != f.Version {
			return errs.Stale(f)
		}
		n, err := used(ctx, tx, f, "")
		if err != nil {
			return err
		}
		if n > 0 && !force {
			return errs.New(errs.KindConflict, "custom_field_in_use", "%d customers have a value in %s.", n, f.Label)
		}
		if err := exactlyOne(tx.ExecContext(ctx, sqlDelete, fieldID, f.Version)); err != nil {
			return err
		}
		if !s.dry {
			if err := dropColumn(ctx, tx, f); err != nil {
				return err
			}
		}
		return s.finish(ctx, tx, audit.Entry{Action: audit.ActionDelete, Table: table, RowID: fieldID, RowName: f.Label,
			Message: fmt.Sprintf("Custom field removed, with the values of %d customers", n), Changes: diff(f, Field{})})
	})
}

func (s *Service) finish(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	if _, err := tx.ExecContext(ctx, sqlTouch, 0); err != nil {
		return fmt.Errorf("count the edition of custom fields: %w", err)
	}
	tx.AfterCommit(s.changed)
	return s.audit.Record(ctx, tx, e)
}
