package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/list"
	"tandem/internal/kit/secret"
)

type house struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Manual
	log   *audit.Log
	*audit.Service
}

func newHouse(t *testing.T, d *db.DB) *house {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	log := audit.NewLog(c, id.NewSource(c))
	return &house{t: t, db: d, clock: c, log: log, Service: audit.NewService(audit.Options{DB: d, Clock: c, Log: slog.New(slog.DiscardHandler), Audit: log, Signer: box(1)})}
}

// box is the key of an installation.
func box(first byte) *secret.Box {
	key := make([]byte, 32)
	key[0] = first
	b, _ := secret.NewBox(key)
	return b
}

func as(name, ip string) context.Context {
	return access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, ID: 7, Name: name, Permissions: access.RoleAdmin.Permissions()},
		IP: ip, Verb: "PATCH", RequestID: "req-1", Comment: "As agreed"})
}

var admin = as("Øyvind", "192.0.2.7")

// record writes n entries, a second apart.
func (h *house) record(ctx context.Context, n int, table string) {
	h.t.Helper()
	for i := range n {
		h.clock.Advance(time.Second)
		err := h.db.Write(ctx, func(tx *db.Tx) error {
			return h.log.Record(ctx, tx, audit.Entry{Action: audit.ActionUpdate, Table: table, RowID: int64(1000 + i), RowName: fmt.Sprintf("Señor %d", i), Message: "Customer changed",
				Changes: []audit.Change{{Field: "name", Old: "a", New: i}, audit.Secret("pin")}})
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) seal() int {
	h.t.Helper()
	n, err := h.Seal(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) verify() []string {
	h.t.Helper()
	var broken []string
	err := h.db.Snapshot(context.Background(), func(q db.Q) (err error) {
		broken, err = h.Verify(context.Background(), q)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return broken
}

// tamper runs statements as somebody who owns the database and has put the triggers out of the way.
func (h *house) tamper(statements ...string) {
	h.t.Helper()
	off := []string{"ALTER TABLE audit_entries DISABLE TRIGGER ALL", "ALTER TABLE audit_seals DISABLE TRIGGER ALL", "ALTER TABLE audit_anchors DISABLE TRIGGER ALL"}
	if h.db.Dialect() == db.SQLite {
		off = nil
		for _, table := range []string{"audit_entries", "audit_seals", "audit_anchors"} {
			off = append(off, "DROP TRIGGER IF EXISTS "+table+"_no_update", "DROP TRIGGER IF EXISTS "+table+"_no_delete")
		}
	}
	err := h.db.Write(context.Background(), func(tx *db.Tx) error {
		for _, s := range append(off, statements...) {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestTheDatabaseRefusesToChangeTheAudit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.record(admin, 2, "customers")
		h.clock.Advance(time.Hour)
		h.seal()
		for _, s := range []string{"UPDATE audit_entries SET message = 'x'", "DELETE FROM audit_entries", "UPDATE audit_seals SET entries = 0", "DELETE FROM audit_seals"} {
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(s); return err })
			if err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: %v", s, err)
			}
		}
	})
}

func TestSealing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.record(admin, 3, "customers")
		if n := h.seal(); n != 0 {
			t.Errorf("%d entries were sealed while a transaction could still come before them", n)
		}
		h.clock.Advance(audit.SealAfter)
		h.record(admin, 2, "customers")
		if n := h.seal(); n != 3 {
			t.Errorf("%d were sealed, want 3", n)
		}
		if lag, err := h.Lag(context.Background()); err != nil || lag != 0 {
			t.Errorf("lag %v, %v", lag, err)
		}
		h.clock.Advance(audit.SealAfter + time.Minute)
		if lag, err := h.Lag(context.Background()); err != nil || lag < time.Minute {
			t.Errorf("lag %v, %v", lag, err)
		}
		var wg sync.WaitGroup // several nodes at once
		for range 4 {
			wg.Go(func() {
				if _, err := h.Seal(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if broken := h.verify(); len(broken) != 0 {
			t.Errorf("an untouched chain is broken: %v", broken)
		}
		_, page, err := h.List(admin, list.Query{})
		if err != nil || page.Total != 5 || !page.Exact {
			t.Errorf("%+v, %v", page, err)
		}
	})
}

func TestLongChains(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for begin := 0; begin < 12_000; begin += 2000 {
			entries := make([]audit.Entry, 2000)
			for i := range entries {
				entries[i] = audit.Entry{Action: audit.ActionCreate, Table: "customers", RowID: int64(begin + i), RowName: "x", Message: "Imported"}
			}
			if err := d.Write(admin, func(tx *db.Tx) error { return h.log.Record(admin, tx, entries...) }); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.Advance(time.Hour)
		if n := h.seal(); n != 12_000 {
			t.Errorf("sealed %d", n)
		}
		if broken := h.verify(); len(broken) != 0 {
			t.Errorf("%v", broken)
		}
		h.tamper("UPDATE audit_entries SET ip = '203.0.113.1' WHERE row_id = 11999")
		if broken := h.verify(); len(broken) != 1 || !strings.Contains(broken[0], "seal 3") {
			t.Errorf("%v", broken)
		}
	})
}

func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	const row = "(SELECT id FROM audit_entries WHERE row_id = 1002)"
	cases := map[string][]string{
		"content":       {"UPDATE audit_entries SET message = 'Nothing happened' WHERE row_id = 1002"},
		"changes":       {"UPDATE audit_entries SET changes = '[]' WHERE row_id = 1002"},
		"actor":         {"UPDATE audit_entries SET actor_name = 'Somebody else' WHERE row_id = 1002"},
		"time":          {"UPDATE audit_entries SET at = at - 1000000 WHERE row_id = 1002"},
		"row":           {"UPDATE audit_entries SET row_id = 1001 WHERE row_id = 1002"},
		"removed":       {"DELETE FROM audit_entries WHERE row_id = 1002"},
		"first removed": {"DELETE FROM audit_entries WHERE row_id = 1000"},
		"last removed":  {"DELETE FROM audit_entries WHERE row_id = 1004"},
		"put in": {`INSERT INTO audit_entries SELECT id + 1, at, actor_kind, actor_id, actor_name, on_behalf_of, ip, verb, action, table_name, row_id, row_name,
			message, comment, request_id, changes, content_digest, actor_key, row_key, customer_id, erased_at, erased_proof FROM audit_entries WHERE row_id = 1002`},
		"moved":          {"UPDATE audit_entries SET id = -id WHERE row_id IN (1001, 1002)", "UPDATE audit_entries SET id = id - CAST((SELECT SUM(id) FROM audit_entries WHERE id < 0) AS BIGINT) WHERE id < 0"},
		"seal changed":   {"UPDATE audit_seals SET entries = entries - 1, last_id = " + row + " WHERE seq = 1"},
		"seal removed":   {"DELETE FROM audit_seals WHERE seq = 1"},
		"unsealed":       {"UPDATE audit_entries SET row_name = 'x' WHERE id = (SELECT MAX(id) FROM audit_entries)"},
		"digest as well": {"UPDATE audit_entries SET actor_id = 8, actor_name = 'Eve' WHERE row_id = 1002"},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.record(admin, 5, "customers")
		h.clock.Advance(time.Hour)
		h.seal()
		h.record(admin, 2, "groups")
		h.clock.Advance(time.Hour)
		h.seal()
		h.record(admin, 1, "settings")
		if broken := h.verify(); len(broken) != 0 {
			t.Fatalf("an untouched chain is broken: %v", broken)
		}
		h.tamper()
		for name, statements := range cases {
			undo := errors.New("undo")
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				for _, s := range statements {
					if _, err := tx.Exec(s); err != nil {
						return fmt.Errorf("%s: %w", s, err)
					}
				}
				broken, err := h.Verify(context.Background(), tx)
				if err != nil {
					return err
				}
				if len(broken) == 0 {
					t.Errorf("%s: not found", name)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.record(admin, 3, "customers")
		h.record(as("Ann", "2001:db8::1"), 2, "groups")
		start := h.clock.Now().Add(-2 * time.Second).Format(time.RFC3339)
		for filter, want := range map[string]int{
			`{"field":"actor","op":"contains","value":"oyvind"}`: 3,
			`{"field":"actor","op":"contains","value":"ØYV"}`:    3,
			`{"field":"ip","op":"starts","value":"192.0"}`:       3,
			`{"field":"table","op":"eq","value":"groups"}`:       2,
			`{"and":[{"field":"table","op":"eq","value":"customers"},{"field":"row_id","op":"eq","value":"` + id.Format("cus", 1001) + `"}]}`: 1,
			`{"field":"action","op":"eq","value":"update"}`:             5,
			`{"field":"action","op":"eq","value":"delete"}`:             0,
			`{"field":"message","op":"contains","value":"customer CH"}`: 5,
			`{"field":"row_name","op":"contains","value":"senor 2"}`:    1,
			`{"field":"at","op":"gt","value":"` + start + `"}`:          2,
			`{"field":"request_id","op":"eq","value":"req-1"}`:          5,
		} {
			got, _, err := h.List(admin, list.Query{Filter: filter, Total: list.TotalExact})
			if err != nil || len(got) != want {
				t.Errorf("%s: %d, %v; want %d", filter, len(got), err, want)
			}
		}
		if got, _, err := h.List(admin, list.Query{Q: "señor ann"}); err != nil || len(got) != 2 {
			t.Errorf("words: %d, %v", len(got), err)
		}
		first, page, err := h.List(admin, list.Query{Limit: 2})
		if err != nil || page.Next == "" || first[0].ActorName != "Ann" || first[0].Comment != "As agreed" || string(first[0].Raw) == "" {
			t.Fatalf("%+v, %+v, %v", first, page, err)
		}
		for _, sort := range []string{"actor", "-ip", "action", "row_id"} {
			if _, _, err := h.List(admin, list.Query{Sort: sort}); err != nil {
				t.Errorf("%s: %v", sort, err)
			}
		}
		if one, err := h.Get(admin, first[0].ID); err != nil || one.ID != first[0].ID {
			t.Errorf("%v", err)
		}
		if _, err := h.Get(admin, 1); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("%v", err)
		}
		n := 0
		if err := h.Export(admin, list.Query{}, func(audit.Kept) error { n++; return nil }, func() error { return nil }); err != nil || n < 5 {
			t.Errorf("%d, %v", n, err)
		}
		if recent, err := h.Recent(admin, h.clock.Now()); err != nil || len(recent) != 2 || recent[0].Table != "audit_entries" {
			t.Errorf("%+v, %v", recent, err)
		}
		if _, _, err := h.List(context.Background(), list.Query{}); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("%v", err)
		}
		support := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff, Permissions: access.RoleSupport.Permissions()}})
		if err := h.Export(support, list.Query{}, nil, nil); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("%v", err)
		}
	})
}

func TestEverySortWalksAnIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t) // PostgreSQL reads a table this small as a whole, rightly
	h := newHouse(t, d)
	h.record(admin, 3, "customers")
	for _, sort := range []string{"at", "-at", "actor", "-actor", "ip", "-ip", "action", "-action", "row_id", "-row_id"} {
		plan, err := h.Explain(admin, list.Query{Sort: sort})
		text := strings.Join(plan, "\n")
		if err != nil || !strings.Contains(text, "USING INDEX audit_entries_") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s: %v\n%s", sort, err, text)
		}
	}
	for _, declared := range h.ListTable().Fields {
		if declared.Sortable && !slices.Contains([]string{"at", "actor", "ip", "action", "row_id"}, declared.Name) {
			t.Errorf("%s can be sorted by, and was not tried", declared.Name)
		}
	}
}

func TestLongTransactionsAreRolledBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(admin)
		err := d.Write(ctx, func(tx *db.Tx) error {
			cancel() // what the deadline does after db.MaxWrite
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a transaction whose time was over was committed: %v", err)
		}
	})
}
