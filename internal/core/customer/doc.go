// Package customer keeps the parties an operator deals with: customers, providers and resellers.
//
// Owns: customers, customer_ancestors, customer_search, customer_totals, customer_numbers, customer_openings, customer_setup_tokens, and
// group_members, since membership is a field of the customer. Does not own: groups (the group package), custom_fields
// (customfield, which adds the columns of customers that hold their values), balances, devices, services: other wings
// hang those on and register guards here.
//
// Invariants:
//   - The customer ID is given by the system, never changes and is never given twice. It has six characters of an
//     alphabet without look-alikes and a check character.
//   - E-mail and reference are unique, letter case ignored, among customers that are not closed.
//   - Status moves only along Transitions; billing type never changes after creation.
//   - closed is 1 exactly when status is closed; closed_at is then the time, and a customer may come back as inactive
//     within the retention time.
//   - customer_totals adds up to the number of customers by closed and kind; customer_search has a row for each.
//   - customer_ancestors has every reseller above a customer, and each reseller above itself; nobody stands above themselves
//     otherwise. Whoever has a place in the tree (access.Principal) sees and changes what is below it, and no trace of the rest.
//   - Every change has an audit entry in its transaction and a version one higher.
//
// Dates: created_at and updated_at are when the record was made and last changed; closed_at when it was closed.
package customer
