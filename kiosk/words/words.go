// Package words holds what people read: every message of the shopper's page, the
// receipt and the staff page in every language, and the printed forms of money,
// weights, numbers and dates. The flow speaks in message ids; this package alone
// knows prose. It knows nothing of HTML and returns plain text.
//
// Its one rule: digits are changed in one place, last, for the whole text. No
// library's idea of a language's digits reaches a person, so that a price, a
// weight and a date on one screen never come in two systems of figures.
package words

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

// Languages lists the languages of the embedded files, the complete one first.
func Languages() []string { return []string{"en", "fr", "ar", "id"} }

// The built-in pseudo-locales, for tests and the storybook: English with
// accents, lengthened by two fifths; PseudoRTL is set from right to left.
const (
	Pseudo    = "en-XA"
	PseudoRTL = "ar-XB"
)

// pseudoRTLTag is what the bundle calls PseudoRTL: its sentences are English,
// so that English plural rules must choose among them.
const pseudoRTLTag = "en-XB"

// Settings are a store's choices of how figures look.
type Settings struct {
	Currency string // ISO 4217
	Decimals int    // of the currency's minor unit as the store counts it, 0 to 3; IDR shows 0
	Digits   string // "latn", or "arab": Arabic-Indic digits in Arabic text
}

// A Book has the words of all languages.
type Book struct {
	bundle   *i18n.Bundle
	settings Settings
}

// New reads the embedded messages.
func New(s Settings) (*Book, error) {
	b := &Book{bundle: i18n.NewBundle(language.English), settings: s}
	b.bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, tag := range Languages() {
		name := tag + ".toml"
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		parsed, err := b.bundle.ParseMessageFileBytes(data, name)
		if err != nil {
			return nil, fmt.Errorf("words: %s: %w", name, err)
		}
		if tag != "en" {
			continue
		}
		for _, pseudo := range []string{Pseudo, pseudoRTLTag} {
			if err := b.bundle.AddMessages(language.MustParse(pseudo), disguised(parsed.Messages)...); err != nil {
				return nil, fmt.Errorf("words: %s: %w", pseudo, err)
			}
		}
	}
	return b, nil
}

// Has reports whether tag is a language or pseudo-locale of the book.
func (b *Book) Has(tag string) bool {
	return slices.Contains(Languages(), tag) || tag == Pseudo || tag == PseudoRTL
}

// In returns the words of one language. A tag that the book does not have gets
// English: a screen never stays empty.
func (b *Book) In(tag string) Words {
	if !b.Has(tag) {
		tag = "en"
	}
	inner := tag
	if tag == PseudoRTL {
		inner = pseudoRTLTag
	}
	return Words{
		tag:      tag,
		local:    i18n.NewLocalizer(b.bundle, inner),
		settings: b.settings,
		money:    newMoney(tag, b.settings),
	}
}

// Words are one language's words. They are safe for use by several goroutines.
type Words struct {
	tag      string
	local    *i18n.Localizer
	settings Settings
	money    moneyForm
}

// Tag returns the BCP 47 tag.
func (w Words) Tag() string { return w.tag }

// Dir returns the direction of writing, "ltr" or "rtl".
func (w Words) Dir() string {
	if w.tag == "ar" || w.tag == PseudoRTL {
		return "rtl"
	}
	return "ltr"
}

// A Code is an argument whose figures stay as they are: a sale's or a terminal's
// number, which a person compares with a barcode or a slip, or a name from the
// catalogue.
type Code string

// T returns a message. Arguments come in pairs, the placeholder's name and its
// value. An id that the book does not have comes back as it is: strange, but
// better than a gap where a sentence should be.
func (w Words) T(id string, args ...any) string {
	return w.digits(w.message(id, nil, args))
}

// N returns the plural form of a message for n; {{.N}} in it is n.
func (w Words) N(id string, n int64, args ...any) string {
	return w.digits(w.message(id, n, append(args, "N", n)))
}

// Either returns the message id, or fallback's where the book has no such id.
// It serves ids that come from outside, such as a terminal's reasons.
func (w Words) Either(id, fallback string, args ...any) string {
	if _, err := w.local.Localize(&i18n.LocalizeConfig{MessageID: id}); err != nil {
		id = fallback
	}
	return w.T(id, args...)
}

func (w Words) message(id string, plural any, args []any) string {
	text, err := w.local.Localize(&i18n.LocalizeConfig{
		MessageID: id, PluralCount: plural, TemplateData: pairs(args),
	})
	if err != nil && text == "" {
		return id
	}
	return text
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
			if code, ok := args[i+1].(Code); ok {
				data[name] = strings.Map(shield, string(code))
			}
		}
	}
	return data
}

// shield hides a digit from [Words.digits], in a private use area of Unicode;
// unshield brings it back.
func shield(r rune) rune {
	if isDigit(r) {
		return r - '0' + shielded
	}
	return r
}

const shielded = '\ue0f0'

func unshield(r rune) rune {
	if r >= shielded && r <= shielded+9 {
		return r - shielded + '0'
	}
	return r
}

// Name chooses an article's name: this language's, else the plain one. Names
// come from files of strangers, so control characters are dropped.
func (w Words) Name(name string, names map[string]string) string {
	if own := names[w.tag]; own != "" {
		name = own
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || isBidi(r) || r != unshield(r) {
			return -1
		}
		return r
	}, name)
}
