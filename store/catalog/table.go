package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
)

// A FileError is one thing wrong with a file.
type FileError struct {
	File   string
	Line   int    // from 1; 0: the file as a whole
	Column string // its name, or "" for the line as a whole
	Text   string // what is wrong, and the remedy
}

// Error returns FILE:LINE: COLUMN: TEXT.
func (p *FileError) Error() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
	}
	if p.Column != "" {
		s += ": " + p.Column
	}
	return s + ": " + p.Text
}

// maxProblems is how many problems one import names before it gives up.
const maxProblems = 20

// FileErrors is all that is wrong with the files of an import, a line each.
type FileErrors []*FileError

// Error lists the problems.
func (ps FileErrors) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// errEnough ends the reading after maxProblems.
var errEnough = errors.New("too many problems")

// A table reads one CSV file, a row at a time.
type table struct {
	name     string
	csv      *csv.Reader
	columns  []string
	index    map[string]int
	fields   []string
	line     int
	source   int // which of the import's files
	problems *FileErrors
	damaged  bool // something is wrong with the present row
}

// newTable reads the header line. A file whose header cannot be read has no
// table, but problems.
func newTable(name string, r io.Reader, problems *FileErrors) (*table, error) {
	t := &table{name: name, problems: problems, index: map[string]int{}}
	br := bufio.NewReaderSize(r, 1<<16)
	if mark, err := br.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = br.Discard(3) // it was peeked
	} else if bytes.HasPrefix(mark, []byte{0xff, 0xfe}) || bytes.HasPrefix(mark, []byte{0xfe, 0xff}) {
		t.line = 1
		return nil, t.bad("", "the file is in UTF-16; save it as UTF-8")
	}
	t.csv = csv.NewReader(br)
	t.csv.ReuseRecord = true
	t.csv.FieldsPerRecord = -1
	header, err := t.csv.Read()
	t.line = 1
	switch {
	case errors.Is(err, io.EOF):
		return nil, t.bad("", "the file is empty; its first line names the columns")
	case err != nil:
		return nil, t.broken(err)
	case len(header) == 1 && strings.ContainsAny(header[0], ";\t"):
		return nil, t.bad("", "columns are separated by semicolons or tabs; save the file with commas")
	}
	t.line, _ = t.csv.FieldPos(0)
	for i, c := range header {
		c = strings.TrimSpace(c)
		if _, twice := t.index[c]; twice && !strings.HasPrefix(c, "x_") {
			return nil, t.bad(shown(c), "the column stands twice; remove one")
		}
		t.index[c] = i
		t.columns = append(t.columns, c)
	}
	return t, nil
}

// only checks that the header has no columns but these, name_LANG or text_LANG
// (by prefix) and x_ columns, and those that must be there.
func (t *table) only(known []string, prefix string, must ...string) error {
	for _, c := range t.columns {
		lang, named := strings.CutPrefix(c, prefix)
		if slices.Contains(known, c) || strings.HasPrefix(c, "x_") || named && isLanguage(lang) {
			continue
		}
		if err := t.bad(shown(c), "unknown column; known are %s; a column of your own begins with x_",
			strings.Join(known, ", ")); err != nil {
			return err
		}
	}
	for _, c := range must {
		if _, ok := t.index[c]; ok {
			continue
		}
		if err := t.bad(c, "the column is missing; add it to the first line"); err != nil {
			return err
		}
	}
	return nil
}

func isLanguage(s string) bool {
	return (len(s) == 2 || len(s) == 3) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

// next reads a row; false at the end. A row that cannot be read is a problem,
// and ends the file: what follows cannot be told apart.
func (t *table) next() (bool, error) {
	for {
		fields, err := t.csv.Read()
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, t.broken(err)
		}
		t.line, _ = t.csv.FieldPos(0)
		t.fields, t.damaged = fields, false
		if len(fields) == len(t.columns) {
			return true, nil
		}
		err = t.bad("", "the line has %d fields, the header %d; put text with commas in double quotes", len(fields), len(t.columns))
		if err != nil {
			return false, err
		}
	}
}

// broken reports what encoding/csv or the file could not do.
func (t *table) broken(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	t.line = p.Line
	text := "the line is no CSV: " + p.Err.Error()
	switch {
	case errors.Is(p.Err, csv.ErrQuote) && p.StartLine != p.Line:
		text = fmt.Sprintf("a double quote of line %d is not closed; close it, and write each one inside a text twice", p.StartLine)
	case errors.Is(p.Err, csv.ErrQuote), errors.Is(p.Err, csv.ErrBareQuote):
		text = "a double quote stands alone; quote the whole text and write each one inside it twice"
	}
	return t.bad("", "%s", text)
}

// bad notes a problem of the present line. It returns an error only when there
// are enough.
func (t *table) bad(column, format string, args ...any) error {
	t.damaged = true
	*t.problems = append(*t.problems, &FileError{t.name, t.line, column, fmt.Sprintf(format, args...)})
	if len(*t.problems) >= maxProblems {
		return errEnough
	}
	return nil
}

// note is bad for the parsers of fields, whose caller looks at damaged; the
// limit is looked at between rows.
func (t *table) note(column, format string, args ...any) {
	_ = t.bad(column, format, args...) // see enough
}

// enough returns errEnough once there are maxProblems.
func (t *table) enough() error {
	if len(*t.problems) >= maxProblems {
		return errEnough
	}
	return nil
}

// shown makes foreign text fit for a message.
func shown(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}

// Limits of fields.
const (
	maxText  = 200 // letters
	maxLong  = 2000
	maxGrams = 1_000_000
	maxTare  = 100_000
	maxPack  = 999
	maxAge   = 99
)

// raw returns a field as it stands, "" if the file has no such column.
func (t *table) raw(column string) string {
	i, ok := t.index[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(t.fields[i])
}

// text returns a field fit to be shown: UTF-8, one line, not endless.
func (t *table) text(column string, most int) string {
	s := t.raw(column)
	switch {
	case !utf8.ValidString(s):
		t.note(column, "%s is not UTF-8; save the file as UTF-8", shown(s))
	case strings.ContainsFunc(s, unprintable):
		t.note(column, "%s has a line break, tab, control or direction character; remove it", shown(s))
	case utf8.RuneCountInString(s) > most:
		t.note(column, "the text has %d letters; shorten it to %d", utf8.RuneCountInString(s), most)
	default:
		return strings.Clone(s) // the reader reuses its buffer
	}
	return ""
}

// unprintable reports characters that could make a screen or receipt show
// something else than the file says. Joiners and marks of direction that
// Persian, Indic and Arabic names need are let through.
func unprintable(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029',
		r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// number returns a whole number from 0 to most, 0 where the field is empty.
func (t *table) number(column string, most int64) int64 {
	s := t.raw(column)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 63)
	switch {
	case err == nil && int64(n) <= most:
		return int64(n)
	case err == nil || errors.Is(err, strconv.ErrRange):
		t.note(column, "%s is too large; at most %d", shown(s), most)
	case strings.HasSuffix(column, "_minor") && strings.ContainsAny(s, ".,"):
		t.note(column, "%s has decimals; write whole minor units, such as 129 for 1.29", shown(s))
	default:
		t.note(column, "%s is not a whole number from 0 to %d", shown(s), most)
	}
	return 0
}

// milligrams returns a weight in grams with up to three decimals.
func (t *table) milligrams(column string) int64 {
	s := t.raw(column)
	if s == "" {
		return 0
	}
	whole, frac, _ := strings.Cut(s, ".")
	mg, err := strconv.ParseUint(whole+(frac + "000")[:3], 10, 63)
	if err != nil || whole == "" || len(frac) > 3 || mg > maxGrams*1000 {
		t.note(column, "%s is not a weight in grams; write a number like 734 or 73.5, up to three decimals, at most %d", shown(s), maxGrams)
		return 0
	}
	return int64(mg)
}

// per returns what a price is for; false if the field is empty.
func (t *table) per() (basket.Per, bool) {
	switch s := t.raw("per"); s {
	case "":
		return basket.Each, false
	case "each":
		return basket.Each, true
	case "kg":
		return basket.PerKilogram, true
	case "lb":
		return basket.PerPound, true
	case "100g":
		return basket.Per100Grams, true
	default:
		t.note("per", "%s is unknown; write each, kg, lb or 100g", shown(s))
		return basket.Each, false
	}
}

// gtin reads one GTIN into 14 digits.
func (t *table) gtin(s string) string {
	switch n := len(s); {
	case strings.Trim(s, "0123456789") != "":
		t.note("gtin", "%s is not a number of 8, 12, 13 or 14 digits", shown(s))
	case n != 8 && n != 12 && n != 13 && n != 14:
		t.note("gtin", "%s has %d digits; a GTIN has 8, 12, 13 or 14 (did a spreadsheet drop zeros in front?)", shown(s), n)
	case !barcode.ValidGTIN(s):
		t.note("gtin", "%s has the wrong check digit; it ends in %c", shown(s), barcode.CheckDigit(s[:n-1]))
	default:
		gtin, err := barcode.Normal(s)
		if err == nil {
			return gtin
		}
		t.note("gtin", "%s is no GTIN", shown(s)) // unreachable: just checked
	}
	return ""
}

// plu reads a produce code.
func (t *table) plu() string {
	s := t.raw("plu")
	if len(s) > 6 || strings.Trim(s, "0123456789") != "" {
		t.note("plu", "%s is not a number of up to 6 digits", shown(s))
		return ""
	}
	return strings.Clone(s)
}

// code reads the one GTIN, or else the PLU, of a row that speaks of an article.
func (t *table) code() string {
	if s := t.raw("gtin"); s != "" {
		return t.gtin(s)
	}
	if plu := t.plu(); plu != "" {
		return "plu:" + plu
	}
	if !t.damaged {
		t.note("gtin", "gtin and plu are both empty; write one of them")
	}
	return ""
}

// span reads valid_from and valid_until as Unix seconds, from the first to the
// first after.
func (t *table) span(zone *time.Location) (from, until int64) {
	until = forever
	if s := t.raw("valid_from"); s != "" {
		from = t.time("valid_from", s, zone, 0)
	}
	if s := t.raw("valid_until"); s != "" {
		until = t.time("valid_until", s, zone, 1)
	}
	if until <= from && !t.damaged {
		t.note("valid_until", "it ends before it begins; write a time after valid_from")
	}
	return from, until
}

// time reads a time with offset, or a date, which stands for its beginning in
// the store's zone, so many days later.
func (t *table) time(column, s string, zone *time.Location, days int) int64 {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.Unix()
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return day.AddDate(0, 0, days).Unix()
	}
	t.note(column, "%s is no time; write one like 2026-11-22T08:00:00+01:00, or a date like 2026-11-22", shown(s))
	return 0
}

// yes reads a field that is empty, yes or no.
func (t *table) yes(column string) bool {
	switch s := strings.ToLower(t.raw(column)); s {
	case "", "no", "false", "0":
		return false
	case "yes", "true", "1":
		return true
	default:
		t.note(column, "%s is neither yes nor no", shown(s))
		return false
	}
}

// languages reads the columns PREFIX_LANG that are not empty.
func (t *table) languages(prefix string, most int) map[string]string {
	var all map[string]string
	for _, c := range t.columns {
		lang, ok := strings.CutPrefix(c, prefix)
		if !ok || !isLanguage(lang) {
			continue
		}
		if s := t.text(c, most); s != "" {
			if all == nil {
				all = map[string]string{}
			}
			all[lang] = s
		}
	}
	return all
}
