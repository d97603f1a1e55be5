package bulk

const (
	sqlJobsOf     = `SELECT job_id FROM bulk_rows WHERE customer_id = $1 ORDER BY job_id`
	sqlCountOf    = `SELECT COUNT(*) FROM bulk_rows WHERE customer_id = $1`
	sqlDropFormed = `DELETE FROM bulk_rows WHERE customer_id = $1`
)
