// Package app puts the program together: it opens the database, builds every service, registers jobs, hooks and
// routes, and runs what runs beside the requests.
//
// Owns: the order of starting and stopping, configuration as the program sees it, backup and restore. Does not own:
// any rule of the business, flags and signals (cmd/tandem).
//
// Invariants: nothing else sees every package; nothing imports this one but cmd. What was opened is closed in the
// reverse order.
package app
