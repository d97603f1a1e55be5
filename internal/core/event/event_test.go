package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/audit"
	"tandem/internal/core/event"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
	"tandem/internal/kit/outbox"
)

// shelf is rows that are made up.
type shelf struct{ gone int64 }

func (shelf) RowID(_ string, row int64) string { return fmt.Sprint("row", row) }
func (s shelf) Bodies(_ context.Context, resource string, rows []int64) (map[int64]json.RawMessage, error) {
	out := map[int64]json.RawMessage{}
	for _, n := range rows {
		if n != s.gone {
			out[n] = json.RawMessage(fmt.Sprintf(`{"of":%q}`, resource))
		}
	}
	return out, nil
}
func (shelf) CheckFilter(context.Context, string) error { return nil }
func (shelf) Matching(context.Context, string, []int64) (map[int64]bool, error) {
	return nil, errors.New("nobody filters here")
}

func TestWhatTheAuditWritesIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		ids := id.NewSource(c)
		log := audit.NewLog(c, ids)
		box := outbox.New(d, c, ids)
		s := event.New(event.Options{Outbox: box, IDs: ids, Rows: shelf{gone: 4},
			Audit: audit.NewService(audit.Options{DB: d, Clock: c, Log: slog.New(slog.DiscardHandler), Audit: log})})
		log.Follow(s.Record)
		status := func(old, now string) []audit.Change { return []audit.Change{{Field: "status", Old: old, New: now}} }
		write := func(entries ...audit.Entry) {
			t.Helper()
			if err := d.Write(ctx, func(tx *db.Tx) error { return log.Record(ctx, tx, entries...) }); err != nil {
				t.Fatal(err)
			}
		}
		write(audit.Entry{Action: audit.ActionCreate, Table: "customers", RowID: 1}, audit.Entry{Action: audit.ActionCreate, Table: "customers", RowID: 2},
			audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: 1, Changes: []audit.Change{{Field: "name", Old: "a", New: "b"}, audit.Secret("pin")}},
			audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: 2, Changes: status("active", "closed")})
		write(audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: 2, Changes: status("closed", "active")},
			audit.Entry{Action: audit.ActionExport, Table: "customers"}, audit.Entry{Action: audit.ActionUpdate, Table: "staff", RowID: 9},
			audit.Entry{Action: audit.ActionUpdate, Table: "contacts", RowID: 3}, audit.Entry{Action: audit.ActionDelete, Table: "groups", RowID: 4},
			audit.Entry{Action: audit.ActionDelete, Table: "customers", RowID: 1})
		for _, j := range []job.Job{{ID: 5, Kind: "import_run", State: job.StateFailed}, {ID: 6, Kind: "x", State: job.StateDone}, {ID: 7, State: job.StateRunning}} {
			if err := d.Write(ctx, func(tx *db.Tx) error { return s.JobEnded(ctx, tx, j) }); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := box.Take(ctx); err != nil {
			t.Fatal(err)
		}
		batches, err := box.Read(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		seen := map[int64]bool{}
		for _, b := range batches {
			told, err := s.Tell(ctx, b)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range told {
				body, err := e.Body()
				if err != nil || seen[e.ID] || !strings.Contains(string(body), `"id":"`+id.Format("evt", e.ID)+`"`) || strings.Contains(string(body), `"b"`) {
					t.Errorf("%s, %v", body, err)
				}
				seen[e.ID] = true
				got = append(got, fmt.Sprint(e.Type, " ", e.RowID, " ", e.Changed, " ", string(e.Data)))
			}
		}
		want := []string{
			`customer.created row1 [] {"of":"customers"}`, `customer.created row2 [] {"of":"customers"}`, `customer.updated row1 [name pin] {"of":"customers"}`,
			`customer.closed row2 [status] {"of":"customers"}`, `customer.reopened row2 [status] {"of":"customers"}`, `contact.updated row3 [] {"of":"contacts"}`,
			`group.removed row4 [] null`, `customer.closed row1 [] {"of":"customers"}`, `job.failed row5 [] {"of":"jobs"}`, `import.failed row5 [] {"of":"jobs"}`, `job.finished row6 [] {"of":"jobs"}`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		patterns       string
		types, unknown int
	}{
		{"*", len(event.Types()), 0}, {"customer.*", 5, 0}, {"customer.created,customer.*", 5, 0}, {"job.failed", 1, 0},
		{"cust*", 0, 1}, {"customer.", 0, 1}, {"*.created", 0, 1}, {"", 0, 1}, {"webhook.test", 0, 1}, {"group.*,nothing.*", 3, 1},
	} {
		types, unknown := event.Chosen(strings.Split(one.patterns, ","))
		if len(types) != one.types || len(unknown) != one.unknown {
			t.Errorf("%s: %d types, unknown %v", one.patterns, len(types), unknown)
		}
	}
}
