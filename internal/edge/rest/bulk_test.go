package rest_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/bulk"
	"tandem/internal/core/customer"
	"tandem/internal/core/file"
	"tandem/internal/core/group"
	"tandem/internal/core/masscreate"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

// bulkDesk is a server with customers and what is done to many of them, whose jobs run.
type bulkDesk struct{ *harness }

func eachBulk(t *testing.T, fn func(t *testing.T, h bulkDesk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.System{}
		ids, quiet := id.NewSource(c), slog.New(slog.DiscardHandler)
		log := audit.NewLog(c, ids)
		customers, err := customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
			Defaults: func(context.Context) (customer.Defaults, error) {
				return customer.Defaults{Country: "NO", Currency: "EUR", Retention: time.Hour}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		groups := group.New(group.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers, OwnTypes: func(context.Context) ([]string, error) { return nil, nil }})
		files := file.New(file.Options{DB: d, Clock: c, IDs: ids, Dir: t.TempDir()})
		jobs := job.New(job.Options{DB: d, Clock: c, IDs: ids, Log: quiet, Poll: 5 * time.Millisecond, Workers: 1,
			Save: func(ctx context.Context) ([]byte, error) { return json.Marshal(access.From(ctx).Principal) },
			Restore: func(ctx context.Context, b []byte) (context.Context, error) {
				call := access.Call{Verb: "JOB"}
				err := json.Unmarshal(b, &call.Principal)
				return access.With(ctx, call), err
			},
			Actor: func(ctx context.Context) job.Actor {
				p := access.From(ctx).Principal
				return job.Actor{Key: p.Key(), Name: p.Name, ReadAll: p.May(access.JobRead), ManageAll: p.May(access.JobManage)}
			}})
		many := bulk.New(bulk.Options{DB: d, Clock: c, Customers: customers, Jobs: jobs, Audit: log})
		mass := masscreate.New(masscreate.Options{DB: d, Clock: c, Customers: customers, Jobs: jobs, Files: files, Audit: log})
		if err := jobs.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := jobs.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		fn(t, bulkDesk{newHarness(t, d, rest.Customers(customers, nil), rest.Groups(groups), rest.Jobs(jobs, files), rest.Bulk(many, mass, customers))})
	})
}

// customer makes one and gives its ID.
func (h bulkDesk) customer(body string) string {
	h.t.Helper()
	return h.do("admin", "POST", "/api/v1/customers", body).want(201).object()["id"].(string)
}

// ended follows a job to its end.
func (h bulkDesk) ended(a *answer) map[string]any {
	h.t.Helper()
	j := a.want(202).object()
	path := "/api/v1/jobs/" + j["id"].(string)
	if a.Header.Get("Location") != path {
		h.t.Errorf("location %q", a.Header.Get("Location"))
	}
	deadline := dbtest.TooLate(h.t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		switch j = h.do("admin", "GET", path, nil).want(200).object(); j["state"] {
		case "done":
			return j
		case "failed", "cancelled":
			h.t.Fatalf("the job ended so: %v", j)
		}
		select {
		case <-deadline:
			h.t.Fatalf("the job stays as it is: %v", j)
		case <-tick.C:
		}
	}
}

func TestBulkUpdateOverTheAPI(t *testing.T) {
	t.Parallel()
	eachBulk(t, func(t *testing.T, h bulkDesk) {
		a := h.customer(`{"name":"A","city":"Oslo"}`)
		b := h.customer(`{"name":"B","city":"Oslo","status":"pending"}`)
		h.customer(`{"name":"C","city":"Moss"}`)
		ask := `{"filter":{"and":[{"field":"city","op":"eq","value":"Oslo"}]},"q":"","changes":[{"field":"status","op":"set","value":"inactive"}],"comment":"strike"%s}`
		seen := h.do("manager", "POST", "/api/v1/customers/bulk-update", fmt.Sprintf(ask, `,"dry_run":true`)).want(200).object()
		excluded := seen["excluded"].([]any)[0].(map[string]any)
		if seen["matching"] != 2.0 || seen["will_change"] != 1.0 || seen["unchanged"] != 0.0 || seen["is_exact"] != true || excluded["code"] != "bad_transition" ||
			excluded["examples"].([]any)[0].(map[string]any)["id"] != b || seen["sample"].([]any)[0].(map[string]any)["id"] != a {
			t.Errorf("preview %v", seen)
		}
		first := h.do("manager", "POST", "/api/v1/customers/bulk-update", fmt.Sprintf(ask, ""), "Idempotency-Key", "k1")
		again := h.do("manager", "POST", "/api/v1/customers/bulk-update", fmt.Sprintf(ask, ""), "Idempotency-Key", "k1").want(202)
		if first.object()["id"] != again.object()["id"] {
			t.Error("a repeat began another job")
		}
		j := h.ended(first)
		if j["can_undo"] != true || j["done"] != 2.0 || j["failed"] != 1.0 || j["result"].(map[string]any)["changed"] != 1.0 {
			t.Errorf("job %v", j)
		}
		rows := h.do("manager", "GET", "/api/v1/jobs/"+j["id"].(string)+"/rows?outcome=excluded", nil).want(200).object()["items"].([]any)
		if len(rows) != 1 || rows[0].(map[string]any)["id"] != b {
			t.Errorf("rows %v", rows)
		}
		if c := h.do("admin", "GET", "/api/v1/customers/"+a, nil).want(200).object(); c["status"] != "inactive" {
			t.Errorf("customer %v", c)
		}
		undone := h.ended(h.do("manager", "POST", "/api/v1/jobs/"+j["id"].(string)+"/undo", nil))
		if undone["can_undo"] != false {
			t.Errorf("undo %v", undone)
		}
		if c := h.do("admin", "GET", "/api/v1/customers/"+a, nil).want(200).object(); c["status"] != "active" {
			t.Errorf("customer after the undo %v", c)
		}
	})
}

func TestBulkRequestsAreReadWithCare(t *testing.T) {
	t.Parallel()
	eachBulk(t, func(t *testing.T, h bulkDesk) {
		one := h.customer(`{"name":"A"}`)
		for body, want := range map[string]string{
			`{"changes":[{"field":"city","value":"Oslo"}]}`:                                                   "ids required",
			`{"ids":[],"changes":[{"field":"city","value":"Oslo"}]}`:                                          "ids required",
			`{"ids":["` + one + `"],"changes":[]}`:                                                            "changes required",
			`{"ids":["` + one + `"],"changes":[{"field":"city","value":{"a":1}}]}`:                            "changes[0].value malformed",
			`{"ids":["` + one + `"],"changes":[{"field":"city","value":[["x"]]}]}`:                            "changes[0].value malformed",
			`{"ids":["` + one + `"],"changes":[{"field":"groups","op":"add","value":[]}]}`:                    "changes[0].value required",
			`{"ids":["` + one + `"],"changes":[{"field":"balance","op":"increase","value":1e40}]}`:            "changes[0].field unknown_field",
			`{"ids":["` + one + `"],"filter":{"and":[]},"changes":[{"field":"city","value":"x"}]}`:            "ids with_filter",
			`{"filter":"{\"and\":[","changes":[{"field":"city","value":"x"}]}`:                                "filter malformed",
			`{"filter":{"field":"name","op":"regex","value":"x"},"changes":[{"field":"city","value":"x"}]}`:   "filter.op",
			`{"ids":["` + one + `"],"changes":[{"field":"city","value":"` + strings.Repeat("x", 101) + `"}]}`: "changes[0].value too_long",
		} {
			for _, dry := range []string{"", `"dry_run":true,`} {
				p := h.do("admin", "POST", "/api/v1/customers/bulk-update", "{"+dry+body[1:]).problem(422, "invalid")
				name, code, _ := strings.Cut(want, " ")
				if got := field(p, name); got == "" || (code != "" && got != code) {
					t.Errorf("%s: %+v, want %s", body, p.Errors, want)
				}
			}
		}
		h.do("admin", "POST", "/api/v1/customers/bulk-update", `{"ids":"all","changes":[]}`).problem(422, "invalid")
		h.do("admin", "POST", "/api/v1/customers/bulk-update", `{"everything":true}`).problem(422, "invalid")
		h.do("admin", "POST", "/api/v1/customers/bulk-update", `{"ids":["`+strings.Repeat("x", 5<<20)+`"]}`).problem(413, "too_large")
		h.do("admin", "POST", "/api/v1/groups/grp_x/members", `{"ids":["`+one+`"],"op":"add"}`).problem(404, "not_found")
		for _, path := range []string{"/customers/bulk-update", "/customers/bulk-delete", "/customers/bulk-create", "/groups/grp_0000000000001/members"} {
			for role, status := range map[string]int{"": 401, "read_only": 403, "support": 403} {
				if a := h.do(role, "POST", "/api/v1"+path, `{}`); a.Status != status {
					t.Errorf("%s as %q: %d, want %d", path, role, a.Status, status)
				}
			}
		}
		if items := h.do("admin", "GET", "/api/v1/jobs", nil).want(200).object()["items"].([]any); len(items) != 0 {
			t.Errorf("refused requests became jobs: %v", items)
		}
	})
}

func TestBulkDeleteAndMembersOverTheAPI(t *testing.T) {
	t.Parallel()
	eachBulk(t, func(t *testing.T, h bulkDesk) {
		owner := h.customer(`{"name":"R","kind":"reseller"}`)
		owned := h.customer(`{"name":"Owned","reseller":"` + owner + `"}`)
		other := h.customer(`{"name":"Other"}`)
		g := h.do("admin", "POST", "/api/v1/groups", `{"name":"Gold","type":"client"}`).want(201).object()["id"].(string)
		h.ended(h.do("manager", "POST", "/api/v1/groups/"+g+"/members", `{"ids":["`+owned+`","`+other+`"],"op":"add"}`))
		if got := h.do("admin", "GET", "/api/v1/groups/"+g, nil).want(200).object(); got["members"] != 2.0 {
			t.Errorf("group %v", got)
		}
		seen := h.do("manager", "POST", "/api/v1/customers/bulk-delete", `{"ids":["`+owner+`","`+other+`"],"dry_run":true}`).want(200).object()
		by := seen["excluded"].([]any)[0].(map[string]any)["examples"].([]any)[0].(map[string]any)["blocked_by"].([]any)
		if seen["will_change"] != 1.0 || len(by) != 1 || by[0].(map[string]any)["id"] != owned {
			t.Errorf("preview %v", seen)
		}
		seen = h.do("manager", "POST", "/api/v1/customers/bulk-delete", `{"ids":["`+owner+`","`+owned+`"],"dry_run":true}`).want(200).object()
		if seen["will_change"] != 2.0 {
			t.Errorf("preview of both %v", seen)
		}
		h.ended(h.do("manager", "POST", "/api/v1/customers/bulk-delete", `{"ids":["`+owner+`","`+owned+`"]}`, "Tandem-Comment", "gone"))
		c := h.do("admin", "GET", "/api/v1/customers/"+owner, nil).want(200).object()
		if c["status"] != "closed" {
			t.Errorf("reseller %v", c)
		}
	})
}

func TestMassCreateOverTheAPI(t *testing.T) {
	t.Parallel()
	eachBulk(t, func(t *testing.T, h bulkDesk) {
		ask := `{"count":%d,"prefix":"88","length":4,"defaults":{"city":"Oslo","billing_type":"postpaid"},"setup_tokens":true,"opening":{"balance":"5"}%s}`
		free := h.do("manager", "POST", "/api/v1/customers/bulk-create", fmt.Sprintf(ask, 60, `,"dry_run":true`)).want(200).object()
		if free["free"] != 100.0 || free["count"] != 60.0 {
			t.Errorf("free %v", free)
		}
		j := h.ended(h.do("manager", "POST", "/api/v1/customers/bulk-create", fmt.Sprintf(ask, 60, "")))
		if j["result_file"] != true || j["result_once"] != true || j["result"].(map[string]any)["created"] != 60.0 {
			t.Errorf("job %v", j)
		}
		path := "/api/v1/jobs/" + j["id"].(string) + "/result"
		text := strings.TrimPrefix(string(h.do("manager", "GET", path, nil).want(200).Body), "\ufeff")
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(lines) != 61 || strings.Join(lines[0], ",") != "customer_id,reference,name,setup_token" {
			t.Fatalf("result %q, %v", text, err)
		}
		h.do("manager", "GET", path, nil).problem(409, "already_downloaded")
		if c := h.do("admin", "GET", "/api/v1/customers/"+lines[1][0], nil).want(200).object(); c["reference"] != lines[1][1] || c["city"] != "Oslo" || c["billing_type"] != "postpaid" {
			t.Errorf("customer %v", c)
		}
		for _, dry := range []string{"", `,"dry_run":true`} {
			p := h.do("manager", "POST", "/api/v1/customers/bulk-create", fmt.Sprintf(ask, 41, dry)).problem(422, "only_n_left")
			if field(p, "count") != "only_n_left" || p.Errors[0].Message != "Only 40 left." {
				t.Errorf("problem %+v", p)
			}
		}
		p := h.do("admin", "POST", "/api/v1/customers/bulk-create", `{"count":-5,"prefix":"=1","length":0,"defaults":{"country":"Narnia","custom":{"x":"1"}},"opening":{"balance":"NaN"}}`).problem(422, "invalid")
		for name, code := range map[string]string{"defaults.custom.x": "unknown_field", "count": "out_of_range", "prefix": "malformed", "defaults.country": "bad_country", "opening.balance": "bad_number"} {
			if field(p, name) != code {
				t.Errorf("problem %+v, want %s %s", p.Errors, name, code)
			}
		}
		h.do("admin", "POST", "/api/v1/customers/bulk-create", `{"count":1,"prefix":"1","length":5,"defaults":{"version":7}}`).problem(422, "invalid")
	})
}
