package customer

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// TakeNumber takes a customer ID for CreateIn. Call it before the transaction: on SQLite there is one writer.
func (s *Service) TakeNumber(ctx context.Context) (int64, error) { return s.numbers.one(ctx, s) }

// Rehearse tells every field that is wrong with a new customer, without making it. The draft gets its defaults.
func (s *Service) Rehearse(ctx context.Context, q db.Q, d *Draft) error {
	if err := access.Require(ctx, access.CustomerCreate); err != nil {
		return err
	}
	wrong, err := s.Prepare(ctx, d)
	if err != nil {
		return err
	}
	return s.checkAgainstOthers(ctx, q, d, 0, wrong)
}

// CreateIn is Create in the caller's transaction; the number comes from TakeNumber.
func (s *Service) CreateIn(ctx context.Context, tx *db.Tx, d Draft, number int64) (*Customer, error) {
	if err := access.Require(ctx, access.CustomerCreate); err != nil {
		return nil, err
	}
	wrong, err := s.Prepare(ctx, &d)
	if err != nil {
		return nil, err
	}
	made, err := s.createIn(ctx, tx, &d, number, wrong)
	return showing(ctx, made, err)
}

func (s *Service) createIn(ctx context.Context, tx *db.Tx, d *Draft, number int64, wrong *errs.Fields) (*Customer, error) {
	if err := s.checkAgainstOthers(ctx, tx, d, 0, wrong); err != nil {
		return nil, err
	}
	created, err := s.InsertMany(ctx, tx, []*Draft{d}, []int64{number}, "Customer created")
	if err != nil {
		return nil, s.taken(err, wrong)
	}
	return s.get(ctx, tx, created[0].ID, "")
}

// GetIn reads a customer that nobody else changes until the transaction ends.
func (s *Service) GetIn(ctx context.Context, tx *db.Tx, customerID int64) (*Customer, error) {
	if err := access.Require(ctx, access.CustomerRead); err != nil {
		return nil, err
	}
	c, err := s.get(ctx, tx, customerID, s.DB.Dialect().ForUpdate())
	if err != nil {
		return nil, err
	}
	return shown(ctx, c), nil
}

// UpdateIn is Update in the caller's transaction. version 0 stands for "whatever it is now".
func (s *Service) UpdateIn(ctx context.Context, tx *db.Tx, customerID, version int64, changes []Change) (*Customer, error) {
	if err := access.Require(ctx, access.CustomerUpdate); err != nil {
		return nil, err
	}
	if err := HoldTree(ctx, tx, changes); err != nil {
		return nil, err
	}
	before, err := s.get(ctx, tx, customerID, s.DB.Dialect().ForUpdate())
	if err != nil {
		return nil, err
	}
	if version != 0 && version != before.Version {
		return nil, errs.Stale(shown(ctx, before))
	}
	if err := Touch(ctx, customerID); err != nil {
		return nil, err
	}
	if _, err := s.Apply(ctx, tx, before, changes, "Customer changed"); err != nil {
		return nil, err
	}
	after, err := s.get(ctx, tx, customerID, "")
	return showing(ctx, after, err)
}

// DeleteIn is Delete in the caller's transaction.
func (s *Service) DeleteIn(ctx context.Context, tx *db.Tx, customerID, version int64, reason string) error {
	if err := access.Require(ctx, access.CustomerDelete); err != nil {
		return err
	}
	before, err := s.get(ctx, tx, customerID, s.DB.Dialect().ForUpdate())
	if err != nil {
		return err
	}
	if version != 0 && version != before.Version {
		return errs.Stale(shown(ctx, before))
	}
	if err := Touch(ctx, customerID); err != nil {
		return err
	}
	if before.Status == StatusClosed {
		return errs.NotFound("open customer")
	}
	_, err = s.Close(ctx, tx, before, reason)
	return err
}
