package barcode

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Lengths of General Specifications 7.8: identifier and value of those that
// need no separator, by their first two digits.
func TestPredefinedLengths(t *testing.T) {
	want := map[int]uint8{0: 20, 1: 16, 2: 16, 3: 16, 41: 16, 20: 4}
	for first := 11; first <= 19; first++ {
		want[first] = 8
	}
	for first := 31; first <= 36; first++ {
		want[first] = 10
	}
	for first, length := range rules.dict.fixed {
		if length != want[first] && length != 0 {
			t.Errorf("%02d: %d, want %d", first, length, want[first])
		}
	}
	for _, e := range rules.dict.entries[1:] {
		first := num2(e.code)
		if wanted := int(want[first]); (e.fixed != 0) != (wanted != 0) || wanted != 0 && len(e.code)+e.fixed != wanted {
			t.Errorf("%s: value of %d, want %d with the identifier", e.code, e.fixed, wanted)
		}
	}
	if got := len(rules.dict.entries) - 1; got < 500 {
		t.Errorf("only %d identifiers", got)
	}
}

// One line is all that a new identifier takes.
func TestOneLineAddsAnIdentifier(t *testing.T) {
	tables, err := build()
	if err != nil {
		t.Fatal(err)
	}
	var d dictionary
	text := aiText + "8999 | Q | N3,iso3166 X..5 | 01 | 10 | - | A NEW ONE\n"
	if err := d.read(text, tables.checkByName); err != nil {
		t.Fatal(err)
	}
	e := d.entries[d.exact("8999")]
	if e.title != "A NEW ONE" || e.judge("276ABC") != nil || e.judge("277ABC") == nil || e.judge("276") == nil || len(e.excludes) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestTableMistakes(t *testing.T) {
	for _, line := range []string{
		"01 | F | N14",
		"1 | - | N14 | - | - | - | T",
		"0x | - | N14 | - | - | - | T",
		"3105-3100 | - | N6 | - | - | - | T",
		"01 | - | Q14 | - | - | - | T",
		"01 | - | - | - | - | - | T",
		"01 | - | N | - | - | - | T",
		"01 | - | N91 | - | - | - | T",
		"01 | - | N14,nosuchcheck | - | - | - | T",
		"01 | - | X..3 N2 | - | - | - | T",
		"01 | F | X..3 | - | - | - | T",
		"01 | - | N2 | x | - | - | T",
		"01 | - | N2 | - | 1 | - | T",
		"01 | - | N2 | - | - | - | T\n01 | - | N2 | - | - | - | T",
		"01 | - | N2 | - | - | - | T\n012 | - | N2 | - | - | - | T",
	} {
		var d dictionary
		if err := d.read(line+"\n", rules.checkByName); err == nil {
			t.Errorf("%q: taken", line)
		}
	}
	var tables tables
	for _, text := range []string{"[iso3166]\nDE", "[iso4217]\n978", "[nothing]\n1", "1"} {
		if err := tables.readLists(text); err == nil {
			t.Errorf("list %q: taken", text)
		}
	}
	for _, text := range []string{"1-2 | article | x", "100-200 | something | x", "100-200 | article"} {
		if err := tables.readPrefixes(text); err == nil {
			t.Errorf("prefix %q: taken", text)
		}
	}
}

// Every identifier that a rule names exists.
func TestRelationsNameIdentifiers(t *testing.T) {
	exists := func(s idSet) bool {
		return slices.ContainsFunc(rules.dict.entries[1:], func(e entry) bool { return s.has(e.code, uint16(number(e.code))) })
	}
	for _, e := range rules.dict.entries[1:] {
		for _, s := range append(slices.Concat(e.needs...), e.excludes...) {
			if !exists(s) {
				t.Errorf("%s: names %0*d, which is none", e.code, s.digits, s.from)
			}
		}
		for _, ai := range slices.Concat(e.paths...) {
			if rules.dict.exact(ai) == 0 {
				t.Errorf("%s: qualifier %s is none", e.code, ai)
			}
		}
	}
}

// A sample of sound values for the checks of lint.go.
func sampleOf(name string, r *rand.Rand) string {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	switch name {
	case "yymmd0":
		return fmt.Sprintf("%02d%02d%02d", r.IntN(100), 1+r.IntN(12), r.IntN(29))
	case "yymmdd":
		return fmt.Sprintf("%02d%02d%02d", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28))
	case "yyyymmdd":
		return fmt.Sprintf("%04d%02d%02d", 1900+r.IntN(200), 1+r.IntN(12), 1+r.IntN(28))
	case "hh":
		return fmt.Sprintf("%02d", r.IntN(24))
	case "mi", "ss":
		return fmt.Sprintf("%02d", r.IntN(60))
	case "hhmi":
		return fmt.Sprintf("%02d%02d", r.IntN(24), r.IntN(60))
	case "iso3166":
		return pick("276", "056", "752")
	case "iso3166999":
		return pick("276", "999")
	case "iso3166alpha2":
		return pick("DE", "US")
	case "iso4217":
		return pick("978", "392")
	case "iso5218":
		return pick("0", "9")
	case "yesno":
		return pick("0", "1")
	case "winding":
		return pick("0", "1", "9")
	case "mediatype":
		return pick("01", "10", "80", "99")
	case "packagetype":
		return pick("CT", "1A", "201")
	case "importeridx":
		return pick("A", "_", "-", "9")
	case "hyphen":
		return "-"
	case "zero":
		return "0"
	case "posinseqslash":
		return pick("1/1", "2/3")
	case "pieceoftotal":
		return pick("0102", "0202")
	case "latitude":
		return pick("1800000000", "0279085848")
	case "longitude":
		return pick("3600000000", "3015297971")
	case "iban":
		return "DE91100000000123456789"
	case "couponcode":
		return "106141416543213500110000310123196000"
	case "couponposoffer":
		return "001234561234560123456"
	case "csumalpha":
		body := "1987654Ad4X4bL5ttr2310c"[:4+r.IntN(20)]
		return body + CheckPair(body)
	case "pcenc":
		return pick("%20", "A%C3%A4", "Z")
	default:
		return ""
	}
}

// sample makes a sound value for an identifier.
func (e *entry) sample(r *rand.Rand) string {
	v := ""
	for _, p := range e.parts {
		if p.optional && r.IntN(2) == 0 {
			break
		}
		v += p.sample(r, checksOf(e.code, &p))
	}
	return v
}

// checksOf gives the names of a part's checks, from the table's text.
func checksOf(code string, p *part) []string {
	for line := range strings.Lines(aiText) {
		columns := strings.Split(line, "|")
		from, to, isRange := strings.Cut(strings.TrimSpace(columns[0]), "-")
		if from != code && (!isRange || code < from || code > to || len(code) != len(from)) {
			continue
		}
		i := slices.IndexFunc(rules.dict.entries[rules.dict.exact(code)].parts, func(q part) bool {
			return q.set == p.set && q.min == p.min && q.max == p.max && q.optional == p.optional && len(q.checks) == len(p.checks)
		})
		return strings.Split(strings.Fields(columns[2])[i], ",")[1:]
	}
	return nil
}

func (p *part) sample(r *rand.Rand, checks []string) string {
	for _, name := range checks {
		if v := sampleOf(name, r); v != "" {
			return v
		}
	}
	n := p.min + r.IntN(p.max-p.min+1)
	chars := map[uint8]string{
		setN: "0123456789", setX: chars82, setY: "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", setZ: "abcXYZ019-_",
	}[p.set]
	b := make([]byte, n)
	for i := range b {
		b[i] = chars[r.IntN(len(chars))]
	}
	for _, name := range checks {
		switch name {
		case "gcppos1", "gcppos2":
			b = append([]byte("09506"), b...)[:max(n, 5)]
		case "nonzero", "nozeroprefix":
			b[0] = '1'
		case "pcenc":
			for i := range b {
				if b[i] == '%' {
					b[i] = '_'
				}
			}
		}
	}
	if slices.Contains(checks, "csum") {
		b[len(b)-1] = CheckDigit(string(b[:len(b)-1]))
	}
	return string(b)
}

// Each identifier takes its own samples, cuts and stretches them not.
func TestEveryIdentifier(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range rules.dict.entries[1:] {
		e := &rules.dict.entries[i+1]
		for range 20 {
			v := e.sample(r)
			if f := e.judge(v); f != nil {
				t.Errorf("(%s)%s: %v", e.code, v, f)
			}
			if f := e.judge(v + strings.Repeat("0", 91)); f == nil {
				t.Errorf("(%s)%s and more: taken", e.code, v)
			}
			if f := e.judge(v[:e.least-1]); f == nil {
				t.Errorf("(%s)%s: taken", e.code, v[:e.least-1])
			}
			if f := e.judge("\x00" + v[1:]); f == nil {
				t.Errorf("(%s) with a NUL: taken", e.code)
			}
		}
	}
}

// Parse, print, parse: a message of any elements reads the same in each form.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	o := &Options{Today: Date{2026, 11, 22}}
	links := 0
	for range 2000 {
		var elements []Element
		for range 1 + r.IntN(6) {
			e := &rules.dict.entries[1+r.IntN(len(rules.dict.entries)-1)]
			elements = append(elements, Element{e.code, e.sample(r)})
		}
		if r.IntN(2) == 0 {
			elements = append(elements, Element{"01", "09506000134352"})
		}
		m := Parse([]byte("]d2"+ElementString(elements)), o)
		if m.Kind == Invalid {
			continue // elements that exclude one another
		}
		if !equalElements(m.Elements, elements) {
			t.Fatalf("%v reads as %v", elements, m.Elements)
		}
		if again := Parse([]byte(Bracketed(elements)), o); !sameSale(again, m) {
			t.Fatalf("%s\nreads as %+v\nnot      %+v", Bracketed(elements), again, m)
		}
		link, err := Link(m.Elements, "https://id.gs1.org")
		if err != nil {
			continue // no key, or elements that no address takes
		}
		links++
		again := Parse([]byte(link), o)
		sortElements(again.Elements)
		sortElements(m.Elements)
		m.Elements = slices.Compact(m.Elements)
		if !equalElements(again.Elements, m.Elements) {
			t.Fatalf("%s\nreads as %v (%s)\nnot      %v", link, again.Elements, again.Error, m.Elements)
		}
	}
	if links < 50 {
		t.Errorf("only %d links", links)
	}
}

func sortElements(all []Element) {
	slices.SortFunc(all, func(a, b Element) int { return strings.Compare(a.AI+a.Value, b.AI+b.Value) })
}

// sameSale says whether two readings mean the same, however they were written.
func sameSale(a, b Meaning) bool {
	a.Input, a.AIM, a.Symbology = b.Input, b.AIM, b.Symbology
	return equalElements(a.Elements, b.Elements) && string(a.AppendJSON(nil)) == string(b.AppendJSON(nil))
}
