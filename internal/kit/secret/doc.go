// Package secret makes and keeps secrets: random tokens, password hashes, and a sealed box for what machines must
// read back.
//
// Owns: where randomness for secrets comes from, argon2id and its cost, the key file. Does not own: who has which
// password or token.
//
// Invariants: a token has 256 random bits, or 128 for a link that is used once, and is stored as its SHA-256; a
// password is stored as argon2id; at most so many hashes are computed at a time, so that sign-ins cannot eat the
// memory of the machine.
package secret
