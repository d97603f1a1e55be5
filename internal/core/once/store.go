package once

const (
	sqlClaim = `
		INSERT INTO idempotency_keys (principal, key, request_hash, request_id, created_at, made_table, made_row)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (principal, key) DO NOTHING`
	sqlFind = `
		SELECT request_hash, request_id, status, headers, body, created_at, made_table, made_row
		  FROM idempotency_keys WHERE principal = $1 AND key = $2`
	sqlStore = `UPDATE idempotency_keys SET status = $1, headers = $2, body = $3 WHERE principal = $4 AND key = $5`
	sqlPurge = `DELETE FROM idempotency_keys WHERE created_at < $1`
)
