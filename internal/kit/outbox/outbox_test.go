package outbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/db/dbtest"
	"tandem/internal/kit/id"
	"tandem/internal/kit/outbox"
)

var ctx = context.Background()

func newOutbox(d *db.DB) (*outbox.Outbox, *clock.Manual) {
	c := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	return outbox.New(d, c, id.NewSource(c)), c
}

func batch(items ...outbox.Item) outbox.Batch {
	return outbox.Batch{Type: "customer.updated", Resource: "customers", Items: items}
}

func publish(t *testing.T, d *db.DB, o *outbox.Outbox, items ...outbox.Item) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error { return o.Publish(ctx, tx, batch(items...)) }); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, o *outbox.Outbox) {
	t.Helper()
	if _, err := o.Take(ctx); err != nil {
		t.Fatal(err)
	}
}

// all reads everything behind a position, two batches at a time.
func all(t *testing.T, o *outbox.Outbox, after int64) (events []int64, last int64) {
	t.Helper()
	for {
		some, err := o.Read(ctx, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return events, after
		}
		for _, b := range some {
			if b.Position <= after {
				t.Fatalf("position %d stands behind %d", b.Position, after)
			}
			after = b.Position
			for _, it := range b.Items {
				events = append(events, it.ID)
			}
		}
	}
}

func TestWhatIsRolledBackNeverHappened(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, _ := newOutbox(d)
		no := errors.New("no")
		err := d.Write(ctx, func(tx *db.Tx) error { return errors.Join(o.Publish(ctx, tx, batch(outbox.Item{ID: 1, Row: 1})), no) })
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		publish(t, d, o, outbox.Item{ID: 2, Row: 7}, outbox.Item{ID: 3, Row: 1 << 62})
		if some, err := o.Read(ctx, 0, 10); err != nil || len(some) != 0 {
			t.Fatalf("read before it was taken in: %v, %v", some, err)
		}
		take(t, o)
		some, err := o.Read(ctx, 0, 10)
		if err != nil || len(some) != 1 || len(some[0].Items) != 2 || some[0].Items[1] != (outbox.Item{ID: 3, Row: 1 << 62}) || some[0].Type != "customer.updated" || some[0].Resource != "customers" {
			t.Fatalf("%+v, %v", some, err)
		}
		if last, err := o.Last(ctx, d.Read()); err != nil || last != some[0].Position {
			t.Errorf("%d, %v", last, err)
		}
	})
}

// A transaction that took its number first and commits last is not passed over.
func TestLateCommits(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t) // SQLite has one writer
	o, _ := newOutbox(d)
	began, finish, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- d.Write(ctx, func(tx *db.Tx) error {
			err := o.Publish(ctx, tx, batch(outbox.Item{ID: 1}))
			close(began)
			<-finish
			return err
		})
	}()
	<-began
	publish(t, d, o, outbox.Item{ID: 2})
	take(t, o)
	first, at := all(t, o, 0)
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	take(t, o)
	second, _ := all(t, o, at)
	if len(first) != 1 || first[0] != 2 || len(second) != 1 || second[0] != 1 {
		t.Errorf("%v, then %v", first, second)
	}
}

// Many publish, several nodes take in, one reads meanwhile: everything once, and each writer's own in its order.
func TestEveryEventOnceAndInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, c := newOutbox(d)
		nodes := []*outbox.Outbox{o, outbox.New(d, c, id.NewSource(c)), outbox.New(d, c, id.NewSource(c))}
		const writers, each = 4, 25
		var writing, taking sync.WaitGroup
		stop := make(chan bool)
		for w := range int64(writers) {
			writing.Go(func() {
				for n := range int64(each) {
					publish(t, d, nodes[w%3], outbox.Item{ID: w*1000 + n, Row: w})
				}
			})
		}
		for _, node := range nodes {
			taking.Go(func() {
				for {
					if _, err := node.Take(ctx); err != nil {
						t.Error(err)
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		writing.Wait()
		close(stop)
		taking.Wait()
		take(t, o)
		got, _ := all(t, o, 0)
		next := map[int64]int64{}
		for _, event := range got {
			w, n := event/1000, event%1000
			if next[w] != n {
				t.Fatalf("writer %d: event %d came when %d was due", w, n, next[w])
			}
			next[w]++
		}
		if len(got) != writers*each {
			t.Errorf("%d events, want %d", len(got), writers*each)
		}
	})
}

func TestReadersKeepTheirPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, _ := newOutbox(d)
		move := func(from, to int64) (moved bool) {
			t.Helper()
			if err := d.Write(ctx, func(tx *db.Tx) (err error) { moved, err = o.Move(ctx, tx, "reader", from, to); return err }); err != nil {
				t.Fatal(err)
			}
			return moved
		}
		if !move(0, 5) || move(0, 9) || !move(5, 9) {
			t.Error("a reader may move from where it is, and from nowhere else")
		}
		if at, err := o.Position(ctx, d.Read(), "reader"); err != nil || at != 9 {
			t.Errorf("%d, %v", at, err)
		}
		if at, err := o.Position(ctx, d.Read(), "nobody"); err != nil || at != 0 {
			t.Errorf("%d, %v", at, err)
		}
	})
}

func TestPurge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, c := newOutbox(d)
		publish(t, d, o, outbox.Item{ID: 1})
		take(t, o)
		c.Advance(time.Hour)
		publish(t, d, o, outbox.Item{ID: 2})
		take(t, o)
		if err := o.Purge(ctx, 30*time.Minute); err != nil {
			t.Fatal(err)
		}
		if got, _ := all(t, o, 0); len(got) != 1 || got[0] != 2 {
			t.Errorf("%v", got)
		}
		kept, err := o.Read(ctx, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		lost, err := o.Forgotten(ctx)
		if err != nil || lost == 0 || lost >= kept[0].Position {
			t.Errorf("forgotten up to %d, kept from %d, %v", lost, kept[0].Position, err)
		}
		if err := o.Purge(ctx, 30*time.Minute); err != nil {
			t.Fatal(err)
		}
		if again, err := o.Forgotten(ctx); err != nil || again != lost {
			t.Errorf("a purge of nothing moved it from %d to %d, %v", lost, again, err)
		}
	})
}

// What is published on one node wakes its watchers at once.
func TestWatching(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	o, _ := newOutbox(d)
	there, stop := o.Watch()
	defer stop()
	publish(t, d, o, outbox.Item{ID: 1})
	take(t, o)
	select {
	case <-there:
	case <-dbtest.TooLate(t):
		t.Error("nobody was woken")
	}
}
