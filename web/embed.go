// Package web holds the built operator console and nothing else.
//
// Owns: the files under dist/ as an embedded file system.
// Does not own: serving them, the content security policy or the replacement of
// the style nonce in index.html; the HTTP server does that.
// Invariant: dist/placeholder.html is committed, so the package compiles without
// Node; a real build adds index.html beside it.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the built console with index.html at its root. Without a web
// build the root holds only placeholder.html. The error is that of fs.Sub and
// can only mean that the embedded folder is missing.
func Dist() (fs.FS, error) {
	return fs.Sub(dist, "dist")
}
