package impersonation

const (
	sqlInsert = `
		INSERT INTO impersonations (id, staff_id, staff_name, staff_session, contact_id, contact_name, customer_id, reason, link, link_until, started_at, expires_at, ended_at, ended_why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, '')`
	columns  = `id, staff_id, staff_name, staff_session, contact_id, contact_name, customer_id, reason, link_until, started_at, expires_at, ended_at`
	sqlLink  = `SELECT ` + columns + ` FROM impersonations WHERE link = $1`
	sqlToken = `SELECT ` + columns + ` FROM impersonations WHERE token = $1`
	sqlStart = `UPDATE impersonations SET token = $1, started_at = $2, expires_at = $3 WHERE id = $4 AND started_at = 0 AND ended_at = 0`
	sqlEnd   = `UPDATE impersonations SET ended_at = $1, ended_why = $2 WHERE id = $3 AND ended_at = 0`
	// What goes on: few rows, however many there were.
	sqlOpen   = `SELECT ` + columns + ` FROM impersonations WHERE ended_at = 0 AND started_at > 0 ORDER BY id LIMIT 500`
	sqlUnused = `DELETE FROM impersonations WHERE ended_at = 0 AND started_at = 0 AND link_until < $1`
	sqlForget = `DELETE FROM impersonations WHERE ended_at > 0 AND ended_at < $1`
)

type row struct {
	ID           int64  `db:"id"`
	StaffID      int64  `db:"staff_id"`
	StaffName    string `db:"staff_name"`
	StaffSession []byte `db:"staff_session"`
	ContactID    int64  `db:"contact_id"`
	ContactName  string `db:"contact_name"`
	CustomerID   int64  `db:"customer_id"`
	Reason       string `db:"reason"`
	LinkUntil    int64  `db:"link_until"`
	StartedAt    int64  `db:"started_at"`
	ExpiresAt    int64  `db:"expires_at"`
	EndedAt      int64  `db:"ended_at"`
}
