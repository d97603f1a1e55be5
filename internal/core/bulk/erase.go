package bulk

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// JobsOf is the updates that changed a customer, as long as they can be taken back. It asks for no permission: the caller
// has.
func JobsOf(ctx context.Context, q db.Q, customerID int64) ([]int64, error) {
	var out []int64
	if err := q.SelectContext(ctx, &out, sqlJobsOf, customerID); err != nil {
		return nil, fmt.Errorf("look for bulk updates: %w", err)
	}
	return out, nil
}

// Eraser forgets what updates of many replaced on a customer: taking them back leaves it alone.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: "bulk_rows",
		Left: func(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
			if !of.Whole {
				return 0, nil
			}
			if err := q.GetContext(ctx, &n, sqlCountOf, of.Customer); err != nil {
				return 0, fmt.Errorf("count former values: %w", err)
			}
			return n, nil
		},
		Erase: func(ctx context.Context, of erasure.Subject) error {
			if !of.Whole {
				return nil
			}
			return s.o.DB.Write(ctx, func(tx *db.Tx) error {
				if _, err := tx.ExecContext(ctx, sqlDropFormed, of.Customer); err != nil {
					return fmt.Errorf("forget former values: %w", err)
				}
				return nil
			})
		}}
}
