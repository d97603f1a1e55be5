// Package tabular reads and writes tables as people exchange them: CSV in its many dialects and XLSX.
//
// Owns: finding out what a file is (kind, encoding, separator, header), reading it row by row, writing rows, limits
// that keep memory bounded whatever the file says, and making cells that begin like a formula harmless.
//
// Does not own: what the columns mean, trimming, conversion of values, where files are stored.
//
// Invariants:
//   - Memory is bounded by Limits, not by the file: a record, a cell, a row or a zip entry that is larger is refused with
//     an *Error that names the line and the limit, before it is held.
//   - Nothing is lost in silence: a file that is cut off, is not in its encoding or is not well-formed gives an *Error;
//     it never ends early as if it were complete.
//   - Row.End of any row, given back as Options.ResumeAt, continues with exactly the next row.
//   - Restore(Neutralise(s)) == s for every s.
//   - A cell written by a Writer of this package and read again by this package is the same text.
//
// # Why not encoding/csv and excelize
//
// encoding/csv cannot say where a record ends in the original bytes of a file that is not UTF-8 (a job that was killed
// continues from there), changes CR LF inside quotes to LF, reads on through the file when a quote is stray, and cannot
// be given a limit for a record. The splitter here is small and does these four things.
//
// excelize reads the whole file into memory, stops without an error where the XML of a sheet breaks off, and its writer
// holds the sheet back until the end. The reader and the writer here hold one row; excelize is the independent peer
// that the tests compare both with.
package tabular
