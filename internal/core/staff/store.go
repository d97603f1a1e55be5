package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/core/role"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	columns = `id, name, email, roles, reseller_id, status, epoch, last_seen_at, created_at, updated_at, version,
		COALESCE((SELECT k.name FROM customers k WHERE k.id = s.reseller_id), '') AS reseller_name`

	sqlRolesOf = `SELECT roles FROM staff WHERE id = $1`
	sqlGet     = `SELECT ` + columns + ` FROM staff s WHERE id = $1 AND removed_at = 0`
	sqlByEmail = `SELECT ` + columns + ` FROM staff s WHERE email_key = $1 AND removed_at = 0`
	sqlAll     = `SELECT ` + columns + ` FROM staff s WHERE removed_at = 0 ORDER BY name_key, id`
	sqlAny     = `SELECT COUNT(*) FROM (SELECT 1 FROM staff WHERE removed_at = 0 LIMIT 1) AS one`

	// Every active admin, locked in one order, so that two who are removed at once see each other.
	sqlAdmins = `SELECT id FROM staff WHERE ' ' || roles || ' ' LIKE '% admin %' AND reseller_id = 0 AND status = 'active' AND removed_at = 0 ORDER BY id`

	sqlInsert = `
		INSERT INTO staff (id, name, name_key, email, email_key, role, status, epoch, last_seen_at, removed_at,
		                   created_at, updated_at, version, roles, reseller_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, 0, $8, $8, 1, $9, $10)`
	sqlUpdate = `
		UPDATE staff SET name = $1, name_key = $2, email = $3, email_key = $4, role = $5, status = $6, epoch = $7, updated_at = $8,
		                 version = version + 1, roles = $10, reseller_id = $11
		 WHERE id = $9 AND removed_at = 0`
	sqlRemove = `UPDATE staff SET removed_at = $1, updated_at = $1, epoch = epoch + 1, version = version + 1 WHERE id = $2`
	sqlTouch  = `UPDATE staff SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1`

	sqlPlace = `s.reseller_id IN (SELECT customer_id FROM customer_ancestors WHERE ancestor_id = ?)`
	sqlAbout = `SELECT id, reseller_id AS customer_id FROM staff WHERE id IN (%s)`

	sqlSetUp = `INSERT INTO installation (id, set_up_at) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`
)

type row struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	Email      string `db:"email"`
	Roles      string `db:"roles"`
	Reseller   int64  `db:"reseller_id"`
	Status     string `db:"status"`
	Epoch      int64  `db:"epoch"`
	LastSeenAt int64  `db:"last_seen_at"`
	CreatedAt  int64  `db:"created_at"`
	UpdatedAt  int64  `db:"updated_at"`
	Version    int64  `db:"version"`
	Above      string `db:"reseller_name"`
}

func (r row) account() Account {
	out := Account{
		Staff: Staff{ID: r.ID, Name: r.Name, Email: r.Email, Reseller: r.Reseller, ResellerName: r.Above, Status: Status(r.Status),
			LastSeenAt: r.LastSeenAt, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Version: r.Version},
		Epoch: r.Epoch,
	}
	out.with(rolesIn(r.Roles))
	return out
}

// one reads a person; a missing one is not found.
func one(ctx context.Context, q db.Q, query string, arg any) (Account, error) {
	var r row
	err := q.GetContext(ctx, &r, query, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, errs.NotFound("staff user")
	}
	if err != nil {
		return Account{}, fmt.Errorf("read the staff user: %w", err)
	}
	a := r.account()
	if a.Permissions, err = role.Permissions(ctx, q, a.Roles...); err != nil {
		return Account{}, err
	}
	if a.Masks, err = role.Masks(ctx, q, a.Roles...); err != nil {
		return Account{}, err
	}
	return a, nil
}

// rolesText is how roles are kept: parted by blanks, which no role has in its key.
func rolesText(roles []access.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

func rolesIn(text string) []access.Role {
	var out []access.Role
	for word := range strings.FieldsSeq(text) {
		out = append(out, access.Role(word))
	}
	return out
}

func all(ctx context.Context, q db.Q) ([]Staff, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlAll); err != nil {
		return nil, fmt.Errorf("list the staff: %w", err)
	}
	out := make([]Staff, len(rows))
	for i, r := range rows {
		out[i] = r.account().Staff
	}
	return out, nil
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
