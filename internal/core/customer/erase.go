package customer

import (
	"context"
	"fmt"
	"time"

	"tandem/internal/core/erasure"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/fold"
)

// ErasedName stands for the name of a customer that was erased.
func ErasedName(number string) string { return "Erased customer " + number }

// MarkErased keeps a closed customer from changing: its personal data is to go. One that is marked already stays so.
func (s *Service) MarkErased(ctx context.Context, tx *db.Tx, customerID int64, at time.Time) error {
	if err := Touch(ctx, customerID); err != nil {
		return err
	}
	c, err := s.get(ctx, tx, customerID, tx.Dialect().ForUpdate())
	if err != nil {
		return err
	}
	if c.Status != StatusClosed {
		return errs.New(errs.KindConflict, "not_closed", "Close the customer first: only what is closed is erased.")
	}
	if _, err := tx.ExecContext(ctx, sqlMarkErased, clock.Micros(at), customerID); err != nil {
		return fmt.Errorf("mark the customer as erased: %w", err)
	}
	return nil
}

// Eraser erases the customer's own record: what is left is its IDs, what sort it is, its currency, its place in the tree
// and its dates. Openings of balances are money, and stay.
func (s *Service) Eraser() erasure.Eraser {
	return erasure.Eraser{Name: Table, Left: s.eraseLeft, Erase: s.erase}
}

func (s *Service) eraseLeft(ctx context.Context, q db.Q, of erasure.Subject) (int64, error) {
	if !of.Whole {
		return 0, nil
	}
	var left int64
	if err := q.GetContext(ctx, &left, sqlCountTokens, of.Customer); err != nil {
		return 0, fmt.Errorf("count set-up tokens: %w", err)
	}
	sc := s.schema.Load()
	found, err := sc.load(ctx, q, []int64{of.Customer}, "")
	if err != nil || len(found) == 0 {
		return left, err
	}
	if o := blank(found[0]); sc.differ(&o) {
		left++
	}
	return left, nil
}

// Known is a customer whoever asks, for owners above that have asked for permission.
func (s *Service) Known(ctx context.Context, q db.Q, customerID int64) (*Customer, error) {
	found, err := s.schema.Load().load(ctx, q, []int64{customerID}, "")
	if err == nil && len(found) == 0 {
		err = errs.NotFound("customer")
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// blank is a customer with nothing personal.
func blank(before *Customer) Outcome {
	after := *before
	after.Draft = Draft{Kind: before.Kind, Party: before.Party, Status: before.Status, BillingType: before.BillingType, Currency: before.Currency,
		Reseller: before.Reseller, Name: ErasedName(before.CustomerID)}
	return Outcome{Before: before, After: &after}
}

func (s *schema) differ(o *Outcome) bool {
	at, _ := changedColumns(s.values(o.Before), s.values(o.After))
	return len(at) > 0 || len(o.Before.Groups) > 0
}

func (s *Service) erase(ctx context.Context, of erasure.Subject) error {
	if !of.Whole {
		return nil
	}
	sc := s.schema.Load()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlDropTokens, of.Customer); err != nil {
			return fmt.Errorf("drop set-up tokens: %w", err)
		}
		found, err := sc.load(ctx, tx, []int64{of.Customer}, tx.Dialect().ForUpdate())
		if err != nil || len(found) == 0 {
			return err
		}
		o := blank(found[0])
		if !sc.differ(&o) {
			return nil
		}
		o.After.Version, o.After.UpdatedAt = o.Before.Version+1, s.Clock.Now()
		good := []Outcome{o}
		if done, err := sc.update(ctx, tx, good); err != nil || !done {
			return fmt.Errorf("erase the customer: %w", errOr(err))
		}
		return s.tellFollowers(ctx, tx, good)
	})
}

func errOr(err error) error {
	if err == nil {
		return errs.Stale(nil)
	}
	return err
}

// EmailsOfOthers is those of the addresses, folded, that another customer has; but is none, or the one that is left out.
func EmailsOfOthers(ctx context.Context, q db.Q, emails []string, but int64) (map[string]bool, error) {
	out := map[string]bool{}
	if len(emails) == 0 {
		return out, nil
	}
	args := []any{but}
	for _, e := range emails {
		args = append(args, fold.Key(e))
	}
	var found []string
	if err := q.SelectContext(ctx, &found, fmt.Sprintf(sqlEmailOthers, db.Placeholders(2, len(emails))), args...); err != nil {
		return nil, fmt.Errorf("look whose addresses they are: %w", err)
	}
	for _, key := range found {
		out[key] = true
	}
	return out, nil
}
