// Package search answers the command palette: one question, asked of every wing that registered a finder.
//
// Owns: nothing in the database. Does not own: what is found; each finder asks its own capability, with the caller's
// permissions, and keeps silent about what the caller may not see.
//
// Invariants: a finder that fails does not hide what the others found: it is logged and left out.
package search
