package importer_test

import (
	"slices"
	"testing"

	"tandem/internal/core/customer"
	"tandem/internal/core/group"
	"tandem/internal/core/importer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/list"
)

// A penalty that an undo gives back still knows what it goes back to itself.
func TestUndoGivesAPenaltyBackWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		h.run(t, h.upload(t, "first.csv", []byte("Reference,Name,Status\nR1,One,inactive\n")))
		c := h.find(t, "reference", "R1")
		if _, err := h.customers.Update(boss(), c.ID, 0, []customer.Change{{Field: "status", Value: "penalty"}, {Field: "status_reason", Value: "late"}}); err != nil {
			t.Fatal(err)
		}
		second := h.upload(t, "second.csv", []byte("Reference,Name,Status\nR1,One,active\n"))
		second = h.run(t, h.change(t, second, importer.Patch{Mode: ptr(importer.ModeUpsert)}))
		if c := h.find(t, "reference", "R1"); c.Status != customer.StatusActive {
			t.Fatalf("the import left it %s: %+v", c.Status, second.Report())
		}
		h.undo(t, second)
		if c := h.find(t, "reference", "R1"); c.Status != customer.StatusPenalty || c.StatusBefore != customer.StatusInactive || c.StatusReason != "late" {
			t.Errorf("after the undo it is %s (%s), before it %s", c.Status, c.StatusReason, c.StatusBefore)
		}
	})
}

// Groups that an import made go with it, but for those that somebody else uses or changed.
func TestUndoRemovesTheGroupsThatTheImportMade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d).start(t)
		if _, err := h.groups.Create(boss(), group.Input{Name: "There before"}); err != nil {
			t.Fatal(err)
		}
		first := h.run(t, h.upload(t, "first.csv", []byte("Reference,Name,Groups\nR1,One,Alone; Shared; There before\nR2,Two,Renamed\nR3,Three,Kept; Alone\n")))
		if sum := first.Report(); sum.Create != 3 || sum.GroupsMade != 4 {
			t.Fatalf("got %+v", sum)
		}
		h.run(t, h.upload(t, "second.csv", []byte("Reference,Name,Groups\nX1,Other,Shared\n")))
		all, _, err := h.groups.List(boss(), list.Query{Filter: `{"field":"name","op":"eq","value":"Renamed"}`})
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if _, err := h.groups.Update(boss(), all[0].ID, 0, group.Input{Name: "Renamed", Description: "ours now"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.customers.Update(boss(), h.find(t, "reference", "R3").ID, 0, []customer.Change{{Field: "city", Value: "Oslo"}}); err != nil {
			t.Fatal(err)
		}
		first = h.undo(t, first)
		if sum := first.Report(); sum.Undone != 2 || sum.NotUndone != 1 || sum.GroupsRemoved != 0 {
			t.Errorf("with Alone and Kept still used by R3: %+v", sum)
		}
		h.wantGroups(t, "Alone", "Kept", "Renamed", "Shared", "There before")

		third := h.run(t, h.upload(t, "third.csv", []byte("Reference,Name,Groups\nY1,Why,Fresh; Shared\nY2,Zed,Fresh; Fresher\n")))
		if sum := third.Report(); sum.GroupsMade != 2 {
			t.Fatalf("got %+v", sum)
		}
		third = h.undo(t, third)
		if sum := third.Report(); third.State != importer.StateUndone || sum.Undone != 2 || sum.GroupsRemoved != 2 {
			t.Errorf("%s: %+v", third.State, sum)
		}
		h.wantGroups(t, "Alone", "Kept", "Renamed", "Shared", "There before")
		if n := h.number(t, `SELECT COUNT(*) FROM audit_entries WHERE table_name = 'groups' AND action = 'delete' AND message LIKE '%third.csv%'`); n != 2 {
			t.Errorf("%d removals are audited", n)
		}
		if n := h.number(t, `SELECT COUNT(*) FROM import_groups WHERE import_id = $1`, third.ID); n != 0 {
			t.Errorf("%d groups are still noted", n)
		}
	})
}

func (h *house) wantGroups(t testing.TB, want ...string) {
	t.Helper()
	all, _, err := h.groups.List(boss(), list.Query{Sort: "name"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range all {
		got = append(got, g.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the groups are %q, want %q", got, want)
	}
}
