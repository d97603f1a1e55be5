package notify

const (
	// Of a customer altogether ($2 = 1), or those to some addresses; and those to the addresses that are about nobody.
	sqlTheirs = ` FROM emails e WHERE (e.customer_id = $1 AND ($2 = 1 OR e.to_key IN (%[1]s)) OR e.customer_id = 0 AND e.staff_id = 0 AND e.to_key IN (%[1]s))`
	sqlMails  = `SELECT e.id` + sqlTheirs + ` ORDER BY e.id`
	sqlUnsaid = ` AND (e.to_address <> '' OR e.subject <> '' OR e.body_text <> '' OR e.body_html <> '' OR e.last_error <> ''
	 OR EXISTS (SELECT 1 FROM email_attachments a WHERE a.email_id = e.id))`

	sqlCountPersonal = `SELECT COUNT(*) FROM emails e WHERE e.id IN (%s)` + sqlUnsaid
	// What has not gone yet does not go any more. A worker that has it already finds that it was taken away.
	sqlEraseMails = `
		UPDATE emails SET state = CASE WHEN state IN ('queued', 'sending') THEN 'cancelled' ELSE state END, to_address = '', to_key = '', subject = '', subject_key = '',
		       body_text = '', body_html = '', sealed = $1, last_error = '', message_id = ''
		 WHERE id IN (%s)`
	sqlDetachSome     = `DELETE FROM email_attachments WHERE email_id IN (%s) RETURNING file_id`
	sqlSuppressedOf   = `SELECT id FROM email_suppressions WHERE address_key IN (%s)`
	sqlDropSuppressed = `DELETE FROM email_suppressions WHERE address_key IN (%s)`
)
