package console

import (
	"net/http"
	"slices"
	"strings"

	"kassa/kiosk/words"
)

// A look is how somebody wants the page: kept in a cookie of its own.
type look struct {
	Lang  string
	Night bool
}

func (c *Console) look(r *http.Request) look {
	lang, night, _ := strings.Cut(cookie(r, lookCookie), ".")
	if !c.o.Words.Has(lang) {
		lang = c.accepted(r.Header.Get("Accept-Language"))
	}
	return look{lang, night == "night"}
}

// accepted is the first language of the browser that the book has.
func (c *Console) accepted(header string) string {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag, _, _ = strings.Cut(tag, "-")
		if slices.Contains(words.Languages(), tag) {
			return tag
		}
	}
	return "en"
}

func (c *Console) words(r *http.Request) words.Words { return c.o.Words.In(c.look(r).Lang) }

// serveLook keeps language and theme.
func (c *Console) serveLook(w http.ResponseWriter, r *http.Request) {
	l := c.look(r)
	if lang := r.PostFormValue("lang"); slices.Contains(words.Languages(), lang) {
		l.Lang = lang
	}
	switch r.PostFormValue("theme") {
	case "night":
		l.Night = true
	case "day":
		l.Night = false
	}
	value := l.Lang
	if l.Night {
		value += ".night"
	}
	setCookie(w, r, lookCookie, value, deviceLife)
	back := r.PostFormValue("back")
	if !slices.Contains([]string{"/", "/login", "/device", "/menu"}, back) {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}
