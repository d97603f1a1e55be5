package verification

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser forgets to which addresses codes went.
func (s *Service) Eraser() erasure.Eraser {
	of := func(query string, subject erasure.Subject) string {
		return fmt.Sprintf(query, db.IDList(subject.Contacts))
	}
	return erasure.Eraser{Name: "verification_codes",
		Left: func(ctx context.Context, q db.Q, subject erasure.Subject) (n int64, err error) {
			if err := q.GetContext(ctx, &n, of(sqlCountOf, subject)); err != nil {
				return 0, fmt.Errorf("count codes: %w", err)
			}
			return n, nil
		},
		Erase: func(ctx context.Context, subject erasure.Subject) error {
			return s.DB.Write(ctx, func(tx *db.Tx) error {
				for _, query := range []string{sqlDropSeen, sqlDropOf} {
					if _, err := tx.ExecContext(ctx, of(query, subject)); err != nil {
						return fmt.Errorf("forget codes: %w", err)
					}
				}
				return nil
			})
		}}
}
