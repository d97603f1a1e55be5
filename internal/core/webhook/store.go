package webhook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

const (
	columns = `w.id, w.url, w.description, w.events, w.filter, w.state, w.reason, w.secret, w.old_secret, w.old_until, w.failing_since, w.made_by, w.made_by_token,
		w.created_at, w.updated_at, w.version`

	sqlGet     = `SELECT ` + columns + ` FROM webhooks w WHERE w.id = $1 AND w.state <> 'removed'`
	sqlHearing = `SELECT ` + columns + ` FROM webhooks w WHERE w.state IN ('active', 'paused') ORDER BY w.id`
	sqlCount   = `SELECT COUNT(*) FROM webhooks WHERE state <> 'removed'`
	sqlInsert  = `
		INSERT INTO webhooks (id, url, url_key, description, description_key, events, filter, state, reason, secret, old_secret, old_until, failing_since, made_by, made_by_token,
		                      created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, 0, 0, $11, $13, $12, $12, 1)`
	sqlUpdate = `
		UPDATE webhooks SET url = $1, url_key = $2, description = $3, description_key = $4, events = $5, filter = $6, state = $7, reason = $8, failing_since = $9,
		       updated_at = $10, version = version + 1
		 WHERE id = $11`
	sqlRoll = `
		UPDATE webhooks SET old_secret = secret, old_until = $1, secret = $2, updated_at = $3, version = version + 1 WHERE id = $4`
	sqlRemove = `
		UPDATE webhooks SET state = 'removed', secret = $1, old_secret = $1, updated_at = $2, version = version + 1 WHERE id = $3`
	sqlFailing = `UPDATE webhooks SET failing_since = $1 WHERE id = $2 AND failing_since = 0`
	sqlSince   = `SELECT failing_since FROM webhooks WHERE id = $1`
	sqlWell    = `UPDATE webhooks SET failing_since = 0 WHERE id = $1 AND failing_since <> 0`
	sqlDisable = `
		UPDATE webhooks SET state = 'disabled', reason = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND state IN ('active', 'paused')`

	sqlKnownEvents = `SELECT id FROM webhook_events WHERE id IN (%s)`
	sqlEventBody   = `SELECT body FROM webhook_events WHERE id = $1`

	deliveryColumns = `d.id, d.webhook_id, d.event_id, d.type, d.resource, d.row_ref, d.state, d.attempts, d.next_at, d.status, d.last_error, d.created_at, d.finished_at`

	sqlDelivery = `SELECT ` + deliveryColumns + ` FROM webhook_deliveries d WHERE d.id = $1`

	// Who has something to be sent now.
	sqlBusy = `
		SELECT w.id FROM webhooks w
		 WHERE w.state = 'active' AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state IN ('waiting', 'sending') AND d.next_at <= $1)`
	// What is due and not behind an earlier one of the same row. The state is spelled as the indexes have it.
	sqlDue = `
		SELECT d.id FROM webhook_deliveries d
		 WHERE d.webhook_id = $1 AND d.state IN ('waiting', 'sending') AND d.next_at <= $2
		   AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.row_id = d.row_id AND e.state IN ('waiting', 'sending')
		                     AND (e.line < d.line OR e.line = d.line AND e.id < d.id))
		 ORDER BY d.next_at LIMIT $3`
	sqlClaim = `
		UPDATE webhook_deliveries SET state = 'sending', tries = tries + 1, attempts = attempts + 1, next_at = $1 WHERE id = $2
		RETURNING event_id, row_id, tries, attempts`
	// The number of the attempt keeps a node that was given up from marking what another one has taken over.
	sqlSettle = `
		UPDATE webhook_deliveries SET state = $1, next_at = $2, status = $3, last_error = $4, finished_at = $5 WHERE id = $6 AND state = 'sending' AND attempts = $7`
	// Those behind it wait as long, so that nobody looks at them meanwhile. The first condition is that of the index.
	sqlBehind = `
		UPDATE webhook_deliveries SET next_at = $1 WHERE webhook_id = $2 AND row_id = $3 AND id <> $4 AND state IN ('waiting', 'sending') AND state = 'waiting'`
	sqlInsertAttempt = `
		INSERT INTO webhook_attempts (delivery_id, n, at, duration, status, error, request_headers, response_headers, response_body, cut)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (delivery_id, n) DO NOTHING`
	sqlAttempts = `
		SELECT n, at, duration, status, error, request_headers, response_headers, response_body, cut FROM webhook_attempts WHERE delivery_id = $1 ORDER BY n DESC LIMIT 100`

	sqlResend = `
		UPDATE webhook_deliveries SET state = 'waiting', tries = 0, next_at = $1, finished_at = 0 WHERE id = $2 AND state IN ('delivered', 'failed')`
	sqlResendFailed = `
		UPDATE webhook_deliveries SET state = 'waiting', tries = 0, next_at = $1, finished_at = 0
		 WHERE id IN (SELECT id FROM webhook_deliveries WHERE webhook_id = $2 AND state = 'failed' AND finished_at >= $3 ORDER BY finished_at LIMIT 5000)`
	sqlFailed = `SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'failed'`
	sqlOpen   = `SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1 AND state IN ('waiting', 'sending')`

	sqlOld = `
		SELECT d.id FROM webhook_deliveries d WHERE d.created_at < $1
		   OR d.webhook_id IN (SELECT w.id FROM webhooks w WHERE w.state = 'removed') ORDER BY d.created_at LIMIT 2000`
	sqlDropAttempts   = `DELETE FROM webhook_attempts WHERE delivery_id IN (%s)`
	sqlDropDeliveries = `DELETE FROM webhook_deliveries WHERE id IN (%s)`
	sqlDropEvents     = `DELETE FROM webhook_events WHERE id IN (SELECT id FROM webhook_events WHERE at < $1 ORDER BY at LIMIT 5000)`
	sqlDropRemoved    = `
		DELETE FROM webhooks WHERE state = 'removed' AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = webhooks.id)`
)

var (
	eventColumns     = []string{"id", "type", "resource", "row_id", "row_ref", "at", "body"}
	newDeliveryNames = []string{"id", "webhook_id", "event_id", "type", "resource", "row_id", "line", "row_ref", "state", "tries", "attempts", "next_at", "status", "last_error",
		"created_at", "finished_at"}
)

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return clock.Time(micros)
}

// micros is 0 for no time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

func scanned(scan list.Scan) (Webhook, error) {
	var w Webhook
	var events string
	var until, failing, created, updated int64
	err := scan(&w.ID, &w.URL, &w.Description, &events, &w.Filter, &w.State, &w.Reason, &w.secret, &w.oldSecret, &until, &failing, &w.MadeBy, &w.MadeByToken, &created, &updated, &w.Version)
	if err != nil {
		return w, err
	}
	w.OldUntil, w.FailingSince, w.CreatedAt, w.UpdatedAt = instant(until), instant(failing), clock.Time(created), clock.Time(updated)
	if err := json.Unmarshal([]byte(events), &w.Events); err != nil {
		return w, fmt.Errorf("read the events of a webhook: %w", err)
	}
	return w, nil
}

func get(ctx context.Context, q db.Q, webhookID int64, lock string) (Webhook, error) {
	w, err := scanned(q.QueryRowContext(ctx, sqlGet+lock, webhookID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return w, notFound()
	}
	if err != nil {
		return w, fmt.Errorf("read the webhook: %w", err)
	}
	return w, nil
}

// hearing is every webhook that events are kept for.
func hearing(ctx context.Context, q db.Q) (out []Webhook, err error) {
	rows, err := q.QueryContext(ctx, sqlHearing)
	if err != nil {
		return nil, fmt.Errorf("read the webhooks: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		w, err := scanned(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read the webhooks: %w", err)
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

func scannedDelivery(scan list.Scan) (Delivery, error) {
	var d Delivery
	var next, created, finished int64
	err := scan(&d.ID, &d.WebhookID, &d.EventID, &d.Type, &d.Resource, &d.RowRef, &d.State, &d.Attempts, &next, &d.Status, &d.LastError, &created, &finished)
	d.CreatedAt, d.FinishedAt = clock.Time(created), instant(finished)
	if d.State == DeliveryWaiting {
		d.NextAt = clock.Time(next)
	}
	return d, err
}

func getDelivery(ctx context.Context, q db.Q, deliveryID int64, lock string) (Delivery, error) {
	d, err := scannedDelivery(q.QueryRowContext(ctx, sqlDelivery+lock, deliveryID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return d, errs.NotFound("delivery")
	}
	if err != nil {
		return d, fmt.Errorf("read the delivery: %w", err)
	}
	return d, nil
}

type attemptRow struct {
	N               int64  `db:"n"`
	At              int64  `db:"at"`
	Duration        int64  `db:"duration"`
	Status          int64  `db:"status"`
	Error           string `db:"error"`
	RequestHeaders  string `db:"request_headers"`
	ResponseHeaders string `db:"response_headers"`
	ResponseBody    []byte `db:"response_body"`
	Cut             int64  `db:"cut"`
}

func attemptsOf(ctx context.Context, q db.Q, deliveryID int64) ([]Attempt, error) {
	var rows []attemptRow
	if err := q.SelectContext(ctx, &rows, sqlAttempts, deliveryID); err != nil {
		return nil, fmt.Errorf("read the attempts: %w", err)
	}
	out := make([]Attempt, len(rows))
	for i, r := range rows {
		a := Attempt{N: r.N, At: clock.Time(r.At), Duration: time.Duration(r.Duration) * time.Microsecond, Status: r.Status, Error: r.Error, ResponseBody: r.ResponseBody, Cut: r.Cut == 1}
		if err := errors.Join(json.Unmarshal([]byte(r.RequestHeaders), &a.RequestHeaders), json.Unmarshal([]byte(r.ResponseHeaders), &a.ResponseHeaders)); err != nil {
			return nil, fmt.Errorf("read the headers of an attempt: %w", err)
		}
		out[i] = a
	}
	return out, nil
}

func numbers(ids []int64) []any {
	out := make([]any, len(ids))
	for i, n := range ids {
		out[i] = n
	}
	return out
}

func exec(ctx context.Context, tx *db.Tx, what, query string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}
