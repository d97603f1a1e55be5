// Package smtp hands mails to the operator's mail server.
//
// Owns: no tables; the address of the server and how it is spoken to. Does not own: which mails there are, when one is
// tried again and what a refusal means (core/notify).
//
// Invariants: a mail counts as sent when the server has taken over its whole text, never before. A password is not sent
// over a connection that can be read. The server's password stands in no error.
package smtp
