package barcode

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// entry is one application identifier with its rules.
type entry struct {
	code     string
	fixed    int // digits of a value of predefined length, else 0
	query    bool
	parts    []part
	least    int // characters that a value has at least
	needs    [][]idSet
	excludes []idSet
	key      bool       // primary key of a Digital Link
	paths    [][]string // qualifier sequences of the key, at least the empty one
	must     bool       // the qualifier may not be left out
	title    string
	role     role
}

// part is a stretch of a value with one character set.
type part struct {
	set      uint8
	min, max int
	optional bool
	checks   []check
}

// idSet stands for one identifier or, with n in its name, for several alike.
type idSet struct {
	digits   int
	from, to uint16
}

func (s idSet) has(code string, number uint16) bool {
	return len(code) == s.digits && number >= s.from && number <= s.to
}

// dictionary is ai.txt, read. Places in entries stand in at2, at3 and at4 by
// the identifier's number; 0 is "no such identifier".
type dictionary struct {
	entries []entry
	numbers []uint16
	digits  [100]uint8 // how many digits an identifier has, by its first two
	fixed   [100]uint8 // identifier and value together, by the first two; 0: no predefined length
	at2     [100]uint16
	at3     [1000]uint16
	at4     [10000]uint16
	// qualifiers are the identifiers that some key of a Digital Link takes.
	qualifiers map[string]bool
}

// find gives the place of the identifier at the start of s, and how many
// digits it has; 0 when s does not begin with one.
func (d *dictionary) find(s string) (place uint16, digits int) {
	if len(s) < 2 || s[0]-'0' > 9 || s[1]-'0' > 9 {
		return 0, 0
	}
	n := int(s[0]-'0')*10 + int(s[1]-'0')
	digits = int(d.digits[n])
	if digits == 2 {
		return d.at2[n], 2
	}
	if digits == 0 || len(s) < digits {
		return 0, 0
	}
	for i := 2; i < digits; i++ {
		if s[i]-'0' > 9 {
			return 0, 0
		}
		n = n*10 + int(s[i]-'0')
	}
	if digits == 3 {
		return d.at3[n], 3
	}
	return d.at4[n], 4
}

// exact is find for a whole identifier.
func (d *dictionary) exact(ai string) uint16 {
	place, n := d.find(ai)
	if n != len(ai) {
		return 0
	}
	return place
}

func (d *dictionary) read(text string, checks func(name string) check) error {
	rows, err := tableRows(text, 7)
	if err != nil {
		return fmt.Errorf("application identifiers: %w", err)
	}
	d.qualifiers = map[string]bool{}
	d.entries, d.numbers = make([]entry, 1, 600), make([]uint16, 1, 600) // place 0 is taken by "none"
	for _, row := range rows {
		if err := d.addRow(row, checks); err != nil {
			return fmt.Errorf("application identifiers: %s: %w", row[0], err)
		}
	}
	return nil
}

func (d *dictionary) addRow(row []string, checks func(string) check) error {
	from, to, isRange := strings.Cut(row[0], "-")
	if !isRange {
		to = from
	}
	if len(from) < 2 || len(from) > 4 || len(from) != len(to) || !allDigits(from+to) || from > to {
		return errors.New("not an identifier")
	}
	e := entry{query: strings.Contains(row[1], "Q"), title: row[6]}
	if err := e.readSpec(row[2], strings.Contains(row[1], "F"), checks); err != nil {
		return err
	}
	var err error
	if e.needs, err = readNeeds(row[3]); err != nil {
		return err
	}
	if e.excludes, err = readSets(row[4], ","); err != nil {
		return err
	}
	e.readKey(row[5])
	for _, sequence := range e.paths {
		for _, ai := range sequence {
			d.qualifiers[ai] = true
		}
	}
	for n := number(from); n <= number(to); n++ {
		one := e
		one.code = fmt.Sprintf("%0*d", len(from), n)
		one.role = roleOf(one.code)
		if err := d.add(one, uint16(n)); err != nil {
			return err
		}
	}
	return nil
}

func (d *dictionary) add(e entry, n uint16) error {
	first := num2(e.code)
	if have := int(d.digits[first]); have != 0 && have != len(e.code) {
		return fmt.Errorf("others that begin alike have %d digits", have)
	}
	d.digits[first] = uint8(len(e.code))
	if e.fixed != 0 {
		d.fixed[first] = uint8(len(e.code) + e.fixed)
	}
	place := uint16(len(d.entries))
	slot := &d.at4[n]
	switch len(e.code) {
	case 2:
		slot = &d.at2[n]
	case 3:
		slot = &d.at3[n]
	}
	if *slot != 0 {
		return fmt.Errorf("%s: stands there twice", e.code)
	}
	*slot = place
	d.entries, d.numbers = append(d.entries, e), append(d.numbers, n)
	return nil
}

func (e *entry) readSpec(spec string, predefined bool, checks func(string) check) error {
	total := 0
	for field := range strings.FieldsSeq(spec) {
		p, err := readPart(field, checks)
		if err != nil {
			return err
		}
		if len(e.parts) > 0 && e.parts[len(e.parts)-1].min != e.parts[len(e.parts)-1].max {
			return errors.New("only the last part may vary in length")
		}
		e.parts = append(e.parts, p)
		if !p.optional {
			e.least += p.min
		}
		total += p.max
	}
	if len(e.parts) == 0 {
		return errors.New("no spec")
	}
	if predefined {
		if e.least != total {
			return errors.New("predefined, but its length varies")
		}
		e.fixed = total
	}
	return nil
}

func readPart(field string, checks func(string) check) (part, error) {
	var p part
	names := strings.Split(field, ",")
	form := names[0]
	if strings.HasPrefix(form, "[") && strings.HasSuffix(form, "]") {
		p.optional, form = true, form[1:len(form)-1]
	}
	sets := map[byte]uint8{'N': setN, 'X': setX, 'Y': setY, 'Z': setZ}
	if form == "" || sets[form[0]] == 0 {
		return p, fmt.Errorf("part %q: no such character set", field)
	}
	p.set = sets[form[0]]
	size := strings.TrimPrefix(form[1:], "..")
	n, err := strconv.Atoi(size)
	if err != nil || n < 1 || n > 90 {
		return p, fmt.Errorf("part %q: no length", field)
	}
	p.min, p.max = n, n
	if size != form[1:] {
		p.min = 1
	}
	for _, name := range names[1:] {
		c := checks(name)
		if c == nil {
			return p, fmt.Errorf("part %q: no such check", field)
		}
		p.checks = append(p.checks, c)
	}
	return p, nil
}

func readNeeds(s string) ([][]idSet, error) {
	if s == "" {
		return nil, nil
	}
	var needs [][]idSet
	for alternative := range strings.SplitSeq(s, ",") {
		sets, err := readSets(alternative, "+")
		if err != nil {
			return nil, err
		}
		needs = append(needs, sets)
	}
	return needs, nil
}

func readSets(s, separator string) ([]idSet, error) {
	if s == "" {
		return nil, nil
	}
	var sets []idSet
	for name := range strings.SplitSeq(s, separator) {
		low, high := strings.ReplaceAll(name, "n", "0"), strings.ReplaceAll(name, "n", "9")
		if len(name) < 2 || len(name) > 4 || !allDigits(low) {
			return nil, fmt.Errorf("%q: not an identifier", name)
		}
		sets = append(sets, idSet{len(name), uint16(number(low)), uint16(number(high))})
	}
	return sets, nil
}

func (e *entry) readKey(s string) {
	if s == "" {
		return
	}
	e.key = true
	if s == "key" {
		return
	}
	e.must = strings.HasSuffix(s, "!")
	for sequence := range strings.SplitSeq(strings.TrimSuffix(s, "!"), "/") {
		e.paths = append(e.paths, strings.Split(sequence, ","))
	}
}
