package rest_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/customer"
	"tandem/internal/edge/rest"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
)

// insertNamed makes customers called "Row 0000" and so on, without references.
func insertNamed(t testing.TB, d *db.DB, s *customer.Service, n int) {
	t.Helper()
	ctx := access.With(t.Context(), access.Call{Principal: access.System("test")})
	drafts := make([]*customer.Draft, n)
	for i := range drafts {
		drafts[i] = &customer.Draft{Name: fmt.Sprintf("Row %04d", i), Country: "NO", Currency: "EUR"}
		if wrong, err := s.Prepare(ctx, drafts[i]); err != nil || wrong.Err() != nil {
			t.Fatal(err, wrong.Err())
		}
	}
	numbers, err := s.Reserve(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := s.InsertMany(ctx, tx, drafts, numbers, "Made")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// exportedNames is the second column of an export, without its header.
func exportedNames(t testing.TB, a *answer) []string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.Body), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(rows))
	for _, r := range rows[1:] {
		names = append(names, r[1])
	}
	return names
}

func TestExportOfARangeOfRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		customers, modules := customerHouse(t, d, c)
		h := newHarness(t, d, modules...)
		insertNamed(t, d, customers, 2500)
		const path = "/api/v1/customers/export"
		for _, tc := range []struct {
			query       string
			first, last int // of the rows, -1 for none
		}{
			{"", 0, 2499},
			{"&offset=0&count=1", 0, 0},
			{"&offset=7&count=3", 7, 9},
			{"&count=1000", 0, 999},
			{"&count=1001", 0, 1000},
			{"&offset=990&count=1200", 990, 2189},
			{"&offset=2490&count=100", 2490, 2499},
			{"&offset=1400", 1400, 2499},
			{"&offset=2500&count=5", -1, -1},
			{"&offset=5&count=2&q=row+12", 123, 124}, // 0012, 0112, 0120, 0121, 0122, then these
		} {
			a := h.do("admin", "GET", path+"?format=csv&columns=customer_id,name&sort=name"+tc.query, nil).want(200)
			names := exportedNames(t, a)
			if tc.first < 0 {
				if len(names) != 0 {
					t.Errorf("%s gives %d rows", tc.query, len(names))
				}
				continue
			}
			if len(names) != tc.last-tc.first+1 {
				t.Fatalf("%s gives %d rows, want %d to %d", tc.query, len(names), tc.first, tc.last)
			}
			for i, name := range names {
				if want := fmt.Sprintf("Row %04d", tc.first+i); name != want {
					t.Fatalf("%s: row %d is %q, want %q", tc.query, i, name, want)
				}
			}
		}
		body := map[string]any{"format": "csv", "columns": []string{"customer_id", "name"}, "sort": "-name", "offset": 2, "count": 1100}
		if names := exportedNames(t, h.do("admin", "POST", path, body).want(200)); len(names) != 1100 || names[0] != "Row 2497" || names[1099] != "Row 1398" {
			t.Errorf("by POST: %d rows, from %q", len(names), names[0])
		}
		wrongSpans(t, h, path)
	})
}

func wrongSpans(t *testing.T, h *harness, path string) {
	t.Helper()
	for query, want := range map[string][2]string{
		"offset=-1": {"offset", "out_of_range"}, "offset=ten": {"offset", "not_a_number"}, "count=0": {"count", "out_of_range"}, "count=-5": {"count", "out_of_range"},
		"count=": {"count", "not_a_number"}, "count=99999999999999999999": {"count", "not_a_number"}, "offset=9223372036854775807": {"offset", "out_of_range"},
	} {
		if p := h.do("admin", "GET", path+"?format=csv&"+query, nil).problem(422, "invalid"); field(p, want[0]) != want[1] {
			t.Errorf("%s names %+v, want %v", query, p.Errors, want)
		}
	}
	var p rest.Problem
	if h.do("admin", "POST", path, map[string]any{"format": "csv", "count": 0}).want(422).into(&p); field(p, "count") != "out_of_range" {
		t.Errorf("count 0 by POST: %+v", p)
	}
	h.do("admin", "POST", path, map[string]any{"format": "csv", "count": "many"}).problem(400, "malformed_json")
}
