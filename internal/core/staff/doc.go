// Package staff keeps the people who work here: their names and roles.
//
// Owns: staff, installation (whether the first person was made). Does not own: how they prove who they are (identity),
// signing in and sessions (session), what a role may do (access).
//
// Invariants: an e-mail belongs to one person who is not removed; whoever gives a role holds every permission of it; the
// last active admin stays. Whoever has a place sees and manages those alone who stand in it or below, and makes nobody who
// does not. Each change of what a person may do, or how they sign in, raises their epoch: what was signed
// in under an older one has ended, everywhere, at the commit, and so have the links they had.
package staff
