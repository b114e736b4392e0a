package words

import (
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// disguised copies messages into the pseudo-locale's form.
func disguised(messages []*i18n.Message) []*i18n.Message {
	out := make([]*i18n.Message, len(messages))
	for i, m := range messages {
		c := *m
		for _, form := range []*string{&c.Zero, &c.One, &c.Two, &c.Few, &c.Many, &c.Other} {
			*form = disguise(*form)
		}
		out[i] = &c
	}
	return out
}

// disguise puts accents on the letters of an English text and makes it two
// fifths longer, so that whoever looks at a page sees what is not translated and
// what does not fit. Placeholders stay as they are.
func disguise(s string) string {
	if s == "" {
		return ""
	}
	var b strings.Builder
	letters := 0
	for s != "" {
		text, rest, found := strings.Cut(s, "{{")
		for _, r := range text {
			letters++
			b.WriteRune(accented(r))
		}
		if !found {
			break
		}
		inside, after, _ := strings.Cut(rest, "}}")
		b.WriteString("{{" + inside + "}}")
		s = after
	}
	extra := (letters*2 + 4) / 5
	for i := range extra {
		if i%7 == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune('ő')
	}
	return b.String()
}

func accented(r rune) rune {
	const plain, marked = "AaCcDdEeGgIiNnOoRrSsTtUuYyZz", "ÅåÇçÐðÉéĞğÎîÑñÖöŘřŠšŤťÛûÝýŽž"
	i := strings.IndexRune(plain, r)
	if i < 0 {
		return r
	}
	return []rune(marked)[i]
}
