// Package session finds out who a request comes from: it signs staff and contacts in and out, and gives machines their
// tokens.
//
// Owns: sessions, sign_in_failures, api_tokens. Does not own: passwords (identity), people (staff, contact), what may be
// done (access).
//
// Invariants: a session or token is kept as the SHA-256 of its secret; it counts only while the member it belongs to
// is active and has the mark it was made under, so that disabling somebody, a new role or a new password ends all of
// theirs at the commit, and only from the networks that a contact is held to. A token may do what its role, its scopes and whoever made it may do, and nothing more. A try
// to sign in is counted before the password is looked at, so that many at once count as many; unknown addresses are
// counted, and take as long, as known ones.
//
// What was found is remembered in this process for up to two seconds, so that a request costs no look at the database;
// every change in this process is seen at once.
package session
