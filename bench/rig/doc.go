// Package rig is what the benchmarks share: databases that stay between runs, life-like customers, two handlers asked
// in turn, and the table that is printed.
//
// Owns: the folder given by -dir, with one database for each size and set of migrations. Does not own: what is
// measured.
//
// Invariants: a ratio is of two things that were asked in turn in one run, so that what else the machine does meets
// both; a database that is there already was filled to its end.
package rig
