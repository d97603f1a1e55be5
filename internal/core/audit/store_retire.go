package audit

const (
	anchorColumns   = `seq, at, last_id, entries, hash, signature`
	sqlAnchors      = `SELECT ` + anchorColumns + ` FROM audit_anchors ORDER BY seq`
	sqlLastAnchor   = `SELECT ` + anchorColumns + ` FROM audit_anchors ORDER BY seq DESC LIMIT 1`
	sqlInsertAnchor = `INSERT INTO audit_anchors (seq, at, last_id, entries, hash, signature) VALUES ($1, $2, $3, $4, $5, $6)`

	sqlSeal       = `SELECT ` + sealColumns + ` FROM audit_seals WHERE seq = $1`
	sqlSealBefore = `SELECT ` + sealColumns + ` FROM audit_seals WHERE last_id < $1 ORDER BY last_id DESC LIMIT 1`

	// The last seal behind an anchor stays: the next one continues it.
	sqlDropEntries = `DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_entries WHERE id <= $1 ORDER BY id LIMIT $2)`
	sqlDropSeals   = `DELETE FROM audit_seals WHERE seq IN (SELECT seq FROM audit_seals WHERE seq < $1 ORDER BY seq LIMIT $2)`
)

// anchor stands for the seals and entries that were retired, as it is kept.
type anchor struct {
	Seq       int64  `db:"seq" json:"seq"`
	At        int64  `db:"at" json:"at"`
	LastID    int64  `db:"last_id" json:"last_id,string"`
	Entries   int64  `db:"entries" json:"entries"`
	Hash      []byte `db:"hash" json:"hash"`
	Signature []byte `db:"signature" json:"signature"`
}
