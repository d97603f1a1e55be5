package once

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// Keep is how long a key is remembered.
const Keep = 24 * time.Hour

// ErrTaken says that another transaction has claimed the key: look the answer up with Find.
var ErrTaken = errors.New("this idempotency key has been used")

// Answer is what a key was answered with.
type Answer struct {
	Hash      []byte `db:"request_hash"`
	RequestID string `db:"request_id"`
	Status    int    `db:"status"` // 0: the effect is there, the answer was never stored
	Headers   string `db:"headers"`
	Body      []byte `db:"body"`
	CreatedAt int64  `db:"created_at"` // microseconds
	Made      Place  `db:"-"`
}

// Place is the row that a request made; its zero value is none.
type Place struct {
	Table string `db:"made_table"` // its name in the audit
	Row   int64  `db:"made_row"`
}

// Claim takes the key of the context's call for this transaction, which makes a row at made; ErrTaken when somebody has it.
// Without a key it does nothing.
func Claim(ctx context.Context, tx *db.Tx, now time.Time, made Place) error {
	call := access.From(ctx)
	if call.Once == nil || call.Once.Claimed || call.Once.In == tx {
		return nil
	}
	n, err := tx.ExecContext(ctx, sqlClaim, call.Principal.Key(), call.Once.Key, call.Once.Hash, call.RequestID, clock.Micros(now), made.Table, made.Row)
	if err != nil {
		return fmt.Errorf("claim the idempotency key: %w", err)
	}
	if rows, err := n.RowsAffected(); err != nil || rows == 0 {
		return errors.Join(ErrTaken, err)
	}
	call.Once.In = tx
	tx.AfterCommit(func() { call.Once.Claimed = true })
	return nil
}

// Find is the answer to a key, nil when it was never used. Another request under the same key is refused.
func Find(ctx context.Context, q db.Q, call access.Call) (*Answer, error) {
	var found struct {
		Answer
		Place
	}
	err := q.GetContext(ctx, &found, sqlFind, call.Principal.Key(), call.Once.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the idempotency key: %w", err)
	}
	a := found.Answer
	a.Made = found.Place
	if !bytes.Equal(a.Hash, call.Once.Hash) {
		return nil, errs.New(errs.KindConflict, "idempotency_conflict", "This Idempotency-Key was used for another request.")
	}
	return &a, nil
}

// Store keeps the answer, so that a repeat gets the same. A secret must not be in it.
func Store(ctx context.Context, d *db.DB, call access.Call, a Answer) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, sqlStore, a.Status, a.Headers, a.Body, call.Principal.Key(), call.Once.Key)
		if err != nil {
			return fmt.Errorf("store the answer to an idempotency key: %w", err)
		}
		return nil
	})
}

// Purge forgets keys older than Keep.
func Purge(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlPurge, clock.Micros(now.Add(-Keep))); err != nil {
			return fmt.Errorf("purge idempotency keys: %w", err)
		}
		return nil
	})
}
