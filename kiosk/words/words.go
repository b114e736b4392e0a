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
	"sync"

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

// A Book has the words of all languages. It reads a language when it is first
// asked for: a lane that speaks two keeps two in memory.
type Book struct {
	settings Settings

	mu     sync.RWMutex // guards the bundle: its look-ups read, load writes
	bundle *i18n.Bundle
	loaded map[string]bool // by the bundle's tag
}

// New reads the English messages, which the others fall back on.
func New(s Settings) (*Book, error) {
	b := &Book{bundle: i18n.NewBundle(language.English), settings: s, loaded: map[string]bool{}}
	if err := b.load("en"); err != nil {
		return nil, err
	}
	return b, nil
}

// need makes sure that a language's messages are there. Ours are built in and
// tested; one that could not be read would show English.
func (b *Book) need(tag string) {
	b.mu.RLock()
	loaded := b.loaded[tag]
	b.mu.RUnlock()
	if !loaded {
		_ = b.load(tag)
	}
}

func (b *Book) load(tag string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loaded[tag] {
		return nil // another was faster
	}
	b.loaded[tag] = true
	name := tag + ".toml"
	if tag == Pseudo || tag == pseudoRTLTag {
		name = "en.toml"
	}
	data, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("words: %w", err)
	}
	parsed, err := i18n.ParseMessageFileBytes(data, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err == nil && tag+".toml" != name {
		parsed.Messages = disguised(parsed.Messages)
	}
	if err == nil {
		err = b.bundle.AddMessages(language.MustParse(tag), parsed.Messages...)
	}
	if err != nil {
		return fmt.Errorf("words: %s: %w", tag, err)
	}
	return nil
}

// localize prints a message under the lock that load needs.
func (w Words) localize(c *i18n.LocalizeConfig) (string, error) {
	w.book.mu.RLock()
	defer w.book.mu.RUnlock()
	return w.local.Localize(c)
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
	b.need(inner)
	return Words{
		book:     b,
		tag:      tag,
		local:    i18n.NewLocalizer(b.bundle, inner),
		settings: b.settings,
		money:    newMoney(tag, b.settings),
	}
}

// Words are one language's words. They are safe for use by several goroutines.
type Words struct {
	book     *Book
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
	if _, err := w.localize(&i18n.LocalizeConfig{MessageID: id}); err != nil {
		id = fallback
	}
	return w.T(id, args...)
}

func (w Words) message(id string, plural any, args []any) string {
	text, err := w.localize(&i18n.LocalizeConfig{
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
