// Package importer brings customers in from other systems' files, and takes them back again.
//
// Owns: imports, import_rows, import_fixes, import_keys, import_groups, import_uploads. Does not own: how files are read
// (kit/tabular) and stored (file), what makes a customer right (customer), groups, the running of long work (kit/job).
//
// An import is a draft made of an uploaded file: what it is, what its columns probably mean, what is to happen. A check is a
// dry run that writes nothing but what it found. A run goes through the file in batches; each batch is one
// transaction with its customers, their audit entries, what became of each row, the place in the file and the job's
// progress. Wrong rows are told and left; they can be corrected in place and run again. An undo takes a run back.
//
// Invariants:
//   - A row of the file has at most one effect, whoever is killed when, and however often the import is run.
//   - A file that was imported before makes nothing twice: a row is known by its key (reference, customer ID, e-mail),
//     else by its source and the fingerprint of its values.
//   - Within one import a customer is touched by one row. That is what makes the undo of a row independent of others.
//   - Undo changes a customer only while it is as the import left it, and removes a group that the import made only while
//     it is as the import left it and nobody is in it.
//   - Columns that hold secrets are never kept, shown or given out; their cells are blanked before anything is stored.
//   - Values that no wing applies yet (balance, limits, logins) are checked, kept and named.
//   - Memory does not grow with the file.
//   - Whoever sees a part of the customers, or not all of their fields, sees their own imports alone; rows are about what
//     they see, and come under their reseller.
//
// Dates: created_at is when the file was uploaded, updated_at when the setup or the state last changed.
package importer
