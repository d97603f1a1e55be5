package setting

const (
	sqlGet    = `SELECT data, version FROM settings WHERE id = 1`
	sqlInsert = `INSERT INTO settings (id, data, updated_at, version) VALUES (1, $1, $2, 1) ON CONFLICT (id) DO NOTHING`
	sqlUpdate = `UPDATE settings SET data = $1, updated_at = $2, version = $3 WHERE id = 1`
)

type row struct {
	Data    string `db:"data"`
	Version int64  `db:"version"`
}
