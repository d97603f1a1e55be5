package once

const (
	// Keys are kept for a day: what a stored answer says is looked for in each.
	sqlAnswers = `SELECT principal, key, body, made_table, made_row FROM idempotency_keys WHERE principal > $1 OR principal = $1 AND key > $2 ORDER BY principal, key LIMIT 200`
	sqlDrop    = `DELETE FROM idempotency_keys WHERE principal = $1 AND key = $2`
)
