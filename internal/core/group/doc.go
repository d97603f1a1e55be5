// Package group keeps the labels that customers are sorted under: for filters, reports, bulk actions, messages.
//
// Owns: groups. Does not own: who is in a group (customer keeps group_members, since membership is a field of the
// customer and is audited there).
//
// Invariants: a name is given once, letter case and accents ignored; a group that has members is removed only when
// they are moved to another one or out.
package group
