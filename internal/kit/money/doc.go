// Package money holds amounts of money as exact integers.
//
// Owns: Amount (int64 millionths of a currency unit), reading and writing it as decimal text, arithmetic that reports
// overflow, multiplication and division with 128-bit intermediates and a rounding mode that the caller must name.
//
// Does not own: currencies and their digits (kit/geo), exchange, tax and rating rules.
//
// Invariants: no float anywhere; no operation wraps around or rounds in silence; Parse(a.String()) == a for every a.
package money
