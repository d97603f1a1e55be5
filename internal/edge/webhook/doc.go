// Package webhook sends webhooks over HTTP to the outside, and nowhere else.
// Owns: nothing but the translation between a message and a call. Does not own: what is sent, when, and how often
// (core/webhook), nor to which addresses (kit/callout).
// Invariants: no more of an answer is read than is kept.
package webhook
