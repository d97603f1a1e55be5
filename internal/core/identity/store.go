package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	columns = `i.id, i.email, i.password_hash, i.given, i.must_change, i.password_until, i.epoch,
		(SELECT COUNT(*) FROM identity_totp t WHERE t.identity_id = i.id AND t.confirmed = 1) AS totp,
		(SELECT COUNT(*) FROM identity_passkeys k WHERE k.identity_id = i.id) AS passkeys`

	sqlGet      = `SELECT ` + columns + ` FROM identities i WHERE i.id = $1`
	sqlByEmail  = `SELECT ` + columns + ` FROM identities i WHERE i.email_key = $1`
	sqlByMember = `SELECT ` + columns + ` FROM identities i JOIN identity_members m ON m.identity_id = i.id WHERE m.kind = $1 AND m.member_id = $2`

	// Of two at once one makes it and the other waits for it; either has it locked from then on.
	sqlJoin = `
		INSERT INTO identities (id, email, email_key, password_hash, given, must_change, password_until, epoch, created_at, updated_at)
		VALUES ($1, $2, $3, '', 0, 0, 0, 1, $4, $4)
		ON CONFLICT (email_key) DO UPDATE SET updated_at = identities.updated_at
		RETURNING id`
	sqlRename      = `UPDATE identities SET email = $1, email_key = $2, updated_at = $3 WHERE id = $4`
	sqlSetPassword = `
		UPDATE identities SET password_hash = $1, given = $2, must_change = $3, password_until = $4, epoch = epoch + 1, updated_at = $5
		 WHERE id = $6 AND epoch = $7`
	sqlForget = `DELETE FROM identities WHERE id = $1`

	sqlMembers      = `SELECT kind, member_id, epoch FROM identity_members WHERE identity_id = $1 ORDER BY kind DESC, created_at, member_id`
	sqlMemberEpoch  = `SELECT epoch FROM identity_members WHERE kind = $1 AND member_id = $2 AND identity_id = $3`
	sqlInsertMember = `INSERT INTO identity_members (kind, member_id, identity_id, epoch, created_at) VALUES ($1, $2, $3, $4, $4)`
	sqlDeleteMember = `DELETE FROM identity_members WHERE kind = $1 AND member_id = $2`
	sqlOthers       = `DELETE FROM identity_members WHERE identity_id = $1 AND NOT (kind = $2 AND member_id = $3)`
	sqlEnd          = `UPDATE identity_members SET epoch = epoch + 1 WHERE kind = $1 AND member_id IN (%s)`
	sqlPasswords    = `
		SELECT m.member_id FROM identity_members m JOIN identities i ON i.id = m.identity_id
		 WHERE m.kind = $1 AND i.password_hash <> '' AND m.member_id IN (%s)`

	sqlDropLinks  = `DELETE FROM identity_links WHERE identity_id = $1`
	sqlInsertLink = `INSERT INTO identity_links (digest, identity_id, epoch, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, 0)`
	sqlFindLink   = `SELECT identity_id, epoch FROM identity_links WHERE digest = $1 AND used_at = 0 AND expires_at > $2`
	// One of many at once finds it unused.
	sqlUseLink    = `UPDATE identity_links SET used_at = $1 WHERE digest = $2 AND used_at = 0 AND expires_at > $1 RETURNING identity_id, epoch`
	sqlPurgeLinks = `DELETE FROM identity_links WHERE expires_at < $1`

	sqlBeginTOTP = `
		INSERT INTO identity_totp (identity_id, sealed, confirmed, last_step, created_at) VALUES ($1, $2, 0, 0, $3)
		ON CONFLICT (identity_id) DO UPDATE SET sealed = excluded.sealed, last_step = 0, created_at = excluded.created_at WHERE identity_totp.confirmed = 0`
	sqlGetTOTP        = `SELECT sealed, last_step FROM identity_totp WHERE identity_id = $1 AND confirmed = $2`
	sqlConfirmTOTP    = `UPDATE identity_totp SET confirmed = 1, last_step = $1 WHERE identity_id = $2 AND confirmed = 0`
	sqlUseTOTP        = `UPDATE identity_totp SET last_step = $1 WHERE identity_id = $2 AND confirmed = 1 AND last_step < $1`
	sqlDropTOTP       = `DELETE FROM identity_totp WHERE identity_id = $1`
	sqlDropRecovery   = `DELETE FROM identity_recovery_codes WHERE identity_id = $1`
	sqlInsertRecovery = `INSERT INTO identity_recovery_codes (identity_id, digest, used_at) VALUES ($1, $2, 0)`
	sqlKnowRecovery   = `SELECT COUNT(*) FROM identity_recovery_codes WHERE identity_id = $1 AND digest = $2 AND used_at = 0`
	sqlUseRecovery    = `UPDATE identity_recovery_codes SET used_at = $1 WHERE identity_id = $2 AND digest = $3 AND used_at = 0`
	sqlRecoveryLeft   = `SELECT COUNT(*) FROM identity_recovery_codes WHERE identity_id = $1 AND used_at = 0`

	sqlKeys          = `SELECT credential FROM identity_passkeys WHERE identity_id = $1 ORDER BY created_at, id`
	sqlPasskeys      = `SELECT id, name, created_at, last_used_at FROM identity_passkeys WHERE identity_id = $1 ORDER BY created_at, id`
	sqlInsertPasskey = `
		INSERT INTO identity_passkeys (id, identity_id, credential_id, name, credential, created_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, 0)`
	sqlUsePasskey    = `UPDATE identity_passkeys SET credential = $1, last_used_at = $2 WHERE credential_id = $3 AND identity_id = $4`
	sqlDeletePasskey = `DELETE FROM identity_passkeys WHERE id = $1 AND identity_id = $2`
	sqlDropPasskeys  = `DELETE FROM identity_passkeys WHERE identity_id = $1`

	sqlInsertCeremony = `INSERT INTO identity_ceremonies (digest, purpose, identity_id, data, expires_at) VALUES ($1, $2, $3, $4, $5)`
	// One of many at once finds it.
	sqlUseCeremony     = `DELETE FROM identity_ceremonies WHERE digest = $1 AND purpose = $2 AND expires_at > $3 RETURNING identity_id, data`
	sqlPurgeCeremonies = `DELETE FROM identity_ceremonies WHERE expires_at < $1`
)

type row struct {
	ID            int64  `db:"id"`
	Email         string `db:"email"`
	PasswordHash  string `db:"password_hash"`
	Given         int64  `db:"given"`
	MustChange    int64  `db:"must_change"`
	PasswordUntil int64  `db:"password_until"`
	Epoch         int64  `db:"epoch"`
	TOTP          int64  `db:"totp"`
	Passkeys      int64  `db:"passkeys"`
}

type passkeyRow struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	CreatedAt  int64  `db:"created_at"`
	LastUsedAt int64  `db:"last_used_at"`
}

func (r row) identity() Identity {
	return Identity{ID: r.ID, Email: r.Email, PasswordHash: r.PasswordHash, Given: r.Given == 1, MustChange: r.MustChange == 1, PasswordUntil: r.PasswordUntil, Epoch: r.Epoch, TOTP: r.TOTP > 0, Keys: r.Passkeys}
}

type memberRow struct {
	Kind  string `db:"kind"`
	ID    int64  `db:"member_id"`
	Epoch int64  `db:"epoch"`
}

func (m memberRow) member() Member { return Member{access.Kind(m.Kind), m.ID} }

// one reads an identity; a missing one is not found.
func one(ctx context.Context, q db.Q, query string, args ...any) (Identity, error) {
	var r row
	err := q.GetContext(ctx, &r, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return Identity{}, errs.NotFound("person")
	}
	if err != nil {
		return Identity{}, fmt.Errorf("read how a person signs in: %w", err)
	}
	return r.identity(), nil
}

func locked(ctx context.Context, tx *db.Tx, identityID int64) (Identity, error) {
	return one(ctx, tx, sqlGet+tx.Dialect().ForUpdate(), identityID)
}

func members(ctx context.Context, q db.Q, identityID int64) ([]memberRow, error) {
	var rows []memberRow
	if err := q.SelectContext(ctx, &rows, sqlMembers, identityID); err != nil {
		return nil, fmt.Errorf("read as who a person may sign in: %w", err)
	}
	return rows, nil
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
