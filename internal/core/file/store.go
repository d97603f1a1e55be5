package file

const sqlInsert = `
	INSERT INTO files (id, name, state, size, hash_state, owner, created_at, updated_at)
	VALUES ($1, $2, 'open', 0, $3, $4, $5, $5)`

const sqlGrow = `SELECT size, hash_state FROM files WHERE id = $1 AND state = 'open'%s`

const sqlAddChunk = `INSERT INTO file_chunks (file_id, start, data) VALUES ($1, $2, $3)`

const sqlGrown = `UPDATE files SET size = $1, hash_state = $2, updated_at = $3 WHERE id = $4`

const sqlSeal = `UPDATE files SET state = 'sealed', hash_state = $1, updated_at = $2 WHERE id = $3`

const sqlGet = `
	SELECT id, name, size, hash_state, owner, created_at FROM files WHERE id = $1 AND state = 'sealed'`

const sqlChunk = `
	SELECT start, data FROM file_chunks WHERE file_id = $1 AND start <= $2 ORDER BY start DESC LIMIT 1`

const sqlRemove = `UPDATE files SET state = 'removed', updated_at = $1 WHERE id = $2 AND state <> 'removed'`

const sqlGiveUp = `UPDATE files SET state = 'removed', updated_at = $1 WHERE state = 'open' AND updated_at < $2`

const sqlRemoved = `SELECT id FROM files WHERE state = 'removed' ORDER BY updated_at LIMIT $1`

const sqlDropChunks = `
	DELETE FROM file_chunks
	 WHERE file_id = $1 AND start IN (SELECT start FROM file_chunks WHERE file_id = $1 ORDER BY start LIMIT $2)`

const sqlDrop = `DELETE FROM files WHERE id = $1 AND state = 'removed'`

type record struct {
	ID        int64  `db:"id"`
	Name      string `db:"name"`
	Size      int64  `db:"size"`
	HashState []byte `db:"hash_state"`
	Owner     string `db:"owner"`
	CreatedAt int64  `db:"created_at"`
}
