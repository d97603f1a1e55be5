package session

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser ends and forgets the sessions of contacts, and the tries at their addresses.
func (s *Service) Eraser() erasure.Eraser {
	of := func(query string, subject erasure.Subject) string {
		return fmt.Sprintf(query, db.IDList(subject.Contacts))
	}
	return erasure.Eraser{Name: "sessions",
		Left: func(ctx context.Context, q db.Q, subject erasure.Subject) (n int64, err error) {
			if err := q.GetContext(ctx, &n, of(sqlCountOf, subject)); err != nil {
				return 0, fmt.Errorf("count sessions: %w", err)
			}
			return n, nil
		},
		Erase: func(ctx context.Context, subject erasure.Subject) error {
			return s.db.Write(ctx, func(tx *db.Tx) error {
				tx.AfterCommit(s.cache.forget)
				if _, err := exec(ctx, tx, "end sessions", of(sqlEndAll, subject)); err != nil {
					return err
				}
				for _, email := range subject.Emails {
					if _, err := exec(ctx, tx, "forget failed tries", sqlClearFailures, counters(email, "")[0]); err != nil {
						return err
					}
				}
				return nil
			})
		}}
}
