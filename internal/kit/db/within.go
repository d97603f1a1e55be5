package db

// Within is the database as it is inside a transaction that runs already: what is read sees what tx has written, and
// Write and Snapshot run in it and end with it. With it a service lends its use cases to somebody else's transaction.
// Whoever gets an error of theirs rolls tx back: half of a use case may be in it.
func (d *DB) Within(tx *Tx) *DB { return &DB{dialect: d.dialect, path: d.path, within: tx} }
