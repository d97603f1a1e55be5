// Package smshook hands texts to telephones over to a gateway of the operator's: a webhook that is signed.
// Owns: how a text is written for it, {"id", "to", "text"}, and what its answers mean. Does not own: what is sent, when,
// and how often (core/notify), nor to which addresses and how it is signed (kit/callout).
// Invariants: nothing of a text and nothing that a gateway answers beside its status is told to anybody: a gateway may
// repeat what it was given, and that may be a code.
package smshook
