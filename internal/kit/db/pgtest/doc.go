// Package pgtest gives tests a PostgreSQL of their own: a throw-away cluster
// in a temporary folder, reached by a unix socket, never one that happens to
// run on the machine.
//
// Owns: finding the server's programs, starting and removing the cluster,
// fresh databases in it.
//
// Does not own: migrations and the pairing with SQLite; package dbtest stands
// on top of this one for that.
//
// Invariants:
//   - A cluster lives as long as the process that started it and not longer,
//     also when that process is killed: a small shell supervises the server
//     and holds the reading end of a pipe; when the pipe closes it stops the
//     server and removes the folder.
//   - Where the environment variable TANDEM_TEST_PG_URL is set, that cluster
//     is used and none is started. `go run ./internal/kit/db/pgtest/cmd run --
//     go test ./...` sets it, so that all test binaries share one cluster.
//   - Missing programs are a failure that says how to get them, never a skip.
//   - The cluster sorts text by the rules of English, as an operator's own
//     PostgreSQL usually does, so that a query that needs byte order and does
//     not say so (COLLATE "C") differs from SQLite in a test, not in production.
package pgtest
