// Package notify writes e-mails, and texts to telephones, and sees that they go out. A text is a mail by another way:
// what is said here of mails holds of it too.
//
// Owns: emails, email_templates, email_suppressions, email_attachments,
// sms_gateway. Does not own: how a mail server is spoken to
// (edge/smtp, through Sender) or a gateway of texts (edge/smshook, through Texter), why a mail is written, nor whom it
// reaches (the caller of Send).
//
// Invariants: a mail is queued in the transaction of its cause, or not at all. One worker at a time has a mail; one
// that was cut off while sending is tried again under the same Message-ID. A secret (a link to set a password) is
// readable nowhere: the body that is kept has a mark in its place, and the true one is sealed and forgotten when the
// mail has come to an end. No header holds a line break; values are escaped in HTML. Each save of a template is a
// version of its own, and old ones stay. Nothing goes to an address that is suppressed. Whoever
// sees a part of the customers has the mails to those alone.
package notify
