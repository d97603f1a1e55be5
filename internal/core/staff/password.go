package staff

import (
	"context"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/role"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

func member(staffID int64) identity.Member {
	return identity.Member{Kind: access.KindStaff, ID: staffID}
}

// keeper tells identity of the staff.
type keeper struct{ s *Service }

// Person is a staff user as signing in knows them.
func (k keeper) Person(ctx context.Context, q db.Q, staffID int64) (identity.Person, error) {
	a, err := one(ctx, q, sqlGet, staffID)
	if err != nil {
		return identity.Person{}, err
	}
	needs, err := role.RequiresSecond(ctx, q, a.Roles...)
	return identity.Person{Member: member(staffID), Name: a.Name, Email: a.Email, Epoch: a.Epoch, Active: a.Status == StatusActive, Principal: a.Principal(), Table: table, NeedsSecond: needs}, err
}

// MayGive is nil for whoever may make somebody like this staff user.
func (k keeper) MayGive(ctx context.Context, q db.Q, staffID int64) error {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return err
	}
	a, err := k.s.seen(ctx, q, sqlGet, staffID)
	if err != nil {
		return err
	}
	return role.MayGiveWithin(access.From(ctx).Principal, a.Permissions, a.Masks)
}

// notePasswords fills in who has a password.
func (s *Service) notePasswords(ctx context.Context, people []Staff) error {
	if len(people) == 0 {
		return nil
	}
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	with, err := s.people.Passwords(ctx, s.db.Read(), access.KindStaff, ids...)
	for i := range people {
		people[i].HasPassword = with[people[i].ID]
	}
	return err
}

// join makes a new staff user one of their address, with this password, if any.
func (s *Service) join(ctx context.Context, tx *db.Tx, made Staff, hash string) error {
	if err := s.joins(ctx, tx, made.Email); err != nil {
		return err
	}
	i, err := s.people.Attach(ctx, tx, member(made.ID), made.Email)
	if err != nil || hash == "" {
		return err
	}
	if err := s.people.MayGive(ctx, tx, i); err != nil { // the address may be a contact's too
		return err
	}
	return s.people.First(ctx, tx, i, hash)
}

// follow tells identity of a change: another address, or something that ends links.
func (s *Service) follow(ctx context.Context, tx *db.Tx, before, after Staff, ends bool) error {
	if before.Email != after.Email {
		if err := s.leaves(ctx, tx, before, after); err != nil {
			return err
		}
		if err := s.people.Rename(ctx, tx, member(after.ID), after.Email); err != nil {
			return err
		}
	}
	if !ends {
		return nil
	}
	i, err := s.people.ByMember(ctx, tx, member(after.ID))
	if err != nil {
		return err
	}
	return s.people.DropLinks(ctx, tx, i)
}

// Link makes a link, to be used once, by which a person sets a password; older ones end. It gives the token and when
// it expires.
func (s *Service) Link(ctx context.Context, staffID int64) (token string, expires time.Time, err error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return "", time.Time{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		a, err := s.open(ctx, tx, staffID, 0)
		if err != nil {
			return err
		}
		i, err := s.people.ByMember(ctx, tx, member(staffID))
		if err != nil {
			return err
		}
		if err := s.people.MayGive(ctx, tx, i); err != nil { // whoever sees the link could use it
			return err
		}
		if token, expires, err = s.link(ctx, tx, a, "One-time link to set a password made"); err != nil {
			return err
		}
		return s.audit.Record(ctx, tx, audit.Shown(table, a.ID, a.Name, "password_link"))
	})
	return token, expires, err
}

// link makes one for an active person in place of those there are.
func (s *Service) link(ctx context.Context, tx *db.Tx, a Account, message string) (token string, expires time.Time, err error) {
	if a.Status != StatusActive {
		return "", time.Time{}, errs.New(errs.KindConflict, "disabled", "%s is disabled and cannot set a password.", a.Name)
	}
	i, err := s.people.ByMember(ctx, tx, member(a.ID))
	if err != nil {
		return "", time.Time{}, err
	}
	if err := s.people.DropLinks(ctx, tx, i); err != nil {
		return "", time.Time{}, err
	}
	if token, expires, err = s.people.Link(ctx, tx, i, LinkLife); err != nil {
		return "", time.Time{}, err
	}
	return token, expires, s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: a.ID, RowName: a.Name,
		Message: message, Changes: []audit.Change{audit.Secret("password_link")}})
}

// ResetPassword sets a password from the command line, where the operator is the machine's owner.
func (s *Service) ResetPassword(ctx context.Context, email, password string) (Staff, error) {
	if err := access.Require(ctx, access.StaffWrite); err != nil {
		return Staff{}, err
	}
	a, err := s.AccountByEmail(ctx, email)
	if err != nil {
		return Staff{}, err
	}
	if err := (keeper{s}).MayGive(ctx, s.db.Read(), a.ID); err != nil {
		return Staff{}, err
	}
	var wrong errs.Fields
	if err := s.people.CheckPassword(ctx, &wrong, "password", password, a.Email, a.Name); err != nil {
		return Staff{}, err
	}
	if err := wrong.Err(); err != nil {
		return Staff{}, err
	}
	hash, err := s.people.Hash(ctx, password)
	if err != nil {
		return Staff{}, err
	}
	return a.Staff, s.db.Write(ctx, func(tx *db.Tx) error {
		i, err := s.people.ByMember(ctx, tx, member(a.ID))
		if err != nil {
			return err
		}
		return s.people.Save(ctx, tx, i, hash, identity.Gift{Given: true}, "Password reset")
	})
}

// MayAct is nil when the caller may act on this person: write staff, and do all that the person may.
func (s *Service) MayAct(ctx context.Context, staffID int64) error {
	return keeper{s}.MayGive(ctx, s.db.Read(), staffID)
}

// ResetSecond takes a person's second factors away when they have lost them; everything that they have signed in to ends.
func (s *Service) ResetSecond(ctx context.Context, staffID int64) error {
	if err := s.MayAct(ctx, staffID); err != nil {
		return err
	}
	return s.people.ResetSecond(ctx, member(staffID))
}
