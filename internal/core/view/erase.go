package view

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser removes what contacts kept: their views and preferences.
func (s *Service) Eraser() erasure.Eraser {
	each := func(of erasure.Subject, fn func(principal string) error) error {
		for _, contactID := range of.Contacts {
			if err := fn(access.Principal{Kind: access.KindContact, ID: contactID}.Key()); err != nil {
				return err
			}
		}
		return nil
	}
	return erasure.Eraser{Name: "views",
		Left: func(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
			err = each(of, func(principal string) error {
				var more int64
				if err := q.GetContext(ctx, &more, sqlCountKept, principal); err != nil {
					return fmt.Errorf("count what a contact kept: %w", err)
				}
				n += more
				return nil
			})
			return n, err
		},
		Erase: func(ctx context.Context, of erasure.Subject) error {
			return s.o.DB.Write(ctx, func(tx *db.Tx) error {
				return each(of, func(principal string) error {
					for _, query := range []string{sqlDropMarksOf, sqlDropViewsOf, sqlDropPreferencesOf} {
						if _, err := tx.ExecContext(ctx, query, principal); err != nil {
							return fmt.Errorf("remove what a contact kept: %w", err)
						}
					}
					return nil
				})
			})
		}}
}
