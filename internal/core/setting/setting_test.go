package setting_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/setting"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

func as(role access.Role) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 7, Name: "Ann", Permissions: role.Permissions()}})
}

func ptr[T any](v T) *T { return &v }

func TestSettings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		log := audit.NewLog(c, id.NewSource(c))
		here, elsewhere := setting.New(d, c, log), setting.New(d, c, log)
		admin := as(access.RoleAdmin)
		got, err := here.Get(context.Background())
		if err != nil || cmp.Diff(setting.Default(), got) != "" {
			t.Fatalf("at first %+v, %v", got, err)
		}
		if _, err := elsewhere.Get(admin); err != nil {
			t.Fatal(err)
		}
		got, err = here.Update(admin, 1, setting.Patch{OrganizationName: ptr(" Nordic Tel "), DefaultCountry: ptr("norway"), DefaultCurrency: ptr("nok"), GroupTypes: ptr([]string{"Wholesale"})})
		want := setting.Default()
		want.OrganizationName, want.DefaultCountry, want.DefaultCurrency, want.GroupTypes, want.Version = "Nordic Tel", "NO", "NOK", []string{"Wholesale"}, 2
		if err != nil || cmp.Diff(want, got) != "" {
			t.Fatalf("%v\n%s", err, cmp.Diff(want, got))
		}
		if got, _ := here.Get(admin); cmp.Diff(want, got) != "" {
			t.Errorf("a change here is seen at once: %s", cmp.Diff(want, got))
		}
		c.Advance(2 * time.Second)
		if got, _ := elsewhere.Get(admin); cmp.Diff(want, got) != "" {
			t.Errorf("a change is seen elsewhere after two seconds: %s", cmp.Diff(want, got))
		}
		if _, err := here.Update(admin, 1, setting.Patch{RetentionDays: ptr(5)}); !errs.IsKind(err, errs.KindStale) {
			t.Errorf("a stale change: %v", err)
		}
		if again, err := here.Update(admin, 2, setting.Patch{DefaultCurrency: ptr("NOK")}); err != nil || again.Version != 2 {
			t.Errorf("a change that changes nothing keeps the version: %v, %v", again.Version, err)
		}
		var entries int
		if err := d.Read().GetContext(admin, &entries, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'settings'"); err != nil || entries != 1 {
			t.Errorf("%d audit entries, %v; want 1", entries, err)
		}
	})
}

func TestWrongSettingsAreToldAllAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Unix(1e9, 0))
		s := setting.New(d, c, audit.NewLog(c, id.NewSource(c)))
		_, err := s.Update(as(access.RoleAdmin), 0, setting.Patch{OrganizationName: ptr(""), DefaultCountry: ptr("Nowhere"), DefaultCurrency: ptr("XYZZY"), DefaultLanguage: ptr("?"),
			DefaultTimezone: ptr("Mars/Base"), RetentionDays: ptr(-1), GroupTypes: ptr([]string{"Client", "a\nb", "x", "X"})})
		e, ok := errs.As(err)
		if !ok {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range e.Fields {
			got[f.Field] = f.Code
		}
		want := map[string]string{"organization_name": "required", "default_country": "unknown", "default_currency": "unknown", "default_language": "unknown",
			"default_timezone": "unknown", "retention_days": "out_of_range", "group_types[0]": "duplicate", "group_types[1]": "bad_text", "group_types[3]": "duplicate"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := s.Update(as(access.RoleManager), 0, setting.Patch{}); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("a manager changes settings: %v", err)
		}
		if _, err := s.Show(context.Background()); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("nobody reads settings: %v", err)
		}
	})
}
