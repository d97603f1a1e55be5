package role

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core/access"
	"tandem/internal/kit/clock"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

const (
	sqlColumns     = `SELECT id, role, name, description, require_second_factor, created_at, updated_at, version, masks FROM roles`
	sqlAll         = sqlColumns + ` ORDER BY name_key, id`
	sqlGet         = sqlColumns + ` WHERE id = $1`
	sqlByKey       = sqlColumns + ` WHERE role = $1`
	sqlPermissions = `SELECT role_id, permission FROM role_permissions ORDER BY role_id`
	sqlMay         = `SELECT p.permission FROM role_permissions p JOIN roles r ON r.id = p.role_id WHERE r.role = $1`
	sqlHides       = `SELECT masks FROM roles WHERE role = $1`
	sqlHold        = `SELECT id FROM roles WHERE role = $1`
	sqlTwin        = `SELECT CASE WHEN role = $1 THEN 'role' ELSE 'name' END FROM roles WHERE (role = $1 OR name_key = $2) AND id <> $3 ORDER BY id`
	sqlInsert      = `INSERT INTO roles (id, role, name, name_key, description, created_at, updated_at, version, require_second_factor, masks) VALUES ($1, $2, $3, $4, $5, $6, $6, 1, $7, $8)`
	sqlUpdate      = `UPDATE roles SET name = $1, name_key = $2, description = $3, updated_at = $4, version = version + 1, require_second_factor = $6, masks = $7 WHERE id = $5`
	sqlDelete      = `DELETE FROM roles WHERE id = $1`
	sqlGive        = `INSERT INTO role_permissions (role_id, permission) VALUES ($1, $2)`
	sqlTakeAll     = `DELETE FROM role_permissions WHERE role_id = $1`

	sqlShipped       = `SELECT role, require_second_factor, version FROM shipped_roles`
	sqlKeepShipped   = `INSERT INTO shipped_roles (role, require_second_factor, updated_at, version) VALUES ($1, 0, $2, 1) ON CONFLICT (role) DO NOTHING`
	sqlUpdateShipped = `UPDATE shipped_roles SET require_second_factor = $1, updated_at = $2, version = version + 1 WHERE role = $3`

	sqlSecondFactor = `
		SELECT COUNT(*) FROM (
			SELECT 1 FROM roles WHERE role = $1 AND require_second_factor = 1
			UNION ALL SELECT 1 FROM shipped_roles WHERE role = $1 AND require_second_factor = 1) AS requiring`
)

type row struct {
	ID          int64  `db:"id"`
	Role        string `db:"role"`
	Name        string `db:"name"`
	Description string `db:"description"`
	Second      int64  `db:"require_second_factor"`
	CreatedAt   int64  `db:"created_at"`
	UpdatedAt   int64  `db:"updated_at"`
	Version     int64  `db:"version"`
	Masks       string `db:"masks"`
}

// read gives roles with their permissions.
func read(ctx context.Context, q db.Q, query string, args ...any) ([]Role, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	var given []struct {
		RoleID     int64             `db:"role_id"`
		Permission access.Permission `db:"permission"`
	}
	if err := q.SelectContext(ctx, &given, sqlPermissions); err != nil {
		return nil, fmt.Errorf("read what roles may do: %w", err)
	}
	may := map[int64][]access.Permission{}
	for _, g := range given {
		may[g.RoleID] = append(may[g.RoleID], g.Permission)
	}
	out := make([]Role, len(rows))
	for i, r := range rows {
		out[i] = Role{ID: r.ID, Key: access.Role(r.Role), Name: r.Name, Description: r.Description, Permissions: access.Union(may[r.ID]), Masks: masksIn(r.Masks), RequireSecondFactor: r.Second == 1,
			CreatedAt: clock.Time(r.CreatedAt), UpdatedAt: clock.Time(r.UpdatedAt), Version: r.Version}
	}
	return out, nil
}

// shipped is the roles that come with Tandem, the mightiest first, and what the operator decided about them.
func shipped(ctx context.Context, q db.Q, lock string) ([]Role, error) {
	var rows []struct {
		Role    access.Role `db:"role"`
		Second  int64       `db:"require_second_factor"`
		Version int64       `db:"version"`
	}
	if err := q.SelectContext(ctx, &rows, sqlShipped+lock); err != nil {
		return nil, fmt.Errorf("read what was decided about roles that ship: %w", err)
	}
	out := Shipped()
	for i := range out {
		for _, r := range rows {
			if r.Role == out[i].Key {
				out[i].RequireSecondFactor, out[i].Version = r.Second == 1, r.Version
			}
		}
	}
	return out, nil
}

func oneShipped(ctx context.Context, q db.Q, key access.Role, lock string) (Role, error) {
	all, err := shipped(ctx, q, lock)
	if err != nil {
		return Role{}, err
	}
	return all[slices.IndexFunc(all, func(r Role) bool { return r.Key == key })], nil
}

// RequiresSecond tells whether one of the roles requires a second factor.
func RequiresSecond(ctx context.Context, q db.Q, roles ...access.Role) (bool, error) {
	for _, r := range roles {
		var n int
		if err := q.GetContext(ctx, &n, sqlSecondFactor, string(r)); err != nil {
			return false, fmt.Errorf("look whether a role requires a second factor: %w", err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, nil
}

func one(ctx context.Context, q db.Q, query string, args ...any) (Role, error) {
	found, err := read(ctx, q, query, args...)
	if err == nil && len(found) == 0 {
		err = errs.NotFound("role")
	}
	if err != nil {
		return Role{}, err
	}
	return found[0], nil
}

// Permissions is what the roles add up to. One that is not there may do nothing.
func Permissions(ctx context.Context, q db.Q, roles ...access.Role) ([]access.Permission, error) {
	sets := make([][]access.Permission, len(roles))
	for i, r := range roles {
		if r.Known() {
			sets[i] = r.Permissions()
			continue
		}
		if err := q.SelectContext(ctx, &sets[i], sqlMay, string(r)); err != nil {
			return nil, fmt.Errorf("read what a role may do: %w", err)
		}
	}
	return access.Union(sets...), nil
}

// Masks is what the roles hide together: what each of them hides. One that is not there counts for nothing; when none is
// there, all is hidden.
func Masks(ctx context.Context, q db.Q, roles ...access.Role) ([]access.Mask, error) {
	var sets [][]access.Mask
	for _, r := range roles {
		if r.Known() {
			return []access.Mask{}, nil
		}
		var kept []string
		if err := q.SelectContext(ctx, &kept, sqlHides, string(r)); err != nil {
			return nil, fmt.Errorf("read what a role hides: %w", err)
		}
		if len(kept) > 0 {
			sets = append(sets, masksIn(kept[0]))
		}
	}
	if len(sets) == 0 {
		return access.AllMasks(), nil
	}
	return access.CommonMasks(sets...), nil
}

// masksText is how masks are kept: parted by blanks, which none has in its name.
func masksText(masks []access.Mask) string {
	words := make([]string, len(masks))
	for i, m := range masks {
		words[i] = string(m)
	}
	return strings.Join(words, " ")
}

func masksIn(text string) []access.Mask {
	var out []access.Mask
	for word := range strings.FieldsSeq(text) {
		out = append(out, access.Mask(word))
	}
	return access.SortMasks(out)
}

// Hold is the first of the roles that is not there, or empty. In a transaction those that are there stay until its end.
func Hold(ctx context.Context, q db.Q, roles ...access.Role) (missing access.Role, err error) {
	lock := ""
	if tx, ok := q.(*db.Tx); ok {
		lock = tx.Dialect().ForShare()
	}
	for _, r := range roles {
		if r.Known() {
			continue
		}
		var there []int64
		if err := q.SelectContext(ctx, &there, sqlHold+lock, string(r)); err != nil {
			return "", fmt.Errorf("look for a role: %w", err)
		}
		if len(there) == 0 {
			return r, nil
		}
	}
	return "", nil
}

func exec(ctx context.Context, tx *db.Tx, what, query string, args ...any) error {
	if _, err := tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func give(ctx context.Context, tx *db.Tx, roleID int64, permissions []access.Permission) error {
	if err := exec(ctx, tx, "take what a role may do", sqlTakeAll, roleID); err != nil {
		return err
	}
	for _, p := range permissions {
		if err := exec(ctx, tx, "give what a role may do", sqlGive, roleID, string(p)); err != nil {
			return err
		}
	}
	return nil
}

// Giving is every role that has the permission: those that ship first, the mightiest at the top, then the others by name.
func Giving(ctx context.Context, q db.Q, perm access.Permission) ([]access.Role, error) {
	own, err := read(ctx, q, sqlAll)
	if err != nil {
		return nil, err
	}
	var out []access.Role
	for _, r := range append(Shipped(), own...) {
		if slices.Contains(r.Permissions, perm) {
			out = append(out, r.Key)
		}
	}
	return out, nil
}
