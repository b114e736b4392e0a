package catalog

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold makes words that people take for the same the same: small letters
// without accents, Arabic without vowel marks and stretching and with one form
// for each family of letters, European digits. It is for finding, never shown.
func fold(s string) string {
	if plain(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), r == 'ـ': // accents, vowel marks, hamza on a letter; tatweel
		case unicode.IsDigit(r):
			b.WriteRune('0' + digit(r))
		default:
			b.WriteString(letter(unicode.ToLower(r)))
		}
	}
	return b.String()
}

// plain reports whether s is in ASCII, where nothing but case is to be folded.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// digit returns what a decimal digit of any script is worth. Unicode keeps the
// ten of each script together, and in order.
func digit(r rune) rune {
	n := rune(0)
	for n < 9 && unicode.IsDigit(r-n-1) {
		n++
	}
	return n
}

// letter unifies letters that do not fall apart into a base and marks.
func letter(r rune) string {
	switch r {
	case 'ٱ': // alef wasla; the hamza forms fell apart
		return "ا"
	case 'ى', 'ی':
		return "ي"
	case 'ة', 'ە':
		return "ه"
	case 'ک':
		return "ك"
	case 'ß':
		return "ss"
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ':
		return "d"
	case 'ı':
		return "i"
	}
	return string(r)
}

// maxTerm is the longest term kept, in bytes; longer ones are cut.
const maxTerm = 48

// Terms returns the words that a text is found by, folded as the look-up folds
// them: for what else people search by typing.
func Terms(text string) []string { return termsOf(text) }

// termsOf returns the folded words of texts, each once. An Arabic word with the
// article stands without it too, since people type it either way.
func termsOf(texts ...string) []string {
	all := make([]string, 0, 16)
	add := func(term string) {
		term = cutTerm(term)
		if term != "" && !slices.Contains(all, term) { // most have a dozen
			all = append(all, term)
		}
	}
	for _, text := range texts {
		for _, word := range words(text) {
			add(word)
			add(bare(word))
		}
	}
	return all
}

// bare returns a folded word without the Arabic article, where enough is left.
func bare(word string) string {
	if rest, ok := strings.CutPrefix(word, "ال"); ok && len(rest) >= len("تت") {
		return rest
	}
	return word
}

// words returns the folded words of a text.
func words(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// cutTerm cuts a term to maxTerm at a letter's border.
func cutTerm(s string) string {
	if len(s) <= maxTerm {
		return s
	}
	end := 0
	for i := range s {
		if i > maxTerm {
			break
		}
		end = i
	}
	return s[:end]
}
