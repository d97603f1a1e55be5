// Package outbox hands on what happened, after it is on disk: at least once, in one order that every reader sees.
//
// Owns: outbox_batches, outbox_heads. Does not own: what an event says (its reader looks at the row), nor who wants it.
//
// How it works. Publish writes into the transaction of the cause, one row for all its events of one type: the type, and
// 16 bytes an event. Numbers are given before a commit and not at it, so their order is not the order in which readers
// can see them. Take gives what has been committed its place in the order, one node at a time; Read reads along that
// order, from where the reader was.
//
// Invariants:
//   - An event is there exactly when its cause is.
//   - Positions grow in the order in which they can be seen: what a reader has passed, nothing is put in before. They
//     grow with time, too, so that they go on rising when an older database is restored.
//   - Of one row, a later change stands behind an earlier one, as long as the use case holds the row before it publishes:
//     seq is given by the database, when the row is held.
//   - A reader that keeps its position in the transaction of what it does, does it once.
//   - Purge takes what is older than the time to keep, whether it was read or not.
package outbox
