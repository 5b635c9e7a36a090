// Package frontend serves the web app, which is compiled into the binary. The
// app itself is built by "make build"; without it the handler says so. What the
// app may load and run is decided in two places: script and style sources in
// the page's own meta tag (the build knows the hashes), the rest in the headers
// set here.
package frontend

import (
	"embed"
	"io/fs"
	"net/http"
)

// SvelteKit puts its files below _app, which a plain "build" pattern skips.
//
//go:embed all:build
var build embed.FS

// Handler serves the embedded web app. A path without a file gets index.html,
// since the app does its own routing; a missing hashed file is a 404, so that a
// stale page does not run HTML as a script.
func Handler() http.Handler {
	files, err := fs.Sub(build, "build")
	if err != nil {
		panic(err) // the pattern above names the folder
	}
	return newSite(files)
}
