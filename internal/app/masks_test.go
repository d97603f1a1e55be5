package app_test

import (
	workbook "archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"tandem/internal/app"
	"tandem/internal/core/access"
	"tandem/internal/core/role"
	"tandem/internal/core/staff"
	"tandem/internal/kit/id"
)

// Every telephone number of these tests has this in it, however it is parted.
const hiddenDigits = "2293416"

var parting = regexp.MustCompile(`[\s()./+-]+`)

func tells(text string) bool {
	return strings.Contains(parting.ReplaceAllString(text, ""), hiddenDigits)
}

// masked is a town in which numbers stand wherever they may, and people from whom they are hidden.
type masked struct {
	*town
	desk     role.Role
	mia      *visitor // staff, of a role that may do everything and hides telephone numbers
	token    map[string]string
	hook     func() []string // what the webhook of Mia's was sent
	customer string
	contact  string
}

func newMasked(t *testing.T, c app.Config) *masked {
	t.Helper()
	var sent []string
	var mu sync.Mutex
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/mia" {
			sent = append(sent, string(body))
		}
		_, _ = w.Write(body) // the answer repeats what was sent
	}))
	t.Cleanup(receiver.Close)
	c.WebhookAllow, c.WebhookHTTP = "127.0.0.0/8", true
	h := &masked{town: newTown(t, c), token: map[string]string{}, hook: func() []string { mu.Lock(); defer mu.Unlock(); return slices.Clone(sent) }}
	ctx := app.CommandLine(context.Background())
	var err error
	if h.desk, err = h.app.Roles.Create(ctx, role.Input{Name: "Desk", Permissions: access.AllPermissions(), Masks: []access.Mask{access.MaskTelephone}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.app.Staff.Create(ctx, staff.Input{Name: "Mia", Email: "mia@example.com", Role: h.desk.Key, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	h.mia = h.visitor()
	h.mia.signIn("mia@example.com", goodPassword).want(t, 201, "")
	h.token["Authorization"] = "Bearer " + h.mia.do("POST", "/api-tokens", `{"name":"hers","role":"desk"}`).want(t, 201, "").at("token")
	h.plant(receiver.URL)
	return h
}

// plant writes numbers into everything that takes one.
func (h *masked) plant(receiver string) {
	t := h.t
	filter := `{"field":"telephone","op":"contains","value":"22934160"}`
	quoted := string(must(json.Marshal(filter)))
	h.ann.do("POST", "/webhooks", `{"url":"`+receiver+`/ann","events":["*"]}`).want(t, 201, "")
	h.ann.do("POST", "/webhooks", `{"url":"`+receiver+`/filtered","events":["customer.*"],"filter":`+quoted+`}`).want(t, 201, "")
	h.mia.do("POST", "/webhooks", `{"url":"`+receiver+`/mia","events":["*"]}`).want(t, 201, "")
	k := h.ann.do("POST", "/customers", `{"name":"Fjord","email":"fjord@example.com","country":"NO","telephone":"+47 22 93 41 60"}`).want(t, 201, "")
	h.customer = k.at("id")
	h.ann.do("PATCH", "/customers/"+h.customer, `{"telephone":"22 93 41 61"}`).want(t, 200, "")
	p := h.ann.do("POST", "/customers/"+h.customer+"/contacts", `{"name":"Kim","email":"kim@example.com","role":"owner","phone":"+4722934162","mobile":"+4722934163"}`).want(t, 201, "")
	h.contact = p.at("id")
	h.ann.do("PATCH", "/contacts/"+h.contact, `{"mobile":"+4722934164"}`).want(t, 200, "")
	gone := h.ann.do("POST", "/customers/"+h.customer+"/contacts", `{"name":"Gone","phone":"+4722934165"}`).want(t, 201, "").at("id")
	h.ann.do("DELETE", "/contacts/"+gone, "").want(t, 204, "")
	later := map[string]string{"Tandem-Apply-At": "+1h"}
	conflicted := h.ann.doWith("PATCH", "/customers/"+h.customer, `{"telephone":"+4722934166","city":"Oslo"}`, later).want(t, 202, "").at("id")
	h.ann.do("PATCH", "/customers/"+h.customer, `{"telephone":"+4722934167"}`).want(t, 200, "")
	h.ann.do("POST", "/scheduled-changes/"+conflicted+"/run", "{}").want(t, 200, "")
	h.ann.doWith("PATCH", "/customers/"+h.customer, `{"telephone":"+4722934168"}`, map[string]string{"Tandem-Apply-At": "+1h", "Tandem-Revert-At": "+2h"}).want(t, 202, "")
	h.ann.doWith("POST", "/customers", `{"name":"Later","telephone":"+4722934169"}`, later).want(t, 202, "")
	h.ann.do("POST", "/views", `{"target":"customers","name":"By number","shared":true,"filter":`+filter+`}`).want(t, 201, "")
	status, text := h.file(h.ann, "/customers/export?format=csv&filter="+url.QueryEscape(filter), nil)
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	h.plantFile()
	h.ended(h.ann.do("POST", "/customers/bulk-create", `{"count":2,"prefix":"77","length":5,"defaults":{"telephone":"+4722934160"}}`).want(t, 202, "").at("id"))
	h.settle()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// plantFile imports a file that Ann has, one row of which is wrong.
func (h *masked) plantFile() {
	t := h.t
	up := h.upload(h.ann, "people.csv", "Name,Telephone,Country\nVik,22934165,NO\nWrong,22934166 call after 22934167,NO\n")
	path := "/imports/" + up.want(t, 201, "").at("id")
	h.ann.do("PATCH", path, `{"defaults":{"telephone":"+4722934168"}}`).want(t, 200, "")
	h.ended(h.ann.do("POST", path+"/check", `{}`).want(t, 202, "").at("id"))
	h.ended(h.ann.do("POST", path+"/run", `{}`).want(t, 202, "").at("id"))
}

func (h *masked) upload(who *visitor, name, text string) reply {
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + text + "\r\n--x--\r\n"
	return who.doWith("POST", "/imports", body, map[string]string{"Content-Type": "multipart/form-data; boundary=x"})
}

// ended runs a job to its end.
func (h *masked) ended(public string) {
	h.t.Helper()
	if err := h.app.Jobs.RunHere(app.CommandLine(context.Background()), must(id.Parse("job", public)), nil); err != nil {
		h.t.Fatal(err)
	}
}

// settle tells what happened to who subscribed.
func (h *masked) settle() {
	ctx := context.Background()
	for {
		taken, err := h.app.Outbox.Take(ctx)
		if err != nil {
			h.t.Fatal(err)
		}
		if !taken {
			break
		}
	}
	for more := true; more; {
		var err error
		if more, err = h.app.Webhooks.Relay(ctx); err != nil {
			h.t.Fatal(err)
		}
	}
	for range 50 {
		if err := h.app.Webhooks.Dispatch(ctx); err != nil {
			h.t.Fatal(err)
		}
		h.app.Webhooks.Wait()
	}
}

// file reads an answer that need not be JSON; workbooks are read through their zip.
func (h *masked) file(who *visitor, path string, headers map[string]string) (int, string) {
	h.t.Helper()
	r, err := http.NewRequest("GET", h.url+"/api/v1"+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(headers["Authorization"]) == 0 {
		r.Header.Set("Cookie", who.cookie+who.portal)
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	out := string(text)
	if z, err := workbook.NewReader(bytes.NewReader(text), int64(len(text))); err == nil {
		for _, f := range z.File {
			part := must(f.Open())
			out += string(must(io.ReadAll(part)))
		}
	}
	return res.StatusCode, out
}

// doors is the address of every route that reads, for every row there is.
func (h *masked) doors() []string {
	ids := map[string][]string{}
	collect := func(list, path string) {
		_, text := h.file(h.ann, path, nil)
		var page struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		if json.Unmarshal([]byte(text), &page) == nil {
			for _, it := range page.Items {
				if it.ID != "" && len(ids[list]) < 40 {
					ids[list] = append(ids[list], it.ID)
				}
			}
		}
	}
	var out []string
	for _, r := range h.edge.Routes() {
		if r.Method == "GET" && !strings.Contains(r.Path, "{") && r.ID != "stream-events" {
			query := "?limit=100"
			if r.Path == "/views" {
				query = "?target=customers"
			}
			collect(r.Path, r.Path+query)
			out = append(out, r.Path)
		}
	}
	for _, hook := range ids["/webhooks"] {
		collect("/deliveries", "/webhooks/"+hook+"/deliveries?limit=100")
	}
	for _, r := range h.edge.Routes() {
		list, rest, one := strings.Cut(r.Path, "/{id}")
		if r.Method != "GET" || !one {
			continue
		}
		if len(ids[list]) == 0 && !strings.HasPrefix(list, "/portal") && strings.Contains(" /customers /contacts /scheduled-changes /imports /jobs /views /audit-entries /webhooks /deliveries ", " "+list+" ") {
			h.t.Errorf("there is nothing to read at %s", r.Path)
		}
		for _, n := range ids[list] {
			out = append(out, list+"/"+n+strings.NewReplacer("{line}", "2", "{language}", "en").Replace(rest))
		}
	}
	return out
}

// TestWhatAMaskHidesLeavesByNoDoor asks everything that can be read, as people from whom telephone numbers are hidden, for
// numbers that stand in customers, contacts, their histories, delayed saves, views, imports, jobs and webhooks.
func TestWhatAMaskHidesLeavesByNoDoor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newMasked(t, c)
		queries := []string{"", "?limit=1000&total=exact", "?target=customers", "?q=22934161", "?q=934&limit=1000", "?format=csv", "?format=xlsx", "?outcome=wrong", "?fields=name,telephone&from=0&to=20",
			"?sort=telephone", "?sort=phone", "?format=csv&columns=name,telephone",
			"?filter=" + url.QueryEscape(`{"field":"telephone","op":"starts","value":"+472293416"}`), "?filter=" + url.QueryEscape(`{"field":"mobile","op":"nempty"}`),
			"?filter=" + url.QueryEscape(`{"field":"changes","op":"contains","value":"+472293416"}`)}
		told := 0
		for _, door := range h.doors() {
			all := queries
			if strings.Contains(door, "_") { // one row
				all = []string{"", "?limit=1000", "?outcome=wrong"}
			}
			for _, query := range all {
				for _, headers := range []map[string]string{{}, {"Accept": "text/csv"}, h.token} {
					_, text := h.file(h.mia, door+query, headers)
					if tells(strings.ReplaceAll(text, query[min(len(query), 3):], "")) {
						t.Errorf("GET %s%s %v tells a number: %.600s", door, query, headers, text)
					}
				}
			}
			if _, text := h.file(h.ann, door, nil); tells(text) {
				told++
			}
		}
		if told < 20 {
			t.Errorf("only %d doors tell a number to those who may see them: the test looks at too little", told)
		}
		h.searchesAndFilters(t)
		h.streams(t)
		h.portalHides(t)
		for _, body := range h.hook() {
			if tells(body) {
				t.Errorf("her webhook was sent %s", body)
			}
		}
		if n := len(h.hook()); n < 8 {
			t.Errorf("her webhook was sent %d events", n)
		}
	})
}

// searchesAndFilters: nothing is found, counted or ordered by what is hidden.
func (h *masked) searchesAndFilters(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/customers", "/contacts", "/search"} {
		for _, q := range []string{"22934", "%2B4722934167", "934167"} {
			if got := h.mia.do("GET", path+"?q="+q, "").want(t, 200, ""); strings.Contains(got.text, "Fjord") || strings.Contains(got.text, "Kim") {
				t.Errorf("%s finds by a number: %s", path, got.text)
			}
		}
		if got := h.mia.do("GET", path+"?q=fjor", "").want(t, 200, ""); !strings.Contains(got.text, "Fjord") {
			t.Errorf("%s finds nothing by a name: %s", path, got.text)
		}
	}
	filter := url.QueryEscape(`{"field":"telephone","op":"empty"}`)
	for _, c := range []struct{ method, path, body, field string }{
		{"GET", "/customers?filter=" + filter, "", "filter.field"}, {"GET", "/customers?sort=-telephone", "", "sort"},
		{"GET", "/contacts?sort=mobile", "", "sort"}, {"GET", "/contacts?filter=" + url.QueryEscape(`{"field":"phone","op":"empty"}`), "", "filter.field"},
		{"GET", "/customers/aggregate?fields=telephone&from=0&to=10", "", "fields"},
		{"GET", "/customers/export?format=csv&columns=name,telephone", "", "columns"},
		{"GET", "/audit-entries?filter=" + url.QueryEscape(`{"field":"changes","op":"contains","value":"4722"}`), "", "filter.field"},
		{"POST", "/views", `{"target":"customers","name":"Mine","filter":{"field":"telephone","op":"empty"}}`, "filter.field"},
		{"POST", "/webhooks", `{"url":"http://127.0.0.1:1/","events":["customer.*"],"filter":"{\"field\":\"telephone\",\"op\":\"empty\"}"}`, "filter"},
		{"POST", "/customers/bulk-update", `{"filter":"{\"field\":\"telephone\",\"op\":\"empty\"}","changes":[{"field":"city","op":"set","value":"Oslo"}],"dry_run":true}`, "filter.field"},
		{"POST", "/customers/bulk-update", `{"filter":"","changes":[{"field":"telephone","op":"set","value":"1"}],"dry_run":true}`, "changes[0].field"},
		{"POST", "/customers/bulk-create", `{"count":2,"prefix":"78","length":5,"defaults":{"telephone":"+4722000000"},"dry_run":true}`, "defaults.telephone"},
		{"PATCH", "/customers/" + h.customer, `{"telephone":"+4722000000"}`, "telephone"},
		{"PATCH", "/customers/" + h.customer, `{"telephone":"+4722934167"}`, "telephone"}, {"PATCH", "/customers/" + h.customer, `{"telephone":null}`, "telephone"},
		{"POST", "/customers", `{"name":"New","telephone":"+4722000000"}`, "telephone"},
		{"PATCH", "/contacts/" + h.contact, `{"mobile":""}`, "mobile"},
		{"POST", "/customers/" + h.customer + "/contacts", `{"name":"New","phone":"+4722000000"}`, "phone"},
	} {
		got := h.mia.do(c.method, c.path, c.body)
		if got.status != 422 || !strings.Contains(got.text, fmt.Sprintf(`"field":%q,"code":"masked"`, c.field)) {
			t.Errorf("%s %s %s: %d %s, want masked at %s", c.method, c.path, c.body, got.status, got.text, c.field)
		}
	}
}

// streams reads the log of events from its beginning.
func (h *masked) streams(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r := must(http.NewRequestWithContext(ctx, "GET", h.url+"/api/v1/events?types=*", nil))
	r.Header.Set("Cookie", h.mia.cookie)
	r.Header.Set("Last-Event-ID", "0-0")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	in := bufio.NewScanner(res.Body)
	for n := 0; n < 8 && in.Scan(); {
		if line := in.Text(); strings.HasPrefix(line, "data: ") {
			if n++; tells(line) {
				t.Errorf("the stream tells %s", line)
			}
		}
	}
}

// portalHides looks into the portal as Kim.
func (h *masked) portalHides(t *testing.T) {
	t.Helper()
	h.mia.enter(h.mia.link(h.contact)).want(t, 204, "")
	for _, path := range []string{"/portal", "/portal/session", "/portal/profile", "/portal/customer", "/portal/contacts", "/portal/contacts?q=22934", "/portal/contacts/" + h.contact} {
		if got := h.mia.do("GET", path, "").want(t, 200, ""); tells(got.text) {
			t.Errorf("%s: %s", path, got.text)
		}
	}
	for path, body := range map[string]string{"/portal/profile": `{"mobile":"+4722000000"}`, "/portal/customer": `{"telephone":"+4722000000"}`} {
		if got := h.mia.do("PATCH", path, body); got.status != 422 || !strings.Contains(got.text, `"code":"masked"`) || tells(got.text) {
			t.Errorf("PATCH %s: %d %s", path, got.status, got.text)
		}
	}
	h.mia.portal = ""
}

// TestSavingTheRestKeepsWhatIsHidden: what is not shown is neither lost nor told by what one writes.
func TestSavingTheRestKeepsWhatIsHidden(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newMasked(t, c)
		path := "/customers/" + h.customer
		got := h.mia.do("GET", path, "").want(t, 200, "")
		if got.body["telephone"] != nil || fmt.Sprint(got.body["masked"]) != "[telephone]" {
			t.Errorf("%s", got.text)
		}
		fields := h.mia.do("GET", "/customers/fields", "").want(t, 200, "").text
		if !regexp.MustCompile(`"name":"telephone"[^}]*"filterable":false[^}]*"masked":true`).MatchString(fields) {
			t.Errorf("%s", fields)
		}
		answers := []reply{
			h.mia.do("PATCH", path, `{"city":"Oslo","country":"SE"}`).want(t, 200, ""),
			h.mia.do("PATCH", "/contacts/"+h.contact, `{"name":"Kim B","mobile_verified":true}`).want(t, 200, ""),
			h.mia.doWith("PATCH", path, `{"city":"Bergen"}`, map[string]string{"If-Match": `"1"`}).want(t, 412, "stale"),
			h.mia.doWith("PATCH", "/contacts/"+h.contact, `{"name":"X"}`, map[string]string{"If-Match": `"1"`}).want(t, 412, "stale"),
			h.mia.doWith("PATCH", path, `{"city":"Bergen"}`, map[string]string{"Tandem-Revert-At": "+1h"}).want(t, 200, ""),
			h.mia.do("POST", "/customers", `{"name":"Twin","email":"fjord@example.com"}`).want(t, 422, "invalid"),
		}
		for _, a := range answers {
			if tells(a.text) {
				t.Errorf("%s", a.text)
			}
		}
		if now := h.ann.do("GET", path, "").want(t, 200, ""); now.at("telephone") != "+4722934167" || now.at("city") != "Bergen" {
			t.Errorf("%s", now.text)
		}
		if now := h.ann.do("GET", "/contacts/"+h.contact, "").want(t, 200, ""); now.at("mobile") != "+4722934164" || now.at("mobile_verified") != "true" {
			t.Errorf("%s", now.text)
		}
		// A file of her own: the column is left out, and cannot be taken.
		up := h.upload(h.mia, "mine.csv", "Name,Telephone\nNew one,+4722000000\n").want(t, 201, "")
		if strings.Contains(fmt.Sprint(up.body["mapping"]), "telephone") || !strings.Contains(up.text, `"reason":"masked"`) {
			t.Errorf("%s", up.text)
		}
		h.mia.do("PATCH", "/imports/"+up.at("id"), `{"mapping":[{"column":0,"field":"name"},{"column":1,"field":"telephone"}]}`).want(t, 422, "invalid")
	})
}

// TestNobodyMasksThemselvesOff: whoever is masked gives nobody more than they see, and roles add up.
func TestNobodyMasksThemselvesOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c app.Config) {
		h := newMasked(t, c)
		annsHook := ""
		for _, it := range h.ann.do("GET", "/webhooks?limit=10", "").body["items"].([]any) {
			if m := it.(map[string]any); strings.HasSuffix(m["url"].(string), "/ann") {
				annsHook = m["id"].(string)
			}
		}
		for _, c := range []struct{ method, path, body, code string }{
			{"POST", "/api-tokens", `{"name":"t","role":"admin"}`, "exceeds_own"}, {"POST", "/roles", `{"name":"Open","permissions":["customer.read"]}`, "exceeds_own"},
			{"PATCH", "/roles/desk", `{"masks":[]}`, "exceeds_own"}, {"POST", "/staff", `{"name":"New","email":"new@example.com","roles":["read_only"]}`, "exceeds_own"},
			{"POST", "/staff", `{"name":"New","email":"new@example.com","roles":["desk","read_only"]}`, "exceeds_own"},
			{"PATCH", "/webhooks/" + annsHook, `{"url":"http://127.0.0.1:1/"}`, "exceeds_own"}, {"POST", "/webhooks/" + annsHook + "/secret", `{}`, "exceeds_own"},
			{"POST", "/contacts/" + h.contact + "/password", `{"mode":"typed","password":"a long enough one 2"}`, "link_only"},
		} {
			h.mia.do(c.method, c.path, c.body).want(t, 403, c.code)
		}
		h.mia.do("POST", "/roles", `{"name":"Closed","permissions":["customer.read"],"masks":["telephone"]}`).want(t, 201, "")
		h.ann.do("POST", "/roles", `{"name":"Wrong","masks":["nothing"]}`).want(t, 422, "invalid")
		// Of two roles, one of which shows numbers, nothing is hidden.
		both, err := h.app.Staff.Create(app.CommandLine(t.Context()), staff.Input{Name: "Bo", Email: "bo@example.com", Roles: []access.Role{h.desk.Key, access.RoleReadOnly}, Password: goodPassword})
		if err != nil {
			t.Fatal(err)
		}
		bo := h.visitor()
		bo.signIn("bo@example.com", goodPassword).want(t, 201, "")
		if got := bo.do("GET", "/customers/"+h.customer, ""); !tells(got.text) {
			t.Errorf("%s sees %s", both.Name, got.text)
		}
		// What somebody made while they saw numbers tells none from when they no longer do: an answer that is repeated, and a webhook.
		made := map[string]string{"Idempotency-Key": "once-1"}
		bo.doWith("POST", "/customers", `{"name":"Repeated","telephone":"+4722934160"}`, made).want(t, 201, "")
		only := []access.Role{h.desk.Key}
		if _, err := h.app.Staff.Update(app.CommandLine(t.Context()), both.ID, 0, staff.Patch{Roles: &only}); err != nil {
			t.Fatal(err)
		}
		bo.signIn("bo@example.com", goodPassword).want(t, 201, "")
		if got := bo.doWith("POST", "/customers", `{"name":"Repeated","telephone":"+4722934160"}`, made).want(t, 201, ""); tells(got.text) {
			t.Errorf("%s", got.text)
		}
		if got := h.ann.do("GET", "/staff/"+id.Format(staff.Prefix, both.ID)+"/why-hidden?mask=telephone", "").want(t, 200, ""); got.at("hidden") != "true" || got.at("hidden_by") != "[desk]" || got.at("shown_by") != "[]" {
			t.Errorf("%s", got.text)
		}
		h.ann.do("GET", "/staff/"+id.Format(staff.Prefix, both.ID)+"/why-hidden?mask=nothing", "").want(t, 422, "invalid")
		// The mask taken off shows at once.
		h.ann.do("PATCH", "/roles/desk", `{"masks":[]}`).want(t, 200, "")
		if got := h.mia.do("GET", "/customers/"+h.customer, ""); !tells(got.text) {
			t.Errorf("without the mask: %s", got.text)
		}
	})
}

// TestMasksAndFieldsAgree: what a mask says it hides is what lists hide by it.
func TestMasksAndFieldsAgree(t *testing.T) {
	t.Parallel()
	a := open(t, config(t, ""))
	t.Cleanup(func() { _ = a.Close() })
	of := map[string][]string{}
	for _, table := range a.ListTables() {
		for _, f := range table.Fields {
			if f.Mask != "" && f.Mask != access.MaskAny && !slices.Contains(of[f.Mask], f.Name) {
				of[f.Mask] = append(of[f.Mask], f.Name)
			}
		}
	}
	for _, m := range access.Masks() {
		want, got := slices.Clone(m.Fields), of[string(m.Mask)]
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s says %v; lists have %v", m.Mask, want, got)
		}
		delete(of, string(m.Mask))
	}
	for name := range of {
		t.Errorf("there is no mask %s in access", name)
	}
}
