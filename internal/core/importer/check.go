package importer

import (
	"context"
	"fmt"
	"strconv"

	"tandem/internal/kit/db"
	"tandem/internal/kit/job"
)

// checkRows is how many rows that must be told a check gathers before it writes them.
const checkRows = 500

// checking is one worker's hold on a check.
type checking struct {
	s       *Service
	job     *job.Run
	m       *Import
	plan    *plan
	groups  *groupBook
	seen    *seen
	others  bool
	found   Summary
	waiting [][]any
	total   int64
}

// check is the job that tells what a run would do. It changes nothing but what it found. Interrupted, it begins again:
// what rows it had seen is in memory.
func (s *Service) check(ctx context.Context, jobRun *job.Run) error {
	m, p, err := s.importOf(ctx, jobRun)
	if err != nil {
		return err
	}
	k := &checking{s: s, job: jobRun, m: m, plan: s.plan(m), groups: s.groupBook(ctx, m), seen: newSeen(m.ID, s.o.Keys), found: Summary{}.clone()}
	if err := k.begin(ctx); err != nil {
		return err
	}
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	f, err := s.feed(feeding, m, k.plan, checkpoint{RetryUntil: p.RetryUntil})
	if err != nil {
		return err
	}
	for b := range f.out {
		if err := k.batch(ctx, b); err != nil {
			stop()
			drain(f)
			return err
		}
	}
	if err := k.write(ctx, true); err != nil {
		return err
	}
	if f.err != nil {
		return refusal(f.err, "file")
	}
	return nil
}

// begin forgets the last check.
func (k *checking) begin(ctx context.Context) error {
	if err := dropPhase(ctx, k.s.o.DB, k.m.ID, phaseCheck); err != nil {
		return err
	}
	err := k.s.o.DB.Write(ctx, func(tx *db.Tx) error { return dropKeys(ctx, tx, k.m.ID) })
	if err != nil {
		return err
	}
	if err := k.s.o.DB.Read().GetContext(ctx, &k.others, sqlOthers, k.m.ID); err != nil {
		return fmt.Errorf("look for other imports: %w", err)
	}
	return nil
}

func (k *checking) batch(ctx context.Context, b batch) error {
	if err := k.groups.read(ctx, b.rows); err != nil {
		return err
	}
	d := &decision{s: k.s, p: k.plan, q: k.s.o.DB.Read(), seen: k.seen, others: k.others, groups: k.groups.find}
	if err := d.decide(ctx, b.rows); err != nil {
		return err
	}
	for _, c := range b.rows {
		c.retry = false // counted as any other: a check's summary is its own
		if c.outcome == OutcomeCreated || c.outcome == OutcomeUpdated {
			c.doubt(k.plan)
		}
		if len(c.problems) > 0 || len(c.warn) > 0 {
			row, err := c.row(k.plan, phaseCheck)
			if err != nil {
				return err
			}
			k.waiting = append(k.waiting, row)
		}
	}
	count(&k.found, b.rows)
	if b.total > 0 && b.read > 0 {
		k.total = max(k.found.Rows, int64(float64(k.found.Rows)*float64(b.total)/float64(b.read)))
	}
	if len(k.waiting) >= checkRows || len(k.seen.over) > 0 {
		return k.write(ctx, false)
	}
	return k.job.Report(ctx, k.progress())
}

func (k *checking) progress() job.Progress {
	return job.Progress{Done: k.found.Rows, Total: max(k.total, k.found.Rows), Failed: k.found.Wrong}
}

// write tells what was found since the last time; at the end, the whole of it.
func (k *checking) write(ctx context.Context, last bool) error {
	return k.s.o.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Bulk(ctx, "import_rows", rowColumns, k.waiting); err != nil {
			return err
		}
		if err := k.seen.spill(ctx, tx); err != nil {
			return err
		}
		tx.AfterCommit(func() { k.waiting = k.waiting[:0] })
		p := k.progress()
		if last {
			p.Total = p.Done
			if err := saveChecked(ctx, tx, k.m, k.found); err != nil {
				return err
			}
			if err := k.job.SetResult(ctx, tx, k.found); err != nil {
				return err
			}
		}
		return k.job.Save(ctx, tx, nil, p)
	})
}

// evaluate tells what would become of one row with its cells as they are now.
func (s *Service) evaluate(ctx context.Context, m *Import, line int64, cells []string) (*candidate, error) {
	p := s.plan(m)
	c := &candidate{line: line, cells: cells}
	rows := []*candidate{c}
	if err := s.convert(ctx, p, rows); err != nil {
		return nil, err
	}
	groups := s.groupBook(ctx, m)
	if err := groups.read(ctx, rows); err != nil {
		return nil, err
	}
	d := &decision{s: s, p: p, q: s.o.DB.Read(), seen: newSeen(m.ID, s.o.Keys), others: true, groups: groups.find}
	if err := d.decide(ctx, rows); err != nil {
		return nil, err
	}
	return c, nil
}

func lineText(line int64) string { return strconv.FormatInt(line, 10) }
