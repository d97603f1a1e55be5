// Package schedule keeps saves that are applied later: delayed saves.
//
// Owns: scheduled_changes. Does not own: the rows that are changed, nor how: each resource's Applier does. Who somebody
// is and whether they may still act: Options.Save and Restore.
//
// A delayed save keeps the patch (what changes alone), the values and the version that it was asked against, and who
// asked. Every node looks for what is due. The transaction that changes the row is the one that says so here, and holds
// the save meanwhile.
//
// Invariants:
//   - Applied once: whichever node tries, and whoever is killed when, the row's change and the state applied are on disk
//     together or not at all.
//   - When it is applied, the requester's permissions and the resource's rules are asked again; a refusal makes it
//     failed, with the reason. A field of the patch that somebody changed meanwhile makes it conflicted, and nothing is
//     changed; other fields do not matter.
//   - Of a pair ("this, and back again") the second waits for the first, and is cancelled when the first comes to nothing.
//   - due_at is set exactly while the save can be tried. One that ended does not change any more.
//   - Making, editing, cancelling, applying and conflicting have an audit entry in their transaction.
package schedule
