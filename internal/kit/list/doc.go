// Package list answers big lists: filter, keyword search, sort, keyset pages, counts and sums over a table of any
// size, from ONE declaration of its fields.
//
// Owns: the filter language and its SQL, cursors, the fragment index, the choice of a way through the data. Does not
// own: tables; the owner declares a Table and scans its own rows.
//
// How it stays fast. Every sortable field has an index that leads with its key and ends with the row's ID, so a page
// is a short walk along it. A filter is answered in one of three ways: walk the sort's index and test each row, which
// is short when many rows match; gather the matching rows from the best index among the filter's conditions and sort
// them, which is short when few do; or keep the IDs which that index gives and walk the sort's index past all others
// without a look at their rows. Which of them is chosen by a sample of rows held in memory, on which the whole filter is
// tried first. Text is compared by its folded key (kit/fold); fragments of one letter and more are
// found through an index of three-letter pieces, whose prefixes serve the shorter ones.
//
// Exceptions, where the work may grow with the table: a negative text condition that nearly every row fails; a
// filter whose matches all lie at the far end of the asked order and are too many to gather; a second sort field
// under a first with many equal values; a jump by offset; an exact total that was asked for by total=exact.
package list
