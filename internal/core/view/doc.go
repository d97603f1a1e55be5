// Package view keeps how people look at lists: saved filters, and small preferences such as column widths.
//
// Owns: views, view_marks, preferences. Does not own: the lists (each registers its Target), nor whether a filter is
// right (the target's Validator).
//
// Invariants:
//   - A view is its owner's: nobody else changes it. A shared one is read by everybody who may read its list.
//   - Pinned and default are marks that each person puts on a view, own or shared; at most one view of a target is a
//     person's default. Marks do not change the view's version.
//   - Names are unique among the views of one owner and target, without regard to case and accents.
//   - A preference belongs to one principal and nobody else can read it.
//   - Dates: created_at when it was made, updated_at when it last changed.
package view
