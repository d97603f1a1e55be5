// Package customfield keeps the fields that an operator adds to customers: text, number, date or choice.
//
// Owns: custom_fields, custom_field_edition, and the columns of customers that begin with cf_. Does not own: the values
// (customer reads and writes them like its own).
//
// Why columns: a custom field is sorted, filtered, exported and kept like any other only when it is one. Defining a
// field adds a column (and a folded key for text) with a constant default, which both databases do without touching
// rows, and an index. See docs/adr.
//
// Invariants: a key is never changed; a column's name is never given twice; the type is never changed; the edition
// grows with every change, in the same transaction, so that every node reads the definitions again.
package customfield
