package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/notify"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

// Options is what the service is made of.
type Options struct {
	DB     *db.DB
	Clock  clock.Clock
	IDs    *id.Source
	Audit  *audit.Log
	Hasher *secret.Hasher
	Box    *secret.Box
	// Operator is what the operator is called; nil: nobody knows.
	Operator func(context.Context) (string, error)
}

// Service is the use cases. Safe for concurrent use once Register, OnChange and Mails are no longer called.
type Service struct {
	Options
	keepers map[access.Kind]Keeper
	changed []func()
	mail    *notify.Service // nil until Mails
}

// New gives the service.
func New(o Options) *Service { return &Service{Options: o, keepers: map[access.Kind]Keeper{}} }

// Register says who knows the members of a kind. Call it while the program is put together.
func (s *Service) Register(kind access.Kind, k Keeper) { s.keepers[kind] = k }

// OnChange registers what runs in this process after something was changed that ends sessions, such as emptying a cache.
// Call it while the program is put together.
func (s *Service) OnChange(fn func()) { s.changed = append(s.changed, fn) }

// Changed runs what was registered by OnChange when tx is committed.
func (s *Service) Changed(tx *db.Tx) {
	tx.AfterCommit(func() {
		for _, fn := range s.changed {
			fn()
		}
	})
}

// person is a member, whoever asks.
func (s *Service) person(ctx context.Context, q db.Q, m Member) (Person, error) {
	k := s.keepers[m.Kind]
	if k == nil {
		return Person{}, errs.NotFound("person")
	}
	call := access.From(ctx)
	call.Principal = access.System("sign-in")
	return k.Person(access.With(ctx, call), q, m.ID)
}

// Doors is every active member of an identity: staff first, then contacts, the oldest first.
func (s *Service) Doors(ctx context.Context, q db.Q, i Identity) ([]Door, error) {
	return s.doors(ctx, q, i, false)
}

// All is Doors with those members too that may not sign in: for the audit, which tells who was meant.
func (s *Service) All(ctx context.Context, q db.Q, i Identity) ([]Door, error) {
	return s.doors(ctx, q, i, true)
}

func (s *Service) doors(ctx context.Context, q db.Q, i Identity, shut bool) ([]Door, error) {
	rows, err := members(ctx, q, i.ID)
	if err != nil {
		return nil, err
	}
	var out []Door
	for _, r := range rows {
		p, err := s.person(ctx, q, r.member())
		if errs.IsKind(err, errs.KindNotFound) || err == nil && !p.Active && !shut {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Door{Identity: i, Person: p, Mark: mark(i, r.Epoch, p.Epoch)})
	}
	return out, nil
}

// Door is an active member with its identity; not found when it may not sign in.
func (s *Service) Door(ctx context.Context, q db.Q, m Member) (Door, error) {
	i, err := s.ByMember(ctx, q, m)
	if err != nil {
		return Door{}, err
	}
	var epoch int64
	err = q.GetContext(ctx, &epoch, sqlMemberEpoch, string(m.Kind), m.ID, i.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return Door{}, errs.NotFound("person")
	}
	if err != nil {
		return Door{}, fmt.Errorf("read as who a person signs in: %w", err)
	}
	p, err := s.person(ctx, q, m)
	if err == nil && !p.Active {
		err = errs.NotFound("person")
	}
	return Door{Identity: i, Person: p, Mark: mark(i, epoch, p.Epoch)}, err
}

// Principal is who acts by this door, held back while there is something to do first.
func (s *Service) Principal(d Door) access.Principal { return d.principal() }

// ByMember is the identity of a member; not found when it cannot sign in.
func (s *Service) ByMember(ctx context.Context, q db.Q, m Member) (Identity, error) {
	return one(ctx, q, sqlByMember, string(m.Kind), m.ID)
}

// ByEmail is the identity of an address. It asks for no permission: the caller is not known yet.
func (s *Service) ByEmail(ctx context.Context, email string) (Identity, error) {
	return one(ctx, s.DB.Read(), sqlByEmail, Key(email))
}

// AtAddress is ByEmail, as q sees it.
func (s *Service) AtAddress(ctx context.Context, q db.Q, email string) (Identity, error) {
	return one(ctx, q, sqlByEmail, Key(email))
}

// Passwords tells which of the members of a kind have a password.
func (s *Service) Passwords(ctx context.Context, q db.Q, kind access.Kind, memberIDs ...int64) (map[int64]bool, error) {
	var with []int64
	if err := q.SelectContext(ctx, &with, fmt.Sprintf(sqlPasswords, db.IDList(memberIDs)), string(kind)); err != nil {
		return nil, fmt.Errorf("look who has a password: %w", err)
	}
	out := map[int64]bool{}
	for _, n := range with {
		out[n] = true
	}
	return out, nil
}

// Attach makes a member one of its address, and keeps the identity from others until the end of tx. A member of another
// address leaves that one. A staff user who comes to an identity that is there already finds it without password: what
// others have proved or given opens no staff user's door.
func (s *Service) Attach(ctx context.Context, tx *db.Tx, m Member, email string) (Identity, error) {
	before, err := s.ByMember(ctx, tx, m)
	if err != nil && !errs.IsKind(err, errs.KindNotFound) {
		return Identity{}, err
	}
	if err == nil && Key(before.Email) == Key(email) {
		return locked(ctx, tx, before.ID)
	}
	if err == nil {
		if err := s.Detach(ctx, tx, m); err != nil {
			return Identity{}, err
		}
	}
	now := clock.Micros(s.Clock.Now())
	fresh := s.IDs.Next()
	var identityID int64
	if err := tx.GetContext(ctx, &identityID, sqlJoin, fresh, email, Key(email), now); err != nil {
		return Identity{}, fmt.Errorf("find the person of an address: %w", err)
	}
	if _, err := exec(ctx, tx, "note as who a person may sign in", sqlInsertMember, string(m.Kind), m.ID, identityID, now); err != nil {
		return Identity{}, err
	}
	i, err := locked(ctx, tx, identityID)
	if err != nil || identityID == fresh || m.Kind != access.KindStaff {
		return i, err
	}
	return s.wipe(ctx, tx, i)
}

// wipe takes away everything by which the person proves who they are.
func (s *Service) wipe(ctx context.Context, tx *db.Tx, i Identity) (Identity, error) {
	if err := errors.Join(s.DropLinks(ctx, tx, i), s.dropSecond(ctx, tx, i.ID)); err != nil {
		return i, err
	}
	if err := s.store(ctx, tx, i, "", Gift{}); err != nil {
		return i, err
	}
	return locked(ctx, tx, i.ID)
}

// Rename follows a staff user to another address. The person keeps their password; contacts of the former address, who
// are this person no more, have to be let in anew. An identity that has the new address already is joined as by Attach.
func (s *Service) Rename(ctx context.Context, tx *db.Tx, m Member, email string) error {
	i, err := s.ByMember(ctx, tx, m)
	if err != nil {
		return err
	}
	if Key(i.Email) == Key(email) {
		_, err := exec(ctx, tx, "spell an address", sqlRename, email, Key(email), clock.Micros(s.Clock.Now()), i.ID)
		return err
	}
	_, err = one(ctx, tx, sqlByEmail, Key(email))
	if err == nil {
		_, err = s.Attach(ctx, tx, m, email)
		return err
	}
	if !errs.IsKind(err, errs.KindNotFound) {
		return err
	}
	if _, err := locked(ctx, tx, i.ID); err != nil {
		return err
	}
	if _, err := exec(ctx, tx, "end other memberships", sqlOthers, i.ID, string(m.Kind), m.ID); err != nil {
		return err
	}
	if err := s.DropLinks(ctx, tx, i); err != nil {
		return err
	}
	s.Changed(tx)
	_, err = exec(ctx, tx, "change an address", sqlRename, email, Key(email), clock.Micros(s.Clock.Now()), i.ID)
	return err
}

// Detach ends a membership: whoever is signed in as this member is so no more. An identity that nothing is left of is
// forgotten.
func (s *Service) Detach(ctx context.Context, tx *db.Tx, m Member) error {
	i, err := s.ByMember(ctx, tx, m)
	if errs.IsKind(err, errs.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := locked(ctx, tx, i.ID); err != nil {
		return err
	}
	if _, err := exec(ctx, tx, "end a membership", sqlDeleteMember, string(m.Kind), m.ID); err != nil {
		return err
	}
	s.Changed(tx)
	left, err := members(ctx, tx, i.ID)
	if err != nil || len(left) > 0 {
		return err
	}
	if err := errors.Join(s.DropLinks(ctx, tx, i), s.dropSecond(ctx, tx, i.ID)); err != nil {
		return err
	}
	_, err = exec(ctx, tx, "forget a person", sqlForget, i.ID)
	return err
}

// End ends what these members have signed in to, and their links; they may sign in anew when they may at all.
func (s *Service) End(ctx context.Context, tx *db.Tx, kind access.Kind, memberIDs ...int64) error {
	if len(memberIDs) == 0 {
		return nil
	}
	s.Changed(tx)
	_, err := exec(ctx, tx, "end sessions", fmt.Sprintf(sqlEnd, db.IDList(memberIDs)), string(kind))
	return err
}
