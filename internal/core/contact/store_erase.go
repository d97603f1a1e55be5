package contact

const (
	sqlAllOf       = `SELECT ` + sqlColumns + ` FROM contacts c WHERE c.customer_id = $1 ORDER BY c.id`
	sqlSome        = `SELECT ` + sqlColumns + ` FROM contacts c WHERE c.id IN (%s) ORDER BY c.id`
	sqlEmailOthers = `SELECT email_key FROM contacts WHERE id NOT IN (%s) AND email_key <> '' AND email_key IN (%s)`
)
