// Package arch holds tests of the architecture itself. It has no code that
// ships: run it with `go test ./internal/arch`, which takes seconds and needs
// no network and no database.
//
// Owns: who may import whom, where SQL may stand and who owns a table, calls
// that are banned outside their place, lengths, documented names, pairs of
// migrations, declared permissions, named dependencies.
//
// Does not own: anything the compiler, go vet or staticcheck can say.
//
// Invariants:
//   - A rule is a function from a tree of sources to findings, so that its
//     self-test can feed it a small wrong source and prove that it can fail.
//   - A finding says where, what, and what to do instead.
//   - Files named *.txt here are ratchets: they list today's exceptions, may
//     shrink and never grow without a reason that a reviewer accepts.
package arch
