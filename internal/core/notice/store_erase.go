package notice

const (
	// Notices are kept for a time, and not found by their rows: this reads those that are.
	sqlCountAbout = `SELECT COUNT(*) FROM notices WHERE table_name = $1 AND row_id IN (%s)`
	sqlDropAbout  = `DELETE FROM notices WHERE table_name = $1 AND row_id IN (%s)`
)
