// Package event says what happens, in words that other programs subscribe to: customer.created, group.removed, job.failed.
//
// Owns: the catalogue of events, and how one is told. Does not own: the way out of a transaction (kit/outbox), who is
// told (core/webhook, the event stream), nor the rows (Rows asks their owners).
//
// Invariants: nobody publishes but this package, which follows the audit and the ends of jobs: what is not audited is no
// event, and what is audited has its event in the same transaction. An event has the ID of its audit entry, wherever and
// however often it is told. It tells of a row what the API tells of it to the principal of the context, at the moment of
// the telling and not earlier: version says which state that is. Secrets are in no event.
package event
