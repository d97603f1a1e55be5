package customer_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// house is a customer service on an empty database, with a clock that stands still.
type house struct {
	*customer.Service
	db     *db.DB
	clock  *clock.Manual
	fields *customfield.Service
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	ids := id.NewSource(c)
	log := audit.NewLog(c, ids)
	h := &house{db: d, clock: c}
	var err error
	h.Service, err = customer.New(t.Context(), customer.Options{
		DB: d, Clock: c, IDs: ids, Audit: log, Log: slog.New(slog.DiscardHandler),
		Defaults: func(context.Context) (customer.Defaults, error) {
			return customer.Defaults{Country: "NO", Currency: "EUR", Language: "en", Timezone: "Europe/Oslo", Retention: 30 * 24 * time.Hour}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.fields = customfield.New(d, c, ids, log, func() {
		if err := h.Reload(context.Background()); err != nil {
			t.Errorf("reload the fields: %v", err)
		}
	})
	return h
}

// as is a context in which somebody with the role acts.
func as(t testing.TB, role access.Role) context.Context {
	t.Helper()
	return access.With(t.Context(), access.Call{
		Principal: access.Principal{Kind: access.KindStaff, ID: 1, Name: "Tess Tester", Role: role, Permissions: role.Permissions()},
		IP:        "192.0.2.7", Verb: "POST", RequestID: "req-1",
	})
}

func (h *house) create(t testing.TB, d customer.Draft) *customer.Customer {
	t.Helper()
	c, err := h.Create(as(t, access.RoleAdmin), d)
	if err != nil {
		t.Fatalf("create %q: %v", d.Name, err)
	}
	return c
}
