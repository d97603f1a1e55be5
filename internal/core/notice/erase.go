package notice

import (
	"context"
	"fmt"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
)

// Eraser removes the notices about a customer, its contacts, mails to them and delayed saves of them.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: "notices", Left: eraseLeft, Erase: func(ctx context.Context, of erasure.Subject) error {
		return s.o.DB.Write(ctx, func(tx *db.Tx) error {
			for table, rows := range about(of) {
				if _, err := tx.ExecContext(ctx, fmt.Sprintf(sqlDropAbout, rows), table); err != nil {
					return fmt.Errorf("remove notices: %w", err)
				}
			}
			return nil
		})
	}}
}

// about is the rows by their tables, as SQL.
func about(of erasure.Subject) map[string]string {
	out := map[string]string{"contacts": db.IDList(of.Contacts), "emails": db.IDList(of.Mails), "scheduled_changes": db.IDList(of.Saves)}
	if of.Whole {
		out["customers"] = db.IDList([]int64{of.Customer})
	}
	return out
}

func eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
	for table, rows := range about(of) {
		var more int64
		if err := q.GetContext(ctx, &more, fmt.Sprintf(sqlCountAbout, rows), table); err != nil {
			return n, fmt.Errorf("count notices: %w", err)
		}
		n += more
	}
	return n, nil
}
