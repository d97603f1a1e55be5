// Package erasure erases the personal data of a closed customer, or of one contact, from everything that holds some, and
// leaves the books and the proof as they are.
//
// Owns: erasures, the order in which the erasers run, and the job that runs them. Does not own: what is erased where; each
// package that keeps personal data has an eraser for it, and app registers them.
//
// Invariants:
//   - A customer is closed when it is erased, and never comes back. A contact is removed by it.
//   - Everything that an eraser does may be done again: a job that dies goes on, and one may be asked for anew.
//   - Once done_at is set, no eraser finds anything left (Check).
//   - What stays: identifiers, dates, money, which fields changed when and by whom, and the erasure itself with its reason.
//     Backups from before hold what they held.
package erasure
