package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

func TestViewRoutes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		draft := map[string]any{
			"target": "jobs", "name": "Failed ones", "filter": map[string]any{"field": "state", "op": "eq", "value": "failed"}, "q": "import",
			"sort": "-created_at", "columns": []map[string]any{{"name": "label", "width": 300, "pinned": true}}, "shared": true, "pinned": true, "default": true,
		}
		made := o.do("manager", "POST", "/api/v1/views", draft).want(201)
		v := made.object()
		path := "/api/v1/views/" + fmt.Sprint(v["id"])
		if v["name"] != "Failed ones" || v["mine"] != true || v["default"] != true || made.Header.Get("ETag") != `"1"` || made.Header.Get("Location") != path {
			t.Errorf("made %v, %v", v, made.Header)
		}
		if f, _ := v["filter"].(map[string]any); f["op"] != "eq" {
			t.Errorf("the filter came back as %v", v["filter"])
		}
		p := o.do("manager", "POST", "/api/v1/views", map[string]any{
			"target": "jobs", "name": "", "filter": map[string]any{"field": "nonsense", "op": "eq", "value": ""}, "sort": "nonsense", "columns": []map[string]any{{"name": "nonsense"}},
		}).problem(422, "invalid")
		for _, name := range []string{"name", "sort", "columns[0].name"} {
			if field(p, name) == "" {
				t.Errorf("%s is not named in %+v", name, p.Errors)
			}
		}
		if len(p.Errors) != 4 {
			t.Errorf("named %+v", p.Errors)
		}
		if p := o.do("manager", "POST", "/api/v1/views", draft).problem(422, "invalid"); field(p, "name") != "duplicate_name" {
			t.Errorf("twice: %+v", p)
		}
		o.do("read_only", "POST", "/api/v1/views", draft).problem(403, "forbidden") // may write, not share

		list := o.do("read_only", "GET", "/api/v1/views?target=jobs&limit=200", nil).want(200).object()
		items, _ := list["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("listed %v", list)
		}
		if seen, _ := items[0].(map[string]any); seen["mine"] != false || seen["default"] != false {
			t.Errorf("a reader sees %v", seen)
		}
		o.do("read_only", "GET", "/api/v1/views", nil).problem(422, "invalid")
		o.do("read_only", "GET", "/api/v1/views?target=none", nil).problem(422, "invalid")
		o.do("read_only", "PATCH", path, map[string]any{"name": "x"}).problem(403, "not_yours")
		o.do("read_only", "PATCH", path, map[string]any{"pinned": true}, "If-Match", `"1"`).want(200)

		o.do("manager", "PATCH", path, map[string]any{"filter": nil, "shared": false}, "If-Match", `"1"`).want(200)
		stale := o.do("manager", "PATCH", path, map[string]any{"name": "x"}, "If-Match", `"1"`).problem(412, "stale")
		if now, _ := stale.Current.(map[string]any); now["version"] != 2.0 || now["filter"] != nil {
			t.Errorf("the present one is %v", stale.Current)
		}
		o.do("read_only", "GET", path, nil).problem(404, "not_found")
		o.do("manager", "DELETE", path, nil, "If-Match", `"1"`).problem(412, "stale")
		o.do("manager", "DELETE", path, nil, "If-Match", `"2"`).want(204)
		o.do("manager", "GET", path, nil).problem(404, "not_found")
		o.do("manager", "GET", "/api/v1/views/x", nil).problem(404, "not_found")
	})
}

func TestPreferenceRoutes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		path := "/api/v1/preferences/grid.customers"
		if got := strings.TrimSpace(string(o.do("admin", "GET", path, nil).want(200).Body)); got != "null" {
			t.Errorf("remembered %s", got)
		}
		o.do("admin", "PUT", path, `{"columns": [{"name":"ø"}]}`).want(200)
		if got := strings.TrimSpace(string(o.do("admin", "GET", path, nil).want(200).Body)); got != `{"columns":[{"name":"ø"}]}` {
			t.Errorf("remembered %s", got)
		}
		if got := strings.TrimSpace(string(o.do("manager", "GET", path, nil).want(200).Body)); got != "null" {
			t.Errorf("somebody else reads %s", got)
		}
		o.do("admin", "PUT", path, `{`).problem(400, "malformed")
		o.do("admin", "PUT", path, `"`+strings.Repeat("a", 70<<10)+`"`).problem(413, "too_large")
		o.do("admin", "PUT", "/api/v1/preferences/A%20b", `1`).problem(422, "invalid")
		o.do("", "PUT", path, `1`).problem(401, "not_signed_in")
	})
}
