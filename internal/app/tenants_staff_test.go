package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/role"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// crew is the staff of a tree of resellers: over owns north, which owns below; south stands apart.
type crew struct {
	*later
	over, north, below, south int64
	northID, belowID, southID string
	kid, foreignKid           string
	people                    map[string]staff.Staff
}

var bossMay = []access.Permission{access.CustomerRead, access.CustomerUpdate, access.ContactRead, access.ContactWrite, access.StaffRead, access.StaffWrite,
	access.RoleRead, access.AuditRead, access.ScheduleRead, access.GroupRead}

func newCrew(t *testing.T, c app.Config) *crew {
	t.Helper()
	l := &crew{later: newLater(t, c), people: map[string]staff.Staff{}}
	l.over, _, _ = l.reseller("Over", 0)
	l.north, l.northID, l.kid = l.reseller("North", l.over)
	l.below, l.belowID, _ = l.reseller("Below", l.north)
	l.south, l.southID, l.foreignKid = l.reseller("South", 0)
	ctx := app.CommandLine(context.Background())
	for _, in := range []role.Input{{Name: "Boss", Permissions: bossMay}, {Name: "Clerk", Permissions: []access.Permission{access.CustomerRead}},
		{Name: "Open", Permissions: []access.Permission{access.CustomerRead, access.ContactDelete}},
		{Name: "Closed", Permissions: []access.Permission{access.CustomerRead, access.SettingWrite}},
		{Name: "Veiled", Permissions: bossMay, Masks: []access.Mask{access.MaskTelephone}}} {
		if _, err := l.app.Roles.Create(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []struct {
		name, role string
		reseller   int64
	}{{"operator", "admin", 0}, {"above", "clerk", l.over}, {"boss", "boss", l.north}, {"admin", "admin", l.north}, {"clerk", "clerk", l.north},
		{"under", "clerk", l.below}, {"stronger", "open", l.north}, {"closed", "closed", l.north}, {"veiled", "veiled", l.north}, {"southern", "clerk", l.south}} {
		made, err := l.app.Staff.Create(ctx, staff.Input{Name: p.name, Email: p.name + "@example.com", Role: access.Role(p.role), Reseller: p.reseller})
		if err != nil {
			t.Fatal(err)
		}
		l.people[p.name] = made
	}
	return l
}

// ctx is the person as who acts.
func (l *crew) ctx(name string) context.Context {
	l.t.Helper()
	p, err := l.app.Sessions.Resume(context.Background(), access.KindStaff, l.people[name].ID, name)
	if err != nil {
		l.t.Fatal(err)
	}
	return access.With(context.Background(), access.Call{Principal: p, Verb: "POST"})
}

func (l *crew) id(name string) string { return id.Format(staff.Prefix, l.people[name].ID) }

func said(err error) string {
	e, ok := errs.As(err)
	switch {
	case err == nil:
		return "done"
	case !ok:
		return err.Error()
	case len(e.Fields) > 0:
		return e.Fields[0].Field + " " + e.Fields[0].Code
	}
	return e.Code
}

func (l *crew) want(what string, err error, want string) {
	l.t.Helper()
	if got := said(err); got != want {
		l.t.Errorf("%s: %s, not %s", what, got, want)
	}
}

func to[T any](v T) *T { return &v }

// TestStaffOfAPlace: who works at a reseller sees and manages the staff of its subtree.
func TestStaffOfAPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newCrew(t, c)
		boss := l.ctx("boss")
		seen, err := l.app.Staff.All(boss)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range seen {
			names = append(names, p.Name)
		}
		if fmt.Sprint(names) != "[admin boss clerk closed stronger under veiled]" {
			t.Errorf("a boss sees %v", names)
		}
		l.as(l.tokenOf("boss", "boss", l.north), func() {
			page, _ := l.do(200, "GET", "/staff?total=exact", "")
			if page["total"] != 7.0 {
				t.Errorf("the list counts %v", page["total"])
			}
			page, _ = l.do(200, "GET", "/staff?q=southern&total=exact", "")
			if page["total"] != 0.0 {
				t.Errorf("a search for foreign staff counts %v", page["total"])
			}
			made, _ := l.do(201, "POST", "/staff", `{"name":"New","email":"new@example.com","roles":["clerk"]}`)
			if at := made["reseller"].(map[string]any)["id"]; at != l.northID {
				t.Errorf("a new person sees the customers of %v", at)
			}
			path := "/staff/" + made["id"].(string)
			l.do(200, "PATCH", path, `{"name":"Newer","reseller":"`+l.belowID+`"}`)
			l.do(200, "POST", path+"/password-link", `{}`)
			l.do(200, "GET", path+"/sessions", "")
			why, _ := l.do(200, "GET", path+"/why?permission=contact.delete", "")
			if why["may"] != false || len(why["would_give"].([]any)) != 0 {
				t.Errorf("why not: %v", why)
			}
			l.do(204, "DELETE", path, "")
			l.do(403, "POST", "/roles", `{"name":"Mine","permissions":["customer.read"]}`)
			l.do(403, "DELETE", "/roles/clerk", "")
			l.do(404, "GET", "/roles/open", "")
			l.do(404, "GET", "/roles/admin", "")
			l.do(200, "GET", "/roles/clerk", "")
			providers, _ := l.do(200, "GET", "/sign-in-providers", "")
			if providers["total"] != 0.0 {
				t.Errorf("the operator's providers: %v", providers)
			}
			l.do(403, "POST", "/sign-in-providers", `{"name":"Mine","issuer":"https://id.example.net","client_id":"x","client_secret":"y"}`)
		})
		for name, want := range map[string]string{"boss": "[boss clerk veiled]", "veiled": "[veiled]", "admin": "[admin manager support read_only boss clerk closed open veiled]"} {
			all, err := l.app.Roles.All(l.ctx(name))
			if err != nil {
				t.Fatal(err)
			}
			var keys []access.Role
			for _, r := range all {
				keys = append(keys, r.Key)
			}
			if fmt.Sprint(keys) != want {
				t.Errorf("%s sees the roles %v, not %s", name, keys, want)
			}
		}
		checked(t, l.app)
	})
}

// TestNobodyClimbsOutOfTheirPlace tries every way in which staff of a reseller could become more than they are.
func TestNobodyClimbsOutOfTheirPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newCrew(t, c)
		boss, s := l.ctx("boss"), l.app.Staff
		create := func(who string, in staff.Input) error {
			in.Name = "New"
			_, err := s.Create(l.ctx(who), in)
			return err
		}
		patch := func(who, whom string, p staff.Patch) error {
			_, err := s.Update(l.ctx(who), l.people[whom].ID, 0, p)
			return err
		}
		for _, r := range []access.Role{"admin", "manager", "support", "open", "closed"} {
			l.want("give "+string(r), create("boss", staff.Input{Email: "x@example.com", Role: r}), "exceeds_own")
			l.want("give oneself "+string(r), patch("boss", "boss", staff.Patch{Roles: to([]access.Role{"boss", r})}), "exceeds_own")
			l.want("promote to "+string(r), patch("boss", "clerk", staff.Patch{Roles: to([]access.Role{r})}), "exceeds_own")
		}
		l.want("a role that shows what is hidden", create("veiled", staff.Input{Email: "x@example.com", Role: "clerk"}), "exceeds_own")
		l.want("act on whom more is shown", patch("veiled", "clerk", staff.Patch{Name: to("X")}), "exceeds_own")
		for what, at := range map[string]int64{"above": l.over, "beside": l.south, "nowhere": 1234567} {
			l.want("create "+what, create("boss", staff.Input{Email: "x@example.com", Role: "clerk", Reseller: at}), "reseller unknown_reseller")
			l.want("move "+what, patch("boss", "clerk", staff.Patch{Reseller: &at}), "reseller unknown_reseller")
			l.want("move oneself "+what, patch("boss", "boss", staff.Patch{Reseller: &at}), "reseller unknown_reseller")
			l.want("an admin moves "+what, patch("admin", "admin", staff.Patch{Reseller: &at}), "reseller unknown_reseller")
		}
		l.want("out of every place", patch("boss", "clerk", staff.Patch{Reseller: to(int64(0))}), "reseller required")
		l.want("oneself out of every place", patch("admin", "admin", staff.Patch{Reseller: to(int64(0))}), "reseller required")
		for _, whom := range []string{"operator", "above", "southern"} {
			for _, who := range []string{"boss", "admin"} {
				l.foreign(who, whom)
			}
		}
		for _, whom := range []string{"stronger", "closed", "admin"} {
			n := l.people[whom].ID
			l.want("rename "+whom, patch("boss", whom, staff.Patch{Name: to("X")}), "exceeds_own")
			l.want("disable "+whom, patch("boss", whom, staff.Patch{Status: to(staff.StatusDisabled)}), "exceeds_own")
			l.want("take the address of "+whom, patch("boss", whom, staff.Patch{Email: to("mine@example.com")}), "exceeds_own")
			l.want("weaken "+whom, patch("boss", whom, staff.Patch{Roles: to([]access.Role{"clerk"})}), "exceeds_own")
			l.want("remove "+whom, s.Remove(boss, n, 0), "exceeds_own")
			_, _, err := s.Link(boss, n)
			l.want("a link of "+whom, err, "exceeds_own")
			l.want("second factor of "+whom, s.ResetSecond(boss, n), "exceeds_own")
			l.want("sessions of "+whom, l.app.Sessions.EndOfStaff(boss, n), "exceeds_own")
		}
		l.want("an admin of the place gives admin in it", create("admin", staff.Input{Email: "second@example.com", Role: "admin", Reseller: l.below}), "done")
		l.want("below nobody reaches up", patch("under", "clerk", staff.Patch{Name: to("X")}), "forbidden")
		_, _, err := l.app.Sessions.CreateToken(l.ctx("admin"), session.TokenInput{Name: "x", Role: access.RoleReadOnly})
		l.want("a token", err, "forbidden")
		checked(t, l.app)
	})
}

// foreign tries everything on somebody whom who does not see.
func (l *crew) foreign(who, whom string) {
	l.t.Helper()
	ctx, s, n := l.ctx(who), l.app.Staff, l.people[whom].ID
	_, err := s.Get(ctx, n)
	l.want("see "+whom, err, "not_found")
	_, err = s.Update(ctx, n, 0, staff.Patch{Reseller: &l.north})
	l.want("fetch "+whom, err, "not_found")
	_, err = s.Update(ctx, n, 99, staff.Patch{Status: to(staff.StatusDisabled)})
	l.want("disable "+whom, err, "not_found")
	l.want("remove "+whom, s.Remove(ctx, n, 0), "not_found")
	_, _, err = s.Link(ctx, n)
	l.want("a link of "+whom, err, "not_found")
	l.want("second factor of "+whom, s.ResetSecond(ctx, n), "not_found")
	_, err = s.Why(ctx, n, access.CustomerRead)
	l.want("why "+whom, err, "not_found")
	_, err = s.WhyHidden(ctx, n, access.MaskTelephone)
	l.want("why hidden "+whom, err, "not_found")
	_, err = l.app.Sessions.OfStaff(ctx, n)
	l.want("sessions of "+whom, err, "not_found")
	l.want("end sessions of "+whom, l.app.Sessions.EndOfStaff(ctx, n), "not_found")
	_, err = l.app.Providers.Of(ctx, n)
	l.want("links of "+whom, err, "not_found")
	_, err = s.Create(ctx, staff.Input{Name: "Twin", Email: whom + "@example.com", Role: "clerk"})
	l.want("the address of "+whom, err, "email duplicate_email")
	_, err = s.Update(ctx, l.people["clerk"].ID, 0, staff.Patch{Email: to(whom + "@example.com")})
	l.want("the address of "+whom, err, "email duplicate_email")
}

// TestStaffOfAPlaceTakeNobodysAddress: an address by which a foreign contact signs in stays theirs, with their password.
func TestStaffOfAPlaceTakeNobodysAddress(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newCrew(t, c)
		ctx := app.CommandLine(context.Background())
		for name, kid := range map[string]string{"foreign": l.foreignKid, "own": l.kid} {
			n, err := id.Parse(customer.Prefix, kid)
			if err != nil {
				t.Fatal(err)
			}
			made, err := l.app.Contacts.Create(ctx, n, contact.Patch{Name: to(name), Email: to(name + "@portal.example"), Role: to("owner")})
			if err != nil {
				t.Fatal(err)
			}
			if err := l.app.Contacts.GivePassword(ctx, made.ID, contact.PasswordOrder{Mode: contact.PasswordTyped, Password: goodPassword}); err != nil {
				t.Fatal(err)
			}
		}
		boss := l.ctx("boss")
		_, err := l.app.Staff.Create(boss, staff.Input{Name: "Own", Email: "own@portal.example", Role: "clerk"})
		l.want("a staff user of an own contact's address", err, "done")
		_, err = l.app.Staff.Create(boss, staff.Input{Name: "X", Email: "foreign@portal.example", Role: "clerk"})
		l.want("a staff user of a foreign contact's address", err, "email duplicate_email")
		_, err = l.app.Staff.Update(boss, l.people["clerk"].ID, 0, staff.Patch{Email: to("foreign@portal.example")})
		l.want("a foreign contact's address for a staff user", err, "email duplicate_email")
		_, err = l.app.Staff.Update(ctx, l.people["clerk"].ID, 0, staff.Patch{Email: to("foreign@portal.example")})
		l.want("the operator may", err, "done")
		_, err = l.app.Staff.Update(boss, l.people["clerk"].ID, 0, staff.Patch{Email: to("free@example.com")})
		l.want("take the address of both away", err, "link_only")
		_, _, err = l.app.Staff.Link(boss, l.people["clerk"].ID)
		l.want("a link that opens both", err, "link_only")
		l.want("the second factor of both", l.app.Staff.ResetSecond(boss, l.people["clerk"].ID), "link_only")
		checked(t, l.app)
	})
}

// TestDelayedSavesOfStaffKeepTheirPlace: the place is looked at again when a delayed save is due.
func TestDelayedSavesOfStaffKeepTheirPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newCrew(t, c)
		admins, _ := l.do(202, "PATCH", "/staff/"+l.id("clerk"), `{"name":"By the operator"}`, "Tandem-Apply-At", "+9h")
		var mine, made, gone string
		l.as(l.tokenOf("north", "boss", l.north), func() {
			ask := func(method, path, body string) string {
				c, _ := l.do(202, method, path, body, "Tandem-Apply-At", "+1h")
				return c["id"].(string)
			}
			mine = ask("PATCH", "/staff/"+l.id("clerk"), `{"name":"Later"}`)
			made = ask("POST", "/staff", `{"name":"Made","email":"made@example.com","roles":["clerk"]}`)
			gone = ask("DELETE", "/staff/"+l.id("under"), "")
			l.do(404, "PATCH", "/staff/"+l.id("southern"), `{"name":"Mine"}`, "Tandem-Apply-At", "+1h")
			l.do(404, "DELETE", "/staff/"+l.id("operator"), "", "Tandem-Apply-At", "+1h")
			l.do(403, "PATCH", "/staff/"+l.id("stronger"), `{"name":"Mine"}`, "Tandem-Apply-At", "+1h")
			l.do(403, "POST", "/staff", `{"name":"Made","email":"up@example.com","roles":["admin"]}`, "Tandem-Apply-At", "+1h")
			l.do(422, "PATCH", "/staff/"+l.id("clerk"), `{"reseller":null}`, "Tandem-Apply-At", "+1h")
			if got := l.seen(); len(got) != 3 || slices.Contains(got, admins["id"].(string)) {
				t.Errorf("the place sees %v", got)
			}
		})
		l.as(l.tokenOf("south", "boss", l.south), func() {
			if got := l.seen(); len(got) != 0 {
				t.Errorf("south sees %v", got)
			}
			l.do(404, "GET", "/scheduled-changes/"+mine, "")
		})
		l.do(200, "PATCH", "/staff/"+l.id("under"), `{"reseller":"`+l.southID+`"}`)
		l.pass(2 * time.Hour)
		l.pass(0)
		l.wantState(mine, "applied", "")
		l.wantState(gone, "failed", "not_found")
		result := l.wantState(made, "applied", "")["result_id"].(string)
		kept, _ := l.do(200, "GET", "/staff/"+result, "")
		if at := kept["reseller"].(map[string]any)["id"]; at != l.northID {
			t.Errorf("who was made later sees the customers of %v", at)
		}
		checked(t, l.app)
	})
}
