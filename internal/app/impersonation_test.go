package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/id"
)

// link asks for one to the portal of a contact.
func (v *visitor) link(contactID string) string {
	v.t.Helper()
	got := v.do("POST", "/contacts/"+contactID+"/impersonate", `{}`).want(v.t, 201, "")
	_, token, ok := strings.Cut(got.at("url"), "/portal/enter#")
	if !ok || len(token) < 22 { // 128 bits
		v.t.Fatalf("%s", got.text)
	}
	return token
}

func (v *visitor) enter(token string) reply {
	v.t.Helper()
	return v.do("POST", "/impersonation", fmt.Sprintf(`{"token":%q}`, token))
}

// sue is a support user who is signed in.
func (h *town) sue() *visitor {
	h.t.Helper()
	h.staff("Sue", "sue@example.com", access.RoleSupport)
	v := h.visitor()
	v.signIn("sue@example.com", goodPassword).want(h.t, 201, "")
	return v
}

func TestStaffLookIntoThePortal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		fjord, _ := h.contact("Fjord", "Kim", "kim@example.com")
		_, foreign := h.contact("Vik Secret", "Per Secret", "per@example.com")
		olaID, ola := h.letIn(fjord, "Ola", "ola@example.com", "owner")
		sue := h.sue()
		before := h.ann.do("GET", "/contacts/"+olaID+"/sign-in", "").text
		sue.enter(sue.link(olaID)).want(t, 204, "")
		me := sue.do("GET", "/portal/session", "").want(t, 200, "")
		if me.at("contact.name") != "Ola" || me.at("impersonation.staff") != "Sue" || me.at("impersonation.read_only") != "true" || me.at("impersonation.reason") != "Not given" {
			t.Errorf("%s", me.text)
		}
		for _, path := range []string{"/portal", "/portal/profile", "/portal/customer", "/portal/contacts", "/portal/contacts/" + olaID} {
			if got := sue.do("GET", path, "").want(t, 200, ""); strings.Contains(got.text, hushed) || strings.Contains(got.text, "Secret") {
				t.Errorf("%s: %s", path, got.text)
			}
		}
		sue.do("GET", "/portal/contacts/"+foreign, "").want(t, 404, "not_found")
		// Nothing is changed, whatever there is to change; and nothing that Ola signs in with is reached.
		for _, r := range h.edge.Routes() {
			if !strings.HasPrefix(r.Path, "/portal") || r.Method == "GET" || r.Needs == rest.Public {
				continue
			}
			sue.do(r.Method, strings.TrimPrefix(address(r, olaID), "/api/v1"), `{"name":"Changed"}`).want(t, 403, "forbidden")
		}
		if got := sue.do("GET", "/session", "").want(t, 200, ""); got.at("kind") != "staff" || got.at("staff.name") != "Sue" {
			t.Errorf("her own session: %s", got.text)
		}
		sue.do("GET", "/customers", "").want(t, 200, "")
		bare := &visitor{town: h, ip: sue.ip, portal: strings.TrimPrefix(sue.portal, "; "), cookie: " "}
		for _, path := range []string{"/session", "/session/password", "/sessions", "/customers", "/reference"} {
			method := "GET"
			if path == "/session/password" {
				method = "POST"
			}
			if got := bare.do(method, path, `{"current":"x","new":"y"}`); got.status != 401 && got.status != 404 && got.status != 405 {
				t.Errorf("the portal's cookie opens %s: %d %s", path, got.status, got.text)
			}
		}
		ola.do("GET", "/portal/session", "").want(t, 200, "")
		if after := h.ann.do("GET", "/contacts/"+olaID+"/sign-in", "").text; after != before {
			t.Errorf("%s became %s", before, after)
		}
		// She leaves with one click; what she did is told with both names.
		gone := sue.portal
		sue.do("DELETE", "/portal/impersonation", "").want(t, 204, "")
		sue.portal = gone
		sue.do("GET", "/portal/session", "").want(t, 403, "forbidden")
		log := h.ann.do("GET", "/audit-entries?q=Ola", "").want(t, 200, "").text
		for _, message := range []string{"Link to the portal made for staff", "Portal opened by staff", "Portal left by staff"} {
			if !strings.Contains(log, message) {
				t.Errorf("the audit does not say %q: %s", message, log)
			}
		}
		if !strings.Contains(log, `"on_behalf_of":{"kind":"","id":"","name":"Ola (Fjord)"}`) {
			t.Errorf("for whom is not told: %s", log)
		}
	})
}

// A reseller's own staff open the portals of its customers, and of nobody else's.
func TestResellersLookIntoTheirCustomersPortals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		ctx := app.CommandLine(context.Background())
		reseller, err := h.app.Customers.Create(ctx, customer.Draft{Name: "Reseller", Kind: customer.KindReseller, Status: customer.StatusActive})
		if err != nil {
			t.Fatal(err)
		}
		below, err := h.app.Customers.Create(ctx, customer.Draft{Name: "Below", Reseller: reseller.ID, Status: customer.StatusActive})
		if err != nil {
			t.Fatal(err)
		}
		ofTheirs, _ := h.letIn(id.Format(customer.Prefix, below.ID), "Ola", "ola@example.com", "owner")
		_, foreign := h.contact("Vik", "Per", "per@example.com")
		if _, err := h.app.Staff.Create(ctx, staff.Input{Name: "Rita", Email: "rita@example.com", Role: access.RoleManager, Reseller: reseller.ID, Password: goodPassword}); err != nil {
			t.Fatal(err)
		}
		rita := h.visitor()
		rita.signIn("rita@example.com", goodPassword).want(t, 201, "")
		none := rita.do("POST", "/contacts/con_0000000000000/impersonate", `{}`).want(t, 404, "not_found")
		if got := rita.do("POST", "/contacts/"+foreign+"/impersonate", `{}`).want(t, 404, "not_found"); got.at("detail") != none.at("detail") {
			t.Errorf("%s differs from %s", got.text, none.text)
		}
		rita.enter(rita.link(ofTheirs)).want(t, 204, "")
		if me := rita.do("GET", "/portal/session", "").want(t, 200, ""); me.at("contact.name") != "Ola" || me.at("impersonation.staff") != "Rita" {
			t.Errorf("%s", me.text)
		}
		rita.do("GET", "/portal/contacts/"+foreign, "").want(t, 404, "not_found")
	})
}

func TestALinkToThePortalWorksOnceAndHere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		_, olaID := h.contact("Fjord", "Ola", "ola@example.com")
		sue := h.sue()
		token := sue.link(olaID)
		elsewhere := h.visitor() // the same person, at another computer
		elsewhere.signIn("sue@example.com", goodPassword).want(t, 201, "")
		for name, v := range map[string]*visitor{"another browser of hers": elsewhere, "somebody else": h.ann} {
			if got := v.enter(token); got.status != 422 || got.code != "bad_link" || v.portal != "" {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
		}
		h.visitor().enter(token).want(t, 401, "not_signed_in")
		for _, forged := range []string{"", "x", token[:len(token)-1] + "A", token + "A", strings.ToLower(token)} {
			if forged == token {
				continue
			}
			sue.enter(forged).want(t, 422, "bad_link")
		}
		if got := sue.doWith("POST", "/impersonation", fmt.Sprintf(`{"token":%q}`, token), map[string]string{"Sec-Fetch-Site": "cross-site"}); got.code != "cross_origin" {
			t.Errorf("another site: %d %s", got.status, got.text)
		}
		// Sixteen at once: one wins.
		replies := make([]reply, 16)
		var wg sync.WaitGroup
		for i := range replies {
			wg.Go(func() {
				one := &visitor{town: h, ip: sue.ip, cookie: sue.cookie}
				replies[i] = one.enter(token)
			})
		}
		wg.Wait()
		won := 0
		for _, r := range replies {
			if r.status == 204 {
				won++
			} else if r.code != "bad_link" {
				t.Errorf("%d %s", r.status, r.text)
			}
		}
		if won != 1 {
			t.Errorf("%d won", won)
		}
		sue.enter(token).want(t, 422, "bad_link")
		late := sue.link(olaID)
		h.clock.Advance(time.Minute)
		sue.enter(late).want(t, 422, "bad_link")
		// Who may not, cannot ask; a program cannot either.
		h.staff("Rea", "rea@example.com", access.RoleReadOnly)
		rea := h.visitor()
		rea.signIn("rea@example.com", goodPassword).want(t, 201, "")
		rea.do("POST", "/contacts/"+olaID+"/impersonate", `{}`).want(t, 403, "forbidden")
		_, word, err := h.app.Sessions.CreateToken(app.CommandLine(context.Background()), session.TokenInput{Name: "x", Role: access.RoleAdmin})
		if err != nil {
			t.Fatal(err)
		}
		h.visitor().doWith("POST", "/contacts/"+olaID+"/impersonate", `{}`, map[string]string{"Authorization": "Bearer " + word}).want(t, 403, "session_only")
		sue.do("POST", "/contacts/con_7zzzzzzzzzzzz/impersonate", `{}`).want(t, 404, "not_found")
		// A reason that has to be said.
		h.ann.do("PATCH", "/settings", `{"impersonation_reason":"typed"}`).want(t, 200, "")
		sue.do("POST", "/contacts/"+olaID+"/impersonate", `{"reason":"  "}`).want(t, 422, "invalid")
		sue.do("POST", "/contacts/"+olaID+"/impersonate", `{"reason":"He asked on the telephone"}`).want(t, 201, "")
		h.ann.do("PATCH", "/settings", `{"impersonation_reason":"never"}`).want(t, 422, "invalid")
	})
}

func TestBeingInThePortalEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		fjord, olaID := h.contact("Fjord", "Ola", "ola@example.com")
		_, evaID := h.contact("Fjord B", "Eva", "eva@example.com")
		suesID := ""
		sue := h.sue()
		suesID = sue.do("GET", "/session", "").at("staff.id")
		in := func(contactID string) {
			t.Helper()
			sue.signIn("sue@example.com", goodPassword).want(t, 201, "")
			sue.enter(sue.link(contactID)).want(t, 204, "")
			sue.do("GET", "/portal/session", "").want(t, 200, "")
		}
		out := func(why string) {
			t.Helper()
			if got := sue.do("GET", "/portal/session", ""); got.status != 403 && got.status != 401 {
				t.Errorf("%s, and it goes on: %d %s", why, got.status, got.text)
			}
		}
		in(olaID)
		first := sue.portal
		sue.enter(sue.link(evaID)).want(t, 204, "")
		second := sue.portal
		sue.portal = first
		out("another portal was opened")
		sue.portal = second
		if got := sue.do("GET", "/portal/session", "").want(t, 200, ""); got.at("contact.name") != "Eva" {
			t.Errorf("%s", got.text)
		}
		h.clock.Advance(time.Hour)
		out("an hour passed")
		in(olaID)
		kept := sue.cookie
		sue.do("DELETE", "/session", "").want(t, 204, "")
		sue.cookie = kept
		out("she signed out")
		in(olaID)
		h.ann.do("PATCH", "/customers/"+fjord, `{"status":"inactive"}`).want(t, 200, "")
		out("the customer is inactive")
		sue.do("POST", "/contacts/"+olaID+"/impersonate", `{}`).want(t, 409, "customer_inactive")
		h.ann.do("PATCH", "/customers/"+fjord, `{"status":"active"}`).want(t, 200, "")
		in(olaID)
		h.ann.do("DELETE", "/contacts/"+olaID, "").want(t, 204, "")
		out("the contact is gone")
		sue.do("POST", "/contacts/"+olaID+"/impersonate", `{}`).want(t, 404, "not_found")
		in(evaID)
		n, err := id.Parse(staff.Prefix, suesID)
		if err != nil {
			t.Fatal(err)
		}
		role := access.RoleReadOnly
		if _, err := h.app.Staff.Update(app.CommandLine(context.Background()), n, 0, staff.Patch{Role: &role}); err != nil {
			t.Fatal(err)
		}
		out("she may not any more")
		// What ended by itself is noted by the house.
		if err := h.app.Lent.Purge(app.CommandLine(context.Background()), h.clock.Now()); err != nil {
			t.Fatal(err)
		}
		log := h.ann.do("GET", "/audit-entries?limit=200&q=portal", "").want(t, 200, "").text
		if began, ended := strings.Count(log, "Portal opened by staff"), strings.Count(log, "Portal left by staff"); began == 0 || began != ended {
			t.Errorf("%d began, %d ended: %s", began, ended, log)
		}
	})
}

func TestChangesAsAContactNameBoth(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newTown(t, c)
		_, olaID := h.contact("Fjord", "Ola", "ola@example.com")
		h.ann.enter(h.ann.link(olaID)).want(t, 204, "")
		if me := h.ann.do("GET", "/portal/session", "").want(t, 200, ""); me.at("impersonation.read_only") != "false" {
			t.Errorf("%s", me.text)
		}
		h.ann.do("PATCH", "/portal/profile", `{"name":"Ola the Second"}`).want(t, 200, "")
		log := h.ann.do("GET", "/audit-entries?limit=1", "").want(t, 200, "").text
		for _, want := range []string{`"kind":"staff"`, `"name":"Ann"`, `"on_behalf_of":{"kind":"","id":"","name":"Ola (Fjord)"}`, "Contact changed"} {
			if !strings.Contains(log, want) {
				t.Errorf("%s is not in %s", want, log)
			}
		}
	})
}
