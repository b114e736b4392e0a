package barcode

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Pattern is the layout of an in-store code (a restricted circulation number)
// of 13 digits, a UPC-A with a zero in front. Letters of Match, each run of
// one kind unbroken but I:
//
//	0-9  this digit              I  item, part of the look-up number
//	P    price                   W  weight
//	N    number of pieces        L  length
//	V    verifier of the four or five digits of the value
//	X    ignored                 C  check digit, always last
type Pattern struct {
	Match    string
	Decimals int    // of the value, 0 to 4
	Currency string // of a price, ISO 4217 letters; empty: the store's
	Unit     string // of a weight: kg (also when empty), g or lb
	Verify   string // strict (also when empty) or off: whether a wrong verifier refuses
	Key      string // zeroed (also when empty), or item: the item digits as PLU, too
	// Kind is Article (also when empty); Coupon or Voucher with a price that is
	// their value; Markdown with the new price, or N as per cent off.
	Kind Kind
}

// Prefix claims every code that begins with Match for a kind, before any other
// rule.
type Prefix struct {
	Match  string
	Kind   Kind   // Member, Staff, Ticket, Voucher or Coupon
	Length int    // of the whole code in characters; 0: any
	Check  string // ean (also when empty): codes of 8, 12, 13 or 14 digits need a right check digit; or none
	Number string // whole (also when empty) or rest: which part is Meaning.Number
}

// Patterns is what one store knows of its own codes. It is made once, by
// NewPatterns, ParsePatterns or Country, and only read afterwards. Nil knows
// nothing.
type Patterns struct {
	prefixes []Prefix
	rules    [10][]pattern // by their first digit
	currency string        // of the store, as its patterns tell
}

// pattern is a Pattern cut into what is needed at a scan.
type pattern struct {
	Pattern
	literals int
	value    span
	verifier int // place of V, or -1
	class    byte
}

type span struct{ from, to int }

// NewPatterns checks patterns and prefixes. It fails on the first that is not
// understood, and on two patterns of which one could never be reached.
func NewPatterns(patterns []Pattern, prefixes []Prefix) (*Patterns, error) {
	p := &Patterns{prefixes: slices.Clone(prefixes), currency: commonCurrency(patterns)}
	if err := p.addAll(patterns); err != nil {
		return nil, err
	}
	for i := range p.prefixes {
		if err := p.prefixes[i].check(); err != nil {
			return nil, fmt.Errorf("prefix %q: %w", p.prefixes[i].Match, err)
		}
	}
	slices.SortStableFunc(p.prefixes, func(a, b Prefix) int { return len(b.Match) - len(a.Match) })
	return p, nil
}

// addAll puts patterns behind those that are there, the most literal first.
func (p *Patterns) addAll(patterns []Pattern) error {
	var group Patterns
	for _, raw := range patterns {
		one, err := compile(raw)
		if err != nil {
			return fmt.Errorf("pattern %q: %w", raw.Match, err)
		}
		if err := group.insert(one); err != nil {
			return fmt.Errorf("pattern %q: %w", raw.Match, err)
		}
	}
	for i, rules := range group.rules {
		slices.SortStableFunc(rules, func(a, b pattern) int { return b.literals - a.literals })
		p.rules[i] = append(p.rules[i], rules...)
	}
	return nil
}

// commonCurrency is what most of the patterns with a price name.
func commonCurrency(patterns []Pattern) string {
	count, best := map[string]int{}, ""
	for _, p := range patterns {
		if p.Currency == "" {
			continue
		}
		if count[p.Currency]++; count[p.Currency] > count[best] {
			best = p.Currency
		}
	}
	return best
}

func (p *Patterns) insert(one pattern) error {
	bucket := &p.rules[one.Match[0]-'0']
	for _, have := range *bucket {
		if have.literal() == one.literal() && (have.verifier < 0 || one.verifier < 0 || have.verifier == one.verifier) {
			return fmt.Errorf("fits the same codes as %s", have.Match)
		}
	}
	*bucket = append(*bucket, one)
	return nil
}

// literal is Match with everything but literal digits blanked.
func (p *pattern) literal() string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return '.'
	}, p.Match)
}

func compile(raw Pattern) (pattern, error) {
	p := pattern{Pattern: raw, verifier: -1}
	if len(raw.Match) != 13 || strings.IndexByte(raw.Match, 'C') != 12 {
		return p, errors.New("not 13 characters with one C at the end")
	}
	if raw.Match[0]-'0' > 9 {
		return p, errors.New("does not begin with a digit")
	}
	items := 0
	for i := range 12 {
		switch c := raw.Match[i]; c {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			p.literals++
		case 'I':
			items++
		case 'X':
		case 'V':
			if p.verifier >= 0 {
				return p, errors.New("two verifiers")
			}
			p.verifier = i
		case 'P', 'W', 'N', 'L':
			if p.class != 0 && (p.class != c || p.value.to != i) {
				return p, errors.New("two values")
			}
			if p.class == 0 {
				p.class, p.value.from = c, i
			}
			p.value.to = i + 1
		default:
			return p, fmt.Errorf("letter %q is not known", c)
		}
	}
	if items == 0 {
		return p, errors.New("no item digits")
	}
	return p, p.checkOptions()
}

func (p *pattern) checkOptions() error {
	width := p.value.to - p.value.from
	_, known := rules.byCode[p.Currency]
	switch {
	case p.verifier >= 0 && width != 4 && width != 5:
		return errors.New("a verifier needs a value of 4 or 5 digits")
	case p.Decimals < 0 || p.Decimals > 4 || p.Decimals > width:
		return errors.New("decimals are 0 to 4, and not more than the value has digits")
	case p.Currency != "" && !known:
		return fmt.Errorf("currency %q is not known", p.Currency)
	case !slices.Contains([]string{"", "kg", "g", "lb"}, p.Unit):
		return fmt.Errorf("unit %q is not kg, g or lb", p.Unit)
	case !slices.Contains([]string{"", "strict", "off"}, p.Verify):
		return fmt.Errorf("verify %q is not strict or off", p.Verify)
	case !slices.Contains([]Kind{"", Article, Coupon, Voucher, Markdown}, p.Kind):
		return fmt.Errorf("kind %q is not article, coupon, voucher or markdown", p.Kind)
	case p.Kind == Markdown && p.class != 'P' && p.class != 'N':
		return errors.New("a markdown needs P, its new price, or N, per cent off")
	case !slices.Contains([]string{"", "zeroed", "item"}, p.Key):
		return fmt.Errorf("key %q is not zeroed or item", p.Key)
	}
	return nil
}

func (p *Prefix) check() error {
	switch {
	case p.Match == "":
		return errors.New("match is empty")
	case !slices.Contains([]Kind{Member, Staff, Ticket, Voucher, Coupon}, p.Kind):
		return fmt.Errorf("kind %q is not member, staff, ticket, voucher or coupon", p.Kind)
	case p.Length != 0 && p.Length < len(p.Match):
		return errors.New("length is shorter than match")
	case !slices.Contains([]string{"", "ean", "none"}, p.Check):
		return fmt.Errorf("check %q is not ean or none", p.Check)
	case !slices.Contains([]string{"", "whole", "rest"}, p.Number):
		return fmt.Errorf("number %q is not whole or rest", p.Number)
	}
	return nil
}

func (p *Prefix) fits(code string) bool {
	if p.Number == "rest" && len(code) == len(p.Match) {
		return false // nothing would be left
	}
	return strings.HasPrefix(code, p.Match) && (p.Length == 0 || p.Length == len(code))
}

func (p *Prefix) fill(m *Meaning, code string) {
	if p.Number == "rest" {
		code = code[len(p.Match):]
	}
	m.Kind = p.Kind
	if p.Kind == Coupon {
		m.Coupon = code
		return
	}
	m.Number = code
}

// claim gives a code to the longest prefix that fits.
func (p *Patterns) claim(m *Meaning, code string) bool {
	if p == nil || len(p.prefixes) == 0 {
		return false
	}
	unsound := false
	switch len(code) {
	case 8, 12, 13, 14:
		unsound = allDigits(code) && !checked(code)
	}
	for i := range p.prefixes {
		one := &p.prefixes[i]
		if one.fits(code) && (!unsound || one.Check == "none") {
			one.fill(m, code)
			return true
		}
	}
	return false
}

// claimUnchecked is for cards that look like an EAN but have no check digit.
func (p *Patterns) claimUnchecked(m *Meaning, code string) bool {
	if p == nil {
		return false
	}
	for i := range p.prefixes {
		if p.prefixes[i].Check == "none" && p.prefixes[i].fits(code) {
			p.prefixes[i].fill(m, code)
			return true
		}
	}
	return false
}

// read finds the pattern of a sound 13-digit code and fills in what it holds.
// The most literal pattern with a right verifier wins; when only verifiers are
// wrong the code is refused (General Specifications 7.9.2).
func (p *Patterns) read(m *Meaning, code string, o *Options) bool {
	wrong := false
	for i := range p.rules[code[0]-'0'] {
		one := &p.rules[code[0]-'0'][i]
		if !one.fits(code) {
			continue
		}
		if !one.verified(code) {
			wrong = true
			continue
		}
		one.fill(m, code, o)
		return true
	}
	if wrong {
		m.refuse(&fault{"price_check_digit", "the verifier of the price or weight is wrong"})
	}
	return wrong
}

func (p *pattern) fits(code string) bool {
	for i := range 12 {
		if c := p.Match[i]; c <= '9' && c != code[i] {
			return false
		}
	}
	return true
}

func (p *pattern) verified(code string) bool {
	return p.verifier < 0 || p.Verify == "off" || PriceVerifier(code[p.value.from:p.value.to]) == code[p.verifier]
}

func (p *pattern) fill(m *Meaning, code string, o *Options) {
	m.Kind, m.Pattern, m.GTIN = Article, p.Match, p.lookup(code)
	if p.Key == "item" {
		m.PLU = p.item(code)
	}
	if p.class != 0 {
		p.fillValue(m, code, o)
	}
	switch {
	case m.Kind == Unknown:
	case p.Kind == Markdown:
		m.Kind = Markdown
	case p.Kind == Coupon:
		m.Kind, m.Coupon, m.CouponMinor, m.PriceMinor = Coupon, code, m.PriceMinor, 0
	case p.Kind == Voucher:
		m.Kind, m.Number, m.CouponMinor, m.PriceMinor = Voucher, code, m.PriceMinor, 0
	}
}

func (p *pattern) fillValue(m *Meaning, code string, o *Options) {
	digits := code[p.value.from:p.value.to]
	v := number(digits)
	switch p.class {
	case 'W':
		unit := p.Unit
		if unit == "" {
			unit = "kg"
		}
		m.Measure, m.NetWeightG = "weight", grams(v, p.Decimals, unit)
	case 'P':
		m.Measure, m.Currency = "price", p.Currency
		if m.Currency == "" {
			m.Currency = o.currency()
		}
		amount, ok := minor(v, p.Decimals, m.Currency)
		if !ok {
			m.unknown("in-store code with a price finer than the currency")
			return
		}
		m.PriceMinor = amount
	case 'L':
		m.Measure, m.Value = "length", decimal(digits, p.Decimals)
	default:
		p.fillNumber(m, digits)
	}
}

// fillNumber reads pieces, another number, or what a sticker takes off.
func (p *pattern) fillNumber(m *Meaning, digits string) {
	v := number(digits)
	m.Measure, m.Value = "count", decimal(digits, p.Decimals)
	switch {
	case p.Kind == Markdown:
		m.Measure, m.PercentPPM = "percent", v*10_000/pow10(p.Decimals)
		if m.PercentPPM > 1_000_000 {
			m.PercentPPM = 0
			m.unknown("mark-down of more than all")
		}
	case p.Decimals == 0:
		m.Count = v
	default:
		m.Measure = "number"
	}
}

// lookup is the number in the catalogue: value, verifier and ignored digits
// zero, the check digit worked out anew, 14 digits. The verifier of zeros is
// zero.
func (p *pattern) lookup(code string) string {
	var b [14]byte
	b[0] = '0'
	copy(b[1:], code)
	for i := range 12 {
		if c := p.Match[i]; c > '9' && c != 'I' {
			b[i+1] = '0'
		}
	}
	sum := 0
	for i, c := range b[:13] {
		sum += int(c-'0') * (3 - 2*(i%2))
	}
	b[13] = byte('0' + (10-sum%10)%10)
	return string(b[:])
}

func (p *pattern) item(code string) string {
	var b []byte
	for i := range 12 {
		if p.Match[i] == 'I' {
			b = append(b, code[i])
		}
	}
	return string(b)
}
