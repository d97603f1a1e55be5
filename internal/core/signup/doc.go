// Package signup lets strangers become customers by themselves: of the operator, or of the reseller at whose address they
// ask.
//
// Owns: sign_up_settings, sign_ups, sign_up_tries. Does not own: whose an address is (brand), customers and contacts
// (customer, contact), passwords (identity), the mails (notify), who is told that somebody waits (the port in Options).
//
// Invariants:
//   - It is closed until somebody opens it, and while mails do not leave the house or the template is not active.
//   - Whether an address is known here is told to nobody but the owner of the address, by mail.
//   - A link works for whoever knows the password of its sign-up, once, for a day. Only the SHA-256 of it is kept, and of the password only its argon2id hash.
//   - A new customer is like the template in what is no person's: never in name, addresses, numbers or notes.
//   - A password that came with a sign-up is set on an identity that is made by it, and on no other.
//   - The template of an open sign-up cannot be closed.
package signup
