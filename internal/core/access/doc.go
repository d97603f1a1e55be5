// Package access says who asks and what they may do.
//
// Owns: the principal of a request, the permissions there are and what each is, the masks there are and what each hides,
// the roles that ship with Tandem, and the check every use case begins with. Does not own: the operator's own roles (role),
// how somebody signs in (session), who works here (staff), nor which fields of a list bear a mask (their owner).
//
// Invariants: deny by default. A context without a Call may do nothing; a permission that no role names is held by
// nobody; a use case that does not call Require has none of its own. What a mask hides reaches its holder by no door; roles
// add up, so a field is hidden only from whom each of their roles hides it.
package access
