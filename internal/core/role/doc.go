// Package role keeps the roles that the operator made beside those that ship with Tandem, and of all of them whether
// they require a second factor.
//
// Owns: roles, role_permissions, shipped_roles. Does not own: the permissions there are and the roles that ship (access), who has which
// role (staff, session).
//
// Invariants: a key is given once, never changes, and is none of a role that ships; a name is given once, letter case and
// accents ignored. Nobody makes, changes or removes a role that may do more than they. A role that somebody has stays:
// whoever has a place sees those alone that they may give, and makes none; whoever gives one holds it (Hold) in the transaction that gives it. What a role loses or gains counts at the commit for
// everybody who has it, on other nodes within two seconds.
package role
