package session

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/identity"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Vouched is a staff user of whom a sign-in provider says that it is they.
type Vouched struct {
	StaffID    int64
	ProviderID int64
	Provider   string        // what it is called
	Proved     bool          // it asked for a second factor, and its word counts
	Life       time.Duration // of the session; 0: as all
	Agent      string
}

const (
	vouching = "vouched"
	// justNow is how long ago somebody without password may have come, who changes how they sign in.
	justNow = 15 * time.Minute
)

// VouchedOnly says when staff come in by a sign-in provider alone. Call it while the program is put together.
func (s *Service) VouchedOnly(only func(context.Context) (bool, error)) { s.vouched = only }

// notVouched is the doors that are open without a provider's word: when staff need one, those of contacts, and of whom
// may sign in with a password all the same.
func (s *Service) notVouched(ctx context.Context, doors []identity.Door) ([]identity.Door, error) {
	if s.vouched == nil {
		return doors, nil
	}
	only, err := s.vouched(ctx)
	if err != nil || !only {
		return doors, err
	}
	doors = slices.DeleteFunc(doors, func(d identity.Door) bool {
		return d.Person.Kind == access.KindStaff && !slices.Contains(d.Principal.Permissions, access.StaffPassword)
	})
	if len(doors) == 0 {
		return nil, errs.New(errs.KindUnauthorized, "provider_only", "Staff sign in through a sign-in provider here.")
	}
	return doors, nil
}

// ByProvider begins a session for a staff user whom a provider vouches for; or gives a ticket when the code of their
// authenticator app is asked for. also is done in either case. Not found when they may not sign in.
func (s *Service) ByProvider(ctx context.Context, v Vouched, also func(*db.Tx) error) (Started, error) {
	door, err := s.people.Door(ctx, s.db.Read(), identity.Member{Kind: access.KindStaff, ID: v.StaffID})
	if err != nil {
		return Started{}, err
	}
	switch {
	case !v.Proved && door.TOTP:
		return s.askVouched(ctx, door, v, also)
	case !v.Proved && door.NeedsSecond && door.Keys > 0:
		return Started{}, passkeyRequired()
	}
	return s.startVouched(ctx, door, v, also)
}

func (s *Service) startVouched(ctx context.Context, door identity.Door, v Vouched, also func(*db.Tx) error) (Started, error) {
	door.ProviderID, door.Proved = v.ProviderID, v.Proved
	life := s.options.Absolute
	if v.Life > 0 {
		life = min(life, v.Life)
	}
	return s.startFor(ctx, life, door, v.Agent, also)
}

func (s *Service) askVouched(ctx context.Context, door identity.Door, v Vouched, also func(*db.Tx) error) (Started, error) {
	if err := s.db.Write(ctx, also); err != nil {
		return Started{}, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return Started{}, fmt.Errorf("keep whom a provider vouches for: %w", err)
	}
	out := Started{Second: true}
	out.Ticket, err = s.people.Ticket(ctx, vouching, door.Identity.ID, string(text), chooseLife)
	return out, err
}

// SecondOfProvider begins the session of whom a provider vouched for, with the code of their authenticator app. A wrong
// one counts as a wrong password does, and begins all over.
func (s *Service) SecondOfProvider(ctx context.Context, ticket, otp, agent string) (Started, error) {
	call := access.From(ctx)
	_, text, err := s.people.UseTicket(ctx, vouching, ticket)
	if err != nil {
		return Started{}, err
	}
	var v Vouched
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return Started{}, fmt.Errorf("read whom a provider vouches for: %w", err)
	}
	v.Agent = agent
	door, err := s.people.Door(ctx, s.db.Read(), identity.Member{Kind: access.KindStaff, ID: v.StaffID})
	if errs.IsKind(err, errs.KindNotFound) {
		return Started{}, wrongCredentials()
	}
	if err != nil {
		return Started{}, err
	}
	keys := counters(door.Identity.Email, call.IP)
	if err := s.begin(ctx, keys, door.Identity.Email); err != nil {
		return Started{}, err
	}
	return s.startVouched(ctx, door, v, func(tx *db.Tx) error {
		if err := s.useSecond(ctx, tx, door.Identity, otp); err != nil {
			return err
		}
		return s.forgive(ctx, tx, keys)
	})
}

// justVouched is nil when this session was begun by a provider just now.
func (s *Service) justVouched(ctx context.Context, token string) error {
	var r sessionRow
	err := s.db.Read().GetContext(ctx, &r, sqlGetSession, Digest(token))
	if err == nil && r.ProviderID != 0 && clock.Micros(s.clock.Now())-r.CreatedAt < justNow.Microseconds() {
		return nil
	}
	return errs.New(errs.KindForbidden, "sign_in_again", "You have no password to show that it is you. Sign out, sign in again, and do it within a quarter of an hour.")
}

// EndOfProvider ends the sessions that began by a provider: of one staff user, or of all when staffID is 0.
func (s *Service) EndOfProvider(ctx context.Context, tx *db.Tx, providerID, staffID int64) error {
	tx.AfterCommit(s.cache.forget)
	_, err := exec(ctx, tx, "end sessions of a provider", sqlEndProvider, providerID, staffID)
	return err
}
