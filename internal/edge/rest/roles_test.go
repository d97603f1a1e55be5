package rest_test

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/core/audit"
	"tandem/internal/core/role"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
)

func TestRolesOverTheWire(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		ids := id.NewSource(c)
		h := newHarness(t, d, rest.Roles(role.New(d, c, ids, audit.NewLog(c, ids))))
		given := map[string]any{"name": "Night shift", "description": "After ten", "permissions": []string{"customer.read", "contact.read"}}
		made := h.do("admin", "POST", "/api/v1/roles", given, "Idempotency-Key", "k-1").want(201)
		r := made.object()
		path := "/api/v1/roles/" + r["id"].(string)
		if r["role"] != "night_shift" || r["ships"] != false || made.Header.Get("Location") != path || made.Header.Get("ETag") != `"1"` {
			t.Errorf("made %s, at %s", made.Body, made.Header.Get("Location"))
		}
		if again := h.do("admin", "POST", "/api/v1/roles", given, "Idempotency-Key", "k-1").want(201); again.object()["id"] != r["id"] {
			t.Errorf("a repeat made %s", again.Body)
		}
		if got := h.do("manager", "GET", "/api/v1/roles/night_shift", nil).want(200).object(); got["id"] != r["id"] {
			t.Errorf("by its key: %v", got)
		}
		if got := h.do("manager", "GET", "/api/v1/roles", nil).want(200).object()["items"].([]any); len(got) != 5 || got[0].(map[string]any)["id"] != "admin" || got[0].(map[string]any)["ships"] != true {
			t.Errorf("%v", got)
		}
		all := h.do("manager", "GET", "/api/v1/permissions", nil).want(200).object()["items"].([]any)
		if !slices.ContainsFunc(all, func(p any) bool {
			m := p.(map[string]any)
			return m["id"] == "contact.private_notes" && m["area"] == "contact" && m["action"] == "private_notes" && m["sentence"] != ""
		}) {
			t.Errorf("%v", all)
		}
		h.do("admin", "PATCH", path, map[string]any{"permissions": []string{"customer.read"}}, "If-Match", `"1"`).want(200)
		h.do("admin", "PATCH", path, map[string]any{"name": "x"}, "If-Match", `"1"`).problem(412, "stale")
		h.do("admin", "PATCH", path, map[string]any{"permissions": []string{"made.up"}}).problem(422, "invalid")
		h.do("admin", "PATCH", "/api/v1/roles/admin", map[string]any{"name": "x"}).problem(409, "role_ships")
		h.do("manager", "PATCH", path, map[string]any{"name": "x"}).problem(403, "forbidden")
		h.do("support", "GET", "/api/v1/roles", nil).problem(403, "forbidden")
		h.do("admin", "GET", "/api/v1/roles/rol_0000000000001", nil).problem(404, "not_found")
		h.do("admin", "DELETE", path, nil, "If-Match", `"2"`).want(204)
		h.do("admin", "DELETE", path, nil).problem(404, "not_found")
	})
}
