package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/id"
)

const hushed = "pays-late-and-shouts"

// letIn is a contact with a role who is signed in; their private notes say what nobody but staff may read.
func (h *town) letIn(customerID, name, email, role string) (contactID string, v *visitor) {
	h.t.Helper()
	ctx := app.CommandLine(context.Background())
	n, err := id.Parse(customer.Prefix, customerID)
	if err != nil {
		h.t.Fatal(err)
	}
	hush, public := hushed, "We come on Monday."
	c, err := h.app.Contacts.Create(ctx, n, contact.Patch{Name: &name, Email: &email, Role: &role, PrivateNotes: &hush, PublicNotes: &public})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.app.Contacts.GivePassword(ctx, c.ID, contact.PasswordOrder{Mode: contact.PasswordTyped, Password: goodPassword}); err != nil {
		h.t.Fatal(err)
	}
	v = h.visitor()
	v.signIn(email, goodPassword).want(h.t, 201, "")
	return id.Format(contact.Prefix, c.ID), v
}

// match sends a change against a version.
func (v *visitor) match(method, path, body string, version int) reply {
	v.t.Helper()
	return v.doWith(method, path, body, map[string]string{"If-Match": fmt.Sprintf("%q", fmt.Sprint(version))})
}

func TestThePortalShowsWhatTheRoleDecides(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		fjord, _ := h.contact("Fjord", "Kim", "kim@example.com")
		_, foreign := h.contact("Vik Secret", "Per", "per@example.com")
		tax := `{"tax_number":"NO 999 888 777","telephone":"22 99 54 94","country":"NO"}`
		h.ann.do("PATCH", "/customers/"+fjord, tax).want(t, 200, "")
		for _, role := range []string{"owner", "billing", "technical", "viewer"} {
			ownID, v := h.letIn(fjord, "Ola "+role, role+"@example.com", role)
			me := v.do("GET", "/portal/session", "").want(t, 200, "")
			if me.at("contact.id") != ownID || me.at("customer.id") != fjord || me.at("organization") != "Tandem" {
				t.Errorf("%s", me.text)
			}
			tiles := v.do("GET", "/portal", "").want(t, 200, "")
			if !strings.Contains(tiles.text, `"id":"status"`) || !strings.Contains(tiles.text, `"value":"active"`) {
				t.Errorf("%s", tiles.text)
			}
			money := role == "owner" || role == "billing"
			if got := strings.Contains(tiles.text, "billing_type"); got != money {
				t.Errorf("%s sees how is paid: %v", role, got)
			}
			own := v.do("GET", "/portal/customer", "").want(t, 200, "")
			if got := strings.Contains(own.text, "888"); got != money || own.at("telephone") != "+4722995494" {
				t.Errorf("%s: %s", role, own.text)
			}
			profile := v.do("GET", "/portal/profile", "").want(t, 200, "")
			if profile.at("public_notes") != "We come on Monday." || profile.at("role") != role {
				t.Errorf("%s", profile.text)
			}
			if role == "owner" {
				continue
			}
			for _, closed := range [][3]string{{"GET", "/portal/contacts", ""}, {"GET", "/portal/contacts/" + ownID, ""}, {"POST", "/portal/contacts", `{"name":"X"}`}, {"PATCH", "/portal/contacts/" + ownID, `{"role":"owner"}`},
				{"DELETE", "/portal/contacts/" + ownID, ""}, {"POST", "/portal/contacts/" + ownID + "/invitation", ""}, {"PATCH", "/portal/customer", `{"city":"Oslo"}`}, {"GET", "/contacts/" + foreign, ""}, {"GET", "/customers/" + fjord, ""}} {
				if got := v.do(closed[0], closed[1], closed[2]).want(t, 403, "forbidden"); strings.Contains(got.text, "Fjord") {
					t.Errorf("%s", got.text)
				}
			}
		}
		h.ann.do("GET", "/portal", "").want(t, 403, "forbidden")
		h.ann.do("GET", "/portal/session", "").want(t, 403, "forbidden")
		h.visitor().do("GET", "/portal/session", "").want(t, 401, "not_signed_in")
	})
}

func TestOnesOwnProfile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		fjord, _ := h.contact("Fjord", "Kim", "kim@example.com")
		ownID, ola := h.letIn(fjord, "Ola", "ola@example.com", "viewer")
		got := ola.match("PATCH", "/portal/profile", `{"name":"Ola N","mobile":"+47 412 34 567","language":"es"}`, 1).want(t, 200, "")
		if got.at("name") != "Ola N" || got.at("mobile") != "+4741234567" || got.at("language") != "es" || got.at("version") != "2" {
			t.Errorf("%s", got.text)
		}
		if stale := ola.match("PATCH", "/portal/profile", `{"name":"Old"}`, 1).want(t, 412, "stale"); stale.at("current.name") != "Ola N" || strings.Contains(stale.text, hushed) {
			t.Errorf("%s", stale.text)
		}
		for _, body := range []string{`{"name":""}`, `{"language":"klingon"}`, `{"phone":"no"}`, `{"role":"owner"}`, `{"email":"boss@example.com"}`, `{"private_notes":"x"}`, `{"public_notes":"x"}`, `{"email_verified":true}`, `{"allowed_ips":[]}`, `{"insist":["public_notes"]}`} {
			ola.do("PATCH", "/portal/profile", body).want(t, 422, "invalid")
		}
		entries := h.ann.do("GET", "/audit-entries?"+url.Values{"filter": {`{"field":"row_id","op":"eq","value":"` + ownID + `"}`}}.Encode(), "")
		if entries.status == 200 && !strings.Contains(entries.text, `"kind":"contact"`) {
			t.Errorf("%s", entries.text)
		}
		// Mails come in the language that was chosen.
		ola.do("POST", "/session/password", fmt.Sprintf(`{"current":%q,"new":"another good one"}`, goodPassword)).want(t, 204, "")
		if _, subject, _ := h.mail(); strings.Contains(subject, "was changed") {
			t.Errorf("a mail in English: %s", subject)
		}
	})
}

func TestAnOwnerKeepsTheContacts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		fjord, kimID := h.contact("Fjord", "Kim", "kim@example.com")
		_, foreign := h.contact("Vik", "Per", "per@example.com")
		ownID, ola := h.letIn(fjord, "Ola", "ola@example.com", "owner")
		address := ola.do("PATCH", "/portal/customer", `{"address_1":"Storgata 1","city":"Oslo","telephone":"22 99 54 94","country":"NO"}`).want(t, 200, "")
		if address.at("city") != "Oslo" || address.at("telephone") != "+4722995494" {
			t.Errorf("%s", address.text)
		}
		for _, body := range []string{`{"name":"X"}`, `{"status":"closed"}`, `{"email":"x@example.com"}`, `{"tax_number":"1"}`, `{"country":"XX"}`, `{"custom":{}}`} {
			ola.do("PATCH", "/portal/customer", body).want(t, 422, "invalid")
		}
		made := ola.do("POST", "/portal/contacts", `{"name":"Eva","email":"eva@example.com","role":"billing","language":"fr"}`).want(t, 201, "")
		eva := made.at("id")
		ola.do("POST", "/portal/contacts", `{"name":"Eva","email":"EVA@example.com"}`).want(t, 422, "invalid")
		for _, body := range []string{`{"name":"X","private_notes":"x"}`, `{"name":"X","email_verified":true}`, `{"name":"X","customer":"` + fjord + `"}`, `{"name":"X","role":"admin"}`} {
			ola.do("POST", "/portal/contacts", body).want(t, 422, "invalid")
		}
		ola.do("POST", "/portal/contacts/"+eva+"/invitation", "").want(t, 204, "")
		if to, _, link := h.mail(); to != "eva@example.com" || link == "" {
			t.Errorf("%s %s", to, link)
		}
		if got := ola.match("PATCH", "/portal/contacts/"+eva, `{"type":"Accountant"}`, 1).want(t, 200, ""); got.at("type") != "Accountant" {
			t.Errorf("%s", got.text)
		}
		ola.match("DELETE", "/portal/contacts/"+eva, "", 1).want(t, 412, "stale")
		ola.match("DELETE", "/portal/contacts/"+eva, "", 2).want(t, 204, "")
		// What is another's, gone or made up is one answer.
		missing := ""
		for _, other := range []string{eva, foreign, "con_7zzzzzzzzzzzz"} {
			for _, r := range []reply{ola.do("GET", "/portal/contacts/"+other, ""), ola.do("PATCH", "/portal/contacts/"+other, `{"name":"X"}`), ola.do("DELETE", "/portal/contacts/"+other, ""), ola.do("POST", "/portal/contacts/"+other+"/invitation", "")} {
				r.want(t, 404, "not_found")
				delete(r.body, "request_id")
				text, _ := json.Marshal(r.body)
				if missing == "" {
					missing = string(text)
				}
				if string(text) != missing {
					t.Errorf("%s, and %s", text, missing)
				}
			}
		}
		// The last owner stays; nobody takes themselves their address.
		ola.do("PATCH", "/portal/contacts/"+ownID, `{"email":"new@example.com"}`).want(t, 422, "invalid")
		ola.do("DELETE", "/portal/contacts/"+kimID, "").want(t, 204, "")
		ola.do("DELETE", "/portal/contacts/"+ownID, "").want(t, 409, "last_owner")
		ola.do("PATCH", "/portal/contacts/"+ownID, `{"role":"viewer"}`).want(t, 409, "last_owner")
		next := ola.do("POST", "/portal/contacts", `{"name":"Liv","role":"owner"}`).want(t, 201, "").at("id")
		ola.do("PATCH", "/portal/contacts/"+ownID, `{"role":"viewer"}`).want(t, 200, "")
		ola.do("GET", "/portal/contacts", "").want(t, 403, "forbidden") // at once
		ola.do("PATCH", "/portal/contacts/"+next, `{"role":"viewer"}`).want(t, 403, "forbidden")
	})
}

// Whatever a contact asks for, in every way there is, private notes and other customers are in no answer.
func TestNothingPrivateReachesAContact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		fjord, _ := h.contact("Fjord", "Kim", "kim@example.com")
		vik, foreign := h.contact("Vik Secret", "Per Secret", "per@example.com")
		ownID, ola := h.letIn(fjord, "Ola", "ola@example.com", "owner")
		h.letIn(fjord, "Eva", "eva@example.com", "billing")
		leaks := func(what string, r reply) {
			for _, word := range []string{hushed, "private_notes\":\"", "Secret"} {
				if strings.Contains(r.text, word) {
					t.Errorf("%s: %s", what, r.text)
				}
			}
		}
		may := access.PortalPermissions("owner")
		for _, route := range h.edge.Routes() {
			if route.ID == "sign-out" || route.Method != "GET" || route.Stream {
				continue
			}
			for _, param := range []string{ownID, foreign, vik, fjord, "x"} {
				path := strings.TrimPrefix(address(route, param), "/api/v1")
				r := ola.do("GET", path, "")
				leaks(route.ID, r)
				ours := route.Needs == rest.Public || route.Needs == rest.SignedIn && route.Portal || strings.HasPrefix(string(route.Needs), "portal.")
				if !ours && r.status != 403 {
					t.Errorf("%s answers a contact: %d %s", route.ID, r.status, r.text)
				}
				if strings.HasPrefix(string(route.Needs), "portal.") && !strings.HasPrefix(route.Path, "/portal") {
					t.Errorf("%s is open to contacts, outside the portal; they may %v", route.ID, may)
				}
			}
		}
		for _, q := range []string{"q=" + hushed, "q=Secret", "q=per@example.com"} {
			r := ola.do("GET", "/portal/contacts?"+q, "").want(t, 200, "")
			leaks(q, r)
			if r.at("items") != "[]" {
				t.Errorf("%s finds %s", q, r.text)
			}
		}
		for _, q := range []string{"filter=" + url.QueryEscape(`{"field":"private_notes","op":"contains","value":"pays"}`), "sort=private_notes", "private_notes=true", "filter=" + url.QueryEscape(`{"field":"customer","op":"eq","value":"`+vik+`"}`)} {
			ola.do("GET", "/portal/contacts?"+q, "").want(t, 422, "invalid")
		}
		leaks("csv", ola.doWith("GET", "/portal/contacts", "", map[string]string{"Accept": "text/csv"}))
		if seen := h.ann.do("GET", "/contacts/"+ownID, ""); !strings.Contains(seen.text, hushed) {
			t.Errorf("nothing was hidden: %s", seen.text)
		}
	})
}
