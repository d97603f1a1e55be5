package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

const (
	reserveNumbers = 5000 // customer IDs taken at once
	commitTries    = 3    // of a batch that lost a race, before its rows go one by one
)

// payload is what a job of an import is told.
type payload struct {
	Import     int64 `json:"import"`
	RetryUntil int64 `json:"retry_until"` // rows up to this line are told already; the wrong ones among them are tried again
}

// importOf reads the import that a job is about.
func (s *Service) importOf(ctx context.Context, run *job.Run) (*Import, payload, error) {
	var p payload
	if err := run.Payload(&p); err != nil {
		return nil, p, err
	}
	m, err := get(ctx, s.o.DB.Read(), sqlGet, p.Import)
	return m, p, err
}

// running is one worker's hold on a run.
type running struct {
	s       *Service
	job     *job.Run
	m       *Import
	plan    *plan
	groups  *groupBook
	others  bool
	numbers []int64
	place   checkpoint
}

// run is the job that imports. It can be stopped anywhere: what a batch did and where the file goes on are in one
// transaction.
func (s *Service) run(ctx context.Context, jobRun *job.Run) error {
	m, p, err := s.importOf(ctx, jobRun)
	if err != nil {
		return err
	}
	r := &running{s: s, job: jobRun, m: m, plan: s.plan(m), groups: s.groupBook(ctx, m), place: checkpoint{RetryUntil: p.RetryUntil}}
	if _, err := jobRun.Checkpoint(&r.place); err != nil {
		return err
	}
	if err := s.o.DB.Read().GetContext(ctx, &r.others, sqlOthers, m.ID); err != nil {
		return fmt.Errorf("look for other imports: %w", err)
	}
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	f, err := s.feed(feeding, m, r.plan, r.place)
	if err != nil {
		return err
	}
	for b := range f.out {
		if err := r.batch(ctx, b); err != nil {
			stop()
			drain(f)
			return err
		}
	}
	if f.err != nil {
		return refusal(f.err, "file")
	}
	return nil
}

// drain waits until the feed has let go of the file.
func drain(f *feed) {
	for range f.out { // it ends with its context
		continue
	}
}

// batch commits a batch. When it lost a race against somebody else's change it is decided anew, and at last row by row.
func (r *running) batch(ctx context.Context, b batch) error {
	var err error
	for range commitTries {
		if err = r.commit(ctx, b); err == nil || !lostRace(err) {
			return err
		}
		r.groups.forget()
	}
	if len(b.rows) == 1 {
		b.rows[0].refuse(r.plan, err)
		return r.commit(ctx, b)
	}
	for i, c := range b.rows {
		one := batch{rows: []*candidate{c}, after: c.end, line: c.line, retry: b.retry, read: b.read, total: b.total}
		if i == len(b.rows)-1 {
			one.finished = b.finished
		}
		if err := r.batch(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// refuse makes a row wrong for what the database, or a rule, said at the last moment.
func (c *candidate) refuse(p *plan, err error) {
	e, refused := errs.As(err)
	if !refused {
		c.bad = append(c.bad, RowProblem{Column: -1, Code: "duplicate", Message: "Somebody else took a unique value of this row at the same moment. Run it again."})
		return
	}
	for _, f := range e.Fields {
		c.bad = append(c.bad, RowProblem{Field: f.Field, Column: p.column(f.Field), Code: f.Code, Message: f.Message})
	}
	if len(e.Fields) == 0 {
		c.bad = append(c.bad, RowProblem{Column: -1, Code: e.Code, Message: e.Detail})
	}
}

// lostRace tells whether deciding the same rows again may go well.
func lostRace(err error) bool {
	e, refused := errs.As(err)
	return db.UniqueViolation(err) != "" || refused && (e.Kind == errs.KindStale || e.Kind == errs.KindInvalid || e.Kind == errs.KindConflict)
}

// commit decides and writes a batch in one transaction, with the place in the file and the progress of the job.
func (r *running) commit(ctx context.Context, b batch) error {
	if err := r.groups.read(ctx, b.rows); err != nil {
		return err
	}
	if err := r.reserve(ctx, len(b.rows)); err != nil {
		return err
	}
	next, place := r.m.progress, r.place
	next.Summary = next.Summary.clone()
	next.Begun, next.Error = true, ""
	if b.retry {
		place.RetryAfter = b.line
	} else {
		next.Position, next.Line, next.Finished = b.after, max(next.Line, b.line), b.finished
	}
	used := 0
	err := r.s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if err := turn(ctx, tx, b.rows); err != nil {
			return err
		}
		if err := r.groups.ensure(ctx, tx, b.rows); err != nil {
			return err
		}
		d := &decision{s: r.s, p: r.plan, q: tx, tx: tx, seen: newSeen(r.m.ID, r.s.o.Keys), others: r.others, groups: r.groups.find}
		if err := d.decide(ctx, b.rows); err != nil {
			return err
		}
		var err error
		if used, err = r.write(ctx, tx, b); err != nil {
			return err
		}
		counted := next
		counted.Summary = next.Summary.clone()
		count(&counted.Summary, b.rows)
		made, err := r.groups.keep(ctx, tx, r.m.ID)
		if err != nil {
			return err
		}
		counted.Summary.GroupsMade += made
		if err := r.tell(ctx, tx, b, counted); err != nil {
			return err
		}
		tx.AfterCommit(func() {
			r.m.progress, r.place = counted, place
			r.numbers = r.numbers[used:]
		})
		return r.job.Save(ctx, tx, place, r.progress(b, counted))
	})
	return err
}

// progress is how far the job has come. The number of rows is known when the file was read before; else it is
// reckoned from the bytes.
func (r *running) progress(b batch, p progress) job.Progress {
	now := job.Progress{Done: p.Summary.Rows, Failed: p.Summary.Wrong, Total: r.m.Rows()}
	switch {
	case p.Finished:
		now.Total = p.Summary.Rows
	case r.m.checked == nil && b.total > 0 && b.read > 0:
		now.Total = max(now.Done, int64(float64(now.Done)*float64(b.total)/float64(b.read)))
	}
	return now
}

// reserve takes numbers for as many new customers as a batch may make, outside of its transaction.
func (r *running) reserve(ctx context.Context, n int) error {
	if r.m.Mode == ModeUpdate || len(r.numbers) >= n {
		return nil
	}
	more, err := r.s.o.Customers.Reserve(ctx, max(n, min(reserveNumbers, 10*n)))
	if err != nil {
		return err
	}
	r.numbers = append(r.numbers, more...)
	return nil
}

// write makes and changes the customers of a batch. It tells how many numbers it used.
func (r *running) write(ctx context.Context, tx *db.Tx, b batch) (used int, err error) {
	message := "Imported from " + r.m.FileName
	var drafts []*customer.Draft
	var made []*candidate
	for _, c := range b.rows {
		if c.outcome == OutcomeCreated {
			drafts, made = append(drafts, c.draft), append(made, c)
		}
	}
	if len(drafts) > 0 {
		created, err := r.s.o.Customers.InsertMany(ctx, tx, drafts, r.numbers[:len(drafts)], message)
		if err != nil {
			return 0, err
		}
		var openings []customer.Opening
		for i, c := range made {
			c.made, c.version = created[i].ID, 1
			for _, k := range c.kept {
				openings = append(openings, customer.Opening{CustomerID: c.made, Field: k.Field, Value: k.Value})
			}
		}
		if err := r.s.o.Customers.KeepOpenings(ctx, tx, r.job.ID(), openings); err != nil {
			return 0, err
		}
	}
	return len(drafts), r.update(ctx, tx, b, message)
}

// update changes the customers of a batch that are known, and keeps what takes that back.
func (r *running) update(ctx context.Context, tx *db.Tx, b batch, message string) error {
	var changes []customer.Outcome
	var changed []*candidate
	for _, c := range b.rows {
		if c.outcome == OutcomeUpdated && c.change != nil {
			changes, changed = append(changes, *c.change), append(changed, c)
		}
	}
	if err := r.s.o.Customers.Write(ctx, tx, changes, message, audit.ActionUpdate); err != nil {
		return err
	}
	for i, c := range changed {
		o := &changes[i]
		former, err := json.Marshal(customer.Undoing(o))
		if err != nil {
			return fmt.Errorf("keep former values: %w", err)
		}
		c.made, c.version, c.former = o.After.ID, o.After.Version, string(former)
	}
	return nil
}

// tell writes down what became of each row, and the progress of the import.
func (r *running) tell(ctx context.Context, tx *db.Tx, b batch, p progress) error {
	rows := make([][]any, len(b.rows))
	var again []int64
	var failed []job.Row
	for i, c := range b.rows {
		row, err := c.row(r.plan, phaseRun)
		if err != nil {
			return err
		}
		rows[i] = row
		if c.retry {
			again = append(again, c.line)
		}
		if c.outcome == OutcomeWrong {
			failed = append(failed, c.failure(r.plan))
		}
	}
	if err := dropLines(ctx, tx, r.m.ID, again); err != nil {
		return err
	}
	if err := tx.Bulk(ctx, "import_rows", rowColumns, rows); err != nil {
		return err
	}
	if err := saveProgress(ctx, tx, r.m, p); err != nil {
		return err
	}
	if p.Finished {
		if err := r.job.SetResult(ctx, tx, r.result(p)); err != nil {
			return err
		}
	}
	return r.job.AddRows(ctx, tx, failed)
}

// result is what the job tells: the import, what became of its rows, and the names of their cells.
func (r *running) result(p progress) any {
	names := make([]string, len(r.m.Columns))
	for i, c := range r.m.Columns {
		names[i] = c.Name
	}
	return struct {
		Import  string   `json:"import"`
		Columns []string `json:"columns"`
		Summary Summary  `json:"summary"`
	}{id.Format(Prefix, r.m.ID), names, p.Summary}
}

// row is what is kept of a candidate, in the order of rowColumns.
func (c *candidate) row(p *plan, phase int64) ([]any, error) {
	problems, cells := "", ""
	list := c.problems
	if len(list) == 0 {
		list = c.warn
	}
	outcome := c.outcome
	if len(list) > 0 {
		var err error
		if problems, err = encode(list); err != nil {
			return nil, err
		}
		if outcome != OutcomeSkipped {
			if cells, err = p.stored(c.cells); err != nil {
				return nil, err
			}
		}
		if len(c.problems) == 0 && outcome != OutcomeSkipped && phase == phaseCheck {
			outcome = OutcomeWarning
		}
	}
	kept, err := c.keptText()
	if err != nil {
		return nil, err
	}
	rowID, fp := c.made, print{}
	switch outcome {
	case OutcomeCreated, OutcomeUpdated:
		fp = c.print
	case OutcomeUnchanged:
		rowID, fp = c.target.ID, c.print
		c.version = c.target.Version
	}
	if phase == phaseCheck {
		rowID, fp, kept = 0, print{}, ""
	}
	return []any{p.m.ID, phase, c.line, string(outcome), rowID, c.version, fp.a, fp.b, problems, cells, c.former, kept}, nil
}

// failure tells the job of a wrong row.
func (c *candidate) failure(p *plan) job.Row {
	first := c.problems[0]
	cells := make([]string, len(c.cells))
	for i, cell := range c.cells {
		if !p.secret[i] {
			cells[i] = cell
		}
	}
	return job.Row{Line: c.line, Outcome: string(OutcomeWrong), Code: first.Code, Field: first.Field, Message: first.Message, Cells: cells}
}

// count adds what became of rows to a summary. A row that was wrong before is taken from where it was counted.
func count(s *Summary, rows []*candidate) {
	for _, c := range rows {
		if c.retry {
			s.Wrong--
			for _, code := range codes(c.before) {
				if s.Errors[code]--; s.Errors[code] <= 0 {
					delete(s.Errors, code)
				}
			}
		} else {
			s.Rows++
		}
		switch c.outcome {
		case OutcomeCreated:
			s.Create++
		case OutcomeUpdated:
			s.Update++
		case OutcomeUnchanged:
			s.Unchanged++
		case OutcomeSkipped:
			s.Skip++
		case OutcomeWrong:
			s.Wrong++
			for _, code := range codes(c.problems) {
				s.Errors[code]++
			}
			continue
		}
		if c.outcome != OutcomeSkipped {
			for _, k := range c.kept {
				s.keep(k.Field)
			}
			if len(c.warn) > 0 {
				s.Warnings++
			}
		}
	}
}

// codes are the different codes of a row's problems.
func codes(problems []RowProblem) []string {
	var out []string
	for _, p := range problems {
		if !slices.Contains(out, p.Code) {
			out = append(out, p.Code)
		}
	}
	return out
}

// ended gives an import the state that the end of its job means, in the transaction that ends the job.
func (s *Service) ended(ctx context.Context, tx *db.Tx, j job.Job) error {
	query, jobID := sqlByRun, j.ID
	switch j.Kind {
	case KindCheck:
		query = sqlByCheck
	case KindUndo:
		jobID = j.UndoOf
	}
	m, err := get(ctx, tx, query+tx.Dialect().ForUpdate(), jobID)
	if err != nil {
		return err
	}
	message := ""
	switch j.Kind {
	case KindCheck:
		m.State = map[job.State]State{job.StateDone: StateChecked, job.StateFailed: StateFailed, job.StateCancelled: StateDraft}[j.State]
		if j.State == job.StateCancelled && m.progress.Begun {
			m.State = StateCancelled
		}
		if err := dropKeys(ctx, tx, m.ID); err != nil {
			return err
		}
	case KindRun:
		m.State = map[job.State]State{job.StateDone: StateDone, job.StateFailed: StateFailed, job.StateCancelled: StateCancelled}[j.State]
		message = map[job.State]string{job.StateDone: "Import finished", job.StateFailed: "Import stopped", job.StateCancelled: "Import cancelled"}[j.State]
		if m.State == StateDone && m.FileID != 0 { // its rows are in or told; secrets in it need not stay
			if err := s.o.Files.Remove(ctx, tx, m.FileID); err != nil {
				return err
			}
			m.FileID = 0
		}
	case KindUndo:
		m.State, m.UndoJob = StateUndone, j.ID
		if j.State != job.StateDone {
			m.State = StateDone
		}
		message = map[job.State]string{job.StateDone: "Import undone", job.StateFailed: "Undo of an import stopped", job.StateCancelled: "Undo of an import cancelled"}[j.State]
	}
	m.progress.Error = j.Error
	if err := errors.Join(saveProgress(ctx, tx, m, m.progress), saveState(ctx, tx, m, s.now())); err != nil {
		return err
	}
	if message == "" {
		return nil
	}
	return s.record(ctx, tx, m, audit.ActionRun, message, counts(m.progress.Summary))
}

// counts is a summary as the audit tells it.
func counts(s Summary) []audit.Change {
	var out []audit.Change
	for _, c := range []struct {
		name string
		n    int64
	}{{"created", s.Create}, {"updated", s.Update}, {"unchanged", s.Unchanged}, {"skipped", s.Skip}, {"wrong", s.Wrong}, {"undone", s.Undone}, {"not_undone", s.NotUndone},
		{"groups_made", s.GroupsMade}, {"groups_removed", s.GroupsRemoved}} {
		if c.n > 0 {
			out = append(out, audit.Change{Field: c.name, New: c.n})
		}
	}
	return out
}
