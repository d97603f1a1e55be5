package view

import (
	"encoding/json"
	"fmt"

	"tandem/internal/kit/clock"
)

// $1 is the principal who looks.
const sqlSelect = `
	SELECT v.id, v.owner, v.owner_name, v.target, v.name, v.filter, v.q, v.sort, v.columns, v.shared, v.created_at,
	       v.updated_at, v.version, COALESCE(m.pinned, FALSE) AS pinned, COALESCE(m.is_default, FALSE) AS is_default
	  FROM views AS v
	  LEFT JOIN view_marks AS m ON m.view_id = v.id AND m.principal = $1`

const sqlGet = sqlSelect + ` WHERE v.id = $2 AND (v.owner = $1 OR v.shared)`

const sqlList = sqlSelect + `
	 WHERE v.target = $2 AND (v.owner = $1 OR v.shared)
	 ORDER BY v.name_key, v.id LIMIT $3`

const sqlCount = `SELECT COUNT(*) FROM views WHERE owner = $1 AND target = $2`

const sqlInsert = `
	INSERT INTO views (id, owner, owner_name, target, name, name_key, filter, q, sort, columns, shared, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`

const sqlUpdate = `
	UPDATE views
	   SET name = $1, name_key = $2, filter = $3, q = $4, sort = $5, columns = $6, shared = $7, updated_at = $8,
	       version = version + 1
	 WHERE id = $9 AND version = $10`

const sqlDelete = `DELETE FROM views WHERE id = $1 AND version = $2`

const sqlNoDefault = `
	UPDATE view_marks SET is_default = FALSE WHERE principal = $1 AND target = $2 AND is_default AND view_id <> $3`

const sqlMark = `
	INSERT INTO view_marks (principal, view_id, target, pinned, is_default) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (principal, view_id) DO UPDATE SET pinned = excluded.pinned, is_default = excluded.is_default`

const sqlPreference = `SELECT value FROM preferences WHERE principal = $1 AND key = $2`

const sqlCountPreferences = `SELECT COUNT(*) FROM preferences WHERE principal = $1 AND key <> $2`

const sqlSetPreference = `
	INSERT INTO preferences (principal, key, value, updated_at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (principal, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`

type record struct {
	ID        int64  `db:"id"`
	Owner     string `db:"owner"`
	OwnerName string `db:"owner_name"`
	Target    string `db:"target"`
	Name      string `db:"name"`
	Filter    string `db:"filter"`
	Q         string `db:"q"`
	Sort      string `db:"sort"`
	Columns   string `db:"columns"`
	Shared    bool   `db:"shared"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
	Version   int64  `db:"version"`
	Pinned    bool   `db:"pinned"`
	IsDefault bool   `db:"is_default"`
}

func (r record) view(who string) (View, error) {
	v := View{
		ID: r.ID, Owner: r.Owner, OwnerName: r.OwnerName, Mine: r.Owner == who, Version: r.Version,
		CreatedAt: clock.Time(r.CreatedAt), UpdatedAt: clock.Time(r.UpdatedAt),
		Content: Content{
			Target: r.Target, Name: r.Name, Q: r.Q, Sort: r.Sort, Shared: r.Shared, Pinned: r.Pinned, Default: r.IsDefault,
		},
	}
	if r.Filter != "" {
		v.Filter = json.RawMessage(r.Filter)
	}
	if err := json.Unmarshal([]byte(r.Columns), &v.Columns); err != nil {
		return View{}, fmt.Errorf("read a view's columns: %w", err)
	}
	return v, nil
}
