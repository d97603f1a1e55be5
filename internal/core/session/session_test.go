package session_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

const good = "a long enough one"

type house struct {
	t        *testing.T
	db       *db.DB
	clock    *clock.Manual
	staff    *staff.Service
	people   *identity.Service
	sessions *session.Service
	admin    staff.Staff
}

// newNode is one more process on the same database.
func (h *house) newNode() *session.Service {
	ids := id.NewSource(h.clock)
	log := audit.NewLog(h.clock, ids)
	hasher := secret.NewHasher(secret.Cost{MemoryKiB: 64, Time: 1}, 4)
	h.people = identity.New(identity.Options{DB: h.db, Clock: h.clock, IDs: ids, Audit: log, Hasher: hasher})
	h.staff = staff.New(h.db, h.clock, ids, log, h.people)
	return session.New(h.db, h.clock, ids, log, h.staff, h.people, session.Options{Idle: time.Hour, Absolute: 10 * time.Hour})
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, db: d, clock: clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))}
	h.sessions = h.newNode()
	var err error
	if h.admin, err = h.staff.SetUp(context.Background(), staff.Input{Name: "Ann", Email: "ann@example.com", Password: good}); err != nil {
		t.Fatal(err)
	}
	return h
}

func from(ip string) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindAnonymous}, IP: ip, Verb: "POST"})
}

func as(s staff.Staff) context.Context {
	return access.With(context.Background(), access.Call{Principal: staff.Account{Staff: s}.Principal()})
}

var cli = access.With(context.Background(), access.Call{Principal: access.System("command line")})

func ptr[T any](v T) *T { return &v }

func (h *house) signIn() session.Started {
	h.t.Helper()
	got, err := h.sessions.SignIn(from("192.0.2.1"), session.Credentials{Email: " Ann@Example.com", Password: good})
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

func (h *house) create(email string, role access.Role) staff.Staff {
	h.t.Helper()
	s, err := h.staff.Create(as(h.admin), staff.Input{Name: email, Email: email, Role: role, Password: good})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) lives(token string) bool {
	h.t.Helper()
	_, err := h.sessions.Session(context.Background(), token)
	if err != nil && !errs.IsKind(err, errs.KindUnauthorized) {
		h.t.Fatal(err)
	}
	return err == nil
}

func TestSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		first, second := h.signIn(), h.signIn()
		if first.Token == second.Token || first.Person.Name != "Ann" {
			t.Errorf("%+v", first)
		}
		p, err := h.sessions.Session(context.Background(), first.Token)
		if err != nil || p.Kind != access.KindStaff || p.ID != h.admin.ID || !p.May(access.StaffWrite) {
			t.Errorf("%+v, %v", p, err)
		}
		if h.lives("x") || h.lives("") {
			t.Error("a made-up token lives")
		}
		if err := h.sessions.SignOut(context.Background(), first.Token); err != nil {
			t.Fatal(err)
		}
		if h.lives(first.Token) || !h.lives(second.Token) {
			t.Error("signing out ends one session, at once")
		}
		for range 12 { // used every half hour it lives, up to ten hours
			h.clock.Advance(30 * time.Minute)
			if !h.lives(second.Token) {
				t.Fatal("a session in use has ended")
			}
		}
		h.clock.Advance(time.Hour)
		if h.lives(second.Token) {
			t.Error("an idle session lives")
		}
		third := h.signIn()
		for range 19 {
			h.clock.Advance(30 * time.Minute)
			h.lives(third.Token)
		}
		h.clock.Advance(30 * time.Minute)
		if h.lives(third.Token) {
			t.Error("a session lives for ever")
		}
		if err := h.sessions.Purge(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestTheDatabaseHearsOfUseNowAndThen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		s := h.signIn()
		h.clock.Advance(45 * time.Minute)
		if !h.lives(s.Token) {
			t.Fatal("ended")
		}
		for range 2 {
			if err := h.sessions.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.Advance(30 * time.Minute)
		if _, err := h.newNode().Session(context.Background(), s.Token); err != nil {
			t.Errorf("another node does not know of the use: %v", err)
		}
		if ann, err := h.staff.Get(cli, h.admin.ID); err != nil || ann.LastSeenAt != clock.Micros(h.clock.Now().Add(-30*time.Minute)) || ann.Version != 1 {
			t.Errorf("%+v, %v", ann, err)
		}
	})
}

func TestChangesOfAPersonEndEverythingAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		other := h.newNode() // h.staff is now this node's: changes made here are heard by it alone
		bob := h.create("bob@example.com", access.RoleManager)
		token, word, err := other.CreateToken(as(h.admin), session.TokenInput{Name: "ci", Role: access.RoleSupport})
		if err != nil || token.CreatedBy != h.admin.ID {
			t.Fatal(err)
		}
		signIn := func() string {
			s, err := other.SignIn(from("192.0.2.1"), session.Credentials{Email: "bob@example.com", Password: good})
			if err != nil {
				t.Fatal(err)
			}
			for _, node := range []*session.Service{h.sessions, other} {
				if _, err := node.Session(context.Background(), s.Token); err != nil {
					t.Fatal(err)
				}
			}
			return s.Token
		}
		for name, change := range map[string]staff.Patch{"role": {Role: ptr(access.RoleSupport)}, "disabled": {Status: ptr(staff.StatusDisabled)}} {
			s := signIn()
			if _, err := h.staff.Update(as(h.admin), bob.ID, 0, change); err != nil {
				t.Fatal(err)
			}
			if _, err := other.Session(context.Background(), s); !errs.IsKind(err, errs.KindUnauthorized) {
				t.Errorf("%s: a session lives in the process of the change: %v", name, err)
			}
			h.clock.Advance(2 * time.Second)
			if h.lives(s) {
				t.Errorf("%s: a session lives two seconds later on another node", name)
			}
			if _, err := h.staff.Update(as(h.admin), bob.ID, 0, staff.Patch{Status: ptr(staff.StatusActive)}); err != nil {
				t.Fatal(err)
			}
			if h.lives(s) {
				t.Errorf("%s: a session came back to life", name)
			}
		}
		s := signIn()
		if err := h.people.ChangePassword(access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: bob.ID}}), good, "another good one"); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Session(context.Background(), s); err == nil {
			t.Error("a session outlives its password")
		}
		if _, err := other.Token(context.Background(), word); err != nil {
			t.Fatal(err)
		}
		carl := h.create("carl@example.com", access.RoleAdmin)
		if _, err := h.staff.Update(as(carl), h.admin.ID, 0, staff.Patch{Status: ptr(staff.StatusDisabled)}); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Token(context.Background(), word); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("a token outlives who made it: %v", err)
		}
		if _, err := other.SignIn(from("192.0.2.9"), session.Credentials{Email: "ann@example.com", Password: good}); err == nil {
			t.Error("somebody disabled signs in")
		}
	})
}

func TestLockOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		try := func(email, password, ip string) string {
			_, err := h.sessions.SignIn(from(ip), session.Credentials{Email: email, Password: password})
			e, ok := errs.As(err)
			if !ok {
				return fmt.Sprint(err)
			}
			if e.RetryAfter > 0 {
				return fmt.Sprintf("%s %d", e.Code, e.RetryAfter)
			}
			return e.Code
		}
		for _, email := range []string{"ann@example.com", "nobody@example.com"} {
			ip := "192.0.2.1"
			for i := range 5 {
				if got := try(email, "wrong", ip); got != "wrong_credentials" {
					t.Fatalf("%s try %d: %s", email, i, got)
				}
			}
			if got := try(email, good, ip); got != "too_many_attempts 1" {
				t.Errorf("%s: %s", email, got)
			}
			if got := try(email, good, "2001:db8::1"); got != "too_many_attempts 1" {
				t.Errorf("%s from elsewhere: %s", email, got)
			}
			h.clock.Advance(time.Second)
			for _, wait := range []int{2, 4, 8} {
				if got := try(email, "wrong", ip); got != "wrong_credentials" {
					t.Fatalf("%s: %s", email, got)
				}
				if got := try(email, "wrong", ip); got != fmt.Sprintf("too_many_attempts %d", wait) {
					t.Errorf("%s: %s, want a wait of %d s", email, got, wait)
				}
				h.clock.Advance(time.Duration(wait) * time.Second)
			}
		}
		h.sessions = h.newNode() // a restart forgets nothing
		if got := try("ann@example.com", "wrong", "192.0.2.2"); got != "wrong_credentials" {
			t.Errorf("%s", got)
		}
		if got := try("ann@example.com", good, "192.0.2.2"); got != "too_many_attempts 16" {
			t.Errorf("after a restart: %s", got)
		}
		h.clock.Advance(16 * time.Second)
		if got := try("ann@example.com", good, "192.0.2.2"); got != "<nil>" {
			t.Errorf("the right password after the wait: %s", got)
		}
		if got := try("ann@example.com", "wrong", "192.0.2.2"); got != "wrong_credentials" {
			t.Errorf("the right password has cleared the count: %s", got)
		}
	})
}

func TestSprayingFromOneNetwork(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		refused := 0
		for i := range 60 { // one try for each of many addresses, from many addresses of one /64
			_, err := h.sessions.SignIn(from(fmt.Sprintf("2001:db8::%x", i)), session.Credentials{Email: fmt.Sprintf("user%d@example.com", i), Password: "Summer2026"})
			if errs.IsKind(err, errs.KindTooMany) {
				refused++
			}
		}
		if refused != 30 {
			t.Errorf("%d of 60 were refused, want 30", refused)
		}
		if _, err := h.sessions.SignIn(from("2001:db8:0:1::1"), session.Credentials{Email: "ann@example.com", Password: good}); err != nil {
			t.Errorf("the next network is not concerned: %v", err)
		}
	})
}

func TestTriesAtOnceAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var looked atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				_, err := h.sessions.SignIn(from(fmt.Sprintf("192.0.2.%d", i)), session.Credentials{Email: "ann@example.com", Password: "wrong"})
				if errs.IsKind(err, errs.KindUnauthorized) {
					looked.Add(1)
				} else if !errs.IsKind(err, errs.KindTooMany) {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if looked.Load() != 5 {
			t.Errorf("%d guesses were tried at once, want 5", looked.Load())
		}
	})
}

func TestChangingAPasswordIsCountedToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for i := range 5 {
			if _, err := h.sessions.ChangePassword(as(h.admin), "wrong", "another good one", ""); !errs.IsKind(err, errs.KindInvalid) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		if _, err := h.sessions.ChangePassword(as(h.admin), good, "another good one", ""); !errs.IsKind(err, errs.KindTooMany) {
			t.Errorf("%v", err)
		}
		h.clock.Advance(time.Second)
		started, err := h.sessions.ChangePassword(as(h.admin), good, "another good one", "")
		if err != nil || !h.lives(started.Token) {
			t.Errorf("%v", err)
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		now := clock.Micros(h.clock.Now())
		admin := as(h.admin)
		for want, in := range map[string]session.TokenInput{
			"name required":         {Role: access.RoleAdmin},
			"role unknown":          {Name: "x", Role: "owner"},
			"scopes[0] unknown":     {Name: "x", Role: access.RoleAdmin, Scopes: []access.Permission{"all"}},
			"scopes[0] not_of_role": {Name: "x", Role: access.RoleReadOnly, Scopes: []access.Permission{access.CustomerDelete}},
			"expires_at past":       {Name: "x", Role: access.RoleAdmin, ExpiresAt: now},
		} {
			_, _, err := h.sessions.CreateToken(admin, in)
			if e, ok := errs.As(err); !ok || len(e.Fields) != 1 || e.Fields[0].Field+" "+e.Fields[0].Code != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		made, word, err := h.sessions.CreateToken(admin, session.TokenInput{Name: " ci ", Role: access.RoleManager, Scopes: []access.Permission{access.CustomerRead}, ExpiresAt: now + time.Hour.Microseconds()})
		if err != nil || made.Name != "ci" || !strings.HasPrefix(word, "tdm_") || !strings.HasSuffix(word, made.Hint) {
			t.Fatalf("%+v, %v", made, err)
		}
		p, err := h.sessions.Token(context.Background(), word)
		if err != nil || p.Kind != access.KindToken || p.ID != made.ID || !slices.Equal(p.Permissions, []access.Permission{access.CustomerRead}) {
			t.Errorf("%+v, %v", p, err)
		}
		for _, wrong := range []string{"", "tdm_", word + "x", strings.TrimPrefix(word, "tdm_")} {
			if _, err := h.sessions.Token(context.Background(), wrong); !errs.IsKind(err, errs.KindUnauthorized) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if err := h.sessions.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		list, _, err := h.sessions.Tokens(admin, list.Query{})
		if err != nil || len(list) != 1 || list[0].Name != "ci" {
			t.Fatalf("%+v, %v", list, err)
		}
		h.clock.Advance(time.Hour)
		if _, err := h.sessions.Token(context.Background(), word); err == nil {
			t.Error("an expired token works")
		}
		_, word, err = h.sessions.CreateToken(cli, session.TokenInput{Name: "cli", Role: access.RoleAdmin})
		if err != nil {
			t.Fatal(err)
		}
		if p, err = h.sessions.Token(context.Background(), word); err != nil || !p.May(access.TokenWrite) {
			t.Fatalf("%+v, %v", p, err)
		}
		if err := h.sessions.RevokeToken(admin, p.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.sessions.Token(context.Background(), word); err == nil {
			t.Error("a revoked token works")
		}
		if err := h.sessions.RevokeToken(admin, p.ID); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestATokenMakesNoMightierOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, word, err := h.sessions.CreateToken(as(h.admin), session.TokenInput{Name: "maker", Role: access.RoleAdmin, Scopes: []access.Permission{access.TokenWrite, access.CustomerRead}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.sessions.Token(context.Background(), word)
		if err != nil {
			t.Fatal(err)
		}
		ctx := access.With(context.Background(), access.Call{Principal: p})
		if _, _, err := h.sessions.CreateToken(ctx, session.TokenInput{Name: "x", Role: access.RoleAdmin}); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("%v", err)
		}
		child, _, err := h.sessions.CreateToken(ctx, session.TokenInput{Name: "x", Role: access.RoleAdmin, Scopes: []access.Permission{access.CustomerRead}})
		if err != nil || child.CreatedBy != h.admin.ID {
			t.Errorf("a token of a token ends with the same person: %+v, %v", child, err)
		}
		bob := h.create("bob@example.com", access.RoleAdmin)
		_, word, err = h.sessions.CreateToken(as(bob), session.TokenInput{Name: "bob's", Role: access.RoleAdmin})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.staff.Update(as(h.admin), bob.ID, 0, staff.Patch{Role: ptr(access.RoleReadOnly)}); err != nil {
			t.Fatal(err)
		}
		if p, err := h.sessions.Token(context.Background(), word); err != nil || p.May(access.CustomerDelete) || !p.May(access.CustomerRead) {
			t.Errorf("the token may more than who made it: %+v, %v", p, err)
		}
	})
}
