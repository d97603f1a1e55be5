package verification

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandem/internal/core/contact"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
)

const (
	sqlLatest = `
		SELECT id, contact_id, address, value_key, digest, wrong, used_at, created_at, expires_at FROM verification_codes
		 WHERE contact_id = $1 AND address = $2 ORDER BY created_at DESC, id DESC LIMIT 1`
	sqlInsert = `
		INSERT INTO verification_codes (id, contact_id, address, value_key, digest, wrong, used_at, email_id, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $8)`
	sqlWrong    = `UPDATE verification_codes SET wrong = wrong + 1 WHERE id = $1`
	sqlSentWith = `UPDATE verification_codes SET email_id = $1 WHERE id = $2`
	sqlUse      = `UPDATE verification_codes SET used_at = $1 WHERE id = $2 AND used_at = 0`
	sqlOf       = `SELECT contact_id, address FROM verification_codes WHERE email_id = $1`
	// The oldest of the newest so many within a day: when it is a day old, one more may go.
	sqlOfContact = `SELECT created_at FROM verification_codes WHERE contact_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT 1 OFFSET $3`
	sqlOfValue   = `SELECT created_at FROM verification_codes WHERE value_key = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT 1 OFFSET $3`
	sqlHold      = `
		INSERT INTO verification_addresses (value_key, touched_at) VALUES ($1, $2)
		ON CONFLICT (value_key) DO UPDATE SET touched_at = excluded.touched_at`
	sqlPurgeCodes     = `DELETE FROM verification_codes WHERE created_at < $1`
	sqlPurgeAddresses = `DELETE FROM verification_addresses WHERE touched_at < $1`
)

// code is one code as it is kept.
type code struct {
	id, contactID             int64
	address                   contact.Address
	key                       string
	digest                    []byte
	wrong                     int64
	usedAt, createdAt, expiry time.Time // used: zero when it was not
}

// latest is the newest code of an address of a contact; nil: none.
func latest(ctx context.Context, q db.Q, contactID int64, a contact.Address) (*code, error) {
	var c code
	var used, created, expires int64
	err := q.QueryRowContext(ctx, sqlLatest, contactID, string(a)).Scan(&c.id, &c.contactID, (*string)(&c.address), &c.key, &c.digest, &c.wrong, &used, &created, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the code: %w", err)
	}
	if used != 0 {
		c.usedAt = clock.Time(used)
	}
	c.createdAt, c.expiry = clock.Time(created), clock.Time(expires)
	return &c, nil
}

// full is when one more may go of what a query counts; the zero time: now.
func full(ctx context.Context, q db.Q, query string, key any, most int64, now time.Time) (time.Time, error) {
	var found []int64
	if err := q.SelectContext(ctx, &found, query, key, clock.Micros(now.Add(-day)), most-1); err != nil {
		return time.Time{}, fmt.Errorf("count codes: %w", err)
	}
	if len(found) == 0 {
		return time.Time{}, nil
	}
	return clock.Time(found[0]).Add(day), nil
}

func exec(ctx context.Context, tx *db.Tx, what, query string, args ...any) error {
	if _, err := tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
