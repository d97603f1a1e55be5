package staff_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

const good = "a long enough one"

type house struct {
	*staff.Service
	people *identity.Service
	db     *db.DB
	clock  *clock.Manual
	ended  atomic.Int64 // how often OnChange ran
}

func newHouse(d *db.DB) *house {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	ids := id.NewSource(c)
	h := &house{db: d, clock: c, people: identity.New(identity.Options{DB: d, Clock: c, IDs: ids, Audit: audit.NewLog(c, ids), Hasher: secret.NewHasher(secret.Cost{MemoryKiB: 64, Time: 1}, 4)})}
	h.Service = staff.New(d, c, ids, audit.NewLog(c, ids), h.people)
	h.OnChange(func() { h.ended.Add(1) })
	return h
}

func as(s staff.Staff) context.Context {
	return access.With(context.Background(), access.Call{Principal: staff.Account{Staff: s}.Principal(), Verb: "POST"})
}

var cli = access.With(context.Background(), access.Call{Principal: access.System("command line"), Verb: "CLI"})

func ptr[T any](v T) *T { return &v }

func code(err error) string {
	e, ok := errs.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	if len(e.Fields) > 0 {
		return e.Fields[0].Field + " " + e.Fields[0].Code
	}
	return e.Code
}

func (h *house) setUp(t *testing.T) staff.Staff {
	t.Helper()
	admin, err := h.SetUp(context.Background(), staff.Input{Name: "Ann", Email: "Ann@Example.com", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	return admin
}

func TestSetUpHappensOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		if needed, err := h.Needed(context.Background()); err != nil || !needed {
			t.Fatalf("needed = %v, %v", needed, err)
		}
		for _, in := range []staff.Input{{Name: "A", Email: "a@b.example"}, {Name: "A", Email: "a@b.example", Password: "short"}, {Name: "", Email: "x", Password: good}} {
			if _, err := h.SetUp(context.Background(), in); !errs.IsKind(err, errs.KindInvalid) {
				t.Errorf("%+v: %v", in, err)
			}
		}
		var wg sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			wg.Go(func() {
				_, results[i] = h.SetUp(context.Background(), staff.Input{Name: "Ann", Email: fmt.Sprintf("a%d@example.com", i), Password: good})
			})
		}
		wg.Wait()
		made := 0
		for _, err := range results {
			if err == nil {
				made++
			} else if code(err) != "setup_done" {
				t.Errorf("err = %v", err)
			}
		}
		if needed, _ := h.Needed(context.Background()); made != 1 || needed {
			t.Errorf("%d of 8 made the first admin", made)
		}
	})
}

func TestPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		admin := as(h.setUp(t))
		for _, c := range []struct {
			in   staff.Input
			want string
		}{
			{staff.Input{Name: "B", Email: "ANN@example.com", Role: access.RoleSupport}, "email duplicate_email"},
			{staff.Input{Name: "B", Email: "Bob <b@example.com>", Role: access.RoleSupport}, "email bad_email"},
			{staff.Input{Name: "B", Email: "b@@example.com", Role: access.RoleSupport}, "email bad_email"},
			{staff.Input{Name: "", Email: "b@example.com", Role: access.RoleSupport}, "name required"},
			{staff.Input{Name: "B\nC", Email: "b@example.com", Role: access.RoleSupport}, "name bad_text"},
			{staff.Input{Name: strings.Repeat("x", 201), Email: "b@example.com", Role: access.RoleSupport}, "name too_long"},
			{staff.Input{Name: "B", Email: "b@example.com", Role: "owner"}, "role unknown"},
			{staff.Input{Name: "B", Email: "bobby123@example.com", Role: access.RoleSupport, Password: "password1"}, "password too_common"},
			{staff.Input{Name: "B", Email: "b@example.com", Role: access.RoleSupport, Password: "Qwerty2024!"}, "password too_common"},
			{staff.Input{Name: "B", Email: "b@example.com", Role: access.RoleSupport, Password: "abababababab"}, "password too_common"},
			{staff.Input{Name: "B", Email: "bobby123@example.com", Role: access.RoleSupport, Password: "Bobby123"}, "password too_personal"},
			{staff.Input{Name: "B", Email: "b@example.com", Role: access.RoleSupport, Password: strings.Repeat("xyz", 99)}, "password too_long"},
		} {
			if _, err := h.Create(admin, c.in); code(err) != c.want {
				t.Errorf("%+v: %s, want %s", c.in, code(err), c.want)
			}
		}
		bob, err := h.Create(admin, staff.Input{Name: " Bob ", Email: "bob@example.com", Role: access.RoleSupport, Password: good})
		if err != nil || bob.Name != "Bob" || bob.Version != 1 || !bob.HasPassword {
			t.Fatalf("%+v, %v", bob, err)
		}
		ended := h.ended.Load()
		after, err := h.Update(admin, bob.ID, 1, staff.Patch{Name: ptr("Robert")})
		if err != nil || after.Name != "Robert" || after.Version != 2 {
			t.Fatalf("%+v, %v", after, err)
		}
		if account, _ := h.Account(admin, bob.ID); account.Epoch != 1 {
			t.Error("a new name ends nothing")
		}
		if _, err := h.Update(admin, bob.ID, 1, staff.Patch{Name: ptr("Rob")}); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("stale: %v", err)
		}
		for i, p := range []staff.Patch{{Role: ptr(access.RoleManager)}, {Status: ptr(staff.StatusDisabled)}, {Email: ptr("rob@example.com")}} {
			if _, err := h.Update(admin, bob.ID, 0, p); err != nil {
				t.Fatal(err)
			}
			if account, _ := h.Account(admin, bob.ID); account.Epoch != int64(i)+2 {
				t.Errorf("change %d: epoch %d", i, account.Epoch)
			}
		}
		if h.ended.Load() == ended {
			t.Error("nobody heard of the change")
		}
		if _, err := h.Update(admin, bob.ID, 0, staff.Patch{Status: ptr(staff.Status("gone"))}); code(err) != "status unknown" {
			t.Errorf("%v", err)
		}
		if err := h.Remove(admin, bob.ID, 1); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("stale removal: %v", err)
		}
		if err := h.Remove(admin, bob.ID, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(admin, bob.ID); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
		if _, err := h.Create(admin, staff.Input{Name: "New", Email: "rob@example.com", Role: access.RoleSupport}); err != nil {
			t.Errorf("the e-mail of somebody removed is free: %v", err)
		}
		if list, err := h.All(admin); err != nil || len(list) != 2 || list[0].Name != "Ann" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		admin := h.setUp(t)
		// A token that may write staff, but not all that an admin may.
		scoped := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindToken, ID: 1,
			Permissions: append(access.RoleSupport.Permissions(), access.StaffWrite, access.StaffRead)}})
		if _, err := h.Create(scoped, staff.Input{Name: "Eve", Email: "eve@example.com", Role: access.RoleAdmin}); code(err) != "exceeds_own" {
			t.Errorf("creates an admin: %v", err)
		}
		bob, err := h.Create(scoped, staff.Input{Name: "Bob", Email: "bob@example.com", Role: access.RoleSupport})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Update(scoped, bob.ID, 0, staff.Patch{Role: ptr(access.RoleManager)}); code(err) != "exceeds_own" {
			t.Errorf("promotes: %v", err)
		}
		if _, _, err := h.Link(scoped, admin.ID); code(err) != "exceeds_own" {
			t.Errorf("takes over an admin by a link: %v", err)
		}
		if _, err := h.Update(scoped, admin.ID, 0, staff.Patch{Email: ptr("eve@example.com")}); code(err) != "exceeds_own" {
			t.Errorf("takes over an admin by e-mail: %v", err)
		}
		if err := h.Remove(scoped, admin.ID, 0); code(err) != "exceeds_own" {
			t.Errorf("removes an admin: %v", err)
		}
		for _, try := range []error{errOf(h.Create(as(bob), staff.Input{})), errOf(h.Update(as(bob), bob.ID, 0, staff.Patch{})), h.Remove(as(bob), bob.ID, 0), errOf(h.All(as(bob))), errOf(h.Get(as(bob), bob.ID))} {
			if !errs.IsKind(try, errs.KindForbidden) {
				t.Errorf("support: %v", try)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		ann := h.setUp(t)
		for _, try := range []error{
			h.Remove(as(ann), ann.ID, 0), errOf(h.Update(as(ann), ann.ID, 0, staff.Patch{Role: ptr(access.RoleManager)})),
			errOf(h.Update(as(ann), ann.ID, 0, staff.Patch{Status: ptr(staff.StatusDisabled)})),
		} {
			if code(try) != "last_admin" {
				t.Errorf("%v", try)
			}
		}
		admins := []staff.Staff{ann}
		for i := range 3 {
			a, err := h.Create(as(ann), staff.Input{Name: "A", Email: fmt.Sprintf("a%d@example.com", i), Role: access.RoleAdmin})
			if err != nil {
				t.Fatal(err)
			}
			admins = append(admins, a)
		}
		var wg sync.WaitGroup // everybody removes everybody
		for _, a := range admins {
			wg.Go(func() {
				if err := h.Remove(cli, a.ID, 0); err != nil && code(err) != "last_admin" {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		if list, err := h.All(cli); err != nil || len(list) != 1 {
			t.Errorf("%d admins are left, %v; want 1", len(list), err)
		}
	})
}

func TestLinksWorkOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		admin := as(h.setUp(t))
		bob, err := h.Create(admin, staff.Input{Name: "Bob", Email: "bob@example.com", Role: access.RoleSupport})
		if err != nil {
			t.Fatal(err)
		}
		link := func() string {
			token, expires, err := h.Link(admin, bob.ID)
			if err != nil || expires.Sub(h.clock.Now()) != staff.LinkLife {
				t.Fatal(err)
			}
			return token
		}
		older, token := link(), link()
		if err := h.people.SetPassword(context.Background(), older, good); code(err) != "token bad_link" {
			t.Errorf("an older link: %v", err)
		}
		if err := h.people.SetPassword(context.Background(), token, "short"); code(err) != "password too_short" {
			t.Errorf("a short password: %v", err)
		}
		var wg sync.WaitGroup
		results := make([]error, 16)
		for i := range results {
			wg.Go(func() { results[i] = h.people.SetPassword(context.Background(), token, fmt.Sprintf("%s %d", good, i)) })
		}
		wg.Wait()
		worked := 0
		for _, err := range results {
			if err == nil {
				worked++
			} else if code(err) != "token bad_link" {
				t.Errorf("%v", err)
			}
		}
		if worked != 1 {
			t.Errorf("the link worked %d times of 16", worked)
		}
		expired := link()
		h.clock.Advance(staff.LinkLife)
		if err := h.people.SetPassword(context.Background(), expired, good); code(err) != "token bad_link" {
			t.Errorf("an expired link: %v", err)
		}
		token = link()
		if _, err := h.Update(admin, bob.ID, 0, staff.Patch{Status: ptr(staff.StatusDisabled)}); err != nil {
			t.Fatal(err)
		}
		if err := h.people.SetPassword(context.Background(), token, good); code(err) != "token bad_link" {
			t.Errorf("a disabled person's link: %v", err)
		}
		if _, _, err := h.Link(admin, bob.ID); code(err) != "disabled" {
			t.Errorf("a link for a disabled person: %v", err)
		}
		if err := h.people.PurgeLinks(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestChangingOnesPassword(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		ann := h.setUp(t)
		if err := h.people.ChangePassword(as(ann), "wrong", "another good one"); code(err) != "current wrong_password" {
			t.Errorf("%v", err)
		}
		if err := h.people.ChangePassword(as(ann), good, good); code(err) != "new same" {
			t.Errorf("%v", err)
		}
		if err := h.people.ChangePassword(as(ann), good, "another good one"); err != nil {
			t.Fatal(err)
		}
		if who, _ := h.people.ByEmail(cli, ann.Email); who.Epoch != 3 { // the first password was one change, this the second
			t.Errorf("epoch %d", who.Epoch)
		}
		if err := h.people.ChangePassword(cli, good, "yet another one"); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("%v", err)
		}
		if _, err := h.ResetPassword(cli, "ANN@example.com", "yet another one"); err != nil {
			t.Error(err)
		}
		if _, err := h.ResetPassword(cli, "nobody@example.com", "yet another one"); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		verify := func() int {
			broken, err := staff.Verify(context.Background(), d.Read())
			if err != nil {
				t.Fatal(err)
			}
			return len(broken)
		}
		if n := verify(); n != 0 {
			t.Errorf("an empty house is broken in %d ways", n)
		}
		h.setUp(t)
		if n := verify(); n != 0 {
			t.Errorf("broken in %d ways", n)
		}
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE staff SET roles = 'owner'")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := verify(); n != 2 {
			t.Errorf("broken in %d ways, want 2", n)
		}
	})
}

func TestSecretsStandNowhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		ann := h.setUp(t)
		token, _, err := h.Link(as(ann), ann.ID)
		if err = errors.Join(err, h.people.SetPassword(context.Background(), token, "canary-0f1e2d")); err != nil {
			t.Fatal(err)
		}
		var texts []string
		if err := d.Read().SelectContext(cli, &texts, "SELECT changes || message || comment || row_name FROM audit_entries"); err != nil || len(texts) != 4 {
			t.Fatalf("%d entries, %v", len(texts), err)
		}
		for _, text := range texts {
			if strings.Contains(text, token) || strings.Contains(text, "canary") || strings.Contains(text, good) || strings.Contains(text, "argon2") {
				t.Errorf("a secret stands in the audit: %s", text)
			}
		}
	})
}
