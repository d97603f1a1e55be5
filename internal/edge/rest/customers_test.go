package rest_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/core/group"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
)

// customerModules is the routes of customers, groups and custom fields on a database.
func customerModules(t testing.TB, d *db.DB, c clock.Clock) []rest.Module {
	t.Helper()
	_, modules := customerHouse(t, d, c)
	return modules
}

func customerHouse(t testing.TB, d *db.DB, c clock.Clock) (*customer.Service, []rest.Module) {
	t.Helper()
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	quiet := slog.New(slog.DiscardHandler)
	customers, err := customer.New(t.Context(), customer.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet,
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo", Retention: 30 * 24 * time.Hour}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	fields := customfield.New(d, c, ids, log, func() {
		if err := customers.Reload(context.Background()); err != nil {
			t.Error(err)
		}
	})
	groups := group.New(group.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers, OwnTypes: func(context.Context) ([]string, error) { return nil, nil }})
	return customers, []rest.Module{rest.Customers(customers, nil), rest.Groups(groups), rest.CustomFields(fields)}
}

func eachAPI(t *testing.T, fn func(t *testing.T, h *harness)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		fn(t, newHarness(t, d, customerModules(t, d, c)...))
	})
}

func TestCustomerLifeOverTheAPI(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		made := h.do("admin", "POST", "/api/v1/customers", map[string]any{"first_name": "Inês", "last_name": "Yılmaz", "email": "ines@example.org", "country": "PT", "telephone": "213 225 529"}, "Idempotency-Key", "k-1").want(201)
		c := made.object()
		if c["name"] != "Inês Yılmaz" || c["telephone"] != "+351213225529" || c["status"] != "active" || c["version"] != 1.0 || made.Header.Get("ETag") != `"1"` {
			t.Errorf("made %s", made.Body)
		}
		again := h.do("admin", "POST", "/api/v1/customers", map[string]any{"first_name": "Inês", "last_name": "Yılmaz", "email": "ines@example.org", "country": "PT", "telephone": "213 225 529"}, "Idempotency-Key", "k-1").want(201)
		if again.object()["id"] != c["id"] {
			t.Errorf("a repeat made %s", again.Body)
		}
		h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "Other"}, "Idempotency-Key", "k-1").problem(409, "idempotency_conflict")
		path := "/api/v1/customers/" + c["id"].(string)
		short := h.do("read_only", "GET", "/api/v1/customers/"+strings.ToLower(c["customer_id"].(string)), nil).want(200)
		if short.object()["id"] != c["id"] {
			t.Errorf("by its customer ID: %s", short.Body)
		}
		changed := h.do("support", "PATCH", path, map[string]any{"city": "Lisboa", "description": nil}, "If-Match", `"1"`).want(200)
		if changed.object()["city"] != "Lisboa" || changed.Header.Get("ETag") != `"2"` {
			t.Errorf("changed %s", changed.Body)
		}
		stale := h.do("support", "PATCH", path, map[string]any{"city": "Porto"}, "If-Match", `"1"`)
		stale.problem(412, "stale")
		if current, ok := stale.object()["current"].(map[string]any); !ok || current["city"] != "Lisboa" {
			t.Errorf("stale answer %s", stale.Body)
		}
		h.do("support", "DELETE", path, nil).problem(403, "forbidden")
		h.do("manager", "DELETE", path+"?reason=moved", nil, "If-Match", `"2"`).want(204)
		if gone := h.do("admin", "GET", path, nil).want(200).object(); gone["status"] != "closed" || gone["status_reason"] != "moved" {
			t.Errorf("after closing: %v", gone)
		}
		if l := h.do("admin", "GET", "/api/v1/customers", nil).want(200).object(); l["total"] != 0.0 || l["total_is_exact"] != true {
			t.Errorf("list %v", l)
		}
	})
}

func TestMalformedListsAreNamed(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		for query, want := range map[string]string{
			"filter=%7B": "filter", "filter=%7B%22field%22%3A%22nope%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A1%7D": "filter.field", "sort=password": "sort", "cursor=AAAA": "cursor",
			"limit=1001": "limit", "limit=-1": "limit", "offset=-1": "offset", "total=most": "total", "limit=ten": "limit", "q=" + strings.Repeat("x", 600): "q", "page=2": "page",
			"filter=%7B%22and%22%3A%5B%7B%22field%22%3A%22created_at%22%2C%22op%22%3A%22gt%22%2C%22value%22%3A%22soon%22%7D%5D%7D": "filter.and[0].value",
		} {
			a := h.do("admin", "GET", "/api/v1/customers?"+query, nil)
			if a.Status < 400 || a.Status >= 500 {
				t.Errorf("%s gives %d", query, a.Status)
				continue
			}
			var p rest.Problem
			a.into(&p)
			if len(p.Errors) == 0 || !strings.HasSuffix(p.Errors[0].Field, want) {
				t.Errorf("%s names %v, want %s", query, p.Errors, want)
			}
		}
	})
}

func TestHostileTextsStayTexts(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		for _, evil := range []string{`<script>alert(1)</script>`, `'; DROP TABLE customers; --`, `=1+1`, `%_\`, "tab\tand\nbreak", `$1 ? :x`, "\u202eevil", `"quoted" AND`, strings.Repeat("ø", 200)} {
			c := h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": evil, "description": evil}).want(201).object()
			filter := map[string]any{"field": "name", "op": "contains", "value": evil}
			text := mustJSON(t, filter)
			l := h.do("admin", "GET", "/api/v1/customers?filter="+urlQuery(text), nil).want(200).object()
			found := false
			for _, item := range l["items"].([]any) {
				found = found || item.(map[string]any)["id"] == c["id"]
			}
			if !found {
				t.Errorf("%q is not found by itself: %v", evil, l)
			}
			h.do("admin", "GET", "/api/v1/customers?q="+urlQuery(evil), nil).want(200)
		}
		h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "x", "balance": "1000"}).want(422)
		h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "x", "customer_id": "AAAAAAA", "version": 7}).want(422)
	})
}

func TestExportCanBeReadAgain(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		for _, name := range []string{"=cmd|' /C calc'!A0", "Plain", "Comma, \"quote\""} {
			h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": name, "telephone": "+4722995494"}).want(201)
		}
		a := h.do("admin", "GET", "/api/v1/customers/export?format=csv&columns=customer_id,name,telephone&sort=name", nil).want(200)
		if got := a.Header.Get("Content-Disposition"); got != "attachment; filename=customers-2026-03-01.csv" {
			t.Errorf("named %q", got)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.Body), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 4 || rows[0][1] != "name" || rows[1][1] != "'=cmd|' /C calc'!A0" || rows[1][2] != "+4722995494" {
			t.Errorf("read %q, %v", rows, err)
		}
		list := h.do("admin", "GET", "/api/v1/customers?q=plain", nil, "Accept", "text/csv").want(200)
		if !strings.Contains(string(list.Body), "Plain") || strings.Contains(string(list.Body), "Comma") {
			t.Errorf("the list as CSV: %s", list.Body)
		}
		h.do("admin", "GET", "/api/v1/customers/export?format=pdf&columns=nope", nil).problem(422, "invalid")
		h.do("read_only", "GET", "/api/v1/customers/export?format=csv", nil).problem(403, "forbidden")
	})
}

func TestGroupsAreRemovedOnlyWhenUnused(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		north := h.do("manager", "POST", "/api/v1/groups", map[string]any{"name": "North", "type": "territory"}).want(201).object()["id"].(string)
		south := h.do("manager", "POST", "/api/v1/groups", map[string]any{"name": "South", "type": "territory"}).want(201).object()["id"].(string)
		if p := h.do("manager", "POST", "/api/v1/groups", map[string]any{"name": "NORTH", "type": "planet"}).problem(422, "invalid"); field(p, "name") != "duplicate_name" || field(p, "type") != "unknown" {
			t.Errorf("problem %+v", p)
		}
		c := h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "Member", "groups": []string{north}}).want(201).object()
		h.do("manager", "DELETE", "/api/v1/groups/"+north, nil).problem(409, "group_in_use")
		h.do("manager", "DELETE", "/api/v1/groups/"+north+"?reassign_to="+south, nil).want(204)
		now := h.do("admin", "GET", "/api/v1/customers/"+c["id"].(string), nil).want(200).object()
		if g := now["groups"].([]any); len(g) != 1 || g[0].(map[string]any)["name"] != "South" || now["version"] != 2.0 {
			t.Errorf("moved to %v", now)
		}
		by := h.do("admin", "GET", "/api/v1/customers?filter="+urlQuery(mustJSON(t, map[string]any{"field": "groups", "op": "eq", "value": south})), nil).want(200).object()
		if by["total"] != 1.0 {
			t.Errorf("by group: %v", by)
		}
	})
}

func TestAggregateSumsNumbers(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		h.do("admin", "POST", "/api/v1/custom-fields", map[string]any{"label": "Seats", "type": "number"}).want(201)
		for _, seats := range []any{"1.5", 2, nil, "-0.25"} {
			h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "N", "custom": map[string]any{"seats": seats}}).want(201)
		}
		if a := h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "N", "custom": map[string]any{"seats": []int{1}}}); a.Status < 400 || a.Status >= 500 {
			t.Errorf("a list as a number gives %d: %s", a.Status, a.Body)
		}
		a := h.do("admin", "GET", "/api/v1/customers/aggregate?fields=custom.seats,name&from=0&to=100", nil).want(200).object()
		got := a["columns"].(map[string]any)["custom.seats"].(map[string]any)
		if a["rows"] != 4.0 || got["count"] != 3.0 || got["sum"] != "3.25" || got["average"] != "1.083333" || got["min"] != "-0.25" || got["max"] != "2" {
			t.Errorf("sums %v", a)
		}
	})
}

func TestAggregateOfDatesAndGroups(t *testing.T) {
	t.Parallel()
	eachAPI(t, func(t *testing.T, h *harness) {
		h.do("admin", "POST", "/api/v1/custom-fields", map[string]any{"label": "Signed", "type": "date"}).want(201)
		g := h.do("admin", "POST", "/api/v1/groups", map[string]any{"name": "North"}).want(201).object()["id"]
		two := h.do("admin", "POST", "/api/v1/groups", map[string]any{"name": "South"}).want(201).object()["id"]
		first := h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "A", "custom": map[string]any{"signed": "2024-02-29"}, "groups": []any{g, two}}).want(201).object()
		h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "B", "custom": map[string]any{"signed": "1961-04-12"}, "groups": []any{g}}).want(201)
		h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "C"}).want(201)
		a := h.do("admin", "GET", "/api/v1/customers/aggregate?fields=custom.signed,created_at,groups,name,reseller&from=0&to=100", nil).want(200).object()
		want := map[string]map[string]any{
			"custom.signed": {"count": 2.0, "min": "1961-04-12", "max": "2024-02-29"},
			"created_at":    {"count": 3.0, "min": first["created_at"], "max": first["created_at"]},
			"groups":        {"count": 2.0},
			"name":          {"count": 3.0},
			"reseller":      {"count": 0.0},
		}
		for name, sums := range want {
			if got := a["columns"].(map[string]any)[name]; !reflect.DeepEqual(got, any(sums)) {
				t.Errorf("%s adds up to %v, want %v", name, got, sums)
			}
		}
		h.do("admin", "GET", "/api/v1/customers/aggregate?fields=nope&from=0&to=1", nil).problem(422, "invalid")
	})
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func urlQuery(s string) string { return url.QueryEscape(s) }
