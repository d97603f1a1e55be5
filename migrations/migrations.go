// Package migrations holds the tables of every version, one folder a database, same numbers and names in both.
package migrations

import "embed"

// Files has the folders sqlite and postgres.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
