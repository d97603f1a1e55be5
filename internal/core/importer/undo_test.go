package importer_test

import (
	"testing"

	"tandem/internal/core/customer"
	"tandem/internal/core/importer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
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
