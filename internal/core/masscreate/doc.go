// Package masscreate makes many customers at once, each with a number of its own: a prefix and as many digits as the
// length leaves.
//
// Owns: mass_create_results, and the jobs of the kind mass_create. Does not own: customers, their set-up tokens and
// opening values (customer), files (core/file), jobs (kit/job).
//
// How numbers are drawn. The numbers of a form are 0 to 10^digits-1. A permutation of them, keyed by a secret of the
// job, is walked in order, and each batch asks the database which of its numbers are taken. So a job looks at no number
// twice, draws what cannot be foretold, and does work in proportion to the customers that it makes and the numbers that
// are taken, also when nearly all are. The place in the walk is the checkpoint. Two jobs on one form meet at the unique
// index: the one that loses runs its batch again.
//
// Invariants:
//   - The number is the customer's reference, unique among open customers; it is the name as well, unless one is given.
//   - A batch is one transaction: customers, tokens, opening values, the lines of the result, and the checkpoint. A
//     worker that dies loses and doubles nothing.
//   - A request for more numbers than there are left is refused with their number.
//
// What is secret, where and until when. Of a set-up token the database keeps its SHA-256 only, with one exception: the
// job's result file (core/file) has the tokens in plain text, since it must survive a restart and be handed out whole.
// It can be downloaded once, by who started the job or manages jobs, and its content is removed in the transaction of
// that download; if nobody comes for it, Purge removes it ResultKept after the job's end. A cancelled or failed job has
// a result of what it made until then. Tokens are valid for TokenValid.
//
// Dates: expires_at of mass_create_results is when Purge may remove the file.
package masscreate
