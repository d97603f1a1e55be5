// Package staff keeps the people who work here: their names, roles and passwords.
//
// Owns: staff, password_links, installation (whether the first person was made). Does not own: signing in and
// sessions (session), what a role may do (access).
//
// Invariants: an e-mail belongs to one person who is not removed; a password is kept as argon2id only; a link to set
// a password works once: one that an admin makes ends those before, one that is asked for at the sign-in page leaves
// them, so that a stranger cannot end them, and the password that is set ends all; whoever gives a role holds every permission of it; the last active
// admin stays. Each change of what a person may do, or how they sign in, raises their epoch: what was signed in
// under an older one has ended, everywhere, at the commit.
package staff
