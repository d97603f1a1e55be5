package importer

const (
	// The lines that a customer came from, in the check and in the run. A row's fingerprint stays: the same file brings
	// nobody back.
	sqlLinesOf       = `SELECT DISTINCT import_id, line FROM import_rows WHERE row_id = $1 AND row_id > 0`
	sqlCountPersonal = `SELECT COUNT(*) FROM import_rows WHERE import_id = $1 AND line = $2 AND phase IN (0, 1) AND (cells <> '' OR former <> '' OR kept <> '' OR problems <> '')`
	sqlCountFixes    = `SELECT COUNT(*) FROM import_fixes WHERE import_id = $1 AND line = $2`
	sqlEraseLine     = `UPDATE import_rows SET cells = '', former = '', kept = '', problems = '' WHERE import_id = $1 AND line = $2 AND phase IN (0, 1)`
	sqlEraseFix      = `DELETE FROM import_fixes WHERE import_id = $1 AND line = $2`
)
