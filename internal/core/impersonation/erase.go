package impersonation

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser erases as whom staff were in the portal, and why. That they were stays.
func (s *Service) Eraser() erasure.Eraser {
	as := func(query string, of erasure.Subject) string {
		return fmt.Sprintf(query, db.IDList(of.Contacts))
	}
	return erasure.Eraser{Name: "impersonations",
		Left: func(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
			if err := q.GetContext(ctx, &n, as(sqlCountAs, of), of.Person); err != nil {
				return 0, fmt.Errorf("count who was in the portal: %w", err)
			}
			return n, nil
		},
		Erase: func(ctx context.Context, of erasure.Subject) error {
			return s.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := exec(ctx, tx, "erase as whom staff were in the portal", as(sqlHush, of), of.Person)
				return err
			})
		}}
}
