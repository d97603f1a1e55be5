package erasure

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

const (
	columns = `id, customer_id, contact_id, name, reason, asked_by, asked_at, job_id, done_at`

	sqlOf     = `SELECT ` + columns + ` FROM erasures WHERE customer_id = $1 AND contact_id = $2`
	sqlGet    = `SELECT ` + columns + ` FROM erasures WHERE id = $1`
	sqlDone   = `SELECT ` + columns + ` FROM erasures WHERE done_at > 0 ORDER BY id DESC LIMIT 1000`
	sqlInsert = `
		INSERT INTO erasures (id, customer_id, contact_id, name, reason, asked_by, asked_at, job_id, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		ON CONFLICT (customer_id, contact_id) DO UPDATE
		   SET reason = excluded.reason, asked_by = excluded.asked_by, asked_at = excluded.asked_at, job_id = excluded.job_id, done_at = 0
		RETURNING id`
	sqlFinish = `UPDATE erasures SET done_at = $1 WHERE id = $2`
)

type row struct {
	ID       int64  `db:"id"`
	Customer int64  `db:"customer_id"`
	Contact  int64  `db:"contact_id"`
	Name     string `db:"name"`
	Reason   string `db:"reason"`
	AskedBy  string `db:"asked_by"`
	AskedAt  int64  `db:"asked_at"`
	Job      int64  `db:"job_id"`
	DoneAt   int64  `db:"done_at"`
}

func (r *row) erasure() Erasure {
	e := Erasure{ID: r.ID, Customer: r.Customer, Contact: r.Contact, Name: r.Name, Reason: r.Reason, AskedBy: r.AskedBy, AskedAt: clock.Time(r.AskedAt), Job: r.Job}
	if r.DoneAt > 0 {
		e.DoneAt = clock.Time(r.DoneAt)
	}
	return e
}

// one reads an erasure; nil when there is none.
func one(ctx context.Context, q db.Q, query string, args ...any) (*Erasure, error) {
	var r row
	err := q.GetContext(ctx, &r, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the erasure: %w", err)
	}
	e := r.erasure()
	return &e, nil
}
