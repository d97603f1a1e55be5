package brand

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

// Of is the brand of a reseller, when it has one. It asks for no permission: the caller has.
func Of(ctx context.Context, q db.Q, reseller int64) (out []int64, err error) {
	if err := q.SelectContext(ctx, &out, sqlIDOf, reseller); err != nil {
		return nil, fmt.Errorf("look for the brand: %w", err)
	}
	return out, nil
}

// Eraser empties the brand of a reseller: its name, address, where to find help, and its logos.
func (s *Service) Eraser() erasure.Eraser {
	of := func(query string, subject erasure.Subject) string {
		return fmt.Sprintf(query, db.IDList(subject.Brands))
	}
	return erasure.Eraser{Name: Table,
		Left: func(ctx context.Context, q db.Q, subject erasure.Subject) (n int64, err error) {
			if err := q.GetContext(ctx, &n, of(sqlCountTelling, subject)); err != nil {
				return 0, fmt.Errorf("count brands: %w", err)
			}
			return n, nil
		},
		Erase: func(ctx context.Context, subject erasure.Subject) error {
			return s.DB.Write(ctx, func(tx *db.Tx) error {
				if _, err := tx.ExecContext(ctx, of(sqlEmpty, subject), clock.Micros(s.Clock.Now())); err != nil {
					return fmt.Errorf("empty the brand: %w", err)
				}
				if _, err := tx.ExecContext(ctx, of(sqlDropLogos, subject)); err != nil {
					return fmt.Errorf("remove the logos: %w", err)
				}
				return nil
			})
		}}
}
