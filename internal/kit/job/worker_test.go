package job_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/job"
	"tandem/internal/kit/list"
)

func TestTwoNodesRunEachJobOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const jobs = 300
		proof(t, d)
		var left sync.WaitGroup
		left.Add(jobs)
		var nodes []*node
		for range 2 {
			n := newNode(t, d, clock.System{}, func(o *job.Options) { o.Workers = 4 })
			n.Handle("prove", func(ctx context.Context, run *job.Run) error {
				return n.db.Write(ctx, func(tx *db.Tx) error {
					if err := prove(tx, run.ID(), 0); err != nil {
						return err
					}
					return run.Save(ctx, tx, nil, job.Progress{Done: 1})
				})
			})
			n.OnEnd("prove", func(_ context.Context, tx *db.Tx, _ job.Job) error {
				tx.AfterCommit(left.Done)
				return nil
			})
			n.start(t)
			nodes = append(nodes, n)
		}
		var enqueuers sync.WaitGroup
		for _, n := range nodes {
			enqueuers.Add(1)
			go func() {
				defer enqueuers.Done()
				for range jobs / len(nodes) {
					n.enqueue(t, as("ann"), job.Spec{Kind: "prove", Label: "Proof", Total: 1})
				}
			}()
		}
		enqueuers.Wait()
		left.Wait()
		if lines, different := effects(t, d); lines != jobs || different != jobs {
			t.Errorf("%d effects, %d different, want %d", lines, different, jobs)
		}
		done := list.Query{Filter: `{"field":"state","op":"eq","value":"done"}`, Q: "proof", Limit: 1000}
		all, page, err := nodes[0].List(as("ann"), done)
		if err != nil || len(all) != jobs || page.Next != "" || page.Total != jobs {
			t.Errorf("%d jobs are done (%+v), %v", len(all), page, err)
		}
		count := 0
		err = nodes[0].Each(as("ann"), done, func(j job.Job) error { count++; return nil })
		if err != nil || count != jobs {
			t.Errorf("%d jobs are handed over, %v", count, err)
		}
	})
}

// A worker dies between two batches, or within one; another takes over when the lease has ended, not before.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	for _, within := range []bool{false, true} {
		name := map[bool]string{false: "between batches", true: "within a batch"}[within]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) { takeOver(t, d, within) })
		})
	}
}

func takeOver(t *testing.T, d *db.DB, within bool) {
	proof(t, d)
	c := manual()
	a, b := newNode(t, d, c), newNode(t, d, c)
	reached, wake := make(chan struct{}), make(chan struct{})
	dies := func(_ context.Context, batch int64) error {
		if batch != 3 {
			return nil
		}
		close(reached)
		if within {
			return errs.New(errs.KindUnavailable, "x", "the transaction never ends well")
		}
		<-wake // silent: no more of it until it wakes
		return nil
	}
	handler := a.batches(100, nil, dies)
	if within {
		handler = a.batches(100, dies, nil)
	}
	late := make(chan error, 1)
	a.Handle("prove", func(ctx context.Context, run *job.Run) error {
		err := handler(context.WithoutCancel(ctx), run)
		if within {
			<-wake
			err = d.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
				if err := prove(tx, run.ID(), 999); err != nil {
					return err
				}
				return run.Save(context.WithoutCancel(ctx), tx, place{40}, job.Progress{Done: 40})
			})
		}
		late <- err
		return err
	})
	b.Handle("prove", b.batches(100, nil, nil))
	a.start(t)
	j := a.enqueue(t, as("ann"), job.Spec{Kind: "prove", Label: "Proof", Total: 100})
	<-reached

	early, cancel := context.WithTimeout(as("boss"), 50*time.Millisecond)
	defer cancel()
	if err := b.RunHere(early, j.ID, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("taken over before the lease ended: %v", err)
	}
	c.Advance(11 * time.Minute)
	if err := b.RunHere(as("boss"), j.ID, nil); err != nil {
		t.Fatal(err)
	}
	close(wake)
	if err := <-late; !errors.Is(err, job.ErrLost) {
		t.Errorf("the worker that came back got %v", err)
	}
	if lines, different := effects(t, d); lines != 100 || different != 100 {
		t.Errorf("%d effects, %d different, want 100", lines, different)
	}
	a.stop(t)
	if j = b.get(t, j.ID); j.State != job.StateDone || j.Done != 100 || j.Owner != "ann" {
		t.Errorf("the job ended as %+v", j)
	}
}

func TestStopGivesBackAndStartGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		proof(t, d)
		c := manual()
		a, b := newNode(t, d, c), newNode(t, d, c)
		reached := make(chan struct{})
		a.Handle("prove", a.batches(100, nil, func(ctx context.Context, batch int64) error {
			if batch != 4 {
				return nil
			}
			close(reached)
			<-ctx.Done()
			return ctx.Err()
		}))
		b.Handle("prove", b.batches(100, nil, nil))
		a.start(t)
		j := a.enqueue(t, as("ann"), job.Spec{Kind: "prove", Total: 100})
		<-reached
		a.stop(t)
		if j = a.get(t, j.ID); j.State != job.StateQueued || j.Done != 50 {
			t.Errorf("given back as %+v", j)
		}
		b.start(t)
		if j = b.await(t, j.ID, ended); j.State != job.StateDone {
			t.Errorf("ended as %+v", j)
		}
		if lines, different := effects(t, d); lines != 100 || different != 100 {
			t.Errorf("%d effects, %d different, want 100", lines, different)
		}
	})
}

// A process of this machine that was killed is noticed at once, although its lease runs on.
func TestDeadProcessIsNoticed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		dir := t.TempDir()
		here := func(o *job.Options) { o.Dir = dir }
		a, b := newNode(t, d, c, here), newNode(t, d, c, here)
		reached, wake := make(chan struct{}), make(chan struct{})
		a.Handle("wait", func(context.Context, *job.Run) error {
			close(reached)
			<-wake
			return job.ErrLost
		})
		b.Handle("wait", func(context.Context, *job.Run) error { return nil })
		a.start(t)
		j := a.enqueue(t, as("ann"), job.Spec{Kind: "wait"})
		<-reached
		b.start(t)
		early, cancel := context.WithTimeout(as("boss"), 50*time.Millisecond)
		defer cancel()
		if err := b.RunHere(early, j.ID, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("taken from a process that lives: %v", err)
		}
		a.Die()
		b.await(t, j.ID, ended)
		close(wake)
	})
}

func TestHereWaitsForItsProcess(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		a, b := newNode(t, d, c), newNode(t, d, c)
		a.Handle("x", func(context.Context, *job.Run) error { return errs.New(errs.KindInvalid, "wrong_node", "Not here.") })
		b.Handle("x", func(context.Context, *job.Run) error { return nil })
		a.Handle("y", func(context.Context, *job.Run) error { return nil })
		a.start(t)
		j := b.enqueue(t, as("ann"), job.Spec{Kind: "x", Here: true})
		y := b.enqueue(t, as("ann"), job.Spec{Kind: "y"})
		a.await(t, y.ID, ended) // the worker looked, and left the first alone
		if err := b.RunHere(as("ann"), j.ID, nil); err != nil {
			t.Error(err)
		}
	})
}

func TestFaultsAreTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		n := newNode(t, d, c)
		calls := 0
		n.Handle("shaky", func(context.Context, *job.Run) error {
			if calls++; calls < 4 {
				return errors.New("the database is away")
			}
			return nil
		})
		n.Handle("broken", func(context.Context, *job.Run) error { calls++; return errors.New("secret: the disk is on fire") })
		n.Handle("panics", func(context.Context, *job.Run) error { calls++; panic("no") })
		n.Handle("refuses", func(context.Context, *job.Run) error {
			calls++
			return errs.New(errs.KindInvalid, "wrong_file", "This file cannot be read.")
		})
		for kind, want := range map[string]struct {
			state job.State
			code  string
			calls int
		}{
			"shaky": {job.StateDone, "", 4}, "broken": {job.StateFailed, "fault", 5},
			"panics": {job.StateFailed, "fault", 1}, "refuses": {job.StateFailed, "wrong_file", 1},
		} {
			calls = 0
			j := n.enqueue(t, as("ann"), job.Spec{Kind: kind})
			err := n.RunHere(as("ann"), j.ID, func(j job.Job) {
				if j.State == job.StateQueued {
					c.Advance(time.Hour) // the back-off is over
				}
			})
			if (err != nil) != (want.state == job.StateFailed) {
				t.Errorf("%s: RunHere says %v", kind, err)
			}
			if j = n.get(t, j.ID); j.State != want.state || j.ErrorCode != want.code || calls != want.calls {
				t.Errorf("%s: %d calls, ended %s, code %q, %q", kind, calls, j.State, j.ErrorCode, j.Error)
			}
			if kind == "broken" && (j.Error == "" || contains(j.Error, "fire")) {
				t.Errorf("told people %q", j.Error)
			}
		}
	})
}

// A job that kills its workers is given up; one that gets somewhere each time is not.
func TestDeadlyJobIsGivenUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := manual()
		var j job.Job
		calls := 0
		for j.State != job.StateFailed {
			n := newNode(t, d, c) // each dies
			n.Handle("deadly", func(context.Context, *job.Run) error { calls++; return job.ErrLost })
			if j.ID == 0 {
				j = n.enqueue(t, as("ann"), job.Spec{Kind: "deadly"})
			}
			ctx, cancel := context.WithCancel(as("boss"))
			err := n.RunHere(ctx, j.ID, func(job.Job) { cancel() })
			cancel()
			c.Advance(time.Hour)
			if j = n.get(t, j.ID); calls > 30 {
				t.Fatalf("still tried: %v", err)
			}
		}
		if calls < 10 {
			t.Errorf("given up after %d", calls)
		}
	})
}

// What ends with the job ends in its transaction.
func TestEndHook(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		proof(t, d)
		c := manual()
		n := newNode(t, d, c)
		n.Handle("x", func(context.Context, *job.Run) error { return nil })
		tries := 0
		n.OnEnd("x", func(ctx context.Context, tx *db.Tx, j job.Job) error {
			if person(ctx) != "ann" || j.State != job.StateDone {
				t.Errorf("the hook was told %s by %q", j.State, person(ctx))
			}
			if err := prove(tx, j.ID, 1); err != nil {
				return err
			}
			if tries++; tries < 3 {
				return errors.New("not yet")
			}
			return nil
		})
		j := n.enqueue(t, as("ann"), job.Spec{Kind: "x"})
		err := n.RunHere(as("ann"), j.ID, func(j job.Job) {
			if lines, _ := effects(t, d); lines != 0 && j.State != job.StateDone {
				t.Error("an effect of a hook that failed stayed")
			}
			c.Advance(time.Hour)
		})
		if lines, _ := effects(t, d); err != nil || lines != 1 || tries != 3 {
			t.Errorf("%v; %d effects, %d tries", err, lines, tries)
		}
	})
}
