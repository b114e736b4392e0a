package barcode

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ElementString writes elements as a scanner sends them behind the symbology
// identifier, GS behind each value that needs one. Elements that no table row
// stands for are written as they are.
func ElementString(elements []Element) string {
	var b strings.Builder
	for i, e := range elements {
		b.WriteString(e.AI)
		b.WriteString(e.Value)
		if rules.dict.entries[rules.dict.exact(e.AI)].fixed == 0 && i < len(elements)-1 {
			b.WriteString(gs)
		}
	}
	return b.String()
}

// Bracketed writes elements as printed under a symbol.
func Bracketed(elements []Element) string {
	var b strings.Builder
	for _, e := range elements {
		b.WriteByte('(')
		b.WriteString(e.AI)
		b.WriteByte(')')
		b.WriteString(strings.ReplaceAll(e.Value, "(", `\(`))
	}
	return b.String()
}

// Link writes elements as a GS1 Digital Link below stem, such as
// "https://id.gs1.org": the first key among them, its qualifiers in order, everything else as
// attributes, those of predefined length first. It fails when the elements hold
// no key, break a rule, or do not fit into one address.
func Link(elements []Element, stem string) (string, error) {
	var r found
	key := -1
	for i, e := range elements {
		place := rules.dict.exact(e.AI)
		if place == 0 {
			return "", &fault{"unknown_ai", "no such application identifier"}
		}
		if f := rules.dict.entries[place].judge(e.Value); f != nil {
			return "", f
		}
		if slices.Contains(elements[:i], e) {
			continue // twice the same says nothing more
		}
		if f := r.add(place, e.Value); f != nil {
			return "", f
		}
		if rules.dict.entries[place].key && key < 0 {
			key = r.n - 1
		}
	}
	if key < 0 {
		return "", &fault{"dl_no_key", "no GS1 key among the elements"}
	}
	uri := strings.TrimSuffix(stem, "/") + r.address(key)
	var again found
	if f := again.link(uri, &Options{}); f != nil {
		return "", f
	}
	return uri, nil
}

// address is path and query with the key at that place.
func (r *found) address(key int) string {
	var b strings.Builder
	onPath := make([]bool, r.n)
	segment := func(i int) {
		onPath[i] = true
		b.WriteString("/" + r.entry(i).code + "/")
		escape(&b, r.values[i])
	}
	segment(key)
	for _, ai := range r.bestPath(r.entry(key)) {
		for i := range r.n {
			if r.entry(i).code == ai && !onPath[i] {
				segment(i)
			}
		}
	}
	mark := byte('?')
	for _, predefined := range []bool{true, false} {
		for i := range r.n {
			if onPath[i] || (r.entry(i).fixed != 0) != predefined {
				continue
			}
			b.WriteByte(mark)
			b.WriteString(r.entry(i).code + "=")
			escape(&b, r.values[i])
			mark = '&'
		}
	}
	return b.String()
}

// bestPath is the qualifier sequence of the key that takes in most elements.
func (r *found) bestPath(key *entry) []string {
	var best []string
	most := 0
	for _, sequence := range key.paths {
		n := 0
		for _, ai := range sequence {
			for i := range r.n {
				if r.entry(i).code == ai {
					n++
				}
			}
		}
		if n > most {
			best, most = sequence, n
		}
	}
	return best
}

// escape percent-encodes all that is not unreserved in RFC 3986.
func escape(b *strings.Builder, s string) {
	for i := range len(s) {
		c := s[i]
		if rules.charset[c]&setZ != 0 || c == '.' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
}

const upperHex = "0123456789ABCDEF"

// MarshalJSON is AppendJSON for package encoding/json.
func (m Meaning) MarshalJSON() ([]byte, error) { return m.AppendJSON(nil), nil }

// AppendJSON adds the object that `kassa barcode` prints to b: all the fields
// of the contract, then those of the rest that are not empty. Control
// characters and the characters that mean something in HTML are escaped.
func (m *Meaning) AppendJSON(b []byte) []byte {
	b = appendText(append(b, '{'), "input", m.Input)
	b = appendText(append(b, ','), "aim", m.AIM)
	b = appendText(append(b, ','), "kind", string(m.Kind))
	b = appendText(append(b, ','), "symbology", m.Symbology)
	b = appendText(append(b, ','), "gtin", m.GTIN)
	b = append(b, `,"elements":[`...)
	for i, e := range m.Elements {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, '{'), "ai", e.AI)
		b = appendText(append(b, ','), "value", e.Value)
		b = append(b, '}')
	}
	b = append(b, ']', ',')
	b = appendText(b, "lot", m.Lot)
	b = appendText(append(b, ','), "serial", m.Serial)
	b = appendText(append(b, ','), "expires", m.Expires)
	b = appendText(append(b, ','), "best_before", m.BestBefore)
	b = appendNumber(append(b, ','), "net_weight_g", m.NetWeightG)
	b = appendNumber(append(b, ','), "price_minor", int64(m.PriceMinor))
	b = appendText(append(b, ','), "currency", m.Currency)
	b = appendNumber(append(b, ','), "count", m.Count)
	b = appendText(append(b, ','), "coupon", m.Coupon)
	b = appendText(append(b, ','), "error", m.Error)
	return append(m.appendRest(b), '}')
}

func (m *Meaning) appendRest(b []byte) []byte {
	for _, field := range [...]struct{ name, value string }{
		{"number", m.Number},
		{"addon", m.AddOn},
		{"plu", m.PLU},
		{"pattern", m.Pattern},
		{"measure", m.Measure},
		{"value", m.Value},
		{"sell_by", m.SellBy},
		{"expires_time", m.ExpiresTime},
	} {
		if field.value != "" {
			b = appendText(append(b, ','), field.name, field.value)
		}
	}
	if m.UnitPriceMinor != 0 {
		b = appendNumber(append(b, ','), "unit_price_minor", int64(m.UnitPriceMinor))
	}
	if m.CouponMinor != 0 {
		b = appendNumber(append(b, ','), "coupon_minor", int64(m.CouponMinor))
	}
	return b
}

func appendNumber(b []byte, name string, v int64) []byte {
	b = append(append(append(b, '"'), name...), `":`...)
	return strconv.AppendInt(b, v, 10)
}

func appendText(b []byte, name, s string) []byte {
	b = append(append(append(b, '"'), name...), `":"`...)
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				b = append(b, s[from:i]...)
				b = appendRune(b, r)
				from = i + size
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
		} else {
			b = appendRune(b, rune(c))
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// appendRune writes \u and four digits.
func appendRune(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
