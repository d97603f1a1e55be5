package contact

import (
	"context"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
	"tandem/internal/kit/list"
)

// Follow gives the contacts of customers their customers' new names and state. The customer package calls it in the
// transaction that changes them.
func (s *Service) Follow(ctx context.Context, tx *db.Tx, changed []*customer.Customer) error {
	ids := make([]int64, len(changed))
	byID := make(map[int64]*customer.Customer, len(changed))
	for i, c := range changed {
		ids[i], byID[c.ID] = c.ID, c
	}
	found, err := some(ctx, tx, fmt.Sprintf(sqlOfCustomers, db.IDList(ids))+tx.Dialect().ForUpdate())
	if err != nil || len(found) == 0 {
		return err
	}
	var entries []list.Entry
	var out []int64 // who may not sign in now
	told := map[int64]bool{}
	for _, c := range found {
		k := byID[c.Customer.ID]
		if !told[k.ID] {
			told[k.ID] = true
			if _, err := tx.ExecContext(ctx, sqlFollow, k.Name, fold.Key(k.Name), db.Bit(k.Status == customer.StatusClosed), k.ID); err != nil {
				return fmt.Errorf("tell the contacts of their customer: %w", err)
			}
		}
		if !k.Status.SignsIn() {
			out = append(out, c.ID)
		}
		before := c.entry()
		c.Customer.Name = k.Name
		if now := c.entry(); !now.Equal(before) {
			entries = append(entries, now)
		}
	}
	if s.people != nil {
		if err := s.people.End(ctx, tx, access.KindContact, out...); err != nil {
			return err
		}
	}
	return s.ListTable().Index.Replace(ctx, tx, entries)
}
