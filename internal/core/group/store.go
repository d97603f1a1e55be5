package group

import (
	"tandem/internal/kit/clock"
	"tandem/internal/kit/list"
)

const (
	membersOf  = `(SELECT COUNT(*) FROM group_members m WHERE m.group_id = g.id)`
	sqlColumns = `g.id, g.name, g.type, g.description, ` + membersOf + `, g.created_at, g.updated_at, g.version`
	sqlGet     = `SELECT ` + sqlColumns + ` FROM groups g WHERE g.id = $1`
	sqlLock    = `SELECT id FROM groups WHERE id = $1`
	sqlByName  = `SELECT id FROM groups WHERE name_key = $1`
	sqlInsert  = `
		INSERT INTO groups (id, name, name_key, type, description, description_key, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlUpdate = `
		UPDATE groups SET name = $1, name_key = $2, type = $3, description = $4, description_key = $5, updated_at = $6, version = version + 1
		 WHERE id = $7 AND version = $8`
	sqlDelete  = `DELETE FROM groups WHERE id = $1`
	sqlMembers = `SELECT customer_id FROM group_members WHERE group_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT 300`
)

func scan(scan list.Scan) (Group, error) {
	var g Group
	var created, updated int64
	err := scan(&g.ID, &g.Name, &g.Type, &g.Description, &g.Members, &created, &updated, &g.Version)
	g.CreatedAt, g.UpdatedAt = clock.Time(created), clock.Time(updated)
	return g, err
}
