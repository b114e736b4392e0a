package web

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
)

// symbols returns the ids of our drawings.
func symbols() (map[string]bool, error) {
	f, err := staticFiles.Open("static/pictures.svg")
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read from memory
	ids := map[string]bool{}
	d := xml.NewDecoder(f)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ids, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "symbol" {
			continue
		}
		for _, a := range start.Attr {
			if a.Name.Local == "id" {
				ids[a.Value] = true
			}
		}
	}
}

// Picture draws one of our own signs, which stands beside a word.
func (p *page) Picture(name string) template.HTML { return p.draw("pic", name) }

// Art draws an article, or a plain box for one we have no drawing of.
func (p *page) Art(name string) template.HTML {
	name = plain(name)
	if !p.art[name] {
		name = "box"
	}
	return p.draw("art", name)
}

// draw returns the drawing; it is decoration for a screen reader. Signs that
// point are mirrored where writing runs from right to left.
func (p *page) draw(class, name string) template.HTML {
	if !p.art[name] {
		return ""
	}
	switch name {
	case "back", "forward", "leave", "undo", "delete":
		class += " points"
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // name is one of our ids
		`<svg class="%s" aria-hidden="true" focusable="false"><use href="/static/pictures.svg?v=%s#%s"/></svg>`, class, p.build, name))
}
