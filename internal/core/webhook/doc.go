// Package webhook tells other programs over HTTP what happens, and keeps how that went.
//
// Owns: webhooks, webhook_events, webhook_deliveries, webhook_attempts. Does not own: what happens (core/event), how HTTP
// is spoken and where it may go (edge/webhook, through Sender).
//
// How it runs. Relay reads the outbox and makes a delivery of each event for each webhook that wants it, in the
// transaction that moves its place in the outbox. Each node sends what is due: a few at once for each webhook, so that a slow
// receiver holds up nobody but itself.
//
// Invariants:
//   - At least once: a delivery is final when the receiver took it, or when all attempts failed. A node that was killed
//     while sending had it under a lease; another one sends it again with the same webhook-id and the same bytes.
//   - Of one row, a webhook gets the events in order: a later one waits until the earlier one has come to its end.
//   - A secret is sealed, shown when it is made and never again. For a day after it was rolled, both sign.
//   - Who makes a webhook may read what it tells. Paused, events wait; disabled, none are kept for it.
//   - A receiver that fails for five days, or answers 410, is disabled, and that is written down.
package webhook
