package session

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

// Options says how long sessions live.
type Options struct {
	Idle     time.Duration // without a request; 0 means 12 hours
	Absolute time.Duration // altogether; 0 means 7 days
}

// Service is the use cases. Safe for concurrent use.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	ids     *id.Source
	audit   *audit.Log
	staff   *staff.Service
	hasher  *secret.Hasher
	options Options
	cache   *cache
	tokens  *list.Engine
	forgot  chan forgotten
}

// New gives the service. It hears from people of every change that ends what they signed in to.
func New(d *db.DB, c clock.Clock, ids *id.Source, log *audit.Log, people *staff.Service, hasher *secret.Hasher, o Options) *Service {
	if o.Idle == 0 {
		o.Idle = 12 * time.Hour
	}
	if o.Absolute == 0 {
		o.Absolute = 7 * 24 * time.Hour
	}
	s := &Service{db: d, clock: c, ids: ids, audit: log, staff: people, hasher: hasher, options: o, cache: newCache(), tokens: tokenLister(d), forgot: make(chan forgotten, maxForgotten)}
	people.OnChange(s.cache.forget)
	return s
}

// Started is a session that has just begun. The token is known to nobody else and is not kept.
type Started struct {
	Token string
	Until time.Time
	Staff staff.Staff
	// Principal is who acts from now on.
	Principal access.Principal
}

// SignIn begins a session for the person with this e-mail address and password. Whatever is wrong, the answer and the
// time it takes are the same.
func (s *Service) SignIn(ctx context.Context, email, password string) (Started, error) {
	call := access.From(ctx)
	keys := counters(email, call.IP)
	if err := s.begin(ctx, keys); err != nil {
		return Started{}, err
	}
	account, err := s.staff.AccountByEmail(ctx, email)
	if err != nil && !errs.IsKind(err, errs.KindNotFound) {
		return Started{}, err
	}
	right, err := s.hasher.Verify(ctx, account.PasswordHash, password)
	if err != nil {
		return Started{}, err
	}
	if !right || account.Status != staff.StatusActive {
		return Started{}, errs.New(errs.KindUnauthorized, "wrong_credentials", "The e-mail address or the password is wrong.")
	}
	return s.start(ctx, account, func(tx *db.Tx) error { return s.forgive(ctx, tx, keys) })
}

// Start begins a session for a person who has proved otherwise who they are: by the set-up link, or by their present
// password.
func (s *Service) Start(ctx context.Context, staffID int64) (Started, error) {
	account, err := s.staff.Account(ctx, staffID)
	if err != nil {
		return Started{}, err
	}
	return s.start(ctx, account, func(*db.Tx) error { return nil })
}

// ChangePassword changes the caller's own password and begins a session in place of those that end with the old one.
// Wrong tries are counted as those of signing in are.
func (s *Service) ChangePassword(ctx context.Context, current, next string) (Started, error) {
	call := access.From(ctx)
	keys := counters("change:"+call.Principal.Key(), call.IP)
	if err := s.begin(ctx, keys); err != nil {
		return Started{}, err
	}
	if err := s.staff.ChangePassword(ctx, current, next); err != nil {
		return Started{}, err
	}
	account, err := s.staff.Account(ctx, call.Principal.ID)
	if err != nil {
		return Started{}, err
	}
	return s.start(ctx, account, func(tx *db.Tx) error { return s.forgive(ctx, tx, keys) })
}

func (s *Service) start(ctx context.Context, account staff.Account, also func(*db.Tx) error) (Started, error) {
	now := s.clock.Now()
	out := Started{Token: secret.Token(), Until: now.Add(s.options.Absolute), Staff: account.Staff, Principal: account.Principal()}
	call := access.From(ctx)
	call.Principal, call.Once = out.Principal, nil
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "begin the session", sqlInsertSession, secret.Digest(out.Token), account.ID, account.Epoch, call.IP,
			clock.Micros(now), clock.Micros(out.Until))
		if err != nil {
			return err
		}
		if err := s.staff.Seen(ctx, tx, account.ID, clock.Micros(now)); err != nil {
			return err
		}
		return s.audit.Record(access.With(ctx, call), tx, audit.Entry{Action: audit.ActionLogin, Table: "staff", RowID: account.ID,
			RowName: account.Name, Message: "Signed in"})
	})
	return out, err
}

// Session is who a session token belongs to; unauthorized when to nobody, or no longer.
func (s *Service) Session(ctx context.Context, token string) (access.Principal, error) {
	d := digest(sha256.Sum256([]byte(token)))
	now := clock.Micros(s.clock.Now())
	f, generation := s.cache.get(d, now)
	if f != nil {
		return f.principal, nil
	}
	f, err := s.look(ctx, d, now)
	if err != nil {
		return access.Principal{}, err
	}
	s.cache.put(d, f, generation)
	return f.principal, nil
}

func ended() error {
	return errs.New(errs.KindUnauthorized, "not_signed_in", "Sign in first.")
}

func (s *Service) look(ctx context.Context, d digest, now int64) (*finding, error) {
	var r sessionRow
	err := s.db.Read().GetContext(ctx, &r, sqlGetSession, d[:])
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ended()
	}
	if err != nil {
		return nil, fmt.Errorf("read the session: %w", err)
	}
	seen := r.SeenAt
	if last := s.cache.lastSeen(d); last > seen {
		seen = last // not yet told to the database
	}
	if now >= r.ExpiresAt || now-seen >= s.options.Idle.Microseconds() {
		return nil, ended()
	}
	account, err := s.staff.Account(ctx, r.StaffID)
	if errs.IsKind(err, errs.KindNotFound) || err == nil && (account.Status != staff.StatusActive || account.Epoch != r.Epoch) {
		return nil, ended()
	}
	if err != nil {
		return nil, err
	}
	f := &finding{principal: account.Principal(), staffID: account.ID, checkedAt: now, validTo: r.ExpiresAt}
	f.seenAt.Store(now)
	f.flushedAt.Store(r.SeenAt)
	return f, nil
}

// SignOut ends a session. One that is not there has ended already.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(s.cache.forget)
		_, err := exec(ctx, tx, "end the session", sqlDeleteSession, secret.Digest(token))
		return err
	})
}

// Flush tells the database when sessions and tokens were last used. It is called every half minute and at the end.
func (s *Service) Flush(ctx context.Context) error {
	used := s.cache.used()
	if len(used) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		for d, f := range used {
			if err := s.flush(ctx, tx, d, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) flush(ctx context.Context, tx *db.Tx, d digest, f *finding) error {
	at := f.seenAt.Load()
	tx.AfterCommit(func() { f.flushedAt.Store(at) })
	if f.rowID != 0 {
		_, err := exec(ctx, tx, "note the use of a token", sqlSeenToken, at, f.rowID)
		return err
	}
	if _, err := exec(ctx, tx, "note the use of a session", sqlSeenSession, at, d[:]); err != nil {
		return err
	}
	return s.staff.Seen(ctx, tx, f.staffID, at)
}

// Purge forgets sessions that have expired, and failed tries that no longer count.
func (s *Service) Purge(ctx context.Context) error {
	now := s.clock.Now()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := exec(ctx, tx, "purge sessions", sqlPurgeSessions, clock.Micros(now)); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "purge failed tries", sqlPurgeFailures, clock.Micros(now.Add(-forgetAfter)))
		return err
	})
}
