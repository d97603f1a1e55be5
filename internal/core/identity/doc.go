// Package identity keeps how people prove who they are: one person for one e-mail address, with one password, however
// many doors they come in by.
//
// Owns: identities, identity_members, identity_links, identity_totp, identity_recovery_codes,
// identity_passkeys, identity_ceremonies. Does not own: the doors themselves, which are staff users (staff) and contacts (contact), each told of by a Keeper; sessions and the counting
// of tries (session).
//
// Invariants: an e-mail address is one identity. A member belongs to the identity of its address, and to no other: when
// its address changes or it is removed, the membership ends, and an identity without members is forgotten. A password is
// kept as argon2id only. A link to set a password works once, and none of those made before a password was set. What
// somebody else has proved or given never opens a staff user's door: a staff user who joins an identity that is there
// already finds it without password, and only those who may act on all of its members give it one by hand. A code of an
// authenticator app works once, and so does a recovery code, which is kept as its digest. What a device was asked
// is answered once. Each change of a password raises the epoch: what was signed in under an older one has ended, everywhere, at the commit.
package identity
