package job_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/id"
	"tandem/internal/kit/job"
)

type personKey struct{}

// as gives a context in which a person asks. "boss" reads and manages all, "reader" reads all, "" is nobody.
func as(name string) context.Context {
	return context.WithValue(context.Background(), personKey{}, name)
}

func person(ctx context.Context) string {
	name, _ := ctx.Value(personKey{}).(string)
	return name
}

func actor(ctx context.Context) job.Actor {
	name := person(ctx)
	return job.Actor{Key: name, Name: name, ReadAll: name == "boss" || name == "reader", ManageAll: name == "boss"}
}

// node is one process on the database.
type node struct {
	*job.Service
	db    *db.DB
	clock clock.Clock
}

func newNode(t *testing.T, d *db.DB, c clock.Clock, change ...func(*job.Options)) *node {
	t.Helper()
	o := job.Options{
		DB: d, Clock: c, IDs: id.NewSource(c), Log: slog.New(slog.DiscardHandler), Actor: actor,
		Save: func(ctx context.Context) ([]byte, error) { return []byte(person(ctx)), nil },
		Restore: func(ctx context.Context, b []byte) (context.Context, error) {
			return context.WithValue(ctx, personKey{}, string(b)), nil
		},
		Workers: 1, Lease: 10 * time.Minute, Poll: 5 * time.Millisecond,
	}
	for _, f := range change {
		f(&o)
	}
	return &node{Service: job.New(o), db: d, clock: c}
}

// start lets the node work until the end of the test.
func (n *node) start(t *testing.T) {
	t.Helper()
	if err := n.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.stop(t) })
}

func (n *node) stop(t *testing.T) {
	t.Helper()
	if err := n.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func (n *node) enqueue(t *testing.T, ctx context.Context, spec job.Spec) job.Job {
	t.Helper()
	var j job.Job
	err := n.db.Write(ctx, func(tx *db.Tx) (err error) {
		j, err = n.Enqueue(ctx, tx, spec)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (n *node) get(t *testing.T, id int64) job.Job {
	t.Helper()
	j, err := n.Get(as("boss"), id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// await waits until the job is as wanted.
func (n *node) await(t *testing.T, id int64, want func(job.Job) bool) job.Job {
	t.Helper()
	deadline := dbtest.TooLate(t)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		j := n.get(t, id)
		if want(j) {
			return j
		}
		select {
		case <-deadline:
			t.Fatalf("the job stays as it is: %+v", j)
		case <-tick.C:
		}
	}
}

func ended(j job.Job) bool { return j.State.Ended() }

// proof is a table of the test's own, with a line for each effect. It has no key: a doubled effect is seen.
func proof(t *testing.T, d *db.DB) {
	t.Helper()
	write(t, d, func(tx *db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE proof (job BIGINT NOT NULL, n BIGINT NOT NULL)`)
		return err
	})
}

func prove(tx *db.Tx, job, n int64) error {
	_, err := tx.Exec(`INSERT INTO proof (job, n) VALUES ($1, $2)`, job, n)
	return err
}

// effects gives how many lines there are and how many different ones.
func effects(t *testing.T, d *db.DB) (lines, different int) {
	t.Helper()
	err := d.Read().QueryRowContext(context.Background(),
		`SELECT (SELECT COUNT(*) FROM proof), (SELECT COUNT(*) FROM (SELECT DISTINCT job, n FROM proof) AS x)`).Scan(&lines, &different)
	if err != nil {
		t.Fatal(err)
	}
	return lines, different
}

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errs.As(err)
	if !ok || e.Code != code {
		t.Errorf("error %v, want the code %s", err, code)
	}
}

func manual() *clock.Manual { return clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) }

type place struct {
	Next int64 `json:"next"`
}

// batches is a handler that proves rows 0 to total in batches of 10, one transaction each. before is called with the
// number of each batch, inside its transaction, after with it when it is on disk.
func (n *node) batches(total int64, before, after func(ctx context.Context, batch int64) error) job.Handler {
	return func(ctx context.Context, run *job.Run) error {
		var at place
		if _, err := run.Checkpoint(&at); err != nil {
			return err
		}
		for at.Next < total {
			err := n.db.Write(ctx, func(tx *db.Tx) error {
				for i := at.Next; i < at.Next+10; i++ {
					if err := prove(tx, run.ID(), i); err != nil {
						return err
					}
				}
				if before != nil {
					if err := before(ctx, at.Next/10); err != nil {
						return err
					}
				}
				return run.Save(ctx, tx, place{at.Next + 10}, job.Progress{Done: at.Next + 10, Total: total})
			})
			if err != nil {
				return err
			}
			at.Next += 10
			if after != nil {
				if err := after(ctx, at.Next/10-1); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
