package session

import (
	"context"
	"fmt"

	"tandem/internal/kit/db"
)

const (
	sqlInsertSession = `
		INSERT INTO sessions (digest, id, identity_id, kind, member_id, mark, ip, agent, created_at, seen_at, expires_at, provider_id, proved)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12)`
	sqlGetSession    = `SELECT kind, member_id, mark, seen_at, expires_at, created_at, provider_id, proved FROM sessions WHERE digest = $1`
	sqlDeleteSession = `DELETE FROM sessions WHERE digest = $1`
	sqlSeenSession   = `UPDATE sessions SET seen_at = $1 WHERE digest = $2 AND seen_at < $1`
	sqlOwnSessions   = `
		SELECT digest, id, kind, member_id, mark, ip, agent, created_at, seen_at, expires_at FROM sessions
		 WHERE identity_id = $1 AND expires_at > $2 ORDER BY seen_at DESC, id DESC LIMIT 200`
	sqlEndSession    = `DELETE FROM sessions WHERE id = $1 AND identity_id = $2`
	sqlEndOthers     = `DELETE FROM sessions WHERE identity_id = $1 AND digest <> $2`
	sqlEndOf         = `DELETE FROM sessions WHERE kind = $1 AND member_id = $2 AND identity_id = $3`
	sqlEndProvider   = `DELETE FROM sessions WHERE provider_id = $1 AND (member_id = $2 OR $2 = 0)`
	sqlPurgeSessions = `DELETE FROM sessions WHERE expires_at < $1`

	// The row is locked until the transaction ends, so that tries at the same moment are counted one by one.
	sqlLockFailures = `
		INSERT INTO sign_in_failures (key, failures, last_at, locked_until) VALUES ($1, 0, $2, 0)
		ON CONFLICT (key) DO UPDATE SET last_at = sign_in_failures.last_at
		RETURNING failures, last_at, locked_until`
	sqlSetFailures   = `UPDATE sign_in_failures SET failures = $1, last_at = $2, locked_until = $3 WHERE key = $4`
	sqlClearFailures = `DELETE FROM sign_in_failures WHERE key = $1`
	sqlForgive       = `UPDATE sign_in_failures SET failures = failures - 1 WHERE key = $1 AND failures > 0`
	sqlTakeBack      = `UPDATE sign_in_failures SET failures = failures - 1, locked_until = 0 WHERE key = $1 AND failures > 0`
	sqlPurgeFailures = `DELETE FROM sign_in_failures WHERE last_at < $1 AND locked_until < $1`

	tokenColumns = `id, name, role, scopes, hint, created_by, created_at, expires_at, revoked_at, last_used_at, reseller_id,
		COALESCE((SELECT k.name FROM customers k WHERE k.id = t.reseller_id), '') AS reseller_name`

	sqlInsertToken = `
		INSERT INTO api_tokens (id, name, role, scopes, digest, hint, created_by, created_at, expires_at, name_key, reseller_id, revoked_at, last_used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)`
	sqlToken       = `SELECT ` + tokenColumns + ` FROM api_tokens t WHERE id = $1 AND revoked_at = 0`
	sqlTokenRole   = `SELECT role, created_by FROM api_tokens WHERE id = $1`
	sqlFindToken   = `SELECT ` + tokenColumns + ` FROM api_tokens t WHERE digest = $1 AND revoked_at = 0`
	sqlTokensOf    = `SELECT ` + tokenColumns + ` FROM api_tokens t WHERE role = $1 AND revoked_at = 0 ORDER BY id`
	sqlTokensKept  = `SELECT ` + tokenColumns + ` FROM api_tokens t WHERE reseller_id <> 0 AND revoked_at = 0 ORDER BY id`
	sqlRevokeToken = `UPDATE api_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0`
	sqlSeenToken   = `UPDATE api_tokens SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1`
)

type sessionRow struct {
	Kind      string `db:"kind"`
	MemberID  int64  `db:"member_id"`
	Mark      string `db:"mark"`
	SeenAt    int64  `db:"seen_at"`
	ExpiresAt int64  `db:"expires_at"`
	CreatedAt int64  `db:"created_at"`

	ProviderID int64 `db:"provider_id"`
	Proved     int64 `db:"proved"`
}

type ownRow struct {
	Digest    []byte `db:"digest"`
	ID        int64  `db:"id"`
	Kind      string `db:"kind"`
	MemberID  int64  `db:"member_id"`
	Mark      string `db:"mark"`
	IP        string `db:"ip"`
	Agent     string `db:"agent"`
	CreatedAt int64  `db:"created_at"`
	SeenAt    int64  `db:"seen_at"`
	ExpiresAt int64  `db:"expires_at"`
}

type tokenRow struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	Role       string `db:"role"`
	Scopes     string `db:"scopes"`
	Hint       string `db:"hint"`
	CreatedBy  int64  `db:"created_by"`
	CreatedAt  int64  `db:"created_at"`
	ExpiresAt  int64  `db:"expires_at"`
	RevokedAt  int64  `db:"revoked_at"`
	LastUsedAt int64  `db:"last_used_at"`
	Reseller   int64  `db:"reseller_id"`
	Above      string `db:"reseller_name"`
}

type failures struct {
	Failures    int64 `db:"failures"`
	LastAt      int64 `db:"last_at"`
	LockedUntil int64 `db:"locked_until"`
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
