package session

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
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
	people  *identity.Service
	options Options
	cache   *cache
	vouched func(context.Context) (bool, error) // staff come in by a provider alone; nil: they do not
	tokens  *list.Engine
	forgot  chan forgotten
	here    func(context.Context, []identity.Door) ([]identity.Door, error) // nil: everybody, at every address
}

// New gives the service. It hears from staff and people of every change that ends what somebody signed in to.
func New(d *db.DB, c clock.Clock, ids *id.Source, log *audit.Log, workers *staff.Service, people *identity.Service, o Options) *Service {
	if o.Idle == 0 {
		o.Idle = 12 * time.Hour
	}
	if o.Absolute == 0 {
		o.Absolute = 7 * 24 * time.Hour
	}
	s := &Service{db: d, clock: c, ids: ids, audit: log, staff: workers, people: people, options: o, cache: newCache(), tokens: tokenLister(d), forgot: make(chan forgotten, maxForgotten)}
	workers.OnChange(s.cache.forget)
	people.OnChange(s.cache.forget)
	return s
}

// OpenHere says by which doors people may come in at the address that the call names. Call it while the program is put
// together.
func (s *Service) OpenHere(fn func(context.Context, []identity.Door) ([]identity.Door, error)) {
	s.here = fn
}

// Credentials is what somebody says to sign in.
type Credentials struct {
	Email    string
	Password string
	// As is which of the person's doors they want to come in by; the zero value: the only one there is.
	As    identity.Member
	OTP   string // of the person's authenticator app, or a recovery code; empty: not asked for yet
	Agent string // the browser, as it calls itself
}

// Started is a session that has just begun; or the doors that there are, when one has to be chosen, and no session. The
// token is known to nobody else and is not kept.
type Started struct {
	Token  string
	Until  time.Time
	Person identity.Person
	// Principal is who acts from now on.
	Principal access.Principal
	Choices   []identity.Person
	Ticket    string // to choose with, when what was said cannot be said twice
	Second    bool   // the code of an authenticator app is asked for, with the ticket
}

// maxAgent is how much of a browser's name is kept.
const maxAgent = 300

func wrongCredentials() error {
	return errs.New(errs.KindUnauthorized, "wrong_credentials", "The e-mail address or the password is wrong.")
}

// SignIn begins a session for the person with this e-mail address and password. Whatever is wrong, the answer and the
// time it takes are the same.
func (s *Service) SignIn(ctx context.Context, c Credentials) (Started, error) {
	call := access.From(ctx)
	keys := counters(c.Email, call.IP)
	if err := s.begin(ctx, keys, c.Email); err != nil {
		return Started{}, err
	}
	who, err := s.people.ByEmail(ctx, c.Email)
	if err != nil && !errs.IsKind(err, errs.KindNotFound) {
		return Started{}, err
	}
	right, err := s.people.Verify(ctx, who, c.Password)
	if err != nil {
		return Started{}, err
	}
	if !right {
		return Started{}, s.refused(ctx, who, c.Email, whyWrong(who), wrongCredentials())
	}
	out, err := s.verified(ctx, who, c, keys)
	if err != nil {
		err = s.noteRefusal(ctx, who, c.Email, err)
	}
	return out, err
}

// verified goes on with a sign-in whose password was right.
func (s *Service) verified(ctx context.Context, who identity.Identity, c Credentials, keys [2]string) (Started, error) {
	if err := s.second(ctx, who, c.OTP, keys); err != nil {
		return Started{}, err
	}
	doors, err := s.open(ctx, who, access.From(ctx).IP)
	if err != nil {
		return Started{}, err
	}
	door, choose, err := chosen(doors, c.As)
	if err != nil {
		return Started{}, err
	}
	if choose {
		return Started{Choices: people(doors)}, s.db.Write(ctx, func(tx *db.Tx) error { return s.takeBack(ctx, tx, keys) })
	}
	if err := s.passkeyFirst(ctx, door, keys); err != nil {
		return Started{}, err
	}
	return s.start(ctx, door, c.Agent, func(tx *db.Tx) error {
		if err := s.useSecond(ctx, tx, who, c.OTP); err != nil {
			return err
		}
		return s.forgive(ctx, tx, keys)
	})
}

// open is the doors that the person may come in by from this address.
func (s *Service) open(ctx context.Context, who identity.Identity, ip string) ([]identity.Door, error) {
	doors, err := s.people.Doors(ctx, s.db.Read(), who)
	if err != nil {
		return nil, err
	}
	doors = slices.DeleteFunc(doors, func(d identity.Door) bool { return !d.Person.From(ip) })
	if s.here != nil {
		if doors, err = s.here(ctx, doors); err != nil {
			return nil, err
		}
	}
	if len(doors) == 0 {
		return nil, wrongCredentials()
	}
	return s.notVouched(ctx, doors)
}

// chosen is the door that was asked for, or the only one; or it says that one has to be chosen.
func chosen(doors []identity.Door, as identity.Member) (door identity.Door, choose bool, err error) {
	if as == (identity.Member{}) {
		return doors[0], len(doors) > 1, nil
	}
	for _, d := range doors {
		if d.Person.Member == as {
			return d, false, nil
		}
	}
	return identity.Door{}, false, wrongCredentials()
}

func people(doors []identity.Door) []identity.Person {
	out := make([]identity.Person, len(doors))
	for i, d := range doors {
		out[i] = d.Person
	}
	return out
}

// Start begins a session for a staff user who has proved otherwise who they are: by the set-up link.
func (s *Service) Start(ctx context.Context, staffID int64) (Started, error) {
	return s.StartAs(ctx, identity.Member{Kind: access.KindStaff, ID: staffID}, "")
}

// StartAs begins a session for a member who has proved otherwise who they are.
func (s *Service) StartAs(ctx context.Context, m identity.Member, agent string) (Started, error) {
	door, err := s.people.Door(ctx, s.db.Read(), m)
	if err != nil {
		return Started{}, err
	}
	return s.start(ctx, door, agent, func(*db.Tx) error { return nil })
}

// ChangePassword changes the caller's own password and begins a session in place of those that end with the old one.
// Wrong tries are counted as those of signing in are.
func (s *Service) ChangePassword(ctx context.Context, current, next, agent string) (Started, error) {
	call := access.From(ctx)
	keys := counters("change:"+call.Principal.Key(), call.IP)
	if err := s.begin(ctx, keys); err != nil {
		return Started{}, err
	}
	if err := s.people.ChangePassword(ctx, current, next); err != nil {
		return Started{}, s.notePassword(ctx, err)
	}
	door, err := s.people.Own(ctx)
	if err != nil {
		return Started{}, err
	}
	return s.start(ctx, door, agent, func(tx *db.Tx) error { return s.forgive(ctx, tx, keys) })
}

func (s *Service) start(ctx context.Context, door identity.Door, agent string, also func(*db.Tx) error) (Started, error) {
	return s.startFor(ctx, s.options.Absolute, door, agent, also)
}

func (s *Service) startFor(ctx context.Context, life time.Duration, door identity.Door, agent string, also func(*db.Tx) error) (Started, error) {
	now := s.clock.Now()
	out := Started{Token: secret.Token(), Until: now.Add(life), Person: door.Person, Principal: s.people.Principal(door)}
	call := access.From(ctx)
	call.Principal, call.Once = out.Principal, nil
	m := door.Person.Member
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "begin the session", sqlInsertSession, secret.Digest(out.Token), s.ids.Next(), door.Identity.ID, string(m.Kind), m.ID, door.Mark,
			call.IP, printable(agent), clock.Micros(now), clock.Micros(out.Until), door.ProviderID, db.Bit(door.Proved))
		if err != nil {
			return err
		}
		if err := s.seen(ctx, tx, m, clock.Micros(now)); err != nil {
			return err
		}
		return s.audit.Record(access.With(ctx, call), tx, audit.Entry{Action: audit.ActionLogin, Table: door.Table, RowID: m.ID,
			RowName: door.Name, Message: "Signed in"})
	})
	return out, err
}

// printable is a browser's name as it may be kept.
func printable(agent string) string {
	agent = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, agent)
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	return agent
}

// seen notes when a member was last here, of staff.
func (s *Service) seen(ctx context.Context, tx *db.Tx, m identity.Member, at int64) error {
	if m.Kind != access.KindStaff {
		return nil
	}
	return s.staff.Seen(ctx, tx, m.ID, at)
}

// Session is who a session token belongs to; unauthorized when to nobody, or no longer, or not from where the context's
// call comes.
func (s *Service) Session(ctx context.Context, token string) (access.Principal, error) {
	return s.Bound(ctx, Digest(token))
}

// Digest is what is kept of a session's token: what hangs on a session is bound to it.
func Digest(token string) []byte { return secret.Digest(token) }

// Bound is whose session it is that has this digest, as Session is of its token.
func (s *Service) Bound(ctx context.Context, of []byte) (access.Principal, error) {
	if len(of) != sha256.Size {
		return access.Principal{}, ended()
	}
	d := digest(of)
	now := clock.Micros(s.clock.Now())
	f, generation := s.cache.get(d, now)
	if f == nil {
		var err error
		if f, err = s.look(ctx, d, now); err != nil {
			return access.Principal{}, err
		}
		s.cache.put(d, f, generation)
	}
	if !f.person.From(access.From(ctx).IP) {
		return access.Principal{}, ended()
	}
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
	door, err := s.people.Door(ctx, s.db.Read(), identity.Member{Kind: access.Kind(r.Kind), ID: r.MemberID})
	if errs.IsKind(err, errs.KindNotFound) || err == nil && door.Mark != r.Mark {
		return nil, ended()
	}
	if err != nil {
		return nil, err
	}
	door.ProviderID, door.Proved = r.ProviderID, r.Proved == 1
	f := &finding{principal: s.people.Principal(door), person: door.Person, checkedAt: now, validTo: r.ExpiresAt}
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
	return s.seen(ctx, tx, f.person.Member, at)
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
