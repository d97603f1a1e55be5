// Package demo fills a throw-away installation with data that looks like an operator's: people and firms of a dozen
// countries, carriers, resellers with customers of their own, groups, fields of the operator's, and two years of changes.
//
// Everything is made through the use cases, so it obeys every rule, and from a fixed seed, so that a demo looks the
// same each time. No person or firm in it exists: mail goes to example.org, telephone numbers are only possible ones.
package demo
