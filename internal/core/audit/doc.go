// Package audit keeps the proof of every change: who, on whose behalf, from which IP, when, what, and the fields
// with their old and new values.
//
// Owns: audit_entries, audit_seals, audit_anchors. Does not own: what is changed.
//
// Invariants: an entry is written in the transaction of its change; it is never updated or deleted (the database
// itself refuses). Some time after, the sealer links entries into a chain of hashes: a seal covers the digests of
// the entries since the last one, in order of their IDs, and the hash of the seal before. No writer waits for it. A
// transaction lives at most db.MaxWrite, half of SealAfter, so no entry can appear behind a seal. Secrets appear as
// "changed", never as values. What is older than the operator keeps entries is retired: an anchor, signed with the key of
// the installation, takes the place of seals and entries, and the chain goes on from it. A head that was exported proves
// later that nothing before it was changed, removed or put in, in the database or in the file it came with.
package audit
