// Package portal puts together what a customer's contacts see when they come in: a dashboard of tiles that each wing
// registers.
//
// Owns: no table; the tiles of the dashboard and their order. Does not own: what stands on a tile (the wing that
// registers it), contacts and customers and what their contacts may change of them (contact, customer), signing in
// (session).
//
// Invariants: a tile is shown only to contacts who hold what it needs, and never empty: a wing that has nothing to say
// of a customer leaves its tile out.
package portal
