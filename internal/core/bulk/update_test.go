package bulk_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/core/access"
	"tandem/internal/core/bulk"
	"tandem/internal/core/customer"
	"tandem/internal/core/customfield"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

func TestUpdateOfEverythingFiltered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ids := r.fill(t, 700, func(i int, d *customer.Draft) {
			d.City = []string{"Oslo", "Bergen"}[i%2]
			if i < 10 {
				d.Status = customer.StatusPending
			}
		})
		admin := as(t, access.RoleAdmin)
		ask := update(bulk.Choice{Filtered: true, Filter: `{"field":"city","op":"eq","value":"Oslo"}`},
			change("status", "set", "inactive"), change("city", "set", "Tromsø"), change("description", "clear"))
		seen, err := r.PreviewUpdate(admin, ask)
		if err != nil {
			t.Fatal(err)
		}
		if seen.Matching != 350 || seen.WillChange != 345 || seen.Unchanged != 0 || !seen.Exact || len(seen.Excluded) != 1 ||
			seen.Excluded[0].Code != "bad_transition" || seen.Excluded[0].Count != 5 || len(seen.Excluded[0].Examples) != 3 || len(seen.Sample) != 5 {
			t.Errorf("preview %+v", seen)
		}
		if r.number(t, "SELECT COUNT(*) FROM customers WHERE version > 1") != 0 {
			t.Error("a preview changed something")
		}
		j, err := r.Update(admin, ask)
		done := r.run(t, j, err)
		want := bulk.Tally{Changed: 345, Excluded: []bulk.Excluded{{Code: "bad_transition", Message: "Their status does not allow that.", Count: 5}}}
		if diff := cmp.Diff(want, result(t, done)); diff != "" || done.Done != 350 || done.Failed != 5 || done.Total != 350 || !done.CanUndo {
			t.Errorf("job %+v: %s", done, diff)
		}
		for i, c := range r.load(t, ids...) {
			moved := i%2 == 0 && i >= 10
			if moved != (c.City == "Tromsø" && c.Status == customer.StatusInactive && c.Version == 2) || moved == (c.Version == 1) {
				t.Fatalf("customer %d: %s %s version %d", i, c.City, c.Status, c.Version)
			}
		}
		if n := r.number(t, "SELECT COUNT(*) FROM audit_entries WHERE message = 'Customer changed in bulk'"); n != 345 {
			t.Errorf("%d audit entries of rows, want 345", n)
		}
		if n := r.number(t, "SELECT COUNT(*) FROM audit_entries WHERE table_name = 'jobs'"); n != 1 {
			t.Errorf("%d audit entries of the job, want 1", n)
		}
		if rows := r.rows(t, done); len(rows) != 350 || rows[0].Outcome != "excluded" || rows[0].Code != "bad_transition" || rows[349].Outcome != "changed" || rows[349].Line != 350 {
			t.Errorf("%d rows, first %+v", len(rows), rows[0])
		}
		again, err := r.Update(admin, ask)
		if done := r.run(t, again, err); done.Done != 5 {
			t.Errorf("the second run met %d customers, want 5", done.Done)
		}
	})
}

func TestUndoLeavesWhatChangedSince(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.field(t, customfield.Input{Label: "Points", Type: customfield.TypeNumber})
		owner := r.fill(t, 1, func(_ int, d *customer.Draft) { d.Kind = customer.KindReseller })[0]
		ids := r.fill(t, 6, func(i int, d *customer.Draft) {
			d.City, d.Status, d.Custom = "Oslo", customer.StatusPending, map[string]string{"points": fmt.Sprint(i)}
		})
		admin := as(t, access.RoleAdmin)
		j, err := r.Update(admin, update(chosen(ids...), change("city", "clear"), change("status", "set", "active"),
			change("custom.points", "increase", "2.5"), change("reseller", "set", id.Format("cus", owner))))
		done := r.run(t, j, err)
		if c := r.load(t, ids[1])[0]; c.City != "" || c.Status != customer.StatusActive || c.Custom["points"] != "3.5" || c.Reseller != owner {
			t.Fatalf("changed to %+v", c)
		}
		if _, err := r.customers.Update(admin, ids[2], 0, []customer.Change{{Field: "city", Value: "Moss"}}); err != nil {
			t.Fatal(err)
		}
		if err := r.customers.Delete(admin, ids[3], 0, ""); err != nil {
			t.Fatal(err)
		}
		undo, err := r.jobs.Undo(admin, done.ID)
		undone := r.run(t, undo, err)
		want := bulk.Tally{Changed: 4, Excluded: []bulk.Excluded{{Code: "changed_since", Message: "They were changed since.", Count: 2}}}
		if diff := cmp.Diff(want, result(t, undone)); diff != "" || undone.CanUndo || undone.UndoOf != done.ID {
			t.Errorf("undo %+v: %s", undone, diff)
		}
		for i, c := range r.load(t, ids...) {
			back := c.City == "Oslo" && c.Status == customer.StatusPending && c.Custom["points"] == fmt.Sprint(i) && c.Reseller == 0
			if back != (i != 2 && i != 3) {
				t.Errorf("customer %d after the undo: %+v", i, c)
			}
		}
		if done, err = r.jobs.Get(admin, done.ID); err != nil || done.CanUndo {
			t.Errorf("an undone update offers undo: %+v %v", done, err)
		}
		if _, err := r.jobs.Undo(admin, undone.ID); codes(t, err)["*"] != "cannot_undo" {
			t.Errorf("an undo was undone: %v", err)
		}
	})
}

func TestOldFormerValuesArePurged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		admin := as(t, access.RoleAdmin)
		j, err := r.Update(admin, update(chosen(r.fill(t, 3, nil)...), change("city", "set", "Oslo")))
		done := r.run(t, j, err)
		r.clock.Advance(time.Hour)
		if err := r.Purge(t.Context(), r.clock.Now().UnixMicro()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.jobs.Undo(admin, done.ID); codes(t, err)["*"] != "cannot_undo" {
			t.Errorf("undo after the purge: %v", err)
		}
		if n := r.number(t, "SELECT (SELECT COUNT(*) FROM bulk_rows) + (SELECT COUNT(*) FROM bulk_runs)"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// Two nodes take the job from each other again and again, in the middle of the work of the other.
func TestEachRowOnceWhoeverIsKilled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const n = 3000
		r.field(t, customfield.Input{Label: "Points", Type: customfield.TypeNumber})
		ids := r.fill(t, n, func(i int, d *customer.Draft) { d.Custom = map[string]string{"points": fmt.Sprint(i)} })
		admin := as(t, access.RoleAdmin)
		j, err := r.Update(admin, update(everybody, change("custom.points", "increase", "1")))
		if err != nil {
			t.Fatal(err)
		}
		other := *r
		other.node(t)
		var wait sync.WaitGroup
		for seed, node := range []*rig{r, &other} {
			wait.Add(1)
			go func() {
				defer wait.Done()
				rnd := rand.New(rand.NewPCG(7, uint64(seed)))
				err := node.jobs.RunHere(admin, j.ID, func(job.Job) {
					if rnd.IntN(3) == 0 { // this node is thought dead, and goes on
						wait.Go(func() { node.expire(t, j.ID) })
					}
				})
				if err != nil {
					t.Errorf("node %d: %v", seed, err)
				}
			}()
		}
		wait.Wait()
		for i, c := range r.load(t, ids...) {
			if c.Custom["points"] != fmt.Sprint(i+1) || c.Version != 2 {
				t.Fatalf("customer %d has %s points and version %d", i, c.Custom["points"], c.Version)
			}
		}
		if rows := r.number(t, "SELECT COUNT(*) FROM job_rows WHERE job_id = $1", j.ID); rows != n {
			t.Errorf("%d rows of results, want %d", rows, n)
		}
		if kept := r.number(t, "SELECT COUNT(*) FROM bulk_rows WHERE job_id = $1", j.ID); kept != n {
			t.Errorf("%d former values, want %d", kept, n)
		}
		if said := r.number(t, "SELECT COUNT(*) FROM audit_entries WHERE message = 'Customer changed in bulk'"); said != n {
			t.Errorf("%d audit entries, want %d", said, n)
		}
		undo, err := r.jobs.Undo(admin, j.ID)
		if got := result(t, r.run(t, undo, err)); got.Changed != n {
			t.Errorf("undo %+v", got)
		}
	})
}

func TestCancelKeepsWhatWasDoneAndUndoes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 2000, nil)
		admin := as(t, access.RoleAdmin)
		j, err := r.Update(admin, update(everybody, change("city", "set", "Oslo")))
		if err != nil {
			t.Fatal(err)
		}
		var cancelled sync.WaitGroup
		var once sync.Once
		err = r.jobs.RunHere(admin, j.ID, func(now job.Job) {
			if now.Done >= 500 {
				once.Do(func() {
					cancelled.Go(func() {
						if _, err := r.jobs.Cancel(admin, j.ID); err != nil {
							t.Error(err)
						}
					})
				})
			}
		})
		cancelled.Wait()
		if err == nil {
			t.Fatal("the job was not cancelled")
		}
		changed := r.number(t, "SELECT COUNT(*) FROM customers WHERE city = 'Oslo'")
		if changed < 500 || changed == 2000 {
			t.Fatalf("%d changed", changed)
		}
		undo, err := r.jobs.Undo(admin, j.ID)
		r.run(t, undo, err)
		if n := r.number(t, "SELECT COUNT(*) FROM customers WHERE city = 'Oslo'"); n != 0 {
			t.Errorf("%d stay changed after the undo", n)
		}
	})
}

func TestTwoUpdatesAndAPersonAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const n = 800
		r.field(t, customfield.Input{Label: "Points", Type: customfield.TypeNumber})
		ids := r.fill(t, n, func(_ int, d *customer.Draft) { d.Custom = map[string]string{"points": "0"} })
		admin := as(t, access.RoleAdmin)
		var wait sync.WaitGroup
		for i := range 2 {
			node := *r
			node.node(t)
			j, err := node.Update(admin, update(everybody, change("custom.points", []string{"increase", "decrease"}[i], []string{"10", "3"}[i])))
			if err != nil {
				t.Fatal(err)
			}
			wait.Add(1)
			go func() {
				defer wait.Done()
				if err := node.jobs.RunHere(admin, j.ID, nil); err != nil {
					t.Errorf("job %d: %v", i, err)
				}
			}()
		}
		for i := range 100 {
			if _, err := r.customers.Update(admin, ids[i*7], 0, []customer.Change{{Field: "company", Value: fmt.Sprint("Firm ", i)}}); err != nil {
				t.Fatal(err)
			}
		}
		wait.Wait()
		for i, c := range r.load(t, ids...) {
			version := int64(3)
			if i%7 == 0 && i < 700 {
				version, ids[i] = 4, 0
				if c.Company == "" {
					t.Errorf("customer %d lost the person's edit", i)
				}
			}
			if c.Custom["points"] != "7" || c.Version != version {
				t.Fatalf("customer %d: %s points, version %d, want %d", i, c.Custom["points"], c.Version, version)
			}
		}
	})
}

func TestMembersInBulk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		admin := as(t, access.RoleAdmin)
		g := r.group(t, "Gold")
		ids := r.fill(t, 20, func(i int, d *customer.Draft) {
			if i < 5 {
				d.Groups = []int64{g}
			}
		})
		ask := bulk.MembersRequest{Group: id.Format("grp", g), Op: "add", Choice: everybody}
		seen, err := r.PreviewMembers(admin, ask)
		if err != nil || seen.WillChange != 15 || seen.Unchanged != 5 {
			t.Fatalf("preview %+v, %v", seen, err)
		}
		names, ok := seen.Sample[0].Changes[0].New.([]bulk.Example)
		if !ok || len(names) != 1 || names[0].Name != "Gold" {
			t.Errorf("sample %+v", seen.Sample[0])
		}
		j, err := r.Members(admin, ask)
		if done := r.run(t, j, err); done.Label != "Add to group Gold: 20 customers" {
			t.Errorf("label %q", done.Label)
		}
		if n := r.number(t, "SELECT COUNT(*) FROM group_members"); n != 20 {
			t.Errorf("%d members", n)
		}
		ask.Op, ask.Choice = "remove", chosen(ids[:7]...)
		j, err = r.Members(admin, ask)
		r.run(t, j, err)
		if n := r.number(t, "SELECT COUNT(*) FROM group_members"); n != 13 {
			t.Errorf("%d members after removing 7", n)
		}
		undo, err := r.jobs.Undo(admin, j.ID)
		r.run(t, undo, err)
		if n := r.number(t, "SELECT COUNT(*) FROM group_members"); n != 20 {
			t.Errorf("%d members after the undo", n)
		}
		for group, want := range map[string]string{id.Format("grp", 12345): "not_found", "grp_x": "not_found"} {
			if _, err := r.Members(admin, bulk.MembersRequest{Group: group, Op: "add", Choice: everybody}); codes(t, err)["*"] != want {
				t.Errorf("group %s: %v", group, err)
			}
		}
		_, err = r.Members(admin, bulk.MembersRequest{Group: id.Format("grp", g), Op: "replace"})
		if diff := cmp.Diff(map[string]string{"ids": "required", "op": "unknown"}, codes(t, err)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEveryWrongChangeIsNamed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.field(t, customfield.Input{Label: "Points", Type: customfield.TypeNumber, Required: true})
		admin := as(t, access.RoleAdmin)
		ids := r.fill(t, 2, func(_ int, d *customer.Draft) { d.Custom = map[string]string{"points": "1"} })
		_, err := r.Update(admin, bulk.Request{
			Choice:  bulk.Choice{ByIDs: true, IDs: []string{id.Format("cus", ids[0]), "cus_no", "'; DROP TABLE customers", id.Format("grp", 5)}},
			Comment: strings.Repeat("x", 501),
			Changes: []customer.Asked{
				change("nonsense", "set", "1"), change("email", "set", "a@b.example"), change("city", "increase", "1"), change("country", "set", "Narnia"),
				change("custom.points", "increase", "NaN"), change("custom.points", "clear"), change("groups", "add", "grp_x"), change("groups", "remove", id.Format("grp", 77)),
				change("reseller", "set", id.Format("cus", ids[0])), change("status", "set", "asleep"), change("city", "set"),
				{Field: "province", Op: "set", Malformed: true}, change("description", "set", strings.Repeat("é", 1001)), change("party", "explode", "x"), change("timezone", "clear", "x"),
			},
		})
		want := map[string]string{
			"ids[1]": "bad_id", "ids[2]": "bad_id", "ids[3]": "bad_id", "comment": "too_long",
			"changes[0].field": "unknown_field", "changes[1].field": "not_in_bulk", "changes[2].op": "not_in_bulk", "changes[3].value": "bad_country",
			"changes[4].value": "bad_number", "changes[5].field": "twice", "changes[5].op": "required", "changes[6].value": "bad_id", "changes[7].value": "unknown_group",
			"changes[8].value": "unknown_reseller", "changes[9].value": "unknown_choice", "changes[10].value": "required", "changes[11].value": "malformed",
			"changes[12].value": "too_long", "changes[13].op": "not_in_bulk", "changes[14].value": "not_empty",
		}
		if diff := cmp.Diff(want, codes(t, err)); diff != "" {
			t.Error(diff)
		}
		for name, c := range map[string]struct {
			choice bulk.Choice
			want   map[string]string
		}{
			"nothing said":  {bulk.Choice{}, map[string]string{"ids": "required"}},
			"no IDs":        {bulk.Choice{ByIDs: true}, map[string]string{"ids": "required"}},
			"both":          {bulk.Choice{ByIDs: true, IDs: []string{id.Format("cus", ids[0])}, Q: "x"}, map[string]string{"ids": "with_filter"}},
			"broken filter": {bulk.Choice{Filtered: true, Filter: `{"and":[{"field":"pass","op":"eq","value":1}]}`}, map[string]string{"filter.and[0].field": "unknown_field"}},
			"too many":      {bulk.Choice{ByIDs: true, IDs: make([]string, bulk.MaxIDs+1)}, map[string]string{"ids": "too_many"}},
		} {
			_, err := r.PreviewUpdate(admin, update(c.choice, change("city", "set", "Oslo")))
			if diff := cmp.Diff(c.want, codes(t, err)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if n := r.number(t, "SELECT COUNT(*) FROM jobs"); n != 0 {
			t.Errorf("%d jobs of refused requests", n)
		}
	})
}

func TestBulkNeedsPermission(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ids := r.fill(t, 1, nil)
		ask := update(chosen(ids...), change("city", "set", "Oslo"))
		for _, role := range []access.Role{access.RoleSupport, access.RoleReadOnly, ""} {
			ctx := as(t, role)
			_, err := r.Update(ctx, ask)
			_, previewed := r.PreviewUpdate(ctx, ask)
			_, deleted := r.Delete(ctx, ask)
			_, looked := r.PreviewDelete(ctx, ask)
			for i, err := range []error{err, previewed, deleted, looked} {
				if codes(t, err)["*"] != "forbidden" {
					t.Errorf("%s, request %d: %v", role, i, err)
				}
			}
		}
		closer := access.Principal{Kind: access.KindToken, ID: 9, Permissions: []access.Permission{access.CustomerBulk, access.CustomerUpdate, access.CustomerRead}}
		ctx := access.With(t.Context(), access.Call{Principal: closer})
		if _, err := r.Update(ctx, update(chosen(ids...), change("status", "set", " Closed "))); codes(t, err)["*"] != "forbidden" {
			t.Errorf("closing without customer.delete: %v", err)
		}
		j, err := r.Update(ctx, ask)
		if err != nil {
			t.Fatal(err)
		}
		// The permission goes before the job begins.
		r.revoke(t, j.ID)
		if err := r.jobs.RunHere(as(t, access.RoleAdmin), j.ID, nil); codes(t, err)["*"] != "forbidden" {
			t.Errorf("run without permission: %v", err)
		}
		if c := r.load(t, ids...)[0]; c.City != "" {
			t.Error("it changed all the same")
		}
	})
}

func TestMissingCustomersAreListed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ids := append(r.fill(t, 2, nil), 12345)
		admin := as(t, access.RoleAdmin)
		ask := update(chosen(append(ids, ids...)...), change("city", "set", "Oslo"))
		seen, err := r.PreviewUpdate(admin, ask)
		if err != nil || seen.Matching != 3 || seen.WillChange != 2 || seen.Excluded[0].Code != "not_found" || seen.Excluded[0].Examples[0].ID != id.Format("cus", 12345) {
			t.Errorf("preview %+v, %v", seen, err)
		}
		j, err := r.Update(admin, ask)
		if got := result(t, r.run(t, j, err)); got.Changed != 2 || got.Excluded[0].Code != "not_found" {
			t.Errorf("result %+v", got)
		}
	})
}
