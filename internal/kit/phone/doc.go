// Package phone reads telephone numbers as people write them into E.164.
//
// Owns: the rules of reading (international with + or 00 in every country, otherwise national of the default country;
// letters and extensions refused), whether a number is possible, whether it is known to be assigned, how it is shown.
//
// Does not own: the numbering plans. They are the metadata of github.com/nyaruka/phonenumbers, read once at first use.
//
// Invariants:
//   - Parse says possible exactly when the library says IS_POSSIBLE for the same number. A length that works only inside
//     one area ("local only") is impossible here, since E.164 needs the whole number.
//   - Parse of what Parse returned is the same number.
//   - No number of digits or characters makes it slow: input over 64 digits is refused, output has at most 21 bytes.
//
// Why not the library's own Parse: its regular expressions for extensions and second numbers, which we refuse anyway,
// take a hundred times as long as all the rest (the benchmark shows both), and an import has millions of numbers. What
// remains, the calling code, the international and national prefixes and the length, is done here on the library's
// tables; tests compare the two.
package phone
