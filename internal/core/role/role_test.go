package role_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/identity"
	"tandem/internal/core/role"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/secret"
)

type house struct {
	*role.Service
	db       *db.DB
	people   *staff.Service
	sessions *session.Service
}

func newHouse(d *db.DB) *house {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	hasher := secret.NewHasher(secret.Cost{MemoryKiB: 64, Time: 1}, 4)
	people := identity.New(identity.Options{DB: d, Clock: c, IDs: ids, Audit: log, Hasher: hasher})
	h := &house{Service: role.New(d, c, ids, log), db: d, people: staff.New(d, c, ids, log, people)}
	h.sessions = session.New(d, c, ids, log, h.people, people, session.Options{})
	h.Uses(staff.Having)
	h.Uses(session.TokensHaving)
	h.OnChange(h.people.Changed)
	return h
}

var cli = access.With(context.Background(), access.Call{Principal: access.System("command line"), Verb: "CLI"})

func holding(permissions ...access.Permission) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 9, Name: "Ann", Permissions: permissions}, Verb: "POST"})
}

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

func TestRolesOfOnesOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		made, err := h.Create(cli, role.Input{Name: " Night  shift ", Permissions: []access.Permission{access.CustomerRead, access.JobRead, access.CustomerRead}})
		if err != nil || made.Key != "night_shift" || made.Name != "Night shift" || made.Version != 1 || len(made.Permissions) != 2 {
			t.Fatalf("%+v, %v", made, err)
		}
		for _, c := range []struct {
			in   role.Input
			want string
		}{
			{role.Input{Name: "night SHIFT"}, "role duplicate_key"},
			{role.Input{Name: "NIGHT shift", Key: "other"}, "name duplicate_name"},
			{role.Input{Name: "Manager"}, "name duplicate_name"},
			{role.Input{Name: "Other", Key: "admin"}, "role duplicate_key"},
			{role.Input{Name: "Other", Key: "a b"}, "role bad_key"},
			{role.Input{Name: ""}, "name length"},
			{role.Input{Name: "Other", Permissions: []access.Permission{"world.rule"}}, "permissions unknown"},
			{role.Input{Name: "Other", Permissions: []access.Permission{access.PortalView}}, "permissions unknown"},
		} {
			if _, err := h.Create(cli, c.in); code(err) != c.want {
				t.Errorf("%+v: %s, want %s", c.in, code(err), c.want)
			}
		}
		after, err := h.Update(cli, id.Format(role.Prefix, made.ID), 1, role.Patch{Permissions: &[]access.Permission{access.GroupRead}})
		if err != nil || after.Version != 2 || !slices.Equal(after.Permissions, []access.Permission{access.GroupRead}) || after.Name != "Night shift" {
			t.Fatalf("%+v, %v", after, err)
		}
		if _, err := h.Update(cli, "night_shift", 1, role.Patch{}); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("a stale change: %v", err)
		}
		for _, err := range []error{h.Remove(cli, "manager", 0), func() error { _, err := h.Update(cli, "admin", 0, role.Patch{}); return err }()} {
			if code(err) != "role_ships" {
				t.Errorf("a role that ships: %v", err)
			}
		}
		if all, err := h.All(cli); err != nil || len(all) != 5 || all[4].Key != "night_shift" {
			t.Errorf("%+v, %v", all, err)
		}
		if err := h.Remove(cli, "night_shift", 2); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(cli, "night_shift"); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("after it was removed: %v", err)
		}
	})
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		little := holding(access.RoleRead, access.RoleWrite, access.StaffRead, access.StaffWrite, access.TokenRead, access.TokenWrite, access.GroupRead)
		if _, err := h.Create(little, role.Input{Name: "Mighty", Permissions: []access.Permission{access.CustomerDelete}}); code(err) != "exceeds_own" {
			t.Errorf("made a mightier role: %v", err)
		}
		mighty, err := h.Create(cli, role.Input{Name: "Mighty", Permissions: []access.Permission{access.CustomerDelete}})
		if err != nil {
			t.Fatal(err)
		}
		none := []access.Permission{}
		if _, err := h.Update(little, "mighty", 0, role.Patch{Permissions: &none}); code(err) != "exceeds_own" {
			t.Errorf("changed a mightier role: %v", err)
		}
		if err := h.Remove(little, "mighty", 0); code(err) != "exceeds_own" {
			t.Errorf("removed a mightier role: %v", err)
		}
		weak, err := h.Create(little, role.Input{Name: "Weak", Permissions: []access.Permission{access.GroupRead}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Update(little, "weak", 0, role.Patch{Permissions: &mighty.Permissions}); code(err) != "exceeds_own" {
			t.Errorf("made a role mightier: %v", err)
		}
		if _, err := h.people.Create(little, staff.Input{Name: "Bob", Email: "bob@example.com", Roles: []access.Role{weak.Key, mighty.Key}}); code(err) != "exceeds_own" {
			t.Errorf("gave a mightier role beside another: %v", err)
		}
		if _, _, err := h.sessions.CreateToken(cli, session.TokenInput{Name: "t", Role: weak.Key, Scopes: []access.Permission{access.CustomerDelete}}); code(err) != "scopes[0] not_of_role" {
			t.Errorf("a scope the role does not have: %v", err)
		}
		if _, err := h.Create(holding(access.RoleRead), role.Input{Name: "x"}); code(err) != "forbidden" {
			t.Errorf("without role.write: %v", err)
		}
	})
}

func TestARoleThatChangesChangesWhoHasIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		own, err := h.Create(cli, role.Input{Name: "Desk", Permissions: []access.Permission{access.CustomerRead, access.GroupRead}})
		if err != nil {
			t.Fatal(err)
		}
		bob, err := h.people.Create(cli, staff.Input{Name: "Bob", Email: "bob@example.com", Roles: []access.Role{own.Key, access.RoleReadOnly, own.Key}})
		if err != nil || bob.Role != own.Key || len(bob.Roles) != 2 {
			t.Fatalf("%+v, %v", bob, err)
		}
		started, err := h.sessions.Start(cli, bob.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, word, err := h.sessions.CreateToken(cli, session.TokenInput{Name: "machine", Role: own.Key})
		if err != nil {
			t.Fatal(err)
		}
		may := func() (person, machine access.Principal) {
			t.Helper()
			if person, err = h.sessions.Session(context.Background(), started.Token); err != nil {
				t.Fatal(err)
			}
			if machine, err = h.sessions.Token(context.Background(), word); err != nil {
				t.Fatal(err)
			}
			return person, machine
		}
		person, machine := may()
		if !person.May(access.SettingRead) || !person.May(access.GroupRead) || person.May(access.CustomerDelete) || !machine.May(access.GroupRead) || machine.May(access.SettingRead) {
			t.Errorf("person %v, machine %v", person.Permissions, machine.Permissions)
		}
		if _, err := h.Update(cli, "desk", 0, role.Patch{Permissions: &[]access.Permission{access.CustomerDelete}}); err != nil {
			t.Fatal(err)
		}
		if person, machine = may(); !person.May(access.CustomerDelete) || !machine.May(access.CustomerDelete) || machine.May(access.GroupRead) {
			t.Errorf("after the role changed: person %v, machine %v", person.Permissions, machine.Permissions)
		}
		err = h.Remove(cli, "desk", 0)
		if e, ok := errs.As(err); !ok || e.Code != "role_in_use" || len(e.BlockedBy) != 2 || e.BlockedBy[0].Name != "Bob" || e.BlockedBy[1].Type != "token" {
			t.Errorf("removed while in use: %+v", err)
		}
		only := access.RoleReadOnly
		if _, err := h.people.Update(cli, bob.ID, 0, staff.Patch{Role: &only}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.sessions.Session(context.Background(), started.Token); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("a session goes on under other roles: %v", err)
		}
	})
}

func TestARoleIsNotRemovedWhileItIsGiven(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		for i := range 6 {
			key := fmt.Sprintf("role_%c", 'a'+i)
			if _, err := h.Create(cli, role.Input{Name: key, Permissions: []access.Permission{access.GroupRead}}); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 2)
			go func() { done <- h.Remove(cli, key, 0) }()
			go func() {
				_, err := h.people.Create(cli, staff.Input{Name: key, Email: key + "@example.com", Role: access.Role(key)})
				done <- err
			}()
			one, other := <-done, <-done
			if (one == nil) == (other == nil) {
				t.Errorf("both or none: %v, %v", one, other)
			}
		}
		broken, err := staff.Verify(context.Background(), h.db.Read())
		if err != nil || slices.ContainsFunc(broken, func(s string) bool { return s != "no active admin is left: make one with tandem user create" }) {
			t.Errorf("%v, %v", broken, err)
		}
	})
}
