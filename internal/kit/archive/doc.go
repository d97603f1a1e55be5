// Package archive writes every table of a database to one file and reads it back, into a database of either kind.
//
// Owns: the form of the file: gzip around lines of JSON. The first line tells what it is and the version of the
// tables; each table begins with a line of its name and columns, followed by one line a row; the last line has the
// number of rows and the SHA-256 of all lines before. Does not own: tables. What can be made anew from other tables is
// left out and made anew by its owner.
//
// Invariants: a file holds one moment of the database; reading checks the whole file before the first row goes in,
// and everything goes in or nothing; no more than a few hundred rows are in memory.
package archive
