// Package bulk changes, closes and groups many customers at once: those that were chosen, or everything that a filter
// matches.
//
// Owns: bulk_runs, bulk_rows, bulk_later, and the jobs of the kinds bulk_update, bulk_update_undo and bulk_delete.
// Does not own: customers and the rules of changing one (customer.Try and customer.Write), jobs (kit/job).
//
// How it runs. A request is validated whole: every wrong change is named. Then it is a preview, which changes nothing,
// or one job. The job walks the customers in order of their IDs, in batches of one transaction each, which holds the
// rows, tries the changes on each, writes those that may be, and keeps what became of each row, the values that it
// replaced, and its checkpoint. So a worker that dies loses and doubles nothing: "increase by 5" happens once.
//
// Invariants:
//   - What a request does not name stays as it is.
//   - A filter takes the customers that match when the walk comes to them; customers made after the request are not
//     meant.
//   - A row that cannot be changed is left whole and listed with the reason; it stops no other row.
//   - A preview of up to PreviewRows customers is exact. Above that it has tried the first PreviewRows of them, in order
//     of ID, and tells figures in proportion, marked as such.
//   - An undo restores the former values where the version is still the one that the update left, and lists the others.
//     It may move a status against the allowed transitions, since it only takes something back. It is not undone itself.
//   - Of resellers and their customers chosen together, the customers are closed first.
//
// Kept: former values as long as Purge's caller says; bulk_later until its job ends.
//
// Dates: created_at of bulk_runs is when the update was accepted.
package bulk
