package web

import "io/fs"

// Shared are the files that the store's other pages have in common with this
// one: the colours, our drawings, and the script that turns one piece of HTML
// into another.
func Shared() (fs.FS, error) { return fs.Sub(staticFiles, "static") }
