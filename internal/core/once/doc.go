// Package once gives a request that is sent again the effect and the answer of the first.
//
// Owns: idempotency_keys. Does not own: what a request does.
//
// Invariants: a key is claimed in the transaction of the effect, so both are there or neither; the same key with
// another request is refused; a key belongs to one principal. Keys are kept for a day.
package once
