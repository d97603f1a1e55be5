package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
)

// as runs fn with another caller's token.
func (l *later) as(token string, fn func()) {
	own := l.token
	l.token = token
	fn()
	l.token = own
}

// tokenOf makes a token of an admin who sees the customers of a reseller alone; 0: of everybody's.
func (l *later) tokenOf(name string, role access.Role, reseller int64, scopes ...access.Permission) string {
	l.t.Helper()
	_, word, err := l.app.Sessions.CreateToken(app.CommandLine(context.Background()), session.TokenInput{Name: name, Role: role, Reseller: reseller, Scopes: scopes})
	if err != nil {
		l.t.Fatal(err)
	}
	return word
}

// reseller makes a reseller with a customer, and gives both IDs.
func (l *later) reseller(name string, above int64) (n int64, owner, kid string) {
	l.t.Helper()
	ctx := app.CommandLine(context.Background())
	r, err := l.app.Customers.Create(ctx, customer.Draft{Name: name, Kind: customer.KindReseller, Reseller: above})
	if err != nil {
		l.t.Fatal(err)
	}
	k, err := l.app.Customers.Create(ctx, customer.Draft{Name: "Kid of " + name, Reseller: r.ID})
	if err != nil {
		l.t.Fatal(err)
	}
	return r.ID, id.Format(customer.Prefix, r.ID), id.Format(customer.Prefix, k.ID)
}

func (l *later) seen() []string {
	l.t.Helper()
	all, _ := l.do(200, "GET", "/scheduled-changes?sort=apply_at", "")
	out := []string{}
	for _, item := range all["items"].([]any) {
		out = append(out, item.(map[string]any)["id"].(string))
	}
	return out
}

// TestDelayedSavesKeepTheirPlace: who sees the customers of a reseller makes and sees delayed saves of those alone.
func TestDelayedSavesKeepTheirPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		north, northID, kid := l.reseller("North", 0)
		below, _, grandkid := l.reseller("Below", north)
		south, southID, foreign := l.reseller("South", 0)
		operators, _ := l.do(202, "PATCH", "/customers/"+kid, `{"city":"Secret plan"}`, "Tandem-Apply-At", "+9h", "Tandem-Comment", "not for them")
		northern, under, southern := l.tokenOf("north", access.RoleAdmin, north), l.tokenOf("below", access.RoleAdmin, below), l.tokenOf("south", access.RoleAdmin, south)
		var mine, made, person, lower, moved string
		l.as(northern, func() {
			c, _ := l.do(202, "PATCH", "/customers/"+kid, `{"city":"Oslo"}`, "Tandem-Apply-At", "+1h")
			mine = c["id"].(string)
			c, _ = l.do(202, "POST", "/customers", `{"name":"New kid"}`, "Tandem-Apply-At", "+2h")
			made = c["id"].(string)
			c, _ = l.do(202, "POST", "/customers/"+grandkid+"/contacts", `{"name":"Ann"}`, "Tandem-Apply-At", "+3h")
			person = c["id"].(string)
			c, _ = l.do(202, "PATCH", "/customers/"+grandkid, `{"province":"Viken"}`, "Tandem-Apply-At", "+4h")
			moved = c["id"].(string)
			l.do(404, "PATCH", "/customers/"+foreign, `{"city":"Oslo"}`, "Tandem-Apply-At", "+1h")
			l.do(404, "DELETE", "/customers/"+southID, "", "Tandem-Apply-At", "+1h")
			l.do(404, "POST", "/customers/"+foreign+"/contacts", `{"name":"Eve"}`, "Tandem-Apply-At", "+1h")
			l.do(422, "PATCH", "/customers/"+kid, `{"reseller":"`+southID+`"}`, "Tandem-Apply-At", "+1h")
			l.do(403, "PATCH", "/settings", `{"organization_name":"Mine"}`, "Tandem-Apply-At", "+1h")
		})
		l.as(under, func() {
			c, _ := l.do(202, "PATCH", "/customers/"+grandkid, `{"company":"Below"}`, "Tandem-Apply-At", "+5h")
			lower = c["id"].(string)
		})
		for _, x := range []struct{ name, token, want string }{
			{"everybody", l.token, fmt.Sprint([]string{mine, made, person, moved, lower, operators["id"].(string)})},
			{"north", northern, fmt.Sprint([]string{mine, made, person, moved, lower})},
			{"below", under, fmt.Sprint([]string{lower})},
			{"south", southern, "[]"},
		} {
			l.as(x.token, func() {
				if got := fmt.Sprint(l.seen()); got != x.want {
					t.Errorf("%s sees %s, not %s", x.name, got, x.want)
				}
			})
		}
		for _, sch := range []string{mine, made, person, operators["id"].(string), "sch_00000000000"} {
			l.as(southern, func() {
				for _, ask := range [][3]string{{"GET", "", ""}, {"PATCH", "", `{"apply_at":"+1h"}`}, {"DELETE", "", ""}, {"POST", "/run", ""}, {"POST", "/resolve", `{"action":"drop"}`}} {
					l.do(404, ask[0], "/scheduled-changes/"+sch+ask[1], ask[2])
				}
			})
		}
		// What was asked for in a place is refused where the customer has left it.
		l.do(200, "PATCH", "/customers/"+grandkid, `{"reseller":"`+southID+`"}`)
		l.as(northern, func() { l.do(404, "GET", "/scheduled-changes/"+moved, "") })
		l.pass(6 * time.Hour)
		l.pass(0)
		l.wantState(mine, "applied", "")
		l.wantField(kid, "city", "Oslo")
		l.wantState(person, "failed", "not_found")
		l.wantState(moved, "failed", "not_found")
		l.wantField(grandkid, "province", "")
		result := l.wantState(made, "applied", "")["result_id"].(string)
		kept, _ := l.do(200, "GET", "/customers/"+result, "")
		if owner := kept["reseller"].(map[string]any)["id"]; owner != northID {
			t.Errorf("the new customer stands under %v", owner)
		}
		l.as(northern, func() {
			told, _ := l.do(200, "GET", "/scheduled-changes/"+mine, "")
			if told["applied_by"] != "" {
				t.Errorf("who has a place is told of the node: %v", told["applied_by"])
			}
		})
		checked(t, l.app)
	})
}

// TestDelayedSavesTellNoSecrets: private notes are for those who may read them, notes stand in no audit entry, passwords
// are not kept, and views are their owner's.
func TestDelayedSavesTellNoSecrets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		const secret = "zqsecretnote"
		kid := l.customer("Ada")
		ann, _ := l.do(201, "POST", "/customers/"+kid+"/contacts", `{"name":"Ann"}`)
		path := "/contacts/" + ann["id"].(string)
		body := fmt.Sprintf(`{"private_notes":%q,"public_notes":"password: %s9$K","insist":["public_notes"],"type":"boss"}`, secret, secret)
		l.do(422, "PATCH", path, strings.Replace(body, `"insist":["public_notes"],`, "", 1), "Tandem-Apply-At", "+1h")
		made, _ := l.do(202, "PATCH", path, body, "Tandem-Apply-At", "+1h", "Tandem-Revert-At", "+2h")
		sch := made["id"].(string)
		blind := l.tokenOf("blind", access.RoleAdmin, 0, access.ScheduleRead, access.ContactRead, access.AuditRead, access.ScheduleManage, access.ContactWrite)
		l.as(blind, func() {
			for _, p := range []string{"/scheduled-changes/" + sch, "/scheduled-changes/" + made["pair"].(string), "/scheduled-changes"} {
				told, _ := l.do(200, "GET", p, "")
				if text, _ := json.Marshal(told); strings.Contains(strings.ReplaceAll(string(text), "password: "+secret, ""), secret) || p != "/scheduled-changes" && fmt.Sprint(told["hidden"]) != "[private_notes]" {
					t.Errorf("%s tells %s", p, text)
				}
			}
			told, _ := l.do(200, "PATCH", "/scheduled-changes/"+sch, `{"comment":"seen"}`)
			if text, _ := json.Marshal(told["patch"]); strings.Contains(string(text), `"`+secret) {
				t.Errorf("a change of it tells %s", text)
			}
			l.do(403, "PATCH", path, fmt.Sprintf(`{"private_notes":%q}`, secret), "Tandem-Apply-At", "+1h")
		})
		entries, _ := l.do(200, "GET", "/audit-entries?limit=500", "")
		if text, _ := json.Marshal(entries); strings.Contains(string(text), secret) {
			t.Error("the audit tells what the notes say")
		}
		l.pass(3 * time.Hour)
		l.pass(0)
		l.wantState(sch, "applied", "")
		l.wantState(made["pair"].(string), "applied", "")
		now, _ := l.do(200, "GET", path, "")
		if now["private_notes"] != "" || now["public_notes"] != "" || now["type"] != "" {
			t.Errorf("taken back to %v", now)
		}

		told, _ := l.do(422, "POST", "/staff", `{"name":"B","email":"b@example.com","role":"support","password":"zqsecretword-9"}`, "Tandem-Apply-At", "+1h")
		if text := fmt.Sprint(told["errors"]); !strings.Contains(text, "not_here") || !strings.Contains(text, "password") {
			t.Errorf("a password is refused with %s", text)
		}
		l.do(422, "POST", "/webhooks", `{"url":"https://example.com","events":["*"]}`, "Tandem-Apply-At", "+1h")

		view, _ := l.do(202, "POST", "/views", `{"target":"customers","name":"Mine alone"}`, "Tandem-Apply-At", "+1h")
		l.as(l.tokenOf("other", access.RoleAdmin, 0), func() {
			l.do(404, "GET", "/scheduled-changes/"+view["id"].(string), "")
			l.do(404, "DELETE", "/scheduled-changes/"+view["id"].(string), "")
			for _, seen := range l.seen() {
				if seen == view["id"] {
					t.Error("somebody else sees a view that is to be made")
				}
			}
		})
		checked(t, l.app)
	})
}

// TestDelayedSavesOfOtherKindsAskAgain: what somebody may not any more, or what has become wrong, changes nothing.
func TestDelayedSavesOfOtherKindsAskAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		l := newLater(t, c)
		system := app.CommandLine(context.Background())
		person, err := l.app.Staff.Create(system, staff.Input{Name: "Mia", Email: "mia@example.com", Role: access.RoleAdmin})
		if err != nil {
			t.Fatal(err)
		}
		word := l.tokenOf("manager", access.RoleAdmin, 0)
		var mighty, twin, shipped string
		l.as(word, func() {
			c, _ := l.do(202, "PATCH", "/staff/"+id.Format(staff.Prefix, person.ID), `{"roles":["support"]}`, "Tandem-Apply-At", "+1h")
			mighty = c["id"].(string)
			c, _ = l.do(202, "POST", "/roles", `{"name":"Night"}`, "Tandem-Apply-At", "+1h")
			twin = c["id"].(string)
			told, _ := l.do(409, "PATCH", "/roles/manager", `{"name":"X"}`, "Tandem-Apply-At", "+1h")
			shipped = told["code"].(string)
			l.do(404, "PATCH", "/roles/rol_00000000000", `{"name":"X"}`, "Tandem-Apply-At", "+1h")
			l.do(404, "PUT", "/email-templates/none/en", `{"subject":"x","text":"y"}`, "Tandem-Apply-At", "+1h")
			l.do(422, "PUT", "/email-templates/staff_password_changed/en", `{"subject":"x","text":"{{nonsense}}"}`, "Tandem-Apply-At", "+1h")
			l.do(412, "PATCH", "/settings", `{"organization_name":"Fjord"}`, "Tandem-Apply-At", "+1h", "If-Match", `"77"`)
		})
		if shipped != "role_ships" {
			t.Errorf("a role that ships is refused with %s", shipped)
		}
		l.do(201, "POST", "/roles", `{"name":"Night"}`)
		all, _ := l.do(200, "GET", "/api-tokens?q=manager", "")
		for _, item := range all["items"].([]any) {
			l.do(204, "DELETE", "/api-tokens/"+item.(map[string]any)["id"].(string), "")
		}
		l.pass(time.Hour)
		l.wantState(mighty, "failed", "requester_gone")
		l.wantState(twin, "failed", "requester_gone")
		now, _ := l.do(200, "GET", "/staff/"+id.Format(staff.Prefix, person.ID), "")
		if now["role"] != "admin" {
			t.Errorf("Mia is %v", now["role"])
		}
		night, _ := l.do(202, "POST", "/roles", `{"name":"Dawn"}`, "Tandem-Apply-At", "+1h")
		l.do(201, "POST", "/roles", `{"name":"Dawn"}`)
		l.pass(time.Hour)
		l.wantState(night["id"].(string), "failed", "invalid")
		checked(t, l.app)
	})
}
