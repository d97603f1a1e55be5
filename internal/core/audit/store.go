package audit

var columns = []string{
	"id", "at", "actor_kind", "actor_id", "actor_name", "on_behalf_of", "ip", "verb", "action",
	"table_name", "row_id", "row_name", "message", "comment", "request_id", "changes", "content_digest",
}

const sqlInsert = `
	INSERT INTO audit_entries (id, at, actor_kind, actor_id, actor_name, on_behalf_of, ip, verb, action,
	       table_name, row_id, row_name, message, comment, request_id, changes, content_digest)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
