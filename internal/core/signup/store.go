package signup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tandem/internal/kit/db"
)

const (
	sqlGet   = `SELECT id, reseller_id, open, template_id, approval, terms_url, version FROM sign_up_settings WHERE reseller_id = $1`
	sqlFirst = `
		INSERT INTO sign_up_settings (id, reseller_id, open, template_id, approval, terms_url, updated_at, version)
		VALUES ($1, $2, 0, 0, 1, '', $3, 1) ON CONFLICT (reseller_id) DO NOTHING`
	sqlUpdate    = `UPDATE sign_up_settings SET open = $1, template_id = $2, approval = $3, terms_url = $4, updated_at = $5, version = $6 WHERE id = $7`
	sqlTemplates = `SELECT template_id, reseller_id FROM sign_up_settings WHERE open = 1 AND template_id IN (%s)`

	sqlInsert = `
		INSERT INTO sign_ups (id, digest, reseller_id, email, email_key, name, company, telephone, language, country, terms_url, password_hash, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlPending = `
		SELECT id, reseller_id, email, email_key, name, company, telephone, language, country, terms_url, password_hash FROM sign_ups
		 WHERE digest = $1 AND expires_at > $2`
	sqlTake       = `DELETE FROM sign_ups WHERE digest = $1 AND expires_at > $2`
	sqlDropOthers = `DELETE FROM sign_ups WHERE email_key = $1 AND reseller_id = $2`

	// A counter begins anew when its time is over.
	sqlCount = `
		INSERT INTO sign_up_tries (counter, since, tries) VALUES ($1, $2, 1)
		ON CONFLICT (counter) DO UPDATE SET tries = CASE WHEN sign_up_tries.since <= $3 THEN 1 ELSE sign_up_tries.tries + 1 END,
		                                    since = CASE WHEN sign_up_tries.since <= $3 THEN excluded.since ELSE sign_up_tries.since END
		RETURNING tries, since`

	sqlPurge      = `DELETE FROM sign_ups WHERE expires_at <= $1`
	sqlPurgeTries = `DELETE FROM sign_up_tries WHERE since < $1`
)

type settingsRow struct {
	ID       int64  `db:"id"`
	Reseller int64  `db:"reseller_id"`
	Open     int64  `db:"open"`
	Template int64  `db:"template_id"`
	Approval int64  `db:"approval"`
	TermsURL string `db:"terms_url"`
	Version  int64  `db:"version"`
}

// settings is what one party has decided; closed, with approval, until somebody did.
func settings(ctx context.Context, q db.Q, reseller int64, lock string) (Settings, error) {
	var r settingsRow
	err := q.GetContext(ctx, &r, sqlGet+lock, reseller)
	if errors.Is(err, sql.ErrNoRows) {
		return Settings{Reseller: reseller, Approval: true, Version: 1}, nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("read how people sign up: %w", err)
	}
	return Settings{ID: r.ID, Reseller: r.Reseller, Open: r.Open == 1, Template: r.Template, Approval: r.Approval == 1, TermsURL: r.TermsURL, Version: r.Version}, nil
}

// pending is a sign-up that waits for its link.
type pending struct {
	ID        int64  `db:"id"`
	Reseller  int64  `db:"reseller_id"`
	Email     string `db:"email"`
	EmailKey  string `db:"email_key"`
	Name      string `db:"name"`
	Company   string `db:"company"`
	Telephone string `db:"telephone"`
	Language  string `db:"language"`
	Country   string `db:"country"`
	TermsURL  string `db:"terms_url"`
	Hash      string `db:"password_hash"`
}

// waiting is the sign-up of a link that works still.
func waiting(ctx context.Context, q db.Q, digest []byte, now int64) (pending, error) {
	var p pending
	err := q.GetContext(ctx, &p, sqlPending, digest, now)
	if errors.Is(err, sql.ErrNoRows) {
		return p, badLink()
	}
	if err != nil {
		return p, fmt.Errorf("find the sign-up of a link: %w", err)
	}
	return p, nil
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
