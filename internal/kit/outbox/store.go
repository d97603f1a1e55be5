package outbox

// Table holds what is handed on. A backup leaves it out: what is in it was handed on, or belongs to the moment.
const Table = "outbox_batches"

const (
	sqlInsert = `INSERT INTO outbox_batches (position, at, type, resource, items) VALUES (0, $1, $2, $3, $4)`

	sqlHead    = `SELECT position FROM outbox_heads WHERE name = $1`
	sqlNewHead = `INSERT INTO outbox_heads (name, position) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`
	sqlSetHead = `UPDATE outbox_heads SET position = $1 WHERE name = $2`
	// Moved only from where the reader was: another one that was quicker is not overtaken.
	sqlMoveHead = `UPDATE outbox_heads SET position = $1 WHERE name = $2 AND position = $3`

	sqlAnyNew = `SELECT seq FROM outbox_batches WHERE position = 0 ORDER BY seq LIMIT 1`
	sqlNew    = `
		SELECT COALESCE(MIN(seq), 0) AS first, COALESCE(MAX(seq), 0) AS last
		  FROM (SELECT seq FROM outbox_batches WHERE position = 0 ORDER BY seq LIMIT 2000) n`
	sqlTake = `UPDATE outbox_batches SET position = $1 + seq WHERE position = 0 AND seq BETWEEN $2 AND $3`
	sqlRead = `
		SELECT position, at, type, resource, items FROM outbox_batches WHERE position > $1 ORDER BY position LIMIT $2`
	sqlPurge = `
		DELETE FROM outbox_batches WHERE seq IN (SELECT seq FROM outbox_batches WHERE at < $1 ORDER BY seq LIMIT 5000)
		RETURNING position`
	sqlRaiseHead = `UPDATE outbox_heads SET position = $1 WHERE name = $2 AND position < $1`
)
