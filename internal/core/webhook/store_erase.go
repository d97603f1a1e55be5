package webhook

const (
	// Events are kept for a time, and not found by what they are of: this reads those that are.
	sqlTold           = ` FROM webhook_events WHERE (resource = 'customers' AND row_id IN (%s) OR resource = 'contacts' AND row_id IN (%s)) AND body NOT LIKE '%%"data":null%%'`
	sqlCountTold      = `SELECT COUNT(*)` + sqlTold
	sqlToldBodies     = `SELECT id, body` + sqlTold + ` ORDER BY id LIMIT 200`
	sqlHushEvent      = `UPDATE webhook_events SET body = $1 WHERE id = $2`
	sqlAnswered       = ` WHERE delivery_id IN (SELECT id FROM webhook_deliveries WHERE resource = 'customers' AND row_id IN (%s) OR resource = 'contacts' AND row_id IN (%s)) AND (length(response_body) > 0 OR error <> '' OR response_headers <> '{}')`
	sqlCountAnswered  = `SELECT COUNT(*) FROM webhook_attempts` + sqlAnswered
	sqlHushAnswers    = `UPDATE webhook_attempts SET response_body = $1, response_headers = '{}', error = ''` + sqlAnswered
	sqlHushDeliveries = `UPDATE webhook_deliveries SET last_error = '' WHERE (resource = 'customers' AND row_id IN (%s) OR resource = 'contacts' AND row_id IN (%s)) AND last_error <> ''`
)
