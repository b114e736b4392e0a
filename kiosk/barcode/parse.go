package barcode

import (
	"strings"
	"unicode/utf8"
)

// Parse says what one scanned or typed code means. Input is the data alone,
// without the framing of the wire; nothing is trimmed. It never fails and keeps
// no part of input; o may be nil. A Meaning may be copied freely.
func Parse(input []byte, o *Options) (m Meaning) {
	if o == nil {
		o = &Options{}
	}
	if len(input) == 13 && o.plainEAN() && m.parseEAN13(input, o) {
		return m
	}
	if !utf8.Valid(input) {
		m.Input = string([]rune(string(input))) // each broken byte becomes U+FFFD
		m.refuse(&fault{"charset", "not UTF-8"})
		return m
	}
	m.Input = string(input)
	m.parse(o)
	return m
}

// parse decides what reads the code, by its symbology identifier or, without
// one, by its form. The first that fits wins.
func (m *Meaning) parse(o *Options) {
	aim, c, data := o.carrier(m.Input)
	m.AIM, m.Symbology = aim, c.name
	if c.form != formGuess {
		m.parseForm(c.form, data, o)
		return
	}
	data = o.separators(data)
	switch {
	case data == "":
		m.unknown("empty")
	case allDigits(data):
		m.parseDigits(data, o)
	case o.claims(m, data):
	case isLink(data):
		m.Symbology = "gs1-digital-link"
		m.parseLink(data, o)
	case data[0] == '(':
		m.parseBracketed(data, o)
	case strings.Contains(data, gs):
		m.Symbology = "gs1"
		m.parseElements(strings.TrimPrefix(data, gs), o)
	default:
		m.unknown("nobody claims this text")
	}
}

func (m *Meaning) parseForm(f form, data string, o *Options) {
	switch f {
	case formElements:
		m.parseElements(o.separators(data), o)
	case formElementsECI:
		m.parseElements(o.separators(stripECI(data)), o)
	case formGuess, formText:
		m.parseText(data, o)
	case formTextECI:
		m.parseText(stripECI(data), o)
	case formPLU:
		m.parsePLU(data)
	case formITF:
		m.parseITF(data, o)
	default:
		m.parseRetail(f, data, o)
	}
}

// parseText reads what a general symbol holds: a code of this store, a Digital
// Link, or something that is not ours.
func (m *Meaning) parseText(data string, o *Options) {
	switch {
	case data == "":
		m.unknown("empty")
	case o.claims(m, data):
	case isLink(data):
		m.parseLink(data, o)
	default:
		m.unknown("nobody claims this text")
	}
}

// parseDigits goes by the number of digits. Eight are an EAN-8, never a UPC-E;
// add-ons glued on are taken only when the lane says so, for 14 and 13 digits
// would be ambiguous.
func (m *Meaning) parseDigits(data string, o *Options) {
	switch n := len(data); {
	case n == 13:
		m.Symbology = "ean-13"
		m.parseRetail(formEAN13, data, o)
	case n == 12:
		m.Symbology = "upc-a"
		m.parseRetail(formUPCA, data, o)
	case n == 8:
		m.Symbology = "ean-8"
		m.parseRetail(formEAN8, data, o)
	case n == 14:
		m.Symbology = "itf-14"
		m.parseITF(data, o)
	case o.AddOns && (n == 15 || n == 18):
		m.Symbology = "ean-13"
		m.parseRetail(formCombined, data, o)
	case o.claims(m, data):
	case n == 16 && data[:2] == "01", n == 20 && data[:2] == "00":
		m.Symbology = "gs1"
		m.parseElements(data, o)
	default:
		m.unknown("no code has this many digits")
	}
}

// parsePLU reads a produce code of the IFPS list: four digits from 3000, with a
// 9 in front when organic; 83000 to 84999. There is no check digit.
func (m *Meaning) parsePLU(data string) {
	n := int64(-1)
	if allDigits(data) && len(data) <= 5 {
		n = number(data)
	}
	switch {
	case len(data) == 4 && n >= 3000 && n <= 4999, len(data) == 5 && n >= 93000 && n <= 94999, n >= 83000 && n <= 84999:
		m.Kind, m.PLU = Article, data
	default:
		m.unknown("not a produce code")
	}
}

// parseElements reads an element string, the identifier in front removed.
func (m *Meaning) parseElements(data string, o *Options) {
	if len(data) > maxLength {
		m.refuse(&fault{"length", "an element string of that size does not exist"})
		return
	}
	var r found
	f := r.scan(data)
	m.settle(&r, f, "", o)
}

func (m *Meaning) parseBracketed(data string, o *Options) {
	if len(data) > maxLength {
		m.refuse(&fault{"length", "an element string of that size does not exist"})
		return
	}
	var r found
	f := r.bracketed(data)
	m.settle(&r, f, "", o)
}

// settle judges the elements together and says what they are. linear is the
// GTIN of an EAN or UPC that the elements stand over as a composite.
func (m *Meaning) settle(r *found, f *fault, linear string, o *Options) {
	if f == nil {
		also := uint16(0)
		if linear != "" {
			also = rules.dict.at2[1]
		}
		f = r.relate(o.Strict, also)
	}
	if f != nil {
		m.refuse(f)
		return
	}
	m.Elements = r.elements()
	var of Meaning // what the article number alone says; the elements say it better
	gtin := m.take(r, o)
	if gtin == "" {
		gtin = linear
	}
	switch {
	case m.Kind == Coupon:
		m.GTIN = gtin
	case gtin != "":
		of.classify(gtin, o)
		m.adopt(&of)
	case m.Number != "":
		m.Kind = Member
	default:
		m.unknown("nothing to sell")
	}
}

// adopt takes over what the article number says where no element says it.
func (m *Meaning) adopt(of *Meaning) {
	m.Kind, m.GTIN, m.Error, m.PLU, m.Pattern = of.Kind, of.GTIN, of.Error, of.PLU, of.Pattern
	m.Measure, m.Value = of.Measure, of.Value
	if m.NetWeightG == 0 {
		m.NetWeightG = of.NetWeightG
	}
	if m.PriceMinor == 0 && m.Currency == "" {
		m.PriceMinor, m.Currency = of.PriceMinor, of.Currency
	}
	if m.Count == 0 {
		m.Count = of.Count
	}
	if m.Coupon == "" {
		m.Coupon, m.CouponMinor = of.Coupon, of.CouponMinor
	}
	if m.Number == "" {
		m.Number = of.Number
	}
}
