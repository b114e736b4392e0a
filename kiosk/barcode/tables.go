package barcode

import (
	_ "embed" // the tables below
	"fmt"
	"strings"
)

var (
	//go:embed ai.txt
	aiText string
	//go:embed lists.txt
	listText string
	//go:embed prefixes.txt
	prefixText string
	//go:embed countries.txt
	countryText string
)

// use is what a GS1 prefix is for.
type use uint8

const (
	useArticle use = iota
	useInStore     // means something only with a pattern of this store
	useCoupon
	useVoucher
)

// currency is one row of ISO 4217.
type currency struct {
	code   string // letters
	digits int    // of the minor unit
}

// tables are the texts above, read.
type tables struct {
	dict       dictionary
	prefixes   [1000]use
	issuers    [1000]string
	charset    [256]uint8 // which sets a character is in
	value82    [256]uint8 // place of a character in set 82
	country    [1000]bool // ISO 3166 numeric
	countryAA  map[string]bool
	byNumber   [1000]currency
	byCode     map[string]currency
	packages   map[string]bool
	symbols    []carrier
	identifier [128][128]uint16   // place in symbols, by letter and modifier of a symbology identifier
	carriers   map[string]carrier // by the name in Options.Symbology
}

// rules is built once from the tables and never changes.
var rules = must(build()) //nolint:gochecknoglobals // read-only tables

// must stops the program at its start when a table shipped with it is wrong,
// which the package's tests would show first.
func must(t *tables, err error) *tables {
	if err != nil {
		panic(err)
	}
	return t
}

func build() (*tables, error) {
	t := &tables{}
	t.readCharsets()
	t.readCarriers()
	if err := t.readLists(listText); err != nil {
		return nil, err
	}
	if err := t.readPrefixes(prefixText); err != nil {
		return nil, err
	}
	if err := t.dict.read(aiText, t.checkByName); err != nil {
		return nil, err
	}
	return t, nil
}

// tableRows gives the columns of each line that is neither empty nor a remark.
func tableRows(text string, columns int) ([][]string, error) {
	var rows [][]string
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		row := strings.Split(line, "|")
		if len(row) != columns {
			return nil, fmt.Errorf("line %d: %d columns, not %d", i+1, len(row), columns)
		}
		for j := range row {
			if row[j] = strings.TrimSpace(row[j]); row[j] == "-" {
				row[j] = ""
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// The character sets of GS1 values (General Specifications 7.11), as bits.
const (
	setN uint8 = 1 << iota // digits
	setX                   // set 82
	setY                   // set 39
	setZ                   // set 64, without the = at the end
	setU                   // characters of an address, RFC 3986
)

const chars82 = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`

func (t *tables) readCharsets() {
	const digits, upper, lower = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
	add := func(set uint8, chars string) {
		for i := range len(chars) {
			t.charset[chars[i]] |= set
		}
	}
	add(setN, digits)
	add(setX, chars82)
	add(setY, "#-/"+digits+upper)
	add(setZ, "-_"+digits+upper+lower)
	add(setU, "-._~:/?#[]@!$&'()*+,;=%"+digits+upper+lower)
	for i := range len(chars82) {
		t.value82[chars82[i]] = uint8(i)
	}
}

func (t *tables) readPrefixes(text string) error {
	rows, err := tableRows(text, 3)
	if err != nil {
		return fmt.Errorf("prefixes: %w", err)
	}
	uses := map[string]use{"article": useArticle, "instore": useInStore, "coupon": useCoupon, "voucher": useVoucher}
	for _, row := range rows {
		from, to, _ := strings.Cut(row[0], "-")
		u, ok := uses[row[1]]
		if !ok || len(from) != 3 || len(to) != 3 || !allDigits(from+to) {
			return fmt.Errorf("prefixes: %s: not understood", row[0])
		}
		for n := number(from); n <= number(to); n++ {
			t.prefixes[n], t.issuers[n] = u, row[2]
		}
	}
	return nil
}

func (t *tables) readLists(text string) error {
	t.countryAA, t.byCode, t.packages = map[string]bool{}, map[string]currency{}, map[string]bool{}
	list := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			list = strings.Trim(line, "[]")
			continue
		}
		for code := range strings.FieldsSeq(line) {
			if !t.addCode(list, code) {
				return fmt.Errorf("lists: %s: %s: not understood", list, code)
			}
		}
	}
	return nil
}

func (t *tables) addCode(list, code string) bool {
	switch list {
	case "iso3166":
		if len(code) != 3 || !allDigits(code) {
			return false
		}
		t.country[number(code)] = true
	case "iso3166alpha2":
		t.countryAA[code] = true
	case "iso4217":
		if len(code) != 9 || code[3] != '/' || code[7] != '/' || !allDigits(code[:3]+code[8:]) {
			return false
		}
		c := currency{code: code[4:7], digits: int(code[8] - '0')}
		t.byNumber[number(code[:3])], t.byCode[c.code] = c, c
	case "packagetype":
		t.packages[code] = true
	default:
		return false
	}
	return true
}

// Issuer names the organisation that gave out a GTIN of 14 digits, or what its
// prefix is for; "" when the prefix is not given out. It is never the country
// of origin.
func Issuer(gtin string) string {
	if len(gtin) != 14 || !allDigits(gtin) {
		return ""
	}
	p := gtin[1:4]
	if gtin[:6] == "000000" && gtin[6] != '0' { // an EAN-8: its own first digits
		p = gtin[6:9]
	}
	return rules.issuers[number(p)]
}
