package view_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/view"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

func as(n int64, role access.Role) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{
		Kind: access.KindStaff, ID: n, Name: "Person " + string(rune('0'+n)), Role: role, Permissions: role.Permissions(),
	}})
}

var (
	ann  = as(1, access.RoleManager)
	bob  = as(2, access.RoleSupport) // may write views, not share them
	boss = as(3, access.RoleAdmin)
)

func newService(t *testing.T, d *db.DB) *view.Service {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	ids := id.NewSource(c)
	s := view.New(view.Options{DB: d, Clock: c, IDs: ids, Audit: audit.NewLog(c, ids)})
	check := func(_ context.Context, c view.Content) error {
		var wrong errs.Fields
		if strings.Contains(string(c.Filter), "nonsense") {
			wrong.Add("filter.and[0].field", "unknown_field", "There is no such field.")
		}
		if c.Sort == "nonsense" {
			wrong.Add("sort", "unknown_field", "There is no such field.")
		}
		return wrong.Err()
	}
	s.Register(view.Target{Name: "customers", Read: access.CustomerRead, Validate: check})
	s.Register(view.Target{Name: "audit-entries", Read: access.AuditRead, Validate: check})
	return s
}

func content(name string) view.Content {
	return view.Content{
		Target: "customers", Name: name, Filter: json.RawMessage(`{"and":[{"field":"status","op":"eq","value":"active"}]}`),
		Q: "tele", Sort: "-name", Columns: []view.Column{{Name: "name", Width: 200, Pinned: true}, {Name: "email", Hidden: true}},
	}
}

func must(t *testing.T, v view.View, err error) view.View {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.IsKind(err, kind) {
		t.Errorf("error %v, want %s", err, kind)
	}
}

func ptr[T any](v T) *T { return &v }

func TestOwnAndSharedViews(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		c := content("  Öslo   customers ")
		mine, err := s.Create(ann, c)
		mine = must(t, mine, err)
		if mine.Name != "Öslo customers" || !mine.Mine || mine.Version != 1 || string(mine.Filter) != string(c.Filter) || len(mine.Columns) != 2 {
			t.Errorf("created %+v", mine)
		}
		_, err = s.Create(ann, content("oslo CUSTOMERS"))
		if e, ok := errs.As(err); !ok || len(e.Fields) != 1 || e.Fields[0].Code != "duplicate_name" {
			t.Errorf("the same name: %v", err)
		}
		if _, err = s.Create(bob, content("Oslo customers")); err != nil {
			t.Errorf("somebody else's view of that name: %v", err)
		}
		_, err = s.Get(bob, mine.ID)
		wantKind(t, err, errs.KindNotFound)

		shared, err := s.Update(ann, mine.ID, 1, view.Patch{Shared: ptr(true), Filter: ptr(json.RawMessage("null"))})
		shared = must(t, shared, err)
		if shared.Version != 2 || shared.Filter != nil || !shared.Shared {
			t.Errorf("shared %+v", shared)
		}
		seen, err := s.Get(bob, mine.ID)
		if seen = must(t, seen, err); seen.Mine || seen.OwnerName != "Person 1" {
			t.Errorf("bob sees %+v", seen)
		}
		_, err = s.Update(bob, mine.ID, 0, view.Patch{Name: ptr("Bob's")})
		wantKind(t, err, errs.KindForbidden)
		wantKind(t, s.Delete(bob, mine.ID, 0), errs.KindForbidden)
		_, err = s.Create(bob, view.Content{Target: "customers", Name: "x", Shared: true})
		wantKind(t, err, errs.KindForbidden)

		_, err = s.Update(ann, mine.ID, 1, view.Patch{Name: ptr("Late")})
		wantKind(t, err, errs.KindStale)
		if e, _ := errs.As(err); e != nil {
			if now, ok := e.Current.(view.View); !ok || now.Version != 2 {
				t.Errorf("the present one is %+v", e.Current)
			}
		}
		list, err := s.List(bob, "customers")
		if err != nil || len(list) != 2 {
			t.Errorf("bob lists %d, %v", len(list), err)
		}
		if err := s.Delete(boss, mine.ID, 2); err != nil {
			t.Errorf("an administrator removes a shared view: %v", err)
		}
		_, err = s.Get(ann, mine.ID)
		wantKind(t, err, errs.KindNotFound)
		var entries int
		err = d.Read().GetContext(ann, &entries, `SELECT COUNT(*) FROM audit_entries WHERE table_name = 'views' AND row_id = $1`, mine.ID)
		if err != nil || entries != 3 {
			t.Errorf("%d audit entries, %v", entries, err)
		}
	})
}

// Pins and the default are each person's own, and at most one view of a list is the default.
func TestMarks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		c := content("First")
		c.Shared, c.Default, c.Pinned = true, true, true
		first, err := s.Create(ann, c)
		first = must(t, first, err)
		second, err := s.Create(ann, content("Second"))
		second = must(t, second, err)
		if seen, err := s.Get(bob, first.ID); err != nil || seen.Default || seen.Pinned {
			t.Errorf("ann's marks are bob's: %+v, %v", seen, err)
		}
		marked, err := s.Update(bob, first.ID, first.Version, view.Patch{Default: ptr(true), Pinned: ptr(true)})
		if marked = must(t, marked, err); !marked.Default || !marked.Pinned || marked.Version != first.Version {
			t.Errorf("bob's marks: %+v", marked)
		}
		var people sync.WaitGroup
		for _, v := range []view.View{first, second, first, second} {
			people.Add(1)
			go func() {
				defer people.Done()
				if _, err := s.Update(ann, v.ID, 0, view.Patch{Default: ptr(true)}); err != nil && !errs.IsKind(err, errs.KindConflict) {
					t.Error(err)
				}
			}()
		}
		people.Wait()
		defaults := 0
		list, err := s.List(ann, "customers")
		for _, v := range list {
			if v.Default {
				defaults++
			}
		}
		if err != nil || defaults != 1 {
			t.Errorf("ann has %d defaults, %v", defaults, err)
		}
		if seen, err := s.Get(bob, first.ID); err != nil || !seen.Default {
			t.Errorf("bob's default changed with ann's: %+v, %v", seen, err)
		}
		if err := s.Delete(ann, first.ID, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestWrongViewsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		_, err := s.Create(ann, view.Content{
			Target: "customers", Name: " ", Filter: json.RawMessage(`{"field":"nonsense"}`), Sort: "nonsense",
			Columns: []view.Column{{Name: "a", Width: -1}, {Name: "a"}},
		})
		e, ok := errs.As(err)
		if !ok || e.Kind != errs.KindInvalid || len(e.Fields) != 5 {
			t.Errorf("told %v", err)
		}
		for _, c := range []view.Content{
			{Target: "nowhere", Name: "x"}, {Target: "customers", Name: strings.Repeat("ø", 101)}, {Target: "customers", Name: "a\x00b"},
			{Target: "customers", Name: "x", Filter: json.RawMessage(`{`)}, {Target: "customers", Name: "x", Q: strings.Repeat("a", 300)},
			{Target: "customers", Name: "x", Filter: json.RawMessage(`"` + strings.Repeat("a", 70<<10) + `"`)},
			{Target: "customers", Name: "x", Sort: "na\x00me"}, {Target: "customers", Name: "x", Filter: json.RawMessage("\"\xff\"")},
		} {
			_, err := s.Create(ann, c)
			wantKind(t, err, errs.KindInvalid)
		}
		_, err = s.Create(as(4, access.RoleReadOnly), view.Content{Target: "audit-entries", Name: "x"})
		wantKind(t, err, errs.KindForbidden)
		_, err = s.Create(context.Background(), content("x"))
		wantKind(t, err, errs.KindUnauthorized)
		_, err = s.List(context.Background(), "customers")
		wantKind(t, err, errs.KindUnauthorized)
		if list, err := s.List(ann, "customers"); err != nil || len(list) != 0 {
			t.Errorf("something was kept: %+v, %v", list, err)
		}
	})
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		for _, value := range []string{`{"a": [1, 2]}`, `"ø\u0000"`} {
			if err := s.SetPreference(ann, "grid.customers", json.RawMessage(value)); err != nil {
				t.Error(err)
			}
		}
		if got, err := s.Preference(ann, "grid.customers"); err != nil || string(got) != `"ø\u0000"` {
			t.Errorf("remembered %s, %v", got, err)
		}
		if got, err := s.Preference(bob, "grid.customers"); err != nil || string(got) != "null" {
			t.Errorf("bob remembers %s, %v", got, err)
		}
		large := json.RawMessage(`"` + strings.Repeat("a", view.MaxPreference) + `"`)
		wantKind(t, s.SetPreference(ann, "large", large), errs.KindTooLarge)
		wantKind(t, s.SetPreference(ann, "grid", json.RawMessage(`{`)), errs.KindBadRequest)
		wantKind(t, s.SetPreference(context.Background(), "grid", large), errs.KindUnauthorized)
		for _, key := range []string{"", "A", "../x", ".a", "a b", strings.Repeat("a", 101)} {
			wantKind(t, s.SetPreference(ann, key, json.RawMessage(`1`)), errs.KindInvalid)
		}
		var err error
		for i := range 201 {
			err = errors.Join(err, s.SetPreference(bob, "k"+string(rune('a'+i/26))+string(rune('a'+i%26)), json.RawMessage(`1`)))
		}
		wantKind(t, err, errs.KindConflict)
	})
}
