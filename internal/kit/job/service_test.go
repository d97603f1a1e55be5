package job_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func TestWhoSeesAndCancels(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := newNode(t, d, manual())
		j := n.enqueue(t, as("ann"), job.Spec{Kind: "x", Label: "Ann's"})
		for name, want := range map[string]struct{ see, cancel string }{
			"": {"not_found", "not_found"}, "bob": {"not_found", "not_found"}, "reader": {"", "forbidden"}, "boss": {"", ""}, "ann": {"", ""},
		} {
			_, err := n.Get(as(name), j.ID)
			if want.see == "" && err != nil || want.see != "" && !errs.IsKind(err, errs.Kind(want.see)) {
				t.Errorf("%q reads: %v", name, err)
			}
			jobs, _, err := n.List(as(name), list.Query{})
			if err != nil || (len(jobs) == 1) != (want.see == "") {
				t.Errorf("%q lists %d, %v", name, len(jobs), err)
			}
			if _, _, err = n.Rows(as(name), j.ID, job.RowQuery{}); (err == nil) != (want.see == "") {
				t.Errorf("%q reads rows: %v", name, err)
			}
			if _, err = n.Undo(as(name), j.ID); err == nil {
				t.Errorf("%q may undo what has not begun", name)
			}
			if want.cancel == "" {
				continue
			}
			if _, err = n.Cancel(as(name), j.ID); !errs.IsKind(err, errs.Kind(want.cancel)) {
				t.Errorf("%q cancels: %v", name, err)
			}
		}
		if j, err := n.Cancel(as("ann"), j.ID); err != nil || j.State != job.StateCancelled {
			t.Errorf("ann cancels: %+v, %v", j, err)
		}
		if j, err := n.Cancel(as("boss"), j.ID); err != nil || j.State != job.StateCancelled {
			t.Errorf("cancelled again: %+v, %v", j, err)
		}
	})
}

// A running job stops at once when cancelled in its process, and at its next Save when cancelled elsewhere.
func TestCancelRunning(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, elsewhere := range []bool{false, true} {
			write(t, d, func(tx *db.Tx) error { _, err := tx.Exec(`DROP TABLE IF EXISTS proof`); return err })
			proof(t, d)
			c := manual()
			a := newNode(t, d, c)
			reached, asked := make(chan struct{}), make(chan struct{})
			a.Handle("prove", a.batches(100, nil, func(ctx context.Context, batch int64) error {
				if batch != 2 {
					return nil
				}
				close(reached)
				<-asked
				if !elsewhere {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			}))
			var hooked atomic.Int32
			a.OnEnd("prove", func(_ context.Context, _ *db.Tx, j job.Job) error {
				if j.State == job.StateCancelled {
					hooked.Add(1)
				}
				return nil
			})
			a.start(t)
			j := a.enqueue(t, as("ann"), job.Spec{Kind: "prove", Total: 100})
			<-reached
			by := a
			if elsewhere {
				by = newNode(t, d, c)
			}
			if k, err := by.Cancel(as("ann"), j.ID); err != nil || !k.Cancelling {
				t.Errorf("asked to stop: %+v, %v", k, err)
			}
			close(asked)
			j = a.await(t, j.ID, ended)
			if j.State != job.StateCancelled || j.Done != 30 || hooked.Load() != 1 {
				t.Errorf("ended as %+v, the hook ran %d times", j, hooked.Load())
			}
			if lines, _ := effects(t, d); lines != 30 {
				t.Errorf("%d effects, want 30", lines)
			}
			a.stop(t)
		}
	})
}

func TestRowsAndPurge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		var dropped []int64
		n := newNode(t, d, c, func(o *job.Options) {
			o.Drop = func(_ context.Context, _ *db.Tx, file int64) error { dropped = append(dropped, file); return nil }
		})
		n.Handle("rows", func(ctx context.Context, run *job.Run) error {
			for part := int64(0); part < 3; part++ {
				err := d.Write(ctx, func(tx *db.Tx) error {
					var rows []job.Row
					for i := part * 1000; i < (part+1)*1000; i++ {
						row := job.Row{Line: i + 1, RowID: "cus_1", Name: "N", Outcome: "updated"}
						if i%2 == 1 {
							row = job.Row{Line: i + 1, Outcome: "failed", Code: "duplicate", Field: "email", Message: "Taken.", Cells: []string{"a", "=b"}}
						}
						rows = append(rows, row)
					}
					if err := errors.Join(run.AddRows(ctx, tx, rows), run.SetResult(ctx, tx, map[string]int64{"part": part}),
						run.SetFile(ctx, tx, 77, false)); err != nil {
						return err
					}
					return run.Save(ctx, tx, part, job.Progress{Done: (part + 1) * 1000, Failed: (part + 1) * 500})
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		j := n.enqueue(t, as("ann"), job.Spec{Kind: "rows", Total: 3000})
		if err := n.RunHere(as("ann"), j.ID, nil); err != nil {
			t.Fatal(err)
		}
		if j = n.get(t, j.ID); string(j.Result) != `{"part":2}` || j.Done != 3000 || j.Total != 3000 || j.Failed != 1500 || j.FileID != 77 {
			t.Errorf("the job is %+v", j)
		}
		page, more, err := n.Rows(as("ann"), j.ID, job.RowQuery{Outcome: "failed", After: 2997, Limit: 1})
		if err != nil || !more || len(page) != 1 || page[0].Line != 2998 || page[0].Cells[1] != "=b" {
			t.Errorf("rows %+v (more: %v), %v", page, more, err)
		}
		count, last := 0, int64(0)
		err = n.EachProblem(as("ann"), j.ID, func(r job.Row) error {
			if r.Line <= last || r.Code != "duplicate" {
				t.Errorf("row %+v after line %d", r, last)
			}
			count, last = count+1, r.Line
			return nil
		})
		if err != nil || count != 1500 {
			t.Errorf("%d problems, %v", count, err)
		}
		if gone, err := n.Purge(context.Background(), time.Hour); gone != 0 || err != nil {
			t.Errorf("purged %d too early, %v", gone, err)
		}
		c.Advance(2 * time.Hour)
		if gone, err := n.Purge(context.Background(), time.Hour); gone != 1 || err != nil || len(dropped) != 1 || dropped[0] != 77 {
			t.Errorf("purged %d, dropped %v, %v", gone, dropped, err)
		}
		if _, err := n.Get(as("boss"), j.ID); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("after the purge: %v", err)
		}
	})
}

func TestResultIsTakenOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := newNode(t, d, manual())
		n.Handle("file", func(ctx context.Context, run *job.Run) error {
			return d.Write(ctx, func(tx *db.Tx) error { return run.SetFile(ctx, tx, 5, true) })
		})
		j := n.enqueue(t, as("ann"), job.Spec{Kind: "file"})
		if err := n.Take(as("ann"), j.ID, nil); !errs.IsKind(err, errs.KindNotFound) {
			t.Errorf("taken before it is there: %v", err)
		}
		if err := n.RunHere(as("ann"), j.ID, nil); err != nil {
			t.Fatal(err)
		}
		if err := n.Take(as("reader"), j.ID, nil); !errs.IsKind(err, errs.KindForbidden) {
			t.Errorf("taken by a reader: %v", err)
		}
		var won, released atomic.Int32
		var callers sync.WaitGroup
		for range 8 {
			callers.Add(1)
			go func() {
				defer callers.Done()
				err := n.Take(as("ann"), j.ID, func(_ context.Context, tx *db.Tx, file int64) error {
					tx.AfterCommit(func() { released.Add(int32(file)) })
					return nil
				})
				if err == nil {
					won.Add(1)
					return
				}
				wantCode(t, err, "already_downloaded")
			}()
		}
		callers.Wait()
		if won.Load() != 1 || released.Load() != 5 {
			t.Errorf("%d callers won, released %d", won.Load(), released.Load())
		}
	})
}

func TestUndo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := newNode(t, d, manual())
		n.Handle("do", func(ctx context.Context, run *job.Run) error {
			return d.Write(ctx, func(tx *db.Tx) error { return run.Save(ctx, tx, nil, job.Progress{Done: 2}) })
		})
		fail := true
		n.Handle("undo", func(_ context.Context, run *job.Run) error {
			var payload string
			if err := run.Payload(&payload); err != nil || payload != "what" || run.Job().UndoOf == 0 {
				t.Errorf("told %q, %v", payload, err)
			}
			if fail {
				return errs.New(errs.KindConflict, "busy", "Not now.")
			}
			return nil
		})
		n.HandleUndo("do", "undo", nil)
		j := n.enqueue(t, as("ann"), job.Spec{Kind: "do", Payload: "what"})
		if err := n.RunHere(as("ann"), j.ID, nil); err != nil {
			t.Fatal(err)
		}
		for _, fail = range []bool{true, false} { // an undo that failed may be tried again
			if !n.get(t, j.ID).CanUndo {
				t.Fatal("it cannot be undone")
			}
			u, err := n.Undo(as("ann"), j.ID)
			if err != nil {
				t.Fatal(err)
			}
			if n.get(t, j.ID).CanUndo {
				t.Error("it can be undone twice at once")
			}
			_, err = n.Undo(as("ann"), j.ID)
			wantCode(t, err, "cannot_undo")
			if err := n.RunHere(as("ann"), u.ID, nil); (err != nil) != fail {
				t.Errorf("undone with %v", err)
			}
		}
		_, err := n.Undo(as("ann"), j.ID)
		wantCode(t, err, "cannot_undo")
	})
}
