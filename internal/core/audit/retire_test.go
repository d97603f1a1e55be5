package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

// days writes one entry a day and seals it, so many days in a row.
func (h *house) days(n int) {
	h.t.Helper()
	for range n {
		h.record(admin, 1, "customers")
		h.clock.Advance(24*time.Hour - time.Second)
		h.seal()
	}
}

func (h *house) retire(days int) int64 {
	h.t.Helper()
	n, err := h.Retire(context.Background(), audit.Older(h.clock.Now(), days))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) count() int64 {
	h.t.Helper()
	_, page, err := h.List(admin, list.Query{Limit: 1})
	if err != nil {
		h.t.Fatal(err)
	}
	return page.Total
}

func TestOldEntriesAreRetired(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.days(10)
		if n := h.retire(0); n != 0 || h.count() != 10 {
			t.Errorf("%d went though they are kept for ever", n)
		}
		if n := h.retire(4); n != 6 || h.count() != 5 { // and one that tells of it
			t.Errorf("%d went, %d are there", n, h.count())
		}
		if broken := h.verify(); len(broken) != 0 {
			t.Errorf("%v", broken)
		}
		if n := h.retire(4); n != 0 {
			t.Errorf("%d more went", n)
		}
		told, _, err := h.List(admin, list.Query{Filter: `{"field":"message","op":"contains","value":"retired"}`})
		if err != nil || len(told) != 1 || told[0].ActorKind != access.KindSystem || !strings.Contains(string(told[0].Raw), `"new":6`) {
			t.Errorf("%+v, %v", told, err)
		}
		h.days(5)
		if n := h.retire(2); n != 8 || h.count() != 3 {
			t.Errorf("%d went, %d are there", n, h.count())
		}
		h.clock.Advance(30 * 24 * time.Hour)
		h.retire(2) // everything that is sealed
		h.days(1)
		if broken := h.verify(); len(broken) != 0 {
			t.Errorf("%v", broken)
		}
		for _, s := range []string{"DELETE FROM audit_entries", "DELETE FROM audit_seals", "DELETE FROM audit_anchors", "UPDATE audit_anchors SET entries = 0"} {
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(s); return err })
			if err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: %v", s, err)
			}
		}
	})
}

func TestForgedAnchorsAreFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.days(6)
		h.retire(3)
		h.tamper()
		undo := errors.New("undo")
		for name, statements := range map[string][]string{
			"made up":     {"INSERT INTO audit_anchors SELECT s.seq, s.at, s.last_id, s.total, s.hash, a.signature FROM audit_seals s, audit_anchors a WHERE s.seq = 5"},
			"changed":     {"UPDATE audit_anchors SET entries = 2"},
			"removed":     {"DELETE FROM audit_anchors"},
			"entry again": {"UPDATE audit_entries SET message = 'x' WHERE id = (SELECT MIN(id) FROM audit_entries)"},
			"seal":        {"DELETE FROM audit_seals WHERE seq = 3"},
		} {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				for _, s := range statements {
					if _, err := tx.Exec(s); err != nil {
						return fmt.Errorf("%s: %w", s, err)
					}
				}
				broken, err := h.Verify(context.Background(), tx)
				if err == nil && len(broken) == 0 {
					t.Errorf("%s: not found", name)
				}
				return errors.Join(err, undo)
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
		other := audit.NewService(audit.Options{DB: d, Clock: h.clock, Log: slog.New(slog.DiscardHandler), Audit: h.log, Signer: box(2)})
		if broken, err := other.Verify(context.Background(), d.Read()); err != nil || len(broken) != 1 || !strings.Contains(broken[0], "not signed") {
			t.Errorf("another key: %v, %v", broken, err)
		}
	})
}

func (h *house) since(head audit.Head) ([]string, string) {
	h.t.Helper()
	broken, note, err := h.Since(context.Background(), h.db.Read(), head)
	if err != nil {
		h.t.Fatal(err)
	}
	return broken, note
}

func TestAnExportedHeadProves(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.days(4)
		head, err := h.Head(admin)
		if err != nil || head.Seq != 4 || head.Entries != 4 {
			t.Fatalf("%+v, %v", head, err)
		}
		h.days(3)
		if broken, note := h.since(head); len(broken) != 0 || note != "" {
			t.Errorf("%v, %s", broken, note)
		}
		changed := head
		changed.Entries++
		if broken, _ := h.since(changed); len(broken) == 0 {
			t.Error("a head that was changed")
		}
		h.retire(2)
		if broken, note := h.since(head); len(broken) != 0 || note == "" {
			t.Errorf("%v, %q", broken, note)
		}
		late, err := h.Head(admin)
		if err != nil || late.Retired != 5 {
			t.Errorf("%+v, %v", late, err)
		}
		h.tamper("DELETE FROM audit_entries WHERE id > 0", "DELETE FROM audit_seals WHERE seq > 6")
		if broken, _ := h.since(late); len(broken) != 1 || !strings.Contains(broken[0], "missing") {
			t.Errorf("the end was cut off: %v", broken)
		}
		if _, err := h.Head(context.Background()); !errs.IsKind(err, errs.KindUnauthorized) {
			t.Errorf("%v", err)
		}
	})
}

func TestTheWholeLogIsExportedWithItsProof(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.days(5)
		h.retire(3)
		var file bytes.Buffer
		head, err := h.ExportProof(admin, &file)
		if err != nil {
			t.Fatal(err)
		}
		good, err := h.VerifyFile(bytes.NewReader(file.Bytes()))
		if err != nil || len(good.Broken) != 0 || !good.Whole || good.Entries != 3 || good.Head.Seq != head.Seq {
			t.Fatalf("%+v, %v", good, err)
		}
		alone, _ := json.Marshal(head)
		if p, err := h.VerifyFile(bytes.NewReader(alone)); err != nil || p.Whole || p.Head.Seq != head.Seq {
			t.Errorf("%+v, %v", p, err)
		}
		lines := slices.Collect(strings.Lines(file.String()))
		without := func(i int) string { return strings.Join(append(slices.Clone(lines[:i]), lines[i+1:]...), "") }
		for name, text := range map[string]string{
			"a value":      strings.Replace(file.String(), "Customer changed", "Customer closed!", 1),
			"an actor":     strings.Replace(file.String(), "192.0.2.7", "192.0.2.8", 1),
			"an entry":     without(1),
			"a seal":       without(2),
			"both":         strings.Join(append(slices.Clone(lines[:1]), lines[3:]...), ""),
			"the anchor":   strings.Replace(file.String(), `"entries":2`, `"entries":1`, 1),
			"the head":     strings.Join(lines[:len(lines)-1], "") + strings.Replace(lines[len(lines)-1], `"seq":5`, `"seq":4`, 1),
			"another seal": strings.Join(lines[:len(lines)-2], "") + lines[len(lines)-1],
		} {
			if p, err := h.VerifyFile(strings.NewReader(text)); err != nil || len(p.Broken) == 0 {
				t.Errorf("%s: %+v, %v", name, p, err)
			}
		}
		for name, text := range map[string]string{"cut off": without(len(lines) - 1), "empty": "", "something else": `{"a":1}`, "no JSON": "id,at\n1,2", "another form": `{"form":"x"}`} {
			if p, err := h.VerifyFile(strings.NewReader(text)); !errors.Is(err, audit.ErrNoProof) {
				t.Errorf("%s: %+v, %v", name, p, err)
			}
		}
		if _, err := h.ExportProof(access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindStaff}}), &file); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("%v", err)
		}
	})
}
