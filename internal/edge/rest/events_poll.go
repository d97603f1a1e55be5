package rest

import (
	"context"
	"time"

	"tandem/internal/kit/job"
)

// poll looks for what changed until ctx ends. It begins a little before the first listener came: what changed between
// its last reading and its joining is told.
func (e *Events) poll(ctx context.Context, from time.Time) {
	seen := &seen{jobs: map[int64]int64{}, changes: map[int64]bool{}, from: from.Add(-eventOverlap / 2)}
	tick := time.NewTicker(e.o.Poll)
	defer tick.Stop()
	for {
		jobs, err := e.newJobs(ctx, seen)
		var changes []Change
		if err == nil {
			changes, err = e.newChanges(ctx, seen)
		}
		if err != nil && ctx.Err() == nil {
			e.o.Log.WarnContext(ctx, "events could not be looked for", "error", err)
		}
		if len(jobs)+len(changes) > 0 {
			e.mu.Lock()
			for l := range e.listeners {
				l.offer(e, jobs, changes)
			}
			e.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// seen is what was told already, of the time that is looked at again.
type seen struct {
	from    time.Time
	jobs    map[int64]int64 // job and its version
	changes map[int64]bool
}

// since is the beginning of what is looked at: transactions commit later than they take their time.
func (s *seen) since(now time.Time) time.Time {
	if since := now.Add(-eventOverlap); since.After(s.from) {
		return since
	}
	return s.from
}

// newJobs are the jobs that changed since they were told.
func (e *Events) newJobs(ctx context.Context, s *seen) ([]job.Job, error) {
	var out []job.Job
	there := map[int64]int64{}
	for since, full := s.since(e.o.Clock.Now()), true; full; {
		page, err := e.o.Jobs.Recent(ctx, since, eventPage)
		if err != nil {
			return nil, err
		}
		for _, j := range page {
			if _, twice := there[j.ID]; !twice && s.jobs[j.ID] < j.Version {
				out = append(out, j)
			}
			there[j.ID] = j.Version
		}
		if full = len(page) == eventPage; full {
			next := page[len(page)-1].UpdatedAt
			if !next.After(since) {
				next = since.Add(time.Microsecond)
			}
			since = next
		}
	}
	s.jobs = there
	return out, nil
}

// newChanges are the rows that changed since they were told; many of one table become one event for all.
func (e *Events) newChanges(ctx context.Context, s *seen) ([]Change, error) {
	if e.o.Changes == nil {
		return nil, nil
	}
	found, err := e.o.Changes(ctx, s.since(e.o.Clock.Now()))
	if err != nil {
		return nil, err
	}
	rows, there := map[Change]bool{}, map[int64]bool{}
	count := map[string]int{}
	for _, c := range found {
		there[c.ID] = true
		row := Change{Table: c.Table, RowID: c.RowID, Person: c.Person}
		if !s.changes[c.ID] && !rows[row] {
			rows[row] = true
			if c.Person == "" {
				count[c.Table]++
			}
		}
	}
	s.changes = there
	var out []Change
	for row := range rows {
		if row.Person != "" || count[row.Table] <= rowsTold {
			out = append(out, row)
		}
	}
	for table, n := range count {
		if n > rowsTold {
			out = append(out, Change{Table: table})
		}
	}
	return out, nil
}
