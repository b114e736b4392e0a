package printer

import (
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
	CP1252
)

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
	case CP1252:
		return charmap.Windows1252
	case CP437:
	}
	return charmap.CodePage437
}

// Printable reports whether s can be printed as text: each letter is in the
// code page, or there is a plain way to write it (é as e, “ as ").
func Printable(p Profile, s string) bool {
	_, ok := p.Charset.encode(s)
	return ok
}

// encode writes s in the code page. Control characters become spaces, so that
// no foreign text can command the printer.
func (c Charset) encode(s string) ([]byte, bool) {
	cm := c.charmap()
	var out []byte
	for _, r := range norm.NFC.String(s) {
		if unicode.IsControl(r) {
			r = ' '
		}
		if b, ok := cm.EncodeRune(r); ok && b >= ' ' && b != 0x7F {
			out = append(out, b)
			continue
		}
		plain, ok := plainly(r)
		if !ok {
			return nil, false
		}
		out = append(out, plain...)
	}
	return out, true
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
	case '\u00AD', '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\uFEFF': // invisible
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
