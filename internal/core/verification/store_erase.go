package verification

const (
	sqlCountOf  = `SELECT COUNT(*) FROM verification_codes WHERE contact_id IN (%s)`
	sqlDropSeen = `DELETE FROM verification_addresses WHERE value_key IN (SELECT value_key FROM verification_codes WHERE contact_id IN (%s))`
	sqlDropOf   = `DELETE FROM verification_codes WHERE contact_id IN (%s)`
)
