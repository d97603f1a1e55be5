package bulk

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

const (
	fetchIDs  = 5000 // IDs read ahead
	batchRows = 250  // customers in one transaction
	raceTries = 8    // of a batch that lost against other transactions
)

// What became of a row.
const (
	OutcomeChanged   = "changed"
	OutcomeUnchanged = "unchanged"
	OutcomeExcluded  = "excluded" // with the reason
)

// Excluded is how many customers are left as they are for one reason.
type Excluded struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Count   int64  `json:"count"`
}

// Tally is what became of the rows so far: the result of a job.
type Tally struct {
	Changed   int64      `json:"changed"`
	Unchanged int64      `json:"unchanged"`
	Excluded  []Excluded `json:"excluded"`
}

// mark is the checkpoint of a job.
type mark struct {
	Tally
	After int64 `json:"after"` // the last customer of the walk
	Line  int64 `json:"line"`  // rows told
	Later bool  `json:"later"` // the resellers that were put off are being closed
}

func (m mark) clone() mark {
	m.Excluded = append(make([]Excluded, 0, len(m.Excluded)+1), m.Excluded...)
	return m
}

func (m *mark) progress() job.Progress {
	p := job.Progress{Done: m.Line}
	for _, e := range m.Excluded {
		p.Failed += e.Count
	}
	return p
}

// general is what a reason says about many customers at once.
var general = map[string]string{
	"not_found":      "They are not there any more.",
	"closed":         "They are closed already.",
	"blocked":        "Something still hangs on them.",
	"changed_since":  "They were changed since.",
	"bad_transition": "Their status does not allow that.",
	"retention_over": "They were closed too long ago to come back.",
	"itself":         "A reseller cannot own itself.",
}

// exclude counts a row under its reason.
func (t *Tally) exclude(code, message string) {
	for i := range t.Excluded {
		if t.Excluded[i].Code == code {
			t.Excluded[i].Count++
			return
		}
	}
	if text := general[code]; text != "" {
		message = text
	}
	t.Excluded = append(t.Excluded, Excluded{code, message, 1})
}

// row counts what became of a customer and gives its line.
func (m *mark) row(n int64, name, outcome string, why []errs.Field) job.Row {
	m.Line++
	r := job.Row{Line: m.Line, RowID: id.Format(customer.Prefix, n), Name: name, Outcome: outcome}
	switch outcome {
	case OutcomeChanged:
		m.Changed++
	case OutcomeUnchanged:
		m.Unchanged++
	default:
		why = access.Refused(why) // the rows are read by others too
		var messages []string
		for _, w := range why {
			messages = append(messages, w.Message)
		}
		r.Field, r.Code, r.Message = why[0].Field, why[0].Code, strings.Join(messages, " ")
		m.exclude(r.Code, why[0].Message)
	}
	return r
}

// tried gives the line of a customer on which changes were tried.
func (m *mark) tried(o *customer.Outcome) job.Row {
	outcome := OutcomeChanged
	switch {
	case len(o.Wrong) > 0:
		outcome = OutcomeExcluded
	case len(o.Diff) == 0:
		outcome = OutcomeUnchanged
	}
	return m.row(o.Before.ID, o.Before.RowName(), outcome, o.Wrong)
}

func (m *mark) gone(n int64) job.Row {
	return m.row(n, "", OutcomeExcluded, []errs.Field{{Code: "not_found", Message: "There is no such customer."}})
}

// missing is the IDs that were not found.
func missing(ids []int64, found []*customer.Customer) []int64 {
	there := make(map[int64]bool, len(found))
	for _, c := range found {
		there[c.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(n int64) bool { return there[n] })
}

// batch handles some customers in a transaction, and tells what became of each in next.
type batch func(tx *db.Tx, ids []int64, next *mark) ([]job.Row, error)

// walk goes through a scope from where at stands.
func (s *Service) walk(ctx context.Context, run *job.Run, sc *scope, at *mark, do batch) error {
	for {
		queue, err := s.next(ctx, sc, at.After, fetchIDs)
		if err != nil || len(queue) == 0 {
			return err
		}
		for ids := range slices.Chunk(queue, batchRows) {
			if err := s.step(ctx, run, at, ids, do); err != nil {
				return err
			}
		}
	}
}

// step is one transaction with its checkpoint. One that lost a race is run again, on what the winner left.
func (s *Service) step(ctx context.Context, run *job.Run, at *mark, ids []int64, do batch) error {
	for try := 1; ; try++ {
		var next mark
		err := s.o.DB.Write(ctx, func(tx *db.Tx) error {
			next = at.clone()
			rows, err := do(tx, ids, &next)
			if err != nil {
				return err
			}
			if err := run.AddRows(ctx, tx, rows); err != nil {
				return err
			}
			if !next.Later {
				next.After = ids[len(ids)-1]
			}
			return s.save(ctx, tx, run, next)
		})
		switch {
		case err == nil:
			*at = next
			return nil
		case try < raceTries && (db.UniqueViolation(err) != "" || errs.IsKind(err, errs.KindStale)):
		default:
			return err
		}
	}
}

func (s *Service) save(ctx context.Context, tx *db.Tx, run *job.Run, m mark) error {
	if err := run.SetResult(ctx, tx, m.clone().Tally); err != nil {
		return err
	}
	return run.Save(ctx, tx, m, m.progress())
}

// finish tells the result of a job that had nothing to do as well, and that all is done: fewer customers than were
// counted may have matched when the walk came to them.
func (s *Service) finish(ctx context.Context, run *job.Run, at mark) error {
	return s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if err := run.SetResult(ctx, tx, at.clone().Tally); err != nil {
			return err
		}
		p := at.progress()
		p.Total = p.Done
		return run.Save(ctx, tx, at, p)
	})
}
