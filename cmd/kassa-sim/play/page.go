package play

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// A Page is what the shopper's page says of itself in its data- attributes.
type Page struct {
	Screen   string
	Language string
	Hints    []string
	Lines    []PageLine // as shown
	Total    int64
	HasTotal bool
}

// A PageLine is one line of the basket.
type PageLine struct {
	N         int
	GTIN, PLU string
	Qty       int64
	Amount    int64
}

// Is reports whether the line is of the article with this code.
func (l PageLine) Is(code string) bool {
	return l.PLU != "" && l.PLU == code || sameCode(l.GTIN, code)
}

// sameCode compares codes of figures without their leading zeros.
func sameCode(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return a != "" && a == b
}

// ReadPage reads a page as a browser has it. A page without a screen is none.
func ReadPage(text string) (Page, error) {
	var p Page
	for tag := range tags(text) {
		a := tag.attributes
		if v, ok := a["data-screen"]; ok && tag.name == "main" {
			p.Screen = v
		}
		if v, ok := a["lang"]; ok && tag.name == "html" {
			p.Language = v
		}
		if v, ok := a["data-hint"]; ok && v != "" {
			p.Hints = append(p.Hints, v)
		}
		if v, ok := a["data-total"]; ok {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return Page{}, fmt.Errorf("data-total is %q", v)
			}
			p.Total, p.HasTotal = n, true
		}
		if _, ok := a["data-qty"]; ok {
			line, err := readLine(a)
			if err != nil {
				return Page{}, err
			}
			p.Lines = append(p.Lines, line)
		}
	}
	if p.Screen == "" {
		return Page{}, fmt.Errorf("no <main data-screen> in it")
	}
	return p, nil
}

func readLine(a map[string]string) (PageLine, error) {
	l := PageLine{GTIN: a["data-gtin"], PLU: a["data-plu"]}
	var err error
	if l.N, err = strconv.Atoi(a["data-line"]); err != nil {
		return l, fmt.Errorf("data-line is %q", a["data-line"])
	}
	if l.Qty, err = strconv.ParseInt(a["data-qty"], 10, 64); err != nil {
		return l, fmt.Errorf("data-qty is %q", a["data-qty"])
	}
	if l.Amount, err = strconv.ParseInt(a["data-amount"], 10, 64); err != nil {
		return l, fmt.Errorf("data-amount is %q", a["data-amount"])
	}
	return l, nil
}

// A tag is a start tag.
type tag struct {
	name       string
	attributes map[string]string
}

// tags yields the start tags of text in order. Comments and the insides of
// scripts and styles hold none.
func tags(text string) func(yield func(tag) bool) {
	return func(yield func(tag) bool) {
		for {
			i := strings.IndexByte(text, '<')
			if i < 0 || i+1 >= len(text) {
				return
			}
			text = text[i+1:]
			if after, ok := strings.CutPrefix(text, "!--"); ok {
				_, text, _ = strings.Cut(after, "-->")
				continue
			}
			if c := text[0] | 0x20; c < 'a' || c > 'z' {
				continue // an end tag, a declaration, a loose sign
			}
			var t tag
			t, text = readTag(text)
			if !yield(t) {
				return
			}
			if t.name == "script" || t.name == "style" {
				_, text, _ = strings.Cut(text, "</"+t.name)
			}
		}
	}
}

// readTag reads a start tag from behind its "<" and returns what follows it.
func readTag(s string) (tag, string) {
	end := strings.IndexAny(s, " \t\r\n/>")
	if end < 0 {
		end = len(s)
	}
	t := tag{strings.ToLower(s[:end]), map[string]string{}}
	s = s[end:]
	for {
		s = strings.TrimLeft(s, " \t\r\n/")
		if s == "" || s[0] == '>' {
			return t, strings.TrimPrefix(s, ">")
		}
		var name, value string
		name, value, s = readAttribute(s)
		if _, twice := t.attributes[name]; !twice {
			t.attributes[name] = value
		}
	}
}

func readAttribute(s string) (name, value, rest string) {
	end := strings.IndexAny(s[1:], " \t\r\n/>=") + 1
	if end == 0 {
		return strings.ToLower(s), "", ""
	}
	name, s = strings.ToLower(s[:end]), strings.TrimLeft(s[end:], " \t\r\n")
	s, isSet := strings.CutPrefix(s, "=")
	if !isSet {
		return name, "", s
	}
	s = strings.TrimLeft(s, " \t\r\n")
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return name, html.UnescapeString(value), rest
	}
	end = strings.IndexAny(s, " \t\r\n>")
	if end < 0 {
		end = len(s)
	}
	return name, html.UnescapeString(s[:end]), s[end:]
}
