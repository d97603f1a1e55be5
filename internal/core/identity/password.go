package identity

import (
	"context"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Hash is a password as it is kept.
func (s *Service) Hash(ctx context.Context, password string) (string, error) {
	return s.Hasher.Hash(ctx, password)
}

// Verify tells whether the password is the identity's at present. An identity without one takes as long.
func (s *Service) Verify(ctx context.Context, i Identity, password string) (bool, error) {
	right, err := s.Hasher.Verify(ctx, i.PasswordHash, password)
	late := i.PasswordUntil != 0 && clock.Micros(s.Clock.Now()) >= i.PasswordUntil
	return right && !late, err
}

// Gift is a password that somebody else than its owner sets. The zero value is one that the owner sets.
type Gift struct {
	Given      bool
	MustChange bool
	Until      time.Time // when it ends unless it was changed; zero: never
}

func (s *Service) store(ctx context.Context, tx *db.Tx, i Identity, hash string, g Gift) error {
	until := int64(0)
	if !g.Until.IsZero() {
		until = clock.Micros(g.Until)
	}
	n, err := exec(ctx, tx, "set the password", sqlSetPassword, hash, db.Bit(g.Given), db.Bit(g.MustChange), until, clock.Micros(s.Clock.Now()), i.ID, i.Epoch)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.Stale(nil)
	}
	s.Changed(tx)
	return nil
}

// Save sets a password in the transaction of its cause, tells the person when they had another one, and writes it down
// for each door it opens.
func (s *Service) Save(ctx context.Context, tx *db.Tx, i Identity, hash string, g Gift, message string) error {
	if err := s.store(ctx, tx, i, hash, g); err != nil {
		return err
	}
	doors, err := s.Doors(ctx, tx, i)
	if err != nil {
		return err
	}
	if i.PasswordHash != "" {
		if err := s.tellChanged(ctx, tx, doors); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, doors, message, audit.Secret("password"))
}

func (s *Service) record(ctx context.Context, tx *db.Tx, doors []Door, message string, changes ...audit.Change) error {
	if len(doors) == 0 {
		return nil
	}
	entries := make([]audit.Entry, len(doors))
	for n, d := range doors {
		entries[n] = audit.Entry{Action: audit.ActionUpdate, Table: d.Table, RowID: d.Person.ID, RowName: d.Name, Message: message, Changes: changes}
	}
	return s.Audit.Record(ctx, tx, entries...)
}

func names(doors []Door) []string {
	var out []string
	for _, d := range doors {
		out = append(out, d.Name, d.CustomerName)
	}
	return out
}

// ChangePassword changes a person's own password, who says the present one. Every session of theirs ends.
func (s *Service) ChangePassword(ctx context.Context, current, next string) error {
	d, err := s.Own(ctx)
	if err != nil {
		return err
	}
	ok, err := s.Verify(ctx, d.Identity, current)
	if err != nil {
		return err
	}
	var wrong errs.Fields
	if !ok {
		wrong.Add("current", "wrong_password", "This is not your present password.")
	}
	if err := s.CheckPassword(ctx, &wrong, "new", next, d.Identity.Email, d.Name, d.CustomerName); err != nil {
		return err
	}
	if ok && next == current {
		wrong.Add("new", "same", "Take another password than the present one.")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	hash, err := s.Hash(ctx, next)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.Save(ctx, tx, d.Identity, hash, Gift{}, "Password changed") })
}

// Own is the caller's own door: a person's, who signed in.
func (s *Service) Own(ctx context.Context) (Door, error) {
	p := access.From(ctx).Principal
	if p.Kind != access.KindStaff && p.Kind != access.KindContact {
		return Door{}, errs.New(errs.KindForbidden, "forbidden", "Only a person who signed in has a password.")
	}
	d, err := s.Door(ctx, s.DB.Read(), Member{p.Kind, p.ID})
	if errs.IsKind(err, errs.KindNotFound) {
		return d, errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
	}
	return d, err
}

// MayGive is nil when the caller may set the password of an identity by hand: when they may act on everybody it signs in.
func (s *Service) MayGive(ctx context.Context, q db.Q, i Identity) error {
	rows, err := members(ctx, q, i.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		k := s.keepers[access.Kind(r.Kind)]
		if k == nil {
			return mailedOnly()
		}
		err := k.MayGive(ctx, q, r.ID)
		if errs.IsKind(err, errs.KindForbidden) || errs.IsKind(err, errs.KindNotFound) || errs.IsKind(err, errs.KindUnauthorized) {
			return mailedOnly()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func mailedOnly() error {
	return errs.New(errs.KindForbidden, "link_only", "This address signs in elsewhere too, where you may not set a password. Mail a one-time link instead.")
}

// First sets the password of somebody who is just being made, whose making is written down and told elsewhere.
func (s *Service) First(ctx context.Context, tx *db.Tx, i Identity, hash string) error {
	return s.store(ctx, tx, i, hash, Gift{Given: true})
}
