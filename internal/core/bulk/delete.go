package bulk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
)

const maxReason = 200 // characters of a status reason

func (s *Service) readDelete(ctx context.Context, r Request) (payload, error) {
	if err := requireAll(ctx, needsDelete); err != nil {
		return payload{}, err
	}
	var wrong errs.Fields
	p := payload{Comment: checkComment(r.Comment, &wrong)}
	var err error
	if p.Scope, err = s.choose(ctx, r.Choice, &wrong); err != nil {
		return payload{}, err
	}
	return p, wrong.Err()
}

// Delete accepts a bulk delete as a job. It closes customers: documents stay, e-mails and references are free again.
func (s *Service) Delete(ctx context.Context, r Request) (job.Job, error) {
	p, err := s.readDelete(ctx, r)
	if err != nil {
		return job.Job{}, err
	}
	total, err := s.count(ctx, &p.Scope)
	if err != nil {
		return job.Job{}, err
	}
	spec := job.Spec{Kind: KindDelete, Label: "Delete of " + people(total), Total: total}
	return s.enqueue(ctx, spec, p, func(*db.Tx, job.Job) error { return nil })
}

func (s *Service) runDelete(ctx context.Context, run *job.Run) error {
	var p payload
	if err := run.Payload(&p); err != nil {
		return err
	}
	if err := requireAll(ctx, needsDelete); err != nil {
		return err
	}
	ctx = commented(ctx, p.Comment)
	var at mark
	if _, err := run.Checkpoint(&at); err != nil {
		return err
	}
	if !at.Later {
		err := s.walk(ctx, run, &p.Scope, &at, func(tx *db.Tx, ids []int64, next *mark) ([]job.Row, error) {
			return s.closeSome(ctx, tx, run.ID(), ids, p.Comment, next)
		})
		if err != nil {
			return err
		}
		at.Later = true
	}
	if err := s.closeLater(ctx, run, &at, p.Comment); err != nil {
		return err
	}
	return s.finish(ctx, run, at)
}

// closeSome closes a batch of customers, and puts the resellers among them off.
func (s *Service) closeSome(ctx context.Context, tx *db.Tx, jobID int64, ids []int64, reason string, next *mark) ([]job.Row, error) {
	held, err := s.o.Customers.LoadLocked(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var rows []job.Row
	for _, n := range missing(ids, held) {
		rows = append(rows, next.gone(n))
	}
	var later []int64
	var now []*customer.Customer
	for _, c := range held {
		if c.Kind == customer.KindReseller && c.Status != customer.StatusClosed {
			later = append(later, c.ID)
		} else {
			now = append(now, c)
		}
	}
	closed, err := s.close(ctx, tx, now, reason, next)
	if err != nil {
		return nil, err
	}
	return append(rows, closed...), putOff(ctx, tx, jobID, later)
}

// close closes customers that the transaction holds, where nothing blocks it.
func (s *Service) close(ctx context.Context, tx *db.Tx, held []*customer.Customer, reason string, next *mark) ([]job.Row, error) {
	var rows []job.Row
	var open []*customer.Customer
	for _, c := range held {
		if c.Status == customer.StatusClosed {
			rows = append(rows, next.row(c.ID, c.RowName(), OutcomeExcluded, []errs.Field{{Field: "status", Code: "closed", Message: "It is closed already."}}))
			continue
		}
		open = append(open, c)
	}
	changes := []customer.Change{{Field: "status", Value: string(customer.StatusClosed)}, {Field: "status_reason", Value: cut(reason, maxReason)}}
	tried, err := s.o.Customers.Try(ctx, tx, open, slices.Repeat([][]customer.Change{changes}, len(open)), false)
	if err != nil {
		return nil, err
	}
	for i := range tried {
		rows = append(rows, next.tried(&tried[i]))
	}
	return rows, s.o.Customers.Write(ctx, tx, tried, "Customer closed in bulk", audit.ActionDelete)
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// closeLater closes the resellers that were put off, those without resellers of their own first. What is left to do
// stands in the database: a run that is taken over goes on with it.
func (s *Service) closeLater(ctx context.Context, run *job.Run, at *mark, reason string) error {
	var ids []int64
	if err := s.o.DB.Read().SelectContext(ctx, &ids, sqlLater, run.ID()); err != nil {
		return fmt.Errorf("read the resellers to close: %w", err)
	}
	levels, err := s.levels(ctx, ids)
	if err != nil {
		return err
	}
	for _, level := range levels {
		for ids := range slices.Chunk(level, batchRows) {
			err := s.step(ctx, run, at, ids, func(tx *db.Tx, ids []int64, next *mark) ([]job.Row, error) {
				return s.closeResellers(ctx, tx, run.ID(), ids, reason, next)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) closeResellers(ctx context.Context, tx *db.Tx, jobID int64, ids []int64, reason string, next *mark) ([]job.Row, error) {
	next.Later = true
	held, err := s.o.Customers.LoadLocked(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var rows []job.Row
	for _, n := range missing(ids, held) {
		rows = append(rows, next.gone(n))
	}
	closed, err := s.close(ctx, tx, held, reason, next)
	if err != nil {
		return nil, err
	}
	for _, n := range ids {
		if _, err := tx.ExecContext(ctx, sqlLaterDone, jobID, n); err != nil {
			return nil, fmt.Errorf("close resellers: %w", err)
		}
	}
	return append(rows, closed...), nil
}

// levels orders resellers so that each comes after those that it owns: by how many of the others own it, most first.
func (s *Service) levels(ctx context.Context, ids []int64) ([][]int64, error) {
	owner := make(map[int64]int64, len(ids))
	for some := range slices.Chunk(ids, 1000) {
		loaded, err := s.o.Customers.Load(ctx, s.o.DB.Read(), some)
		if err != nil {
			return nil, err
		}
		for _, c := range loaded {
			owner[c.ID] = c.Reseller
		}
	}
	depths := make(map[int64]int, len(ids))
	for _, n := range ids {
		depthOf(n, owner, depths)
	}
	sorted := slices.Clone(ids)
	slices.SortStableFunc(sorted, func(a, b int64) int { return cmp.Compare(depths[b], depths[a]) })
	var out [][]int64
	for i, n := range sorted {
		if i == 0 || depths[n] != depths[sorted[i-1]] {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], n)
	}
	return out, nil
}

// depthOf is how many resellers of the choice stand above one. It walks up to one that is known; a ring, which nothing
// of ours makes, ends where it began.
func depthOf(n int64, owner map[int64]int64, depths map[int64]int) {
	var path []int64
	onPath := map[int64]bool{}
	for {
		if _, known := depths[n]; known || onPath[n] {
			break
		}
		above, chosen := owner[n]
		if !chosen {
			break
		}
		path, onPath[n] = append(path, n), true
		n = above
	}
	depth, known := depths[n]
	if !known {
		depth = -1
	}
	for _, m := range slices.Backward(path) {
		depth++
		depths[m] = depth
	}
}
