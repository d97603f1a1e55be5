package customer

const (
	sqlMarkErased  = `UPDATE customers SET erased_at = $1, version = version + 1 WHERE id = $2 AND closed = 1 AND erased_at = 0`
	sqlEmailOthers = `SELECT email_key FROM customers WHERE id <> $1 AND email_key <> '' AND email_key IN (%s)`
	sqlDropTokens  = `DELETE FROM customer_setup_tokens WHERE customer_id = $1`
	sqlCountTokens = `SELECT COUNT(*) FROM customer_setup_tokens WHERE customer_id = $1`
)
