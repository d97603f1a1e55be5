package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/secret"
)

// How long a link to set a password works: one that was sent to somebody, and one that was asked for at the sign-in page.
// A password that was generated for somebody lives as long as the former.
const (
	LinkLife  = 72 * time.Hour
	ResetLife = time.Hour
)

// DropLinks ends the links there are.
func (s *Service) DropLinks(ctx context.Context, tx *db.Tx, i Identity) error {
	_, err := exec(ctx, tx, "end older links", sqlDropLinks, i.ID)
	return err
}

// Link makes a link to set the password, to be used once, beside those there are. It gives the token and when it expires.
func (s *Service) Link(ctx context.Context, tx *db.Tx, i Identity, life time.Duration) (token string, expires time.Time, err error) {
	now := s.Clock.Now()
	token, expires = secret.Link(), now.Add(life)
	_, err = exec(ctx, tx, "make the link", sqlInsertLink, secret.Digest(token), i.ID, i.Epoch, clock.Micros(now), clock.Micros(expires))
	return token, expires, err
}

func badLink() error {
	return &errs.Error{Kind: errs.KindInvalid, Code: "bad_link", Detail: "This link was used, has expired or was replaced. Ask for a new one.",
		Fields: []errs.Field{{Field: "token", Code: "bad_link", Message: "This link does not work any more."}}}
}

// linked is the identity that a link is for, with its doors: those who may not sign in at all have no use for it.
func (s *Service) linked(ctx context.Context, q db.Q, lock, query string, args ...any) (Identity, []Door, error) {
	var identityID, epoch int64
	err := q.QueryRowContext(ctx, query, args...).Scan(&identityID, &epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return Identity{}, nil, badLink()
	}
	if err != nil {
		return Identity{}, nil, fmt.Errorf("find the link: %w", err)
	}
	i, err := one(ctx, q, sqlGet+lock, identityID)
	if errs.IsKind(err, errs.KindNotFound) || err == nil && i.Epoch != epoch {
		return Identity{}, nil, badLink()
	}
	if err != nil {
		return Identity{}, nil, err
	}
	doors, err := s.Doors(ctx, q, i)
	if err == nil && len(doors) == 0 {
		err = badLink()
	}
	return i, doors, err
}

// SetPassword sets the password of the person whose link it is, and uses the link up. Of many at once, one succeeds.
func (s *Service) SetPassword(ctx context.Context, token, password string) error {
	i, doors, err := s.linked(ctx, s.DB.Read(), "", sqlFindLink, secret.Digest(token), clock.Micros(s.Clock.Now()))
	if err != nil {
		return err
	}
	var wrong errs.Fields
	if err := s.CheckPassword(ctx, &wrong, "password", password, i.Email, names(doors)...); err != nil {
		return err
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	hash, err := s.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		i, doors, err := s.linked(ctx, tx, tx.Dialect().ForUpdate(), sqlUseLink, clock.Micros(s.Clock.Now()), secret.Digest(token))
		if err != nil {
			return err
		}
		call := access.From(ctx)
		call.Principal = doors[0].Principal
		return s.Save(access.With(ctx, call), tx, i, hash, Gift{}, "Password set through a one-time link")
	})
}

// PurgeLinks forgets links, and steps of signing in, that have expired.
func (s *Service) PurgeLinks(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now := clock.Micros(s.Clock.Now())
		if _, err := exec(ctx, tx, "purge links", sqlPurgeLinks, now); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "purge steps of signing in", sqlPurgeCeremonies, now)
		return err
	})
}
