package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

// Ticket keeps something for the next step of somebody who is signing in, and gives the secret that they bring it back by.
func (s *Service) Ticket(ctx context.Context, purpose string, identityID int64, data string, life time.Duration) (string, error) {
	token := secret.Link()
	return token, s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "keep a step of signing in", sqlInsertCeremony, secret.Digest(token), purpose, identityID, data, clock.Micros(s.Clock.Now().Add(life)))
		return err
	})
}

// UseTicket gives what was kept, once.
func (s *Service) UseTicket(ctx context.Context, purpose, token string) (identityID int64, data string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		err := tx.QueryRowContext(ctx, sqlUseCeremony, secret.Digest(token), purpose, clock.Micros(s.Clock.Now())).Scan(&identityID, &data)
		if errors.Is(err, sql.ErrNoRows) {
			return errs.New(errs.KindUnauthorized, "bad_ticket", "This took too long, or it was answered already. Begin again.")
		}
		if err != nil {
			return fmt.Errorf("find a step of signing in: %w", err)
		}
		return nil
	})
	return identityID, data, err
}

// ByTicket is the identity that a ticket for this purpose was given for.
func (s *Service) ByTicket(ctx context.Context, purpose, token string) (Identity, error) {
	identityID, _, err := s.UseTicket(ctx, purpose, token)
	if err != nil {
		return Identity{}, err
	}
	return one(ctx, s.DB.Read(), sqlGet, identityID)
}
