// Package webhook sends webhooks over HTTP to the outside, and nowhere else.
//
// Owns: how a message is sent, and to which addresses. Does not own: what is sent, when, and how often (core/webhook).
//
// Invariants: the address is judged when it is dialled, after the name was resolved: what a name stood for before does
// not count. Only public addresses are dialled, and those of networks that the operator named. No redirect is followed,
// no proxy of the environment is asked, no more of an answer is read than is kept, and everything has an end.
package webhook
