// Package contact keeps the people at customers: whom to call, who may later sign in to the portal, and as what.
//
// Owns: contacts, contact_search, contact_totals. Does not own: customers (customer, which tells here when one is
// renamed, closed or comes back), signing in, mail.
//
// Invariants:
//   - A contact belongs to one customer for ever. It is removed by a mark; what is removed is in no list and never
//     comes back.
//   - An e-mail address stands once among a customer's contacts that are not removed; other customers may have it too.
//   - A contact has its customer's name, ID and mark of being closed, as the customer has them now. While the customer
//     is closed its contacts are listed, but cannot be changed.
//   - A flag of being verified belongs to the address it was set for: another address clears it.
//   - Private notes are in no list, search, file or audit entry, but in the file of whoever holds
//     contact.private_notes and asks for them by name.
//   - contact_totals adds up to the contacts that are not removed; contact_search has a row for each contact.
package contact
