package outbox

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/id"
)

// Prefix begins the IDs of events at the API.
const Prefix = "evt"

// lookEvery is how often to look for what another process published.
const lookEvery = 500 * time.Millisecond

// order is the head under which the last position that was given stands.
const order = "order"

// purged is the head under which the last position that was forgotten stands.
const purged = "purged"

// Item is one event: its own ID, and the row it tells of.
type Item struct {
	ID  int64
	Row int64
}

// Batch is the events of one type that one transaction published.
type Batch struct {
	Position int64 // 0 when it is published
	At       time.Time
	Type     string // such as customer.updated
	Resource string // the table of the rows
	Items    []Item
}

// Outbox is the way of events out of transactions. Safe for concurrent use.
type Outbox struct {
	db    *db.DB
	clock clock.Clock
	ids   *id.Source
	wake  chan struct{}

	mu       sync.Mutex
	watchers map[chan struct{}]bool
}

// New gives the outbox of a database.
func New(d *db.DB, c clock.Clock, ids *id.Source) *Outbox {
	return &Outbox{db: d, clock: c, ids: ids, wake: make(chan struct{}, 1), watchers: map[chan struct{}]bool{}}
}

// Publish writes events into the transaction of their cause. Call it once the rows they tell of are held.
func (o *Outbox) Publish(ctx context.Context, tx *db.Tx, batches ...Batch) error {
	now := clock.Micros(o.clock.Now())
	for _, b := range batches {
		if _, err := tx.ExecContext(ctx, sqlInsert, now, b.Type, b.Resource, packed(b.Items)); err != nil {
			return fmt.Errorf("publish events: %w", err)
		}
	}
	if len(batches) > 0 {
		tx.AfterCommit(o.nudge)
	}
	return nil
}

func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run takes in what is published until ctx ends, and wakes who watches.
func (o *Outbox) Run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if _, err := o.Take(ctx); err != nil && ctx.Err() == nil {
			log.Error("could not take in events", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-tick.C:
			o.tell() // another node may have taken in what is read here
		}
	}
}

// Watch gives a channel that holds something when there may be something to read. stop ends it.
func (o *Outbox) Watch() (there <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watchers[c] = true
	return c, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.watchers, c)
	}
}

func (o *Outbox) tell() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Take gives everything that has been committed its place in the order. Any node may call it at any time.
func (o *Outbox) Take(ctx context.Context) (taken bool, err error) {
	for {
		var some []int64
		if err := o.db.Read().SelectContext(ctx, &some, sqlAnyNew); err != nil {
			return taken, fmt.Errorf("look for new events: %w", err)
		}
		if len(some) == 0 {
			return taken, nil
		}
		if err := o.takeSome(ctx); err != nil {
			return taken, fmt.Errorf("take in events: %w", err)
		}
		taken = true
		o.tell()
	}
}

// takeSome holds the head first: the statement that looks for new batches begins when nobody else gives positions.
func (o *Outbox) takeSome(ctx context.Context) error {
	return o.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlNewHead, order, int64(0)); err != nil {
			return err
		}
		var head int64
		if err := tx.GetContext(ctx, &head, sqlHead+tx.Dialect().ForUpdate(), order); err != nil {
			return err
		}
		var fresh struct{ First, Last int64 }
		if err := tx.GetContext(ctx, &fresh, sqlNew); err != nil || fresh.Last == 0 {
			return err
		}
		base := max(head+1, o.ids.Next())
		if _, err := tx.ExecContext(ctx, sqlTake, base-fresh.First, fresh.First, fresh.Last); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlSetHead, base+fresh.Last-fresh.First, order)
		return err
	})
}

// Last is the position of what was taken in last; a reader that begins now begins behind it.
func (o *Outbox) Last(ctx context.Context, q db.Q) (int64, error) { return o.Position(ctx, q, order) }

// Reader is what positions and batches are read from outside of transactions.
func (o *Outbox) Reader() db.Q { return o.db.Read() }

// Position is where the reader of that name is; 0 when it has never read.
func (o *Outbox) Position(ctx context.Context, q db.Q, reader string) (int64, error) {
	var at int64
	err := q.GetContext(ctx, &at, sqlHead, reader)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read a position: %w", err)
	}
	return at, nil
}

// Move notes in the caller's transaction that the reader has come from one position to another. False: somebody else
// moved it meanwhile, and the transaction is to be rolled back.
func (o *Outbox) Move(ctx context.Context, tx *db.Tx, reader string, from, to int64) (bool, error) {
	if from == 0 {
		if _, err := tx.ExecContext(ctx, sqlNewHead, reader, int64(0)); err != nil {
			return false, fmt.Errorf("keep a position: %w", err)
		}
	}
	r, err := tx.ExecContext(ctx, sqlMoveHead, to, reader, from)
	if err != nil {
		return false, fmt.Errorf("keep a position: %w", err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// Read is up to limit batches behind a position, in order.
func (o *Outbox) Read(ctx context.Context, after int64, limit int) ([]Batch, error) {
	var rows []struct {
		Position int64  `db:"position"`
		At       int64  `db:"at"`
		Type     string `db:"type"`
		Resource string `db:"resource"`
		Items    []byte `db:"items"`
	}
	if err := o.db.Read().SelectContext(ctx, &rows, sqlRead, after, limit); err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	out := make([]Batch, len(rows))
	for i, r := range rows {
		out[i] = Batch{Position: r.Position, At: clock.Time(r.At), Type: r.Type, Resource: r.Resource, Items: unpacked(r.Items)}
	}
	return out, nil
}

// Forgotten is the last position that was purged; 0: everything is there. Who has read less far has missed something.
func (o *Outbox) Forgotten(ctx context.Context) (int64, error) {
	return o.Position(ctx, o.db.Read(), purged)
}

// Purge forgets what was published longer ago.
func (o *Outbox) Purge(ctx context.Context, keep time.Duration) error {
	before := clock.Micros(o.clock.Now().Add(-keep))
	for {
		var gone []int64
		err := o.db.Write(ctx, func(tx *db.Tx) error {
			gone = nil
			if err := tx.SelectContext(ctx, &gone, sqlPurge, before); err != nil || len(gone) == 0 {
				return err
			}
			if _, err := tx.ExecContext(ctx, sqlNewHead, purged, int64(0)); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, sqlRaiseHead, slices.Max(gone), purged)
			return err
		})
		if err != nil || len(gone) == 0 {
			if err != nil {
				err = fmt.Errorf("purge events: %w", err)
			}
			return err
		}
	}
}

func packed(items []Item) []byte {
	b := make([]byte, 0, 16*len(items))
	for _, it := range items {
		b = binary.BigEndian.AppendUint64(b, uint64(it.ID))
		b = binary.BigEndian.AppendUint64(b, uint64(it.Row))
	}
	return b
}

func unpacked(b []byte) []Item {
	items := make([]Item, 0, len(b)/16)
	for ; len(b) >= 16; b = b[16:] {
		items = append(items, Item{ID: int64(binary.BigEndian.Uint64(b)), Row: int64(binary.BigEndian.Uint64(b[8:]))})
	}
	return items
}
