// Package impersonation lets staff look into the portal as a contact sees it, by a link that works once.
//
// Owns: impersonations. Does not own: who staff and contacts are and whether they may act now (the ports in Options), the
// portal (portal, contact, customer), cookies (edge/rest).
//
// Invariants:
//   - A link works once, for a minute, and only in the browser in whose session it was asked for. Only the SHA-256 of it
//     and of the portal's token is kept.
//   - It touches nothing by which the contact signs in. It ends after an hour, when somebody ends it, and as soon as the
//     staff user's session, their permission, the contact, or the customer's being active ends; that is asked at every use.
//   - It reads. It changes what the contact may change only while the staff user holds contact.impersonate_write.
//   - What is done is the staff user's, on behalf of the contact. That it began and that it ended is in the audit.
package impersonation
