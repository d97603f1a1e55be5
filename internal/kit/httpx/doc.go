// Package httpx has what any HTTP edge needs and net/http leaves out: who really called behind a proxy, request
// identifiers, header text in UTF-8, entity tags, and a response writer that remembers what was sent.
//
// Owns: nothing that is stored. Does not own: routes, errors, sign-in.
//
// Invariants: a header of the caller is believed only when it came through a proxy that the operator named; nothing
// from a header reaches a log or the audit with control characters in it.
package httpx
