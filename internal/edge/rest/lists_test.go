package rest_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tandem/internal/edge/rest"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// names is the names of a list's items.
func names(t testing.TB, a *answer) []string {
	t.Helper()
	var page struct {
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
		Next  string `json:"next_cursor"`
		Total int    `json:"total"`
	}
	a.want(200).into(&page)
	out := []string{}
	for _, i := range page.Items {
		out = append(out, i.Name)
	}
	return append(out, fmt.Sprint(page.Total))
}

// Staff, tokens and groups are lists like any other.
func TestShortListsPageFilterAndSort(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newSigned(t, d, func(*rest.Config) {})
		admin := h.setUp()
		get := func(path string) *answer { return h.do("", "GET", path, nil, "Cookie", admin) }
		for i, name := range []string{"Zoë", "bob", "Åse", "Carl"} {
			h.do("", "POST", "/api/v1/staff", map[string]any{"name": name, "email": fmt.Sprintf("p%d@example.org", i), "role": "support"}, "Cookie", admin).want(201)
			h.do("", "POST", "/api/v1/api-tokens", map[string]any{"name": name, "role": "support"}, "Cookie", admin).want(201)
		}
		filter := url.QueryEscape(`{"field":"role","op":"eq","value":"support"}`)
		for path, want := range map[string]string{
			"/api/v1/staff?sort=-name&filter=" + filter: "Zoë Carl bob Åse 4",
			"/api/v1/staff?q=P2":                        "Åse 1",
			"/api/v1/staff?filter=" + url.QueryEscape(`{"field":"last_seen_at","op":"empty"}`) + "&sort=name": "Åse bob Carl Zoë 4",
			"/api/v1/api-tokens?sort=name": "Åse bob Carl Zoë 4",
			"/api/v1/api-tokens":           "Carl Åse bob Zoë 4",
			"/api/v1/api-tokens?q=zoe":     "Zoë 1",
			"/api/v1/api-tokens?filter=" + url.QueryEscape(`{"field":"expires_at","op":"empty"}`) + "&sort=-name&limit=2": "Zoë Carl 4",
		} {
			if got := strings.Join(names(t, get(path)), " "); got != want {
				t.Errorf("%s gives %q, want %q", path, got, want)
			}
		}
		for _, path := range []string{"/api/v1/staff", "/api/v1/api-tokens"} {
			seen := 0
			for cursor := ""; ; {
				page := get(path + "?limit=2&sort=name&cursor=" + url.QueryEscape(cursor)).want(200).object()
				seen += len(page["items"].([]any))
				next, more := page["next_cursor"].(string)
				if cursor = next; !more || next == "" {
					break
				}
			}
			if total := int(get(path).want(200).object()["total"].(float64)); seen != total {
				t.Errorf("%s has %d of %d by pages", path, seen, total)
			}
			if f := get(path + "/fields").want(200).object()["fields"].([]any); len(f) < 6 {
				t.Errorf("%s/fields: %v", path, f)
			}
			get(path+"?sort=password_hash").problem(422, "invalid")
			get(path+"?filter="+url.QueryEscape(`{"field":"digest","op":"eq","value":"x"}`)).problem(422, "invalid")
			file := h.do("", "GET", path+"?sort=name", nil, "Cookie", admin, "Accept", "text/csv").want(200)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.Body), "\ufeff"))).ReadAll()
			if err != nil || len(rows) != seen+1 || rows[0][0] != "id" || rows[0][1] != "name" {
				t.Errorf("%s as CSV: %q, %v", path, rows, err)
			}
			h.do("", "GET", path, nil, "Accept", "text/csv").problem(401, "not_signed_in")
		}
	})
}
