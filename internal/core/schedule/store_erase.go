package schedule

const (
	// Of a customer ($2 = 1: itself), of its contacts, or asked for by one of them.
	sqlTheirs = ` FROM scheduled_changes c
	   WHERE (c.resource = 'customers' AND $2 = 1 AND (c.row_id = $1 OR c.result_row = $1)
	      OR $2 = 1 AND c.customer_id = $1
	      OR c.resource = 'contacts' AND (c.row_id IN (%[1]s) OR c.result_row IN (%[1]s)) OR c.requester_kind = 'contact' AND c.requester_id IN (%[1]s))`
	sqlSavesOf       = `SELECT c.id` + sqlTheirs + ` ORDER BY c.id`
	sqlCountPersonal = `SELECT COUNT(*) FROM scheduled_changes WHERE id IN (%s) AND (row_name <> $1 OR patch <> '{}' OR base <> '{}' OR outcome <> '{}' OR caller <> '{}' OR state IN ('pending', 'conflicted'))`
	sqlErase         = `
		UPDATE scheduled_changes
		   SET row_name = $1, row_name_key = $2, patch = '{}', options = '{}', base = '{}', outcome = '{}', comment = '', reason = '', due_at = NULL,
		       ended_at = CASE WHEN state IN ('pending', 'conflicted') THEN $3 ELSE ended_at END,
		       state = CASE WHEN state IN ('pending', 'conflicted') THEN 'cancelled' ELSE state END,
		       requester_name = CASE WHEN requester_kind = 'contact' THEN $4 ELSE requester_name END,
		       requester_name_key = CASE WHEN requester_kind = 'contact' THEN $5 ELSE requester_name_key END,
		       caller = '{}', updated_at = $3, version = version + 1
		 WHERE id IN (%s) AND (row_name <> $1 OR patch <> '{}' OR base <> '{}' OR outcome <> '{}' OR caller <> '{}' OR state IN ('pending', 'conflicted'))`
)
