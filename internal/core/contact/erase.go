package contact

import (
	"context"
	"fmt"
	"slices"

	"tandem/internal/core/customer"
	"tandem/internal/core/erasure"
	"tandem/internal/kit/db"
	"tandem/internal/kit/fold"
)

// ErasedName stands for the name of a contact that was erased.
const ErasedName = "Erased contact"

// OfCustomer is every contact that a customer has or had, removed ones too. It asks for no permission: the caller has.
func OfCustomer(ctx context.Context, q db.Q, customerID int64) ([]*Contact, error) {
	return some(ctx, q, sqlAllOf, customerID)
}

// Seen is one contact that the caller may see, removed or not, in the caller's transaction.
func (s *Service) Seen(ctx context.Context, q db.Q, contactID int64) (*Contact, error) {
	return seen(ctx, q, contactID, "")
}

// RemoveIn removes a contact in the caller's transaction; of a closed customer too. One that was removed stays so.
func (s *Service) RemoveIn(ctx context.Context, tx *db.Tx, contactID int64) error {
	c, err := seen(ctx, tx, contactID, "")
	if err != nil {
		return err
	}
	if err := customer.Touch(ctx, c.Customer.ID); err != nil || !c.RemovedAt.IsZero() || c.CustomerClosed {
		return err // that of a closed customer goes when it is erased
	}
	return s.removeIn(ctx, tx, contactID, 0, nil)
}

// Eraser erases contacts. They are removed by it, and sign in no more.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: Table, Left: s.eraseLeft, Erase: s.erase}
}

func (c *Contact) blank(s *Service) *Contact {
	after := *c
	after.Draft = Draft{Name: ErasedName, Role: c.Role}
	after.EmailProof, after.MobileProof = Verified{}, Verified{}
	if after.RemovedAt.IsZero() {
		after.RemovedAt = s.Clock.Now()
	}
	return &after
}

func (s *Service) eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (n int64, err error) {
	found, err := some(ctx, q, fmt.Sprintf(sqlSome, db.IDList(of.Contacts)))
	for _, c := range found {
		if !slices.Equal(c.own(), c.blank(s).own()) {
			n++
		}
	}
	return n, err
}

func (s *Service) erase(ctx context.Context, of erasure.Subject) error {
	for _, contactID := range of.Contacts {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			if s.people != nil {
				if err := s.people.Detach(ctx, tx, member(contactID)); err != nil {
					return err
				}
			}
			before, err := load(ctx, tx, contactID, tx.Dialect().ForUpdate())
			if err != nil {
				return err
			}
			after := before.blank(s)
			if slices.Equal(before.own(), after.own()) {
				return nil
			}
			after.Version, after.UpdatedAt = before.Version+1, s.Clock.Now()
			return update(ctx, tx, s.ListTable().Index, before, after)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EmailsOfOthers is those of the addresses, folded, that other contacts have.
func EmailsOfOthers(ctx context.Context, q db.Q, emails []string, but []int64) (map[string]bool, error) {
	out := map[string]bool{}
	if len(emails) == 0 {
		return out, nil
	}
	args := make([]any, len(emails))
	for i, e := range emails {
		args[i] = fold.Key(e)
	}
	var found []string
	if err := q.SelectContext(ctx, &found, fmt.Sprintf(sqlEmailOthers, db.IDList(but), db.Placeholders(1, len(args))), args...); err != nil {
		return nil, fmt.Errorf("look whose addresses they are: %w", err)
	}
	for _, key := range found {
		out[key] = true
	}
	return out, nil
}
