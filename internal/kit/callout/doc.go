// Package callout calls addresses that users name, over HTTP, and signs what it says after Standard Webhooks.
// Owns: which addresses may be dialled, how long a call may take, what is read of its answer, the signature. Does not
// own: what is said, when, and how often.
// Invariants: the address is judged when it is dialled, after the name was resolved: what a name stood for before does
// not count. Only public addresses are dialled, and those of networks that the operator named. No redirect is followed,
// no proxy of the environment is asked, no more of an answer is read than is asked for, and everything has an end.
package callout
