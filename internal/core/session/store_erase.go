package session

const (
	sqlCountOf = `SELECT COUNT(*) FROM sessions WHERE kind = 'contact' AND member_id IN (%s)`
	sqlEndAll  = `DELETE FROM sessions WHERE kind = 'contact' AND member_id IN (%s)`
)
