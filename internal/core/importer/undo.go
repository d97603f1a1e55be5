package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// undoRows is how many rows are taken back in one transaction.
const undoRows = 200

// Undo takes back what the runs of an import did: the customers it made are closed, those it changed get their former
// values. Customers that were changed since are left, and told.
func (s *Service) Undo(ctx context.Context, importID int64) (job.Job, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return job.Job{}, err
	}
	var j job.Job
	err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := locked(ctx, tx, importID)
		if err != nil {
			return err
		}
		spec, err := s.beginUndo(ctx, tx, m)
		if err != nil {
			return err
		}
		spec.UndoOf = m.RunJob
		if j, err = s.o.Jobs.Enqueue(ctx, tx, spec); err != nil {
			return err
		}
		m.UndoJob = j.ID
		return saveState(ctx, tx, m, s.now())
	})
	return j, err
}

// prepareUndo is Undo by way of the run's job.
func (s *Service) prepareUndo(ctx context.Context, tx *db.Tx, of job.Job) (job.Spec, error) {
	if err := access.Require(ctx, access.CustomerImport); err != nil {
		return job.Spec{}, err
	}
	m, err := get(ctx, tx, sqlByRun+tx.Dialect().ForUpdate(), of.ID)
	if errs.IsKind(err, errs.KindNotFound) {
		return job.Spec{}, errs.New(errs.KindConflict, "cannot_undo", "This import was run again since: undo that run.")
	}
	if err != nil {
		return job.Spec{}, err
	}
	return s.beginUndo(ctx, tx, m)
}

func (s *Service) beginUndo(ctx context.Context, tx *db.Tx, m *Import) (job.Spec, error) {
	done := m.progress.Summary.Create + m.progress.Summary.Update
	switch {
	case m.State.busy():
		return job.Spec{}, busy()
	case m.State == StateUndone || done == 0:
		return job.Spec{}, errs.New(errs.KindConflict, "cannot_undo", "There is nothing here that can be undone.")
	}
	m.State = StateUndoing
	if err := saveState(ctx, tx, m, s.now()); err != nil {
		return job.Spec{}, err
	}
	if err := s.record(ctx, tx, m, audit.ActionRun, "Undo of an import started", nil); err != nil {
		return job.Spec{}, err
	}
	return job.Spec{Kind: KindUndo, Label: "Undo import of " + m.FileName, Payload: payload{Import: m.ID}, Total: done}, nil
}

// undoing is one worker's hold on an undo.
type undoing struct {
	s      *Service
	job    *job.Run
	m      *Import
	before int64 // the line that was taken back last
}

// undo is the job that takes an import back, from its last row to its first, so that customers go before the reseller
// that owns them.
func (s *Service) undo(ctx context.Context, jobRun *job.Run) error {
	m, _, err := s.importOf(ctx, jobRun)
	if err != nil {
		return err
	}
	u := &undoing{s: s, job: jobRun, m: m, before: math.MaxInt64}
	if _, err := jobRun.Checkpoint(&u.before); err != nil {
		return err
	}
	for {
		var rows []rowRecord
		if err := s.o.DB.Read().SelectContext(ctx, &rows, sqlUndoable, m.ID, u.before, undoRows); err != nil {
			return fmt.Errorf("read rows to undo: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := u.batch(ctx, rows); err != nil {
			return err
		}
	}
}

// batch takes rows back. One that cannot be, for a reason that only shows in the doing, is taken alone, so that it
// leaves the others be.
func (u *undoing) batch(ctx context.Context, rows []rowRecord) error {
	err := u.commit(ctx, rows, nil)
	if _, refused := errs.As(err); !refused {
		return err
	}
	for i := range rows {
		err := u.commit(ctx, rows[i:i+1], nil)
		if e, refused := errs.As(err); refused {
			err = u.commit(ctx, rows[i:i+1], e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// commit takes rows back in one transaction. With refused, the one row is left and told.
func (u *undoing) commit(ctx context.Context, rows []rowRecord, refused *errs.Error) error {
	next := u.m.progress
	last := rows[len(rows)-1].Line
	err := u.s.o.DB.Write(ctx, func(tx *db.Tx) error {
		next.Summary = u.m.progress.Summary.clone()
		told, closed, err := u.rows(ctx, tx, rows, refused, &next.Summary)
		if err != nil {
			return err
		}
		if err := u.s.o.Customers.DropOpenings(ctx, tx, closed); err != nil {
			return err
		}
		if err := saveProgress(ctx, tx, u.m.ID, next); err != nil {
			return err
		}
		if err := u.job.AddRows(ctx, tx, told); err != nil {
			return err
		}
		sum := next.Summary
		return u.job.Save(ctx, tx, last, job.Progress{Done: sum.Undone + sum.NotUndone, Failed: sum.NotUndone, Total: max(sum.Create+sum.Update, sum.Undone+sum.NotUndone)})
	})
	if err == nil {
		u.m.progress, u.before = next, last
	}
	return err
}

func (u *undoing) rows(ctx context.Context, tx *db.Tx, rows []rowRecord, refused *errs.Error, sum *Summary) (told []job.Row, closed []int64, err error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.RowID
	}
	found, err := u.s.o.Customers.Load(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	now := map[int64]*customer.Customer{}
	for _, c := range found {
		now[c.ID] = c
	}
	for _, r := range rows {
		why := refused
		c := now[r.RowID]
		if why == nil && (c == nil || c.Version != r.Version) {
			why = errs.New(errs.KindConflict, "changed_since", "It was changed since the import.")
		}
		if why == nil {
			if err := u.row(ctx, tx, r, c); err != nil {
				return nil, nil, err
			}
			if Outcome(r.Outcome) == OutcomeCreated {
				closed = append(closed, r.RowID)
			}
		}
		row, err := u.mark(ctx, tx, r, c, why, sum)
		if err != nil {
			return nil, nil, err
		}
		told = append(told, row)
	}
	return told, closed, nil
}

// row takes one row back.
func (u *undoing) row(ctx context.Context, tx *db.Tx, r rowRecord, c *customer.Customer) error {
	if Outcome(r.Outcome) == OutcomeCreated {
		_, err := u.s.o.Customers.Close(ctx, tx, c, "import undone")
		return err
	}
	var changes []customer.Change
	if err := json.Unmarshal([]byte(r.Former), &changes); err != nil {
		return fmt.Errorf("read former values: %w", err)
	}
	_, err := u.s.o.Customers.Apply(ctx, tx, c, changes, "Import of "+u.m.FileName+" undone")
	return err
}

// mark writes down what became of a row, for the import and for the job.
func (u *undoing) mark(ctx context.Context, tx *db.Tx, r rowRecord, c *customer.Customer, why *errs.Error, sum *Summary) (job.Row, error) {
	told := job.Row{Line: r.Line, RowID: id.Format(customer.Prefix, r.RowID), Outcome: string(OutcomeUndone)}
	if c != nil {
		told.Name = c.Name
	}
	if why == nil {
		sum.Undone++
		_, err := tx.ExecContext(ctx, sqlUndone, string(OutcomeUndone), "", u.m.ID, r.Line)
		return told, wrap(err)
	}
	sum.NotUndone++
	told.Outcome, told.Code, told.Message = string(OutcomeSkipped), why.Code, why.Error()
	problems, err := encode([]RowProblem{{Column: -1, Code: why.Code, Message: why.Error()}})
	if err != nil {
		return told, err
	}
	_, err = tx.ExecContext(ctx, sqlNotUndone, problems, u.m.ID, r.Line)
	return told, wrap(err)
}

func wrap(err error) error {
	if err != nil {
		return errors.Join(fmt.Errorf("undo a row: %w", err))
	}
	return nil
}

func busy() error {
	return errs.New(errs.KindConflict, "import_busy", "A job is at work on this import. Wait for it, or cancel it.")
}
