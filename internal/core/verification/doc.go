// Package verification lets contacts prove that an e-mail address or a mobile number is theirs, with a code that goes
// there.
//
// Owns: verification_codes, verification_addresses. Does not own: the flags (contact), how a code is written and sent
// (notify).
//
// Invariants:
//   - A code has six random digits, is kept as a keyed digest, and stands readable nowhere: not in the history of
//     messages, not in the audit.
//   - It works once, for 15 minutes, for the address that it was sent to while the contact still has it, and not after
//     five wrong tries. Of an address the newest code counts alone.
//   - A minute lies between two codes to the same address of a contact; in a day a contact is sent ten and an address,
//     whoever has it, five.
//   - What is done with the codes of a contact is done under the lock of the contact, one after the other.
//   - Dates: created_at when it was sent, expires_at when it ends, used_at when it was entered.
package verification
