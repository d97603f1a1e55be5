package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/core/notify"
	"tandem/internal/core/role"
	"tandem/internal/core/session"
	"tandem/internal/core/staff"
	"tandem/internal/core/view"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// Everything that is not of a tenant bears this mark somewhere.
const foreignMark = "zqforeign"

// tenants is a tree of resellers, each with a customer and a contact: parent owns mine, which owns child; other stands
// apart.
type tenants struct {
	parent, mine, child, other tenant
}

type tenant struct {
	reseller, kid *customer.Customer
	contact       *contact.Contact
	emails        []int64 // to the reseller, to the kid
	worker        staff.Staff
}

func (w *world) tenants() tenants {
	ctx := app.CommandLine(context.Background())
	text := func(s string) *string { return &s }
	make := func(mark string, above int64) tenant {
		var out tenant
		var err error
		draft := customer.Draft{Name: "Reseller " + mark, Kind: customer.KindReseller, Reseller: above, Email: mark + "-r@example.org", Company: mark, Custom: map[string]string{"shoe": mark}}
		if out.reseller, err = w.app.Customers.Create(ctx, draft); err != nil {
			w.t.Fatal(err)
		}
		draft = customer.Draft{Name: "Kid " + mark, Reseller: out.reseller.ID, Email: mark + "-k@example.org", Reference: "ref-" + mark, Description: mark, Custom: map[string]string{"shoe": mark}}
		if out.kid, err = w.app.Customers.Create(ctx, draft); err != nil {
			w.t.Fatal(err)
		}
		out.contact, err = w.app.Contacts.Create(ctx, out.kid.ID, contact.Patch{Name: text("Person " + mark), Email: text(mark + "-p@example.org"), Type: text(mark), PublicNotes: text(mark), PrivateNotes: text(mark)})
		if err != nil {
			w.t.Fatal(err)
		}
		err = w.app.DB.Write(ctx, func(tx *db.Tx) error {
			for _, c := range []*customer.Customer{out.reseller, out.kid} {
				out.emails = append(out.emails, 0)
				if out.emails[len(out.emails)-1], err = w.app.Mail.Send(ctx, tx, notify.Message{Key: notify.KeyCustomerMessage, To: mark + "-mail@example.org", CustomerID: c.ID,
					Vars: map[string]string{"name": mark, "subject": "To " + mark, "message": mark}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		out.worker, err = w.app.Staff.Create(ctx, staff.Input{Name: "Worker " + mark, Email: mark + "-s@example.org", Role: access.RoleReadOnly, Reseller: out.reseller.ID})
		if err != nil {
			w.t.Fatal(err)
		}
		return out
	}
	var out tenants
	out.parent = make(foreignMark+"1", 0)
	out.mine = make("zqmine", out.parent.reseller.ID)
	out.child = make("zqchild", out.mine.reseller.ID)
	out.other = make(foreignMark+"2", 0)
	filter := fmt.Sprintf(`{"field":"name","op":"contains","value":%q}`, foreignMark)
	if _, err := w.app.Views.Create(ctx, view.Content{Target: "customers", Name: foreignMark, Filter: json.RawMessage(filter), Shared: true}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// placed makes callers who see the subtree of a reseller: of each role that ships, of one of the operator's own, and tokens.
func (w *world) placed(reseller int64) []caller {
	ctx := app.CommandLine(context.Background())
	own, err := w.app.Roles.Create(ctx, role.Input{Name: fmt.Sprint("Own ", reseller), Permissions: access.AllPermissions()})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []caller
	add := func(name, header, value string, may []access.Permission) {
		may = slices.DeleteFunc(slices.Clone(may), func(p access.Permission) bool { return !access.KeepsPlace(p) })
		out = append(out, caller{name: name, headers: map[string]string{header: value}, known: true, may: may})
	}
	for _, r := range append(access.Roles(), own.Key) {
		s, err := w.app.Staff.Create(ctx, staff.Input{Name: "Placed " + string(r), Email: fmt.Sprintf("placed-%s-%d@example.com", r, reseller), Role: r, Reseller: reseller})
		if err != nil {
			w.t.Fatal(err)
		}
		started, err := w.app.Sessions.Start(ctx, s.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		may := r.Permissions()
		if r == own.Key {
			may = own.Permissions
		}
		add("placed "+string(r), "Cookie", "tandem_session="+started.Token, may)
	}
	_, word, err := w.app.Sessions.CreateToken(ctx, session.TokenInput{Name: "placed", Role: access.RoleAdmin, Reseller: reseller})
	if err != nil {
		w.t.Fatal(err)
	}
	add("placed token", "Authorization", "Bearer "+word, access.RoleAdmin.Permissions())
	return out
}

// whole asks and reads the answer to its end.
func (w *world) whole(method, address, body string, headers map[string]string) (int, []byte) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.url+address, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, text
}

var requestID = regexp.MustCompile(`"request_id":"[^"]*"`)

// TestEveryRouteIsOpenToAPlaceAsItSays is the matrix for callers who see a part of the customers: what does not keep a
// place is closed to them.
func TestEveryRouteIsOpenToAPlaceAsItSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		for _, who := range w.placed(w.tenants().mine.reseller.ID) {
			for _, r := range w.routes() {
				var body []byte
				if r.Method != "GET" && r.Method != "DELETE" {
					body = []byte(`{}`)
				}
				got := w.ask(r.Method, address(r, "x"), body, who.headers)
				if why := judge(r, who, got); why != "" {
					t.Errorf("%s %s (needs %s) asked by %s: %s: %d %s", r.Method, r.Path, r.Needs, who.name, why, got.status, got.body)
				}
			}
		}
	})
}

// TestNothingForeignIsTold asks every route, as everybody who sees one reseller's customers, for what is another's: each
// answers as for what is not there, and no byte of another's mark comes back.
func TestNothingForeignIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		w := newWorld(t, c)
		all := w.tenants()
		who := w.placed(all.mine.reseller.ID)
		if !soak() { // the short form: somebody in between, the mightiest there may be, and a token
			who = slices.DeleteFunc(who, func(c caller) bool {
				return c.name == "placed admin" || c.name == "placed manager" || c.name == "placed read_only"
			})
		}
		for _, who := range who {
			for _, r := range w.routes() {
				if r.ID == "stream-events" || r.ID == "sign-out" || r.ID == "sign-in" {
					continue // never ends; ends the session; is not about what one sees
				}
				w.foreignAsMissing(t, r, who, all)
				w.searchesFindNothing(t, r, who)
			}
			w.namedInBodies(t, who, all)
			status, text := w.whole("GET", "/api/v1/customers?limit=100", "", who.headers)
			if status != 200 || !bytes.Contains(text, []byte("Kid zqmine")) || !bytes.Contains(text, []byte("Kid zqchild")) {
				t.Errorf("%s sees %d %s", who.name, status, text)
			}
			w.ownMails(t, who, all)
		}
	})
}

// ownMails are those of one's own customers: they are seen, and sent again to nobody else.
func (w *world) ownMails(t *testing.T, who caller, all tenants) {
	t.Helper()
	if !slices.Contains(who.may, access.EmailSend) {
		return
	}
	status, text := w.whole("GET", "/api/v1/emails?limit=100", "", who.headers)
	if status != 200 || bytes.Count(text, []byte("To zqmine"))+bytes.Count(text, []byte("To zqchild")) != 4 {
		t.Errorf("%s sees %d %s", who.name, status, text)
	}
	address := "/api/v1/emails/" + id.Format(notify.Prefix, all.mine.emails[1])
	if status, text := w.whole("GET", address, "", who.headers); status != 200 || !bytes.Contains(text, []byte("To zqmine")) {
		t.Errorf("%s reads %d %s", who.name, status, text)
	}
	if status, text := w.whole("POST", address+"/resend", `{"to":"eve@example.com"}`, who.headers); !bytes.Contains(text, []byte(`"own_customers"`)) {
		t.Errorf("%s sends it to somebody else: %d %s", who.name, status, text)
	}
	own := "/api/v1/emails/" + id.Format(notify.Prefix, all.mine.emails[0])
	if status, text := w.whole("POST", own+"/cancel", "{}", who.headers); status != 403 || !bytes.Contains(text, []byte(`"own_record"`)) {
		t.Errorf("%s holds back what was written to themselves: %d %s", who.name, status, text)
	}
}

// foreignAsMissing compares the answers for foreign IDs with those for one that nobody has.
func (w *world) foreignAsMissing(t *testing.T, r rest.Route, who caller, all tenants) {
	t.Helper()
	if !strings.Contains(r.Path, "{id}") {
		return
	}
	body := ""
	if r.Method != "GET" && r.Method != "DELETE" {
		body = `{"name":"x"}`
	}
	ask := func(param string) string {
		status, text := w.whole(r.Method, address(r, param), body, who.headers)
		if bytes.Contains(bytes.ToLower(text), []byte(foreignMark)) {
			t.Errorf("%s %s with %s asked by %s tells %s", r.Method, r.Path, param, who.name, text)
		}
		return fmt.Sprint(status, " ", requestID.ReplaceAllString(strings.ReplaceAll(string(text), param, "ID"), ""))
	}
	missing := map[string]string{}
	for _, prefix := range []string{customer.Prefix, contact.Prefix, notify.Prefix, staff.Prefix} {
		missing[prefix] = ask(id.Format(prefix, 1234567))
	}
	for _, foreign := range []tenant{all.parent, all.other} {
		for _, c := range []*customer.Customer{foreign.reseller, foreign.kid} {
			for _, param := range []string{id.Format(customer.Prefix, c.ID), c.CustomerID} {
				if got := ask(param); got != missing[customer.Prefix] {
					t.Errorf("%s %s of %s asked by %s: %s, but for one that is not there %s", r.Method, r.Path, c.Name, who.name, got, missing[customer.Prefix])
				}
			}
		}
		for _, n := range foreign.emails {
			if got := ask(id.Format(notify.Prefix, n)); got != missing[notify.Prefix] {
				t.Errorf("%s %s of an e-mail asked by %s: %s, but for one that is not there %s", r.Method, r.Path, who.name, got, missing[notify.Prefix])
			}
		}
		if got := ask(id.Format(contact.Prefix, foreign.contact.ID)); got != missing[contact.Prefix] {
			t.Errorf("%s %s of %s asked by %s: %s, but for one that is not there %s", r.Method, r.Path, foreign.contact.Name, who.name, got, missing[contact.Prefix])
		}
		if got := ask(id.Format(staff.Prefix, foreign.worker.ID)); got != missing[staff.Prefix] {
			t.Errorf("%s %s of %s asked by %s: %s, but for one that is not there %s", r.Method, r.Path, foreign.worker.Name, who.name, got, missing[staff.Prefix])
		}
	}
}

// lookedFor is what somebody looked for, as the audit keeps of their exports: it tells them nothing.
var lookedFor = regexp.MustCompile(`\{""?field""?:""?q""?,""?old""?:null,""?new""?:""?` + foreignMark + `""?\}`)

// searchesFindNothing asks a list, its CSV and every export for all there is, and for the mark.
func (w *world) searchesFindNothing(t *testing.T, r rest.Route, who caller) {
	t.Helper()
	if r.Method != "GET" || strings.Contains(r.Path, "{") {
		return
	}
	for _, query := range []string{"", "?q=" + foreignMark, "?limit=1000&total=exact", "?format=csv&columns=name,company,reseller", "?target=customers", "?sort=name&limit=2"} {
		for _, accept := range []string{"application/json", "text/csv"} {
			headers := map[string]string{"Accept": accept}
			for k, v := range who.headers {
				headers[k] = v
			}
			status, text := w.whole("GET", "/api/v1"+r.Path+query, "", headers)
			text = lookedFor.ReplaceAll(text, nil)
			if bytes.Contains(bytes.ToLower(text), []byte(foreignMark)) && !bytes.Contains(text, []byte(`"code":`)) {
				t.Errorf("GET %s%s as %s asked by %s tells: %d %.300s", r.Path, query, accept, who.name, status, text)
			}
		}
	}
}

// namedInBodies names foreign customers in what is sent.
func (w *world) namedInBodies(t *testing.T, who caller, all tenants) {
	t.Helper()
	nobody := id.Format(customer.Prefix, 1234567)
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/customers", `{"name":"New","reseller":"ID"}`},
		{"POST", "/customers/bulk-update", `{"ids":["ID"],"changes":[{"field":"city","op":"set","value":"Oslo"}],"dry_run":true}`},
		{"POST", "/customers/bulk-update", `{"filter":"","changes":[{"field":"reseller","op":"set","value":"ID"}],"dry_run":true}`},
		{"POST", "/customers/bulk-delete", `{"ids":["ID"],"dry_run":true}`},
		{"POST", "/customers/export", `{"format":"csv","columns":["name"],"ids":["ID"]}`},
		{"POST", "/customers/bulk-create", `{"count":2,"prefix":"zq","length":4,"defaults":{"reseller":"ID"},"dry_run":true}`},
		{"POST", "/staff", `{"name":"New","email":"new@example.org","roles":["read_only"],"reseller":"ID"}`},
		{"GET", "/staff?filter=" + url.QueryEscape(`{"field":"reseller","op":"eq","value":"ID"}`), ""},
		{"GET", "/customers?filter=" + url.QueryEscape(`{"field":"reseller","op":"eq","value":"ID"}`), ""},
		{"POST", "/emails", `{"customer":"ID","subject":"x","text":"y"}`},
		{"GET", "/emails?filter=" + url.QueryEscape(`{"field":"customer","op":"eq","value":"ID"}`), ""},
		{"GET", "/contacts?filter=" + url.QueryEscape(`{"field":"customer","op":"eq","value":"ID"}`), ""},
	} {
		ask := func(n string) string {
			status, text := w.whole(c.method, "/api/v1"+strings.ReplaceAll(c.path, "ID", n), strings.ReplaceAll(c.body, "ID", n), who.headers)
			return fmt.Sprint(status, " ", requestID.ReplaceAllString(strings.ReplaceAll(string(text), n, "ID"), ""))
		}
		missing := ask(nobody)
		for _, foreign := range []tenant{all.other} {
			for _, n := range []int64{foreign.reseller.ID, foreign.kid.ID} {
				if got := ask(id.Format(customer.Prefix, n)); got != missing {
					t.Errorf("%s %s %s asked by %s: %s, but for one that is not there %s", c.method, c.path, c.body, who.name, got, missing)
				}
			}
		}
	}
}
