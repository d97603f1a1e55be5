package impersonation

const (
	sqlCountAs = `SELECT COUNT(*) FROM impersonations WHERE contact_id IN (%s) AND (contact_name <> $1 OR reason <> '')`
	sqlHush    = `UPDATE impersonations SET contact_name = $1, reason = '' WHERE contact_id IN (%s)`
)
