package console

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"kassa/kiosk/words"
)

// A base is what every page of ours has.
type base struct {
	book  *words.Book
	W     words.Words
	Look  look
	Build string
	Store string
	Path  string
	Story bool
}

func (c *Console) base(r *http.Request) base {
	l := c.look(r)
	return base{book: c.o.Words, W: c.o.Words.In(l.Lang), Look: l, Build: c.build, Store: c.o.Store.Name, Path: r.URL.Path, Story: strings.HasPrefix(r.URL.Path, "/storybook")}
}

// T returns a message.
func (b base) T(id string, args ...any) string { return b.W.T(id, args...) }

// N returns a message for a number of things.
func (b base) N(id string, n int, args ...any) string { return b.W.N(id, int64(n), args...) }

// Languages are those the page can be read in.
func (b base) Languages() []string { return words.Languages() }

// LanguageName is a language by its own name.
func (b base) LanguageName(tag string) string {
	if tag == "" {
		return ""
	}
	return b.book.In(tag).T("lang.name")
}

// Exact makes a text an argument whose figures stay as they are.
func (b base) Exact(s string) words.Code { return words.Code(s) }

// Figures are the ten digits as the page shows them, for its clocks.
func (b base) Figures() string { return b.W.Digits("0123456789") }

// Picture draws one of the shared signs.
func (b base) Picture(name string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // names are the template's own
		`<svg class="pic" aria-hidden="true" focusable="false"><use href="/shared/pictures.svg?v=%s#%s"/></svg>`, b.Build, template.HTMLEscapeString(name)))
}
