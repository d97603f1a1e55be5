package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"tandem/internal/core/access"
	"tandem/internal/core/audit"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/list"
)

// tell writes entries about a customer (11) and its contacts (21, 22), sealed ones and some that are not.
func (h *house) tell() {
	h.t.Helper()
	h.log.About("contacts", func(_ context.Context, _ db.Q, rows []int64) (map[int64]int64, error) {
		out := map[int64]int64{}
		for _, n := range rows {
			out[n] = 11
		}
		return out, nil
	})
	contact := access.With(context.Background(), access.Call{Principal: access.Principal{Kind: access.KindContact, ID: 21, Name: "Zoe Marker", Customer: 11}, IP: "203.0.113.5", Verb: "PATCH"})
	behalf := access.From(admin)
	behalf.OnBehalfOf, behalf.Comment = "Zoe Marker (Marker & Co)", "for Marker"
	lent := access.With(context.Background(), behalf)
	for _, one := range []struct {
		ctx   context.Context
		entry audit.Entry
	}{
		{admin, audit.Entry{Action: audit.ActionCreate, Table: "customers", RowID: 11, RowName: "Marker & Co", Message: "Customer created",
			Changes: []audit.Change{{Field: "name", New: "Marker & Co"}, {Field: "status", New: "active"}, {Field: "custom.shoe", New: "Marker"}, audit.Secret("pin")}}},
		{admin, audit.Entry{Action: audit.ActionCreate, Table: "contacts", RowID: 21, RowName: "Zoe Marker (Marker & Co)", Message: "Contact added", Changes: []audit.Change{{Field: "name", New: "Zoe Marker"}}}},
		{admin, audit.Entry{Action: audit.ActionCreate, Table: "contacts", RowID: 22, RowName: "Yan Other (Marker & Co)", Message: "Contact added", Changes: []audit.Change{{Field: "name", New: "Yan Other"}}}},
		{contact, audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: 11, RowName: "Marker & Co", Message: "Customer changed", Changes: []audit.Change{{Field: "city", Old: nil, New: "Markerville"}}}},
		{lent, audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: 11, RowName: "Marker & Co", Message: "Customer changed", Changes: []audit.Change{{Field: "city", Old: "Markerville", New: "Oslo"}}}},
		{admin, audit.Entry{Action: audit.ActionRun, Table: "jobs", RowID: 31, RowName: "Update of 2 customers", Message: "Update of 2 customers", Changes: []audit.Change{{Field: "q", New: "Marker"}}}},
		{admin, audit.Entry{Action: audit.ActionUpdate, Table: "customers", RowID: 12, RowName: "Bystander", Message: "Customer changed", Changes: []audit.Change{{Field: "city", New: "Rome"}}}},
	} {
		if err := h.db.Write(one.ctx, func(tx *db.Tx) error { return h.log.Record(one.ctx, tx, one.entry) }); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) all() string {
	h.t.Helper()
	rows, _, err := h.List(admin, list.Query{Limit: 100, Sort: "at"})
	if err != nil {
		h.t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%s %s %s %s %s %s %s erased=%v\n", r.ActorName, r.OnBehalfOf, r.IP, r.Table, r.RowName, r.Comment, r.Raw, !r.ErasedAt.IsZero())
	}
	return b.String()
}

var whole = audit.Erasing{Customer: 11, Whole: true, Contacts: []int64{21, 22}, Rows: map[string][]int64{"jobs": {31}}, Name: "Erased customer X", Person: "Erased contact"}

func TestErasingLeavesTheProof(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.tell()
		h.clock.Advance(2 * audit.SealAfter)
		h.seal()
		head, err := h.Head(admin)
		if err != nil {
			t.Fatal(err)
		}
		h.tell() // these have no seal yet
		n, err := h.Erase(context.Background(), whole)
		if err != nil || n < 12 {
			t.Fatalf("erased %d, %v", n, err)
		}
		text := h.all()
		if strings.Contains(text, "Marker") || strings.Contains(text, "203.0.113.5") || strings.Contains(text, "Yan") {
			t.Errorf("it says still:\n%s", text)
		}
		for _, stays := range []string{"Bystander", "Rome", `{"field":"status","old":null,"new":"active"}`, `{"field":"city","old":"erased","new":"erased"}`, `{"field":"pin","old":null,"new":"changed"}`, "192.0.2.7"} {
			if !strings.Contains(text, stays) {
				t.Errorf("%s went too:\n%s", stays, text)
			}
		}
		if n, err := h.Erase(context.Background(), whole); err != nil || n != 0 {
			t.Errorf("a second time %d, %v", n, err)
		}
		if left, err := h.ToErase(context.Background(), d.Read(), whole); err != nil || left != 0 {
			t.Errorf("left %d, %v", left, err)
		}
		h.clock.Advance(2 * audit.SealAfter)
		h.seal()
		if broken := h.verify(); len(broken) > 0 {
			t.Errorf("the chain: %v", broken)
		}
		if broken, note := h.since(head); len(broken) > 0 || note != "" {
			t.Errorf("the head from before: %v %s", broken, note)
		}
		var file bytes.Buffer
		if _, err := h.ExportProof(admin, &file); err != nil {
			t.Fatal(err)
		}
		if proof, err := h.VerifyFile(&file); err != nil || len(proof.Broken) > 0 || strings.Contains(file.String(), "Marker") {
			t.Errorf("the file: %v %v", proof.Broken, err)
		}
	})
}

func TestErasingAContactLeavesTheOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.tell()
		one := audit.Erasing{Customer: 11, Contacts: []int64{21}, Name: "Erased contact", Person: "Erased contact"}
		if _, err := h.Erase(context.Background(), one); err != nil {
			t.Fatal(err)
		}
		text := h.all()
		if strings.Contains(text, "Zoe") || strings.Contains(text, "203.0.113.5") {
			t.Errorf("it says still:\n%s", text)
		}
		for _, stays := range []string{"Yan Other", "Marker & Co", "Markerville"} {
			if !strings.Contains(text, stays) {
				t.Errorf("%s went too:\n%s", stays, text)
			}
		}
		if _, err := h.Erase(context.Background(), whole); err != nil { // and now the rest of them
			t.Fatal(err)
		}
		if text := h.all(); strings.Contains(text, "Marker") || strings.Contains(text, "Yan") {
			t.Errorf("it says still:\n%s", text)
		}
		h.clock.Advance(2 * audit.SealAfter)
		h.seal()
		if broken := h.verify(); len(broken) > 0 {
			t.Errorf("the chain: %v", broken)
		}
	})
}

// TestNobodyErasesWithoutTheKey: who owns the database cannot pass a change off as an erasure, nor change what was left.
func TestNobodyErasesWithoutTheKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.tell()
		h.clock.Advance(2 * audit.SealAfter)
		h.seal()
		if _, err := h.Erase(context.Background(), whole); err != nil {
			t.Fatal(err)
		}
		const bystander, erased = `row_name = 'Bystander'`, `row_id = 11`
		for _, s := range []string{
			"UPDATE audit_entries SET action = 'delete' WHERE " + erased,
			"UPDATE audit_entries SET erased_at = 0, erased_proof = content_digest WHERE " + erased,
			"UPDATE audit_entries SET row_name = 'x' WHERE " + bystander,
		} {
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(s); return err })
			if err == nil || !strings.Contains(err.Error(), "never changed, but erased") {
				t.Errorf("%s: %v", s, err)
			}
		}
		for _, s := range []string{ // past the triggers: told by the chain
			"UPDATE audit_entries SET row_name = 'Somebody', erased_at = 1, erased_proof = content_digest WHERE " + bystander,
			"UPDATE audit_entries SET actor_name = 'Somebody else' WHERE action = 'create' AND " + erased,
			"UPDATE audit_entries SET erased_at = 0 WHERE table_name = 'contacts'",
		} {
			before := len(h.verify())
			h.tamper(s)
			if broken := h.verify(); len(broken) <= before {
				t.Errorf("%s was not found: %v", s, broken)
			}
		}
	})
}
