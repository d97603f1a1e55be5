package notice

const (
	columns = `n.id, n.at, n.code, n.table_name, n.row_id, n.name, n.detail, n.read_at`

	sqlInsert = `
		INSERT INTO notices (id, person, at, code, table_name, row_id, name, name_key, detail, read_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`
	sqlUnread  = `SELECT COUNT(*) FROM notices WHERE person = $1 AND read_at = 0`
	sqlReadAll = `UPDATE notices SET read_at = $1 WHERE person = $2 AND read_at = 0 AND id <= $3`
	sqlRead    = `UPDATE notices SET read_at = $1 WHERE person = $2 AND read_at = 0 AND id = $3`
	sqlPurge   = `DELETE FROM notices WHERE at < $1`
	sqlRecent  = `SELECT id, person FROM notices WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT 1000`
	// What one person read at once is one.
	sqlRecentlyRead = `
		SELECT -MIN(id) AS id, person FROM notices WHERE read_at > 0 AND read_at >= $1
		 GROUP BY person, read_at ORDER BY MAX(read_at) DESC LIMIT 1000`
)
