package session

import (
	"context"
	"crypto/sha256"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Prefix begins the IDs of sessions at the API.
const Prefix = "ses"

// Info is a session as its person sees it. Times are microseconds since 1970.
type Info struct {
	ID        int64
	Member    identity.Member // as whom
	Customer  string          // of a contact
	IP        string          // from where it began
	Agent     string          // the browser, as it calls itself
	CreatedAt int64
	SeenAt    int64
	ExpiresAt int64
	This      bool
}

// Own is the sessions of whoever is signed in, by every door of theirs, the latest used first. token is the caller's own.
func (s *Service) Own(ctx context.Context, token string) ([]Info, error) {
	own, err := s.people.Own(ctx)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, own.Identity, identity.Member{}, token)
}

// OfStaff is the sessions of a staff user.
func (s *Service) OfStaff(ctx context.Context, staffID int64) ([]Info, error) {
	if _, err := s.staff.Get(ctx, staffID); err != nil {
		return nil, err
	}
	m := identity.Member{Kind: access.KindStaff, ID: staffID}
	who, err := s.people.ByMember(ctx, s.db.Read(), m)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, who, m, "")
}

// of is the sessions that live, of one member or of all.
func (s *Service) of(ctx context.Context, who identity.Identity, m identity.Member, token string) ([]Info, error) {
	now := clock.Micros(s.clock.Now())
	var rows []ownRow
	if err := s.db.Read().SelectContext(ctx, &rows, sqlOwnSessions, who.ID, now); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	doors, err := s.people.Doors(ctx, s.db.Read(), who)
	if err != nil {
		return nil, err
	}
	live := map[identity.Member]identity.Door{}
	for _, d := range doors {
		live[d.Person.Member] = d
	}
	mine := digest(sha256.Sum256([]byte(token)))
	out := []Info{}
	for _, r := range rows {
		at := identity.Member{Kind: access.Kind(r.Kind), ID: r.MemberID}
		d, ok := live[at]
		seen := max(r.SeenAt, s.cache.lastSeen(digest(r.Digest)))
		if !ok || d.Mark != r.Mark || now-seen >= s.options.Idle.Microseconds() || m != (identity.Member{}) && m != at {
			continue
		}
		out = append(out, Info{ID: r.ID, Member: at, Customer: d.CustomerName, IP: r.IP, Agent: r.Agent, CreatedAt: r.CreatedAt, SeenAt: seen, ExpiresAt: r.ExpiresAt,
			This: digest(r.Digest) == mine})
	}
	return out, nil
}

// EndOwn ends one session of whoever is signed in; not found when it is not theirs.
func (s *Service) EndOwn(ctx context.Context, sessionID int64) error {
	own, err := s.people.Own(ctx)
	if err != nil {
		return err
	}
	return s.end(ctx, own.Person, "Session ended by its person", func(tx *db.Tx) error {
		n, err := exec(ctx, tx, "end the session", sqlEndSession, sessionID, own.Identity.ID)
		if err == nil && n == 0 {
			return errs.NotFound("session")
		}
		return err
	})
}

// EndOthers ends every session of whoever is signed in but the one of this token.
func (s *Service) EndOthers(ctx context.Context, token string) error {
	own, err := s.people.Own(ctx)
	if err != nil {
		return err
	}
	mine := sha256.Sum256([]byte(token))
	return s.end(ctx, own.Person, "Every other session ended by its person", func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "end other sessions", sqlEndOthers, own.Identity.ID, mine[:])
		return err
	})
}

// EndOfStaff signs a staff user out everywhere, for whoever may act on them.
func (s *Service) EndOfStaff(ctx context.Context, staffID int64) error {
	if err := s.staff.MayAct(ctx, staffID); err != nil {
		return err
	}
	door, err := s.people.Door(ctx, s.db.Read(), identity.Member{Kind: access.KindStaff, ID: staffID})
	if err != nil {
		return err
	}
	return s.end(ctx, door.Person, "Signed out everywhere", func(tx *db.Tx) error {
		_, err := exec(ctx, tx, "end sessions", sqlEndOf, string(access.KindStaff), staffID, door.Identity.ID)
		return err
	})
}

func (s *Service) end(ctx context.Context, who identity.Person, message string, fn func(*db.Tx) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		tx.AfterCommit(s.cache.forget)
		return s.audit.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: who.Table, RowID: who.ID, RowName: who.Name, Message: message})
	})
}
