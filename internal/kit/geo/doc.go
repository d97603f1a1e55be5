// Package geo knows countries, currencies, languages and time zones, and finds the one that a person or another system
// means.
//
// Owns: the lists (ISO 3166, ISO 4217, ISO 639-1, the time zone database's names), their English names, the aliases and
// native names that are understood.
//
// Does not own: telephone numbering (kit/phone), amounts (kit/money), what a customer's country means for anything.
//
// Invariants:
//   - What Country, Currency, Language or Timezone returns is in the list or is made of it, and is found again by itself.
//   - A name that could mean two countries means neither.
//   - The lists do not depend on the machine: the zones are those of the time zone database inside the program.
//
// The data files are facts taken from the standards; Kosovo stands under its user-assigned code XK. Names of countries in
// other languages come from golang.org/x/text.
package geo
