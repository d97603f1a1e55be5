package rest_test

import (
	"context"
	"encoding/csv"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/audit"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
)

func contactModules(t testing.TB, d *db.DB) []rest.Module {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
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
	s := contact.New(contact.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers})
	return []rest.Module{rest.Customers(customers, nil), rest.Contacts(s, customers, nil)}
}

func TestContactLifeOverTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHarness(t, d, contactModules(t, d)...)
		k := h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "Fjord Nett"}).want(201).object()
		of := "/api/v1/customers/" + k["customer_id"].(string) + "/contacts"
		given := map[string]any{"name": "Øyvind", "email": "o@example.org", "mobile": "412 34 567", "private_notes": "hush-hush", "allowed_ips": []string{"192.0.2.9/24"}}
		made := h.do("admin", "POST", of, given, "Idempotency-Key", "k-1").want(201)
		c := made.object()
		path := "/api/v1/contacts/" + c["id"].(string)
		if c["role"] != "viewer" || c["mobile"] != "+4741234567" || c["private_notes"] != "hush-hush" || made.Header.Get("Location") != path || made.Header.Get("ETag") != `"1"` {
			t.Errorf("made %s, at %s", made.Body, made.Header.Get("Location"))
		}
		if again := h.do("admin", "POST", of, given, "Idempotency-Key", "k-1").want(201); again.object()["id"] != c["id"] {
			t.Errorf("a repeat made %s", again.Body)
		}
		p := h.do("admin", "POST", of, map[string]any{"email": "O@example.org", "public_notes": "PIN 1234"}).problem(422, "invalid")
		if field(p, "name") != "missing" || field(p, "email") != "" && field(p, "email") != "duplicate_email" || field(p, "public_notes") != "looks_like_secret" {
			t.Errorf("%+v", p.Errors)
		}
		h.do("support", "PATCH", path, map[string]any{"public_notes": "PIN 1234", "insist": []string{"public_notes"}, "mobile_verified": true}, "If-Match", `"1"`).want(200)
		h.do("support", "PATCH", path, map[string]any{"name": "x"}, "If-Match", `"1"`).problem(412, "stale")
		cleared := h.do("support", "PATCH", path, map[string]any{"public_notes": nil, "allowed_ips": nil, "mobile": "41234568"}).want(200).object()
		if cleared["public_notes"] != "" || len(cleared["allowed_ips"].([]any)) != 0 || cleared["mobile_verified"] != false {
			t.Errorf("%v", cleared)
		}
		h.do("read_only", "PATCH", path, map[string]any{"name": "x"}).problem(403, "forbidden")
		h.do("support", "DELETE", path, nil).problem(403, "forbidden")
		if seen := h.do("read_only", "GET", path, nil).want(200); strings.Contains(string(seen.Body), "private_notes") || strings.Contains(string(seen.Body), "hush") {
			t.Errorf("a reader sees %s", seen.Body)
		}
		for _, list := range []string{"/api/v1/contacts", "/api/v1/contacts?q=hush", of, "/api/v1/contacts/fields", "/api/v1/customers"} {
			if seen := h.do("admin", "GET", list, nil).want(200); strings.Contains(string(seen.Body), "hush") || strings.Contains(string(seen.Body), "private_notes") {
				t.Errorf("%s has private notes: %s", list, seen.Body)
			}
		}
		h.do("admin", "DELETE", path, nil, "If-Match", `"3"`).want(204)
		if gone := h.do("admin", "GET", path, nil).want(200).object(); gone["removed_at"] == nil {
			t.Errorf("%v", gone)
		}
		h.do("admin", "PATCH", path, map[string]any{"name": "x"}).problem(404, "not_found")
	})
}

func TestContactsAsAFile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHarness(t, d, contactModules(t, d)...)
		k := h.do("admin", "POST", "/api/v1/customers", map[string]any{"name": "Fjord Nett"}).want(201).object()
		h.do("admin", "POST", "/api/v1/customers/"+k["id"].(string)+"/contacts", map[string]any{"name": "=1+1", "private_notes": "hush-hush", "public_notes": "said aloud", "allowed_ips": []string{"192.0.2.1", "2001:db8::/32"}}).want(201)
		file := func(query string) [][]string {
			t.Helper()
			got := h.do("admin", "GET", "/api/v1/contacts"+query, nil, "Accept", "text/csv").want(200)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(got.Body), "\ufeff"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		told := func(rows [][]string) string { return strings.Join(rows[1], "|") }
		plain := told(file(""))
		if strings.Contains(plain, "hush") || !strings.Contains(plain, "said aloud") || !strings.Contains(plain, k["id"].(string)+"|") || strings.HasPrefix(strings.Split(plain, "|")[1], "=") {
			t.Errorf("the file has %s", plain)
		}
		if len(file("?q=nobody")) != 1 {
			t.Error("the file of nobody has rows")
		}
		if all := told(file("?private_notes=true")); !strings.Contains(all, "hush-hush") {
			t.Errorf("asked for, and not there: %s", all)
		}
		h.do("read_only", "GET", "/api/v1/contacts", nil, "Accept", "text/csv").problem(403, "forbidden")
		h.do("admin", "GET", "/api/v1/contacts?private_notes=maybe", nil, "Accept", "text/csv").problem(422, "invalid")
		h.do("admin", "GET", "/api/v1/contacts?filter=x", nil, "Accept", "text/csv").problem(422, "invalid")
		types := h.do("read_only", "GET", "/api/v1/contacts/types", nil).want(200)
		if string(types.Body) == "" {
			t.Error("no types")
		}
	})
}
