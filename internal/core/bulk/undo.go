package bulk

import (
	"context"
	"fmt"

	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
)

// prepareUndo says which job takes an update back.
func (s *Service) prepareUndo(ctx context.Context, tx *db.Tx, of job.Job) (job.Spec, error) {
	if err := require(ctx, nil); err != nil {
		return job.Spec{}, err
	}
	var n int64
	if err := tx.GetContext(ctx, &n, sqlCount, of.ID); err != nil {
		return job.Spec{}, fmt.Errorf("undo a bulk update: %w", err)
	}
	if n == 0 {
		return job.Spec{}, errs.New(errs.KindConflict, "cannot_undo", "It changed nothing, or so long ago that the former values are gone.")
	}
	return job.Spec{Kind: KindUndo, Label: "Undo: " + of.Label, Payload: payload{Of: of.ID}, Total: n}, nil
}

func (s *Service) runUndo(ctx context.Context, run *job.Run) error {
	var p payload
	if err := run.Payload(&p); err != nil {
		return err
	}
	if err := require(ctx, nil); err != nil {
		return err
	}
	var at mark
	if _, err := run.Checkpoint(&at); err != nil {
		return err
	}
	for {
		kept, err := readFormer(ctx, s.o.DB.Read(), p.Of, at.After, batchRows)
		if err != nil {
			return err
		}
		if len(kept) == 0 {
			return s.finish(ctx, run, at)
		}
		ids := make([]int64, len(kept))
		for i, f := range kept {
			ids[i] = f.CustomerID
		}
		err = s.step(ctx, run, &at, ids, func(tx *db.Tx, ids []int64, next *mark) ([]job.Row, error) {
			return s.restoreSome(ctx, tx, kept, ids, next)
		})
		if err != nil {
			return err
		}
	}
}

// restoreSome gives a batch of customers back what an update replaced, where nobody changed them since.
func (s *Service) restoreSome(ctx context.Context, tx *db.Tx, kept []former, ids []int64, next *mark) ([]job.Row, error) {
	byID := make(map[int64]former, len(kept))
	var all []customer.Change
	for _, f := range kept {
		byID[f.CustomerID] = f
		all = append(all, f.Changes...)
	}
	if err := customer.HoldTree(ctx, tx, all); err != nil {
		return nil, err
	}
	held, err := s.o.Customers.LoadLocked(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var rows []job.Row
	for _, n := range missing(ids, held) {
		rows = append(rows, next.gone(n))
	}
	var same []*customer.Customer
	var changes [][]customer.Change
	for _, c := range held {
		if c.Version != byID[c.ID].Version {
			rows = append(rows, next.row(c.ID, c.RowName(), OutcomeExcluded, []errs.Field{{Code: "changed_since", Message: "It was changed since: it stays as it is now."}}))
			continue
		}
		same, changes = append(same, c), append(changes, byID[c.ID].Changes)
	}
	tried, err := s.o.Customers.Try(ctx, tx, same, changes, true)
	if err != nil {
		return nil, err
	}
	for i := range tried {
		rows = append(rows, next.tried(&tried[i]))
	}
	return rows, s.o.Customers.Write(ctx, tx, tried, "Bulk change taken back", audit.ActionUpdate)
}
