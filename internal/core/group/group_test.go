package group_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/core/customer"
	"tandem/internal/core/group"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
)

// house is groups and customers on an empty database.
type house struct {
	*group.Service
	db        *db.DB
	customers *customer.Service
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
		groups := group.New(group.Options{DB: d, Clock: c, IDs: ids, Audit: log, Log: quiet, Customers: customers,
			OwnTypes: func(context.Context) ([]string, error) { return nil, nil }})
		fn(t, &house{groups, d, customers})
	})
}

func admin(t testing.TB) context.Context {
	t.Helper()
	return access.With(t.Context(), access.Call{
		Principal: access.Principal{Kind: access.KindStaff, ID: 1, Name: "Tess Tester", Role: access.RoleAdmin, Permissions: access.RoleAdmin.Permissions()}, Verb: "POST",
	})
}

// Whoever comes first wins: nobody is left in a group that is gone, and the loser is told why.
func TestNobodyJoinsAGroupThatIsRemoved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		ctx := admin(t)
		c, err := h.customers.Create(ctx, customer.Draft{Name: "Joiner"})
		if err != nil {
			t.Fatal(err)
		}
		removed := 0
		for i := range 64 {
			g, err := h.Create(ctx, group.Input{Name: fmt.Sprint("Group ", i)})
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var joined, gone error
			start := make(chan struct{})
			wg.Go(func() {
				<-start
				if i%2 == 0 {
					_, joined = h.customers.Update(ctx, c.ID, 0, []customer.Change{{Field: "groups", Op: customer.OpAdd, IDs: []int64{g.ID}}})
					return
				}
				_, joined = h.customers.Create(ctx, customer.Draft{Name: "New", Groups: []int64{g.ID}})
			})
			wg.Go(func() { <-start; gone = h.Delete(ctx, g.ID, 0, 0) })
			close(start)
			wg.Wait()
			if e, ok := errs.As(joined); joined != nil && (!ok || len(e.Fields) != 1 || e.Fields[0].Code != "unknown_group") {
				t.Errorf("joining: %v", joined)
			}
			if e, ok := errs.As(gone); gone != nil && (!ok || e.Code != "group_in_use") {
				t.Errorf("removing: %v", gone)
			}
			if (joined == nil) == (gone == nil) {
				t.Errorf("try %d: joining %v, removing %v", i, joined, gone)
			}
			if gone == nil {
				removed++
			}
		}
		var lost int
		if err := h.db.Read().GetContext(ctx, &lost, `SELECT COUNT(*) FROM group_members WHERE group_id NOT IN (SELECT id FROM groups)`); err != nil || lost != 0 {
			t.Errorf("%d members of groups that are gone, %v", lost, err)
		}
		t.Logf("the group was removed first in %d of 64", removed)
	})
}
