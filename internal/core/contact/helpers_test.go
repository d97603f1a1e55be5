package contact_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/contact"
	"tandem/internal/core/customer"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
)

// house is contacts and customers on an empty database.
type house struct {
	*contact.Service
	db        *db.DB
	clock     *clock.Manual
	customers *customer.Service
	audit     *audit.Service
}

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
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
		h := &house{s, d, c, customers, audit.NewService(audit.Options{DB: d, Clock: c, Log: quiet, Audit: log})}
		fn(t, h)
		h.sound(t)
	})
}

// sound proves the invariants.
func (h *house) sound(t *testing.T) {
	t.Helper()
	for _, c := range contact.Checks() {
		broken, err := c.Run(context.Background(), h.db.Read())
		if err != nil || len(broken) > 0 {
			t.Errorf("%s: %q, %v", c.Name, broken, err)
		}
	}
}

// as is a context in which somebody with exactly these permissions acts.
func as(t testing.TB, may ...access.Permission) context.Context {
	t.Helper()
	return access.With(t.Context(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 1, Name: "Tess Tester", Role: access.RoleAdmin, Permissions: may}, Verb: "POST"})
}

func admin(t testing.TB) context.Context { t.Helper(); return as(t, access.AllPermissions()...) }

func (h *house) customer(t testing.TB, d customer.Draft) *customer.Customer {
	t.Helper()
	c, err := h.customers.Create(admin(t), d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *house) add(t testing.TB, customerID int64, p contact.Patch) *contact.Contact {
	t.Helper()
	c, err := h.Create(admin(t), customerID, p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func text(s string) *string { return &s }

func yes() *bool { b := true; return &b }

// names is who a question finds, in order.
func (h *house) names(t testing.TB, q list.Query) []string {
	t.Helper()
	rows, page, err := h.List(admin(t), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	if page.Next == "" && q.Cursor == "" && page.Exact && page.Total != int64(len(rows)) {
		t.Errorf("%+v: %d rows, told as %d", q, len(rows), page.Total)
	}
	out := make([]string, len(rows))
	for i, c := range rows {
		out[i] = c.Name
	}
	return out
}

func wantNames(t testing.TB, h *house, q list.Query, want ...string) {
	t.Helper()
	if got := h.names(t, q); !slices.Equal(got, want) {
		t.Errorf("%+v finds %q, want %q", q, got, want)
	}
}

// wantWrong wants exactly these wrong fields, each written "field code".
func wantWrong(t testing.TB, err error, want ...string) {
	t.Helper()
	e, ok := errs.As(err)
	if !ok {
		t.Errorf("%v, want %q", err, want)
		return
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Field+" "+f.Code)
	}
	if !slices.Equal(got, want) {
		t.Errorf("wrong fields %q, want %q", got, want)
	}
}

func wantKind(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.IsKind(err, kind) {
		t.Errorf("%v, want %s", err, kind)
	}
}
