package audit

var columns = []string{
	"id", "at", "actor_kind", "actor_id", "actor_name", "on_behalf_of", "ip", "verb", "action",
	"table_name", "row_id", "row_name", "message", "comment", "request_id", "changes", "content_digest", "actor_key", "row_key", "customer_id",
}

const (
	sqlInsert = `
	INSERT INTO audit_entries (id, at, actor_kind, actor_id, actor_name, on_behalf_of, ip, verb, action,
	       table_name, row_id, row_name, message, comment, request_id, changes, content_digest, actor_key, row_key, customer_id)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`

	entryColumns = `a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.on_behalf_of, a.ip, a.verb, a.action,
	       a.table_name, a.row_id, a.row_name, a.message, a.comment, a.request_id, a.changes, a.content_digest,
	       a.customer_id, a.erased_at, a.erased_proof`

	sqlGet     = `SELECT ` + entryColumns + ` FROM audit_entries a WHERE a.id = $1`
	sqlBetween = `SELECT ` + entryColumns + ` FROM audit_entries a WHERE a.id > $1 AND a.id <= $2 ORDER BY a.id LIMIT $3`
	sqlBehind  = `SELECT COUNT(*) FROM audit_entries WHERE id > $1`
	sqlRecent  = `SELECT id, table_name, row_id FROM audit_entries WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT 1000`

	// Of a reseller's subtree: it walks those customers' entries along their index.
	sqlWithin = `SELECT x.id FROM customer_ancestors t JOIN audit_entries x ON x.customer_id = t.customer_id WHERE t.ancestor_id IN (%s)`

	sqlAboutAfter = `SELECT ` + entryColumns + ` FROM audit_entries a WHERE a.customer_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3`
	sqlOfRows     = `SELECT ` + entryColumns + ` FROM audit_entries a WHERE a.table_name = $1 AND a.row_id IN (%s) AND a.id > $2 ORDER BY a.id LIMIT $3`
	sqlErase      = `
		UPDATE audit_entries SET actor_name = $1, actor_key = $2, on_behalf_of = $3, ip = $4, row_name = $5, row_key = $6, comment = $7, changes = $8,
		       erased_at = $9, erased_proof = $10
		 WHERE id = $11`

	// Of so many entries, by their IDs.
	sqlChangesOf = `SELECT id, changes FROM audit_entries WHERE id IN (%s)`

	sealColumns   = `seq, at, first_id, last_id, entries, total, previous, hash`
	sqlLastSeal   = `SELECT ` + sealColumns + ` FROM audit_seals ORDER BY seq DESC LIMIT 1`
	sqlSealsAfter = `SELECT ` + sealColumns + ` FROM audit_seals WHERE seq > $1 ORDER BY seq LIMIT 500`
	sqlInsertSeal = `INSERT INTO audit_seals (seq, at, first_id, last_id, entries, total, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// record is an entry as it is kept.
type record struct {
	ID            int64  `db:"id" json:"id,string"`
	At            int64  `db:"at" json:"at"`
	ActorKind     string `db:"actor_kind" json:"actor_kind"`
	ActorID       int64  `db:"actor_id" json:"actor_id,string"`
	ActorName     string `db:"actor_name" json:"actor_name"`
	OnBehalfOf    string `db:"on_behalf_of" json:"on_behalf_of"`
	IP            string `db:"ip" json:"ip"`
	Verb          string `db:"verb" json:"verb"`
	Action        string `db:"action" json:"action"`
	Table         string `db:"table_name" json:"table_name"`
	RowID         int64  `db:"row_id" json:"row_id,string"`
	RowName       string `db:"row_name" json:"row_name"`
	Message       string `db:"message" json:"message"`
	Comment       string `db:"comment" json:"comment"`
	RequestID     string `db:"request_id" json:"request_id"`
	Changes       string `db:"changes" json:"changes"`
	ContentDigest []byte `db:"content_digest" json:"content_digest"`
	CustomerID    int64  `db:"customer_id" json:"customer_id,string,omitempty"` // no digest covers it: it is for finding
	ErasedAt      int64  `db:"erased_at" json:"erased_at,omitempty"`
	ErasedProof   []byte `db:"erased_proof" json:"erased_proof,omitempty"`
}

// dest is where the columns of an entry are scanned to.
func (r *record) dest() []any {
	return []any{&r.ID, &r.At, &r.ActorKind, &r.ActorID, &r.ActorName, &r.OnBehalfOf, &r.IP, &r.Verb, &r.Action,
		&r.Table, &r.RowID, &r.RowName, &r.Message, &r.Comment, &r.RequestID, &r.Changes, &r.ContentDigest,
		&r.CustomerID, &r.ErasedAt, &r.ErasedProof}
}

// seal is a link of the chain as it is kept.
type seal struct {
	Seq      int64  `db:"seq" json:"seq"`
	At       int64  `db:"at" json:"at"`
	FirstID  int64  `db:"first_id" json:"first_id,string"`
	LastID   int64  `db:"last_id" json:"last_id,string"`
	Entries  int64  `db:"entries" json:"entries"`
	Total    int64  `db:"total" json:"total"` // of this seal and all before
	Previous []byte `db:"previous" json:"previous"`
	Hash     []byte `db:"hash" json:"hash"`
}
