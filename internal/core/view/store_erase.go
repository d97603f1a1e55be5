package view

const (
	sqlCountKept = `
		SELECT (SELECT COUNT(*) FROM views WHERE owner = $1) + (SELECT COUNT(*) FROM view_marks WHERE principal = $1)
		     + (SELECT COUNT(*) FROM preferences WHERE principal = $1)`
	sqlDropMarksOf       = `DELETE FROM view_marks WHERE principal = $1`
	sqlDropViewsOf       = `DELETE FROM views WHERE owner = $1`
	sqlDropPreferencesOf = `DELETE FROM preferences WHERE principal = $1`
)
