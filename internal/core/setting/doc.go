// Package setting keeps what the operator decides for the whole installation: the organization's name, the defaults
// of new customers, how long removed ones are kept, and the kinds of groups.
//
// Owns: settings, one row. Does not own: what follows from a setting.
//
// Invariants: there is always an answer, the defaults until somebody decides; each change has a version and an audit
// entry.
package setting
