package printer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// A Charset is a printer's code page.
type Charset int

// The code pages.
const (
	CP437 Charset = iota + 1
	CP850
	CP852
	CP858 // CP850 with the euro sign
	CP866
	CP1251
	CP1252
)

// charsets are their names, in the order of the constants.
func charsets() []string {
	return []string{"cp437", "cp850", "cp852", "cp858", "cp866", "cp1251", "cp1252"}
}

// String returns the name, as profiles spell it.
func (c Charset) String() string {
	if c < CP437 || c > CP1252 {
		return ""
	}
	return charsets()[c-1]
}

// UnmarshalText reads a name.
func (c *Charset) UnmarshalText(b []byte) error {
	at := slices.Index(charsets(), string(b))
	if at < 0 {
		return fmt.Errorf("charset %q: want one of %s", b, strings.Join(charsets(), ", "))
	}
	*c = Charset(at + 1)
	return nil
}

func (c Charset) charmap() *charmap.Charmap {
	switch c {
	case CP850:
		return charmap.CodePage850
	case CP852:
		return charmap.CodePage852
	case CP858:
		return charmap.CodePage858
	case CP866:
		return charmap.CodePage866
	case CP1251:
		return charmap.Windows1251
	case CP1252:
		return charmap.Windows1252
	case CP437:
	}
	return charmap.CodePage437
}

const (
	noBreak       = '\u00A0'
	narrowNoBreak = '\u202F'
)

// Printable reports whether s can be printed as text: each letter is in the
// code page, or there is a plain way to write it (é as e, “ as ").
func Printable(p Profile, s string) bool {
	_, ok := p.Charset.plain(s)
	return ok
}

// plain writes s in letters that the code page has, one byte each. Control
// characters become spaces, so that no foreign text can command the printer.
func (c Charset) plain(s string) (string, bool) {
	cm := c.charmap()
	var out strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case unicode.IsControl(r):
			r = ' '
		case r == noBreak || r == narrowNoBreak:
			out.WriteRune(noBreak) // a space to the printer, none to the line break
			continue
		}
		if b, ok := cm.EncodeRune(r); ok && b >= ' ' && b != 0x7F {
			out.WriteRune(r)
			continue
		}
		word, ok := plainly(r)
		if !ok {
			return "", false
		}
		out.WriteString(word)
	}
	return out.String(), true
}

// bytes returns a plain text as the printer wants it.
func (c Charset) bytes(plain string) []byte {
	cm := c.charmap()
	out := make([]byte, 0, len(plain))
	for _, r := range plain {
		if r == noBreak {
			r = ' '
		}
		if b, ok := cm.EncodeRune(r); ok && b >= ' ' && b != 0x7F {
			out = append(out, b)
		}
	}
	return out
}

// plainly writes a letter in ASCII where any reader would.
func plainly(r rune) (string, bool) {
	switch r {
	case '“', '”', '„', '‟', '«', '»':
		return `"`, true
	case '‘', '’', '‚', '‹', '›', '′', 'ʼ':
		return "'", true
	case '–', '—', '‐', '‑', '−', '―':
		return "-", true
	case '…':
		return "...", true
	case '€':
		return "EUR", true
	case '×':
		return "x", true
	case '•', '·', '∙':
		return "*", true
	case '™':
		return "(TM)", true
	case '®':
		return "(R)", true
	case '©':
		return "(C)", true
	case 'ß':
		return "ss", true
	case 'Æ':
		return "AE", true
	case 'æ':
		return "ae", true
	case 'Œ':
		return "OE", true
	case 'œ':
		return "oe", true
	case 'Ø':
		return "O", true
	case 'ø':
		return "o", true
	case 'Ł':
		return "L", true
	case 'ł':
		return "l", true
	case 'đ':
		return "d", true
	case 'ı':
		return "i", true
	case '\u00AD', '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\uFEFF', // invisible
		'\u061C', '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069':
		return "", true
	}
	if unicode.Is(unicode.Zs, r) {
		return " ", true
	}
	return unaccented(r)
}

// unaccented drops the accents of a Latin letter.
func unaccented(r rune) (string, bool) {
	var sb strings.Builder
	for _, d := range norm.NFKD.String(string(r)) {
		switch {
		case d < 0x7F && d >= ' ':
			sb.WriteRune(d)
		case unicode.Is(unicode.Mn, d):
		default:
			return "", false
		}
	}
	return sb.String(), sb.Len() > 0
}
