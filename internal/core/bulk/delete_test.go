package bulk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/core/access"
	"tandem/internal/core/bulk"
	"tandem/internal/core/customer"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

func TestDeleteClosesCustomersBeforeTheirResellers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		admin := as(t, access.RoleAdmin)
		reseller := func(above int64) int64 {
			return r.fill(t, 1, func(_ int, d *customer.Draft) { d.Kind, d.Reseller = customer.KindReseller, above })[0]
		}
		top := reseller(0)
		middle := reseller(top)
		low := reseller(middle)
		keeper := reseller(0)
		owned := r.fill(t, 60, func(i int, d *customer.Draft) { d.Reseller = []int64{top, middle, low, keeper}[i%4] })
		stays := owned[59] // of the keeper: not chosen
		ids := append([]int64{keeper, top, middle, low}, owned[:59]...)

		ask := bulk.Request{Choice: chosen(ids...), Comment: "end of contract"}
		seen, err := r.PreviewDelete(admin, ask)
		if err != nil {
			t.Fatal(err)
		}
		want := []bulk.Exclusion{{Excluded: bulk.Excluded{Code: "blocked", Message: "Something still hangs on them.", Count: 1}, Examples: []bulk.Example{{
			ID: id.Format("cus", keeper), Name: r.load(t, keeper)[0].RowName(), BlockedBy: seen.Excluded[0].Examples[0].BlockedBy}}}}
		if diff := cmp.Diff(want, seen.Excluded); diff != "" || seen.Matching != 63 || seen.WillChange != 62 {
			t.Errorf("preview %+v: %s", seen, diff)
		}
		if by := seen.Excluded[0].Examples[0].BlockedBy; len(by) != 1 || by[0].ID != id.Format("cus", stays) {
			t.Errorf("blocked by %+v", by)
		}
		j, err := r.Delete(admin, ask)
		done := r.run(t, j, err)
		if got := result(t, done); got.Changed != 62 || got.Excluded[0].Code != "blocked" || done.CanUndo || done.Done != 63 || done.Failed != 1 {
			t.Errorf("job %+v, result %+v", done, got)
		}
		for _, c := range r.load(t, append(ids, stays)...) {
			if open := c.ID == keeper || c.ID == stays; open != (c.Status == customer.StatusActive) || (!open && c.StatusReason != "end of contract") {
				t.Errorf("%s is %s (%s)", c.Name, c.Status, c.StatusReason)
			}
		}
		if n := r.number(t, "SELECT COUNT(*) FROM bulk_later"); n != 0 {
			t.Errorf("%d resellers are still put off", n)
		}
		if n := r.number(t, "SELECT CAST(SUM(n) AS BIGINT) FROM customer_totals WHERE closed = 0"); n != 2 {
			t.Errorf("the totals count %d open customers", n)
		}
		rows := r.rows(t, done)
		at := slices.IndexFunc(rows, func(p job.PlacedRow) bool { return p.Outcome == bulk.OutcomeExcluded })
		if at < 0 || rows[at].RowID != id.Format("cus", keeper) || rows[at].Message == "" {
			t.Errorf("rows %+v", rows)
		}
	})
}

func TestDeleteAsksEveryGuardAndLeavesTheClosed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ids := r.fill(t, 300, nil)
		r.customers.Guard(func(_ context.Context, _ db.Q, ids []int64) (map[int64][]errs.Blocker, error) {
			out := map[int64][]errs.Blocker{}
			for _, n := range ids {
				if n%3 == 0 {
					out[n] = []errs.Blocker{{Type: "service_instance", ID: "svc_1", Name: "Fibre"}}
				}
			}
			return out, nil
		})
		admin := as(t, access.RoleAdmin)
		free := slices.IndexFunc(ids, func(n int64) bool { return n%3 != 0 })
		if err := r.customers.Delete(admin, ids[free], 0, ""); err != nil {
			t.Fatal(err)
		}
		blocked := int64(0)
		for _, n := range ids {
			if n%3 == 0 {
				blocked++
			}
		}
		seen, err := r.PreviewDelete(admin, bulk.Request{Choice: chosen(ids...)})
		if err != nil || seen.WillChange != 299-blocked || len(seen.Excluded) != 2 {
			t.Fatalf("preview %+v, %v", seen, err)
		}
		j, err := r.Delete(admin, bulk.Request{Choice: everybody})
		got := result(t, r.run(t, j, err))
		if got.Changed != 299-blocked || len(got.Excluded) != 1 || got.Excluded[0].Count != blocked {
			t.Errorf("result %+v, want %d blocked", got, blocked)
		}
		j, err = r.Delete(admin, bulk.Request{Choice: chosen(ids...)})
		codes := map[string]int64{}
		for _, e := range result(t, r.run(t, j, err)).Excluded {
			codes[e.Code] = e.Count
		}
		if diff := cmp.Diff(map[string]int64{"blocked": blocked, "closed": 300 - blocked}, codes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDeleteGoesOnWithPutOffResellers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		var above int64
		for i := range 12 {
			above = r.fill(t, 1, func(_ int, d *customer.Draft) {
				d.Name, d.Kind, d.Reseller = fmt.Sprint("Reseller ", i), customer.KindReseller, above
			})[0]
		}
		r.fill(t, 600, func(_ int, d *customer.Draft) { d.Reseller = above })
		admin := as(t, access.RoleAdmin)
		j, err := r.Delete(admin, bulk.Request{Choice: everybody})
		if err != nil {
			t.Fatal(err)
		}
		for !r.interrupted(t, j.ID) { // after each step, until the end
		}
		if n := r.number(t, "SELECT COUNT(*) FROM customers WHERE closed = 0"); n != 0 {
			t.Errorf("%d customers are open", n)
		}
		if n := r.number(t, "SELECT COUNT(*) FROM job_rows WHERE job_id = $1 AND outcome = 'changed'", j.ID); n != 612 {
			t.Errorf("%d rows, want 612", n)
		}
	})
}
