package barcode

import "strings"

const (
	gs = "\x1d" // stands for FNC1 between elements

	maxElements = 64   // in one message
	maxLength   = 8192 // characters that any parser here looks at
)

// found is what a parser has read so far: place of the identifier in the
// dictionary and value, in the order read. It lives on the stack.
type found struct {
	n        int
	places   [maxElements]uint16
	values   [maxElements]string
	repeated bool // an identifier stands twice
}

func (r *found) entry(i int) *entry { return &rules.dict.entries[r.places[i]] }

// elements copies what was found.
func (r *found) elements() []Element {
	all := make([]Element, r.n)
	for i := range all {
		all[i] = Element{r.entry(i).code, r.values[i]}
	}
	return all
}

func (r *found) add(place uint16, value string) *fault {
	if r.n == maxElements {
		return &fault{"syntax", "too many elements"}
	}
	for i, p := range r.places[:r.n] {
		if p != place {
			continue
		}
		r.repeated = true
		if r.values[i] != value {
			return &fault{"repeated_ai", r.entry(i).code + " twice with different values"}
		}
	}
	r.places[r.n], r.values[r.n] = place, value
	r.n++
	return nil
}

// scan reads an element string as a scanner sends it: identifier after
// identifier, GS behind each value that has no predefined length (General
// Specifications 7.8). A GS too many is tolerated behind a value of predefined
// length and at the end.
func (r *found) scan(s string) *fault {
	if s == "" {
		return &fault{"syntax", "no data"}
	}
	for s != "" {
		place, digits := rules.dict.find(s)
		if place == 0 {
			return &fault{"unknown_ai", "no such application identifier"}
		}
		e := &rules.dict.entries[place]
		s = s[digits:]
		value := s
		if e.fixed != 0 && len(s) >= e.fixed {
			value = s[:e.fixed]
		}
		if end := strings.IndexByte(value, '\x1d'); end >= 0 {
			value = value[:end]
		}
		s = s[len(value):]
		if s != "" && s[0] == '\x1d' {
			s = s[1:]
		}
		if f := e.judge(value); f != nil {
			return f
		}
		if f := r.add(place, value); f != nil {
			return f
		}
	}
	return nil
}

// judge holds a value against the spec of its identifier.
func (e *entry) judge(v string) *fault {
	if v == "" {
		return &fault{"length", e.code + " has no value"}
	}
	if len(v) < e.least {
		return &fault{"length", e.code + " is too short"}
	}
	for i := range e.parts {
		p := &e.parts[i]
		if v == "" && p.optional {
			break
		}
		if len(v) < p.min {
			return &fault{"length", e.code + " is cut off"}
		}
		stretch := v[:min(len(v), p.max)]
		v = v[len(stretch):]
		if !inSet(stretch, p.set) {
			return &fault{"charset", e.code + " holds a character that it may not"}
		}
		for _, c := range p.checks {
			if f := c(stretch); f != nil {
				return &fault{f.class, e.code + ": " + f.detail}
			}
		}
	}
	if v != "" {
		return &fault{"length", e.code + " is too long"}
	}
	return nil
}

// inSet says whether s holds characters of one set only. Set 64 takes one or
// two = at the end when that makes the length a multiple of three.
func inSet(s string, set uint8) bool {
	if set == setZ {
		body := strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
		if len(body) != len(s) && len(s)%3 != 0 {
			return false
		}
		s = body
	}
	for i := range len(s) {
		if rules.charset[s[i]]&set == 0 {
			return false
		}
	}
	return true
}

// bracketed reads the form printed under a symbol, (01)...(10)...; a bracket
// inside a value is written \( there.
func (r *found) bracketed(s string) *fault {
	for s != "" {
		end := strings.IndexByte(s, ')')
		if s[0] != '(' || end < 0 {
			return &fault{"syntax", "no identifier in brackets"}
		}
		place := rules.dict.exact(s[1:end])
		if place == 0 {
			return &fault{"unknown_ai", "no such application identifier"}
		}
		var value string
		value, s = cutBracket(s[end+1:])
		if f := rules.dict.entries[place].judge(value); f != nil {
			return f
		}
		if f := r.add(place, value); f != nil {
			return f
		}
	}
	return nil
}

// cutBracket gives the value up to the next bracket that is not escaped.
func cutBracket(s string) (value, rest string) {
	for i := range len(s) {
		if s[i] != '(' {
			continue
		}
		if i > 0 && s[i-1] == '\\' {
			continue
		}
		s, rest = s[:i], s[i:]
		break
	}
	return strings.ReplaceAll(s, `\(`, "("), rest
}

// relate judges what elements ask of one another (dictionary columns excludes
// and needs); also is the place of an identifier that another symbol of the
// same item carries, or 0.
func (r *found) relate(strict bool, also uint16) *fault {
	places := r.places[:r.n]
	var joined [maxElements + 1]uint16
	if also != 0 {
		places = append(append(joined[:0], places...), also)
	}
	for _, place := range places {
		e := &rules.dict.entries[place]
		for _, not := range e.excludes {
			if hit := among(not, places, place); hit != 0 {
				return &fault{"exclusive_ai", e.code + " may not stand with " + rules.dict.entries[hit].code}
			}
		}
	}
	if !strict {
		return nil
	}
	for _, place := range places {
		if e := &rules.dict.entries[place]; !satisfied(e.needs, places) {
			return &fault{"missing_ai", e.code + " needs another element"}
		}
	}
	return r.signature()
}

func among(set idSet, places []uint16, except uint16) uint16 {
	for _, p := range places {
		if p != except && set.has(rules.dict.entries[p].code, rules.dict.numbers[p]) {
			return p
		}
	}
	return 0
}

func satisfied(needs [][]idSet, places []uint16) bool {
	if len(needs) == 0 {
		return true
	}
	for _, all := range needs {
		ok := true
		for _, one := range all {
			ok = ok && among(one, places, 0) != 0
		}
		if ok {
			return true
		}
	}
	return false
}

// signature asks for the serial part of a document, coupon or asset number
// that a digital signature (8030) stands with.
func (r *found) signature() *fault {
	signed := false
	for i := range r.n {
		signed = signed || r.entry(i).code == "8030"
	}
	if !signed {
		return nil
	}
	for i := range r.n {
		ai, n := r.entry(i).code, len(r.values[i])
		if ai == "253" && n == 13 || ai == "255" && n == 13 || ai == "8003" && n == 14 {
			return &fault{"missing_ai", "8030 needs the serial part of " + ai}
		}
	}
	return nil
}
