// Package rest is the public API of Tandem over HTTP, its OpenAPI document, and the door to the built console.
//
// Owns: routes, the form of answers and of problems (RFC 9457), entity tags, idempotent repeats, cookies, cross-site
// protection, security headers. Does not own: any rule of the business; a handler parses, calls a use case, and
// prints.
//
// One file a capability: `func Customers(svc *customer.Service) Module` registers its routes with Register, or with
// RegisterRaw where the body is a stream. A route that says not what it needs stops the program at its start.
//
// Invariants: nothing is answered without the permission its route declares; every refusal is a problem with a code;
// a property or parameter that a route does not know is refused by name; a rejected value is never sent back.
package rest
