package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

const (
	undoRows   = 500 // rows taken back in one transaction
	undoGroups = 100 // groups removed in one transaction
)

// Undo takes back what the runs of an import did: the customers it made are closed, those it changed get their former
// values. Customers that were changed since are left, and told. Groups that the runs made go as well, where nobody else
// uses them.
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
	m, err := visible(ctx, tx, sqlByRun+tx.Dialect().ForUpdate(), of.ID)
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
	before int64   // the line that was taken back last
	made   []int64 // the groups that the import made, among those of the batch in hand
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
			return u.removeGroups(ctx)
		}
		if err := u.batch(ctx, rows); err != nil {
			return err
		}
	}
}

// batch takes rows back. When another change took a unique value at the same moment, it is tried again.
func (u *undoing) batch(ctx context.Context, rows []rowRecord) error {
	var err error
	for range commitTries {
		if err = u.commit(ctx, rows); !lostRace(err) {
			return err
		}
	}
	return err
}

// commit takes rows back in one transaction.
func (u *undoing) commit(ctx context.Context, rows []rowRecord) error {
	next := u.m.progress
	last := rows[len(rows)-1].Line
	err := u.s.o.DB.Write(ctx, func(tx *db.Tx) error {
		next.Summary = u.m.progress.Summary.clone()
		back, err := u.takeBack(ctx, tx, rows)
		if err != nil {
			return err
		}
		told, err := u.mark(ctx, tx, rows, back, &next.Summary)
		if err != nil {
			return err
		}
		var closed []int64
		for _, r := range rows {
			if back[r.Line].why == "" && Outcome(r.Outcome) == OutcomeCreated {
				closed = append(closed, r.RowID)
			}
		}
		if err := u.s.o.Customers.DropOpenings(ctx, tx, closed); err != nil {
			return err
		}
		if err := saveProgress(ctx, tx, u.m, next); err != nil {
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

// taken is what became of a row that was to be taken back.
type taken struct {
	name    string
	version int64  // of the customer now
	code    string // of why it was left
	why     string // it was left; "" = it was taken back
}

// takeBack closes the customers that rows made and gives those they changed their former values. Resellers come after
// the customers they own.
func (u *undoing) takeBack(ctx context.Context, tx *db.Tx, rows []rowRecord) (map[int64]taken, error) {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.RowID
	}
	held, err := u.s.o.Customers.LoadLocked(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	now := map[int64]*customer.Customer{}
	for _, c := range held {
		now[c.ID] = c
	}
	back := make(map[int64]taken, len(rows))
	var changed, made, resellers []rowRecord
	for _, r := range rows {
		c := now[r.RowID]
		switch {
		case c == nil || c.Version != r.Version:
			left := taken{code: "changed_since", why: "It was changed since the import."}
			if c != nil {
				left.name = c.Name
			}
			back[r.Line] = left
		case Outcome(r.Outcome) == OutcomeUpdated:
			changed = append(changed, r)
		case c.Kind == customer.KindReseller:
			resellers = append(resellers, r)
		default:
			made = append(made, r)
		}
	}
	if u.made, err = u.madeGroups(ctx, tx, held); err != nil {
		return nil, err
	}
	if err := u.restore(ctx, tx, changed, now, back); err != nil {
		return nil, err
	}
	if err := u.close(ctx, tx, made, now, back); err != nil {
		return nil, err
	}
	for i := range resellers { // one may own another
		if err := u.close(ctx, tx, resellers[i:i+1], now, back); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// restore gives customers their former values.
func (u *undoing) restore(ctx context.Context, tx *db.Tx, rows []rowRecord, now map[int64]*customer.Customer, back map[int64]taken) error {
	changes := make([][]customer.Change, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.Former), &changes[i]); err != nil {
			return fmt.Errorf("read former values: %w", err)
		}
	}
	return u.write(ctx, tx, rows, changes, now, back, audit.ActionUpdate, "Import of "+u.m.FileName+" undone")
}

// close closes customers, and takes them out of the groups that the import made.
func (u *undoing) close(ctx context.Context, tx *db.Tx, rows []rowRecord, now map[int64]*customer.Customer, back map[int64]taken) error {
	changes := make([][]customer.Change, len(rows))
	for i, r := range rows {
		changes[i] = []customer.Change{{Field: "status", Value: string(customer.StatusClosed)}, {Field: "status_reason", Value: "import undone"}}
		if len(u.made) > 0 && now[r.RowID] != nil {
			changes[i] = append(changes[i], customer.Change{Field: "groups", Op: customer.OpRemove, IDs: u.made})
		}
	}
	return u.write(ctx, tx, rows, changes, now, back, audit.ActionDelete, "Import of "+u.m.FileName+" undone")
}

func (u *undoing) write(ctx context.Context, tx *db.Tx, rows []rowRecord, changes [][]customer.Change, now map[int64]*customer.Customer, back map[int64]taken, action audit.Action, message string) error {
	if len(rows) == 0 {
		return nil
	}
	about := make([]*customer.Customer, len(rows))
	for i, r := range rows {
		about[i] = now[r.RowID]
	}
	tried, err := u.s.o.Customers.Try(ctx, tx, about, changes, action == audit.ActionUpdate)
	if err != nil {
		return err
	}
	if err := u.s.o.Customers.Write(ctx, tx, tried, message, action); err != nil {
		return err
	}
	for i, r := range rows {
		o := &tried[i]
		done := taken{name: o.Before.Name, version: o.Before.Version}
		switch {
		case len(o.Wrong) > 0:
			done.code, done.why = o.Wrong[0].Code, o.Wrong[0].Message
		case o.Good():
			done.version = o.Before.Version + 1
		}
		back[r.Line] = done
	}
	return nil
}

// madeGroups is those groups of customers that the import made.
func (u *undoing) madeGroups(ctx context.Context, tx *db.Tx, held []*customer.Customer) ([]int64, error) {
	var all []int64
	for _, c := range held {
		all = append(all, c.Groups...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	slices.Sort(all)
	var made []int64
	if err := tx.SelectContext(ctx, &made, fmt.Sprintf(sqlMadeAmong, numbers(slices.Compact(all))), u.m.ID); err != nil {
		return nil, fmt.Errorf("look for groups of the import: %w", err)
	}
	return made, nil
}

// removeGroups removes the groups that the import made, once its rows are taken back. Who may not change groups leaves
// them.
func (u *undoing) removeGroups(ctx context.Context) error {
	if !access.From(ctx).Principal.May(access.GroupWrite) {
		return nil
	}
	for {
		next := u.m.progress
		left := 0
		err := u.s.o.DB.Write(ctx, func(tx *db.Tx) error {
			next.Summary = u.m.progress.Summary.clone()
			var made []int64
			if err := tx.SelectContext(ctx, &made, sqlGroupsMade, u.m.ID, undoGroups); err != nil {
				return fmt.Errorf("look for groups of the import: %w", err)
			}
			for _, n := range made {
				gone, err := u.s.o.Groups.RemoveUnused(ctx, tx, n, "Group removed: the import of "+u.m.FileName+" was undone")
				if err != nil {
					return err
				}
				if gone {
					next.Summary.GroupsRemoved++
				}
				if _, err := tx.ExecContext(ctx, sqlForgetGroup, u.m.ID, n); err != nil {
					return fmt.Errorf("forget a group of the import: %w", err)
				}
			}
			left = len(made)
			return saveProgress(ctx, tx, u.m, next)
		})
		if err != nil {
			return err
		}
		u.m.progress = next
		if left < undoGroups {
			return nil
		}
	}
}

// mark writes down what became of rows, for the import and for the job.
func (u *undoing) mark(ctx context.Context, tx *db.Tx, rows []rowRecord, back map[int64]taken, sum *Summary) ([]job.Row, error) {
	told := make([]job.Row, len(rows))
	var undone []int64
	for i, r := range rows {
		done := back[r.Line]
		told[i] = job.Row{Line: r.Line, RowID: id.Format(customer.Prefix, r.RowID), Outcome: string(OutcomeUndone), Name: done.name}
		if done.why == "" {
			sum.Undone++
			undone = append(undone, r.Line)
			continue
		}
		sum.NotUndone++
		told[i].Outcome, told[i].Code, told[i].Message = string(OutcomeSkipped), done.code, done.why
		problems, err := encode([]RowProblem{{Column: -1, Code: done.code, Message: done.why}})
		if err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, sqlNotUndone, problems, u.m.ID, r.Line); err != nil {
			return nil, fmt.Errorf("undo rows: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(sqlUndone, numbers(undone)), u.m.ID); err != nil {
		return nil, fmt.Errorf("undo rows: %w", err)
	}
	return told, u.asBefore(ctx, tx, rows, back)
}

// asBefore tells earlier imports that customers are again as they left them, so that they can be undone after this one.
func (u *undoing) asBefore(ctx context.Context, tx *db.Tx, rows []rowRecord, back map[int64]taken) error {
	type versions struct{ old, now int64 }
	ids := map[versions][]int64{}
	for _, r := range rows {
		if done := back[r.Line]; done.why == "" && Outcome(r.Outcome) == OutcomeUpdated {
			v := versions{r.Version - 1, done.version}
			ids[v] = append(ids[v], r.RowID)
		}
	}
	for v, list := range ids {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(sqlAsBefore, numbers(list)), v.now, v.old, u.m.ID); err != nil {
			return fmt.Errorf("undo rows: %w", err)
		}
	}
	return nil
}

func busy() error {
	return errs.New(errs.KindConflict, "import_busy", "A job is at work on this import. Wait for it, or cancel it.")
}
