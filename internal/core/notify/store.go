package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
	"tandem/internal/kit/list"
)

const (
	shownColumns = `e.id, e.channel, e.template_key, e.template_version, e.language, e.to_address, e.subject, e.state, e.attempts, e.next_attempt_at, e.last_error,
		e.message_id, e.customer_id, e.staff_id, e.resend_of, e.created_at, e.sent_at`

	sqlInsert = `
		INSERT INTO emails (id, channel, template_key, template_version, language, to_address, to_key, subject, subject_key, body_text, body_html, sealed,
		                    state, attempts, next_attempt_at, give_up_at, last_error, message_id, customer_id, staff_id, resend_of, created_at, author, sent_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16, '', $17, $18, $19, $20, $21, 0)`
	sqlGet   = `SELECT ` + shownColumns + `, e.body_text, e.body_html FROM emails e WHERE e.id = $1`
	sqlLock  = `SELECT id FROM emails WHERE id = $1`
	sqlAbout = `SELECT id, customer_id FROM emails WHERE id IN (%s)`

	sqlWithin = `SELECT x.id FROM customer_ancestors a JOIN emails x ON x.customer_id = a.customer_id WHERE a.ancestor_id IN (%s)`

	// The list without texts: of everybody, of a subtree, of one customer.
	sqlNoTexts       = `e.channel <> ?`
	sqlNoTextsWithin = `e.channel <> ? AND e.customer_id IN (SELECT customer_id FROM customer_ancestors WHERE ancestor_id = ?)`
	sqlNoTextsOf     = `e.channel <> ? AND e.customer_id = ?`

	sqlAttach      = `INSERT INTO email_attachments (email_id, position, name, content_type, size, file_id) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlAttachments = `SELECT name, content_type, size, file_id FROM email_attachments WHERE email_id = $1 ORDER BY position`
	sqlAttachedTo  = `SELECT COUNT(*) FROM email_attachments WHERE file_id = $1`
	sqlDetach      = `
		DELETE FROM email_attachments WHERE email_id IN (SELECT id FROM emails WHERE created_at < $1 AND state IN ('sent', 'failed', 'suppressed', 'cancelled'))
		RETURNING file_id`

	// What is due: queued and its time has come, or being sent by somebody whose time is over.
	sqlDue   = `SELECT id FROM emails WHERE state IN ('queued', 'sending') AND channel = $1 AND next_attempt_at <= $2 ORDER BY next_attempt_at LIMIT 1`
	sqlClaim = `
		UPDATE emails SET state = 'sending', attempts = attempts + 1, next_attempt_at = $1, message_id = CASE WHEN message_id = '' THEN $2 ELSE message_id END
		 WHERE id = $3
		RETURNING to_address, subject, body_text, body_html, sealed, message_id, attempts, give_up_at, customer_id`
	// The number of the attempt keeps a worker that was given up from marking what another one has taken over.
	sqlSent = `
		UPDATE emails SET state = 'sent', sent_at = $1, last_error = '', sealed = $2 WHERE id = $3 AND state = 'sending' AND attempts = $4`
	sqlAgain = `
		UPDATE emails SET state = 'queued', next_attempt_at = $1, last_error = $2 WHERE id = $3 AND state = 'sending' AND attempts = $4`
	sqlFail = `
		UPDATE emails SET state = $1, last_error = $2, sealed = $3 WHERE id = $4 AND state = 'sending' AND attempts = $5`
	sqlAuthor = `SELECT author, subject FROM emails WHERE id = $1`
	sqlCancel = `UPDATE emails SET state = 'cancelled', sealed = $1 WHERE id = $2 AND state = 'queued'`
	sqlPurge  = `DELETE FROM emails WHERE created_at < $1 AND state IN ('sent', 'failed', 'suppressed', 'cancelled')`
	sqlOpen   = `SELECT COUNT(*) FROM emails WHERE channel = $1 AND state IN ('queued', 'sending')`
	// The newest trouble of what is still to go.
	sqlTrouble = `
		SELECT last_error FROM emails WHERE channel = $1 AND state IN ('queued', 'sending') AND last_error <> '' ORDER BY next_attempt_at DESC LIMIT 1`

	templateColumns = `key, language, version, template_id, shipped, subject, body_text, body_html, saved_at, saved_by`

	sqlTemplate = `
		SELECT ` + templateColumns + ` FROM email_templates WHERE key = $1 AND language = $2 ORDER BY version DESC LIMIT 1`
	sqlVersions       = `SELECT ` + templateColumns + ` FROM email_templates WHERE key = $1 AND language = $2 ORDER BY version DESC`
	sqlInsertTemplate = `
		INSERT INTO email_templates (` + templateColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	sqlGateway      = `SELECT url, enabled, secret, updated_at, version FROM sms_gateway WHERE id = 1`
	sqlFirstGateway = `INSERT INTO sms_gateway (id, url, enabled, secret, updated_at, version) VALUES (1, '', 0, $1, $2, 1) ON CONFLICT (id) DO NOTHING`
	sqlWriteGateway = `UPDATE sms_gateway SET url = $1, enabled = $2, secret = $3, updated_at = $4, version = version + 1 WHERE id = 1`

	suppressionColumns = `s.id, s.address, s.reason, s.detail, s.email_id, s.created_at`

	sqlSuppressed = `SELECT reason FROM email_suppressions WHERE address_key = $1`
	sqlSuppress   = `
		INSERT INTO email_suppressions (id, address, address_key, reason, detail, email_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (address_key) DO NOTHING`
	sqlSuppression = `SELECT ` + suppressionColumns + ` FROM email_suppressions s WHERE s.id = $1`
	sqlRelease     = `DELETE FROM email_suppressions WHERE id = $1`
)

// scanned reads the shown columns, and what more is given.
func scanned(scan list.Scan, more ...any) (Email, error) {
	var e Email
	var next, created, sent int64
	err := scan(append([]any{&e.ID, &e.Channel, &e.Key, &e.TemplateVersion, &e.Language, &e.To, &e.Subject, &e.State, &e.Attempts, &next, &e.LastError,
		&e.MessageID, &e.CustomerID, &e.StaffID, &e.ResendOf, &created, &sent}, more...)...)
	e.CreatedAt, e.SentAt = clock.Time(created), instant(sent)
	if e.State == StateQueued && e.Attempts > 0 {
		e.NextAttempt = clock.Time(next)
	}
	return e, err
}

func noEmail() error { return errs.NotFound("e-mail") }

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return clock.Time(micros)
}

func get(ctx context.Context, q db.Q, emailID int64) (Email, error) {
	var text, html string
	e, err := scanned(q.QueryRowContext(ctx, sqlGet, emailID).Scan, &text, &html)
	if errors.Is(err, sql.ErrNoRows) {
		return e, noEmail()
	}
	if err != nil {
		return e, fmt.Errorf("read the mail: %w", err)
	}
	if e.Channel == ChannelSMS && textsHidden(ctx) {
		return Email{}, errs.NotFound("e-mail")
	}
	e.Text, e.HTML = text, html
	e.Attachments, err = attachments(ctx, q, emailID)
	return e, err
}

type templateRow struct {
	Key        string `db:"key"`
	Language   string `db:"language"`
	Version    int64  `db:"version"`
	TemplateID int64  `db:"template_id"`
	Shipped    int64  `db:"shipped"`
	Subject    string `db:"subject"`
	Text       string `db:"body_text"`
	HTML       string `db:"body_html"`
	SavedAt    int64  `db:"saved_at"`
	SavedBy    string `db:"saved_by"`
}

func (r templateRow) template() (Template, error) {
	t := Template{Key: r.Key, Language: r.Language, Version: r.Version, ID: r.TemplateID, Shipped: r.Shipped == 1,
		Content: Content{r.Subject, r.Text, r.HTML}, SavedAt: instant(r.SavedAt), SavedBy: r.SavedBy}
	var err error
	if t.Shipped {
		t.Content, err = shipped(r.Key, r.Language)
	}
	return t, err
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
