package barcode

import (
	"slices"
	"strings"
)

// form is how the data of a symbol is read.
type form uint8

const (
	formGuess    form = iota // digits by their number, else text
	formEAN13                // 13 digits; 12 and 8 of scanners that do not expand
	formEAN8                 // 8 digits
	formUPCA                 // 12 digits
	formUPCE                 // 6 or 8 digits, 12 or 13 when expanded before
	formUPCEN                // seven digits: number system and body
	formUPCEC                // seven digits: body and check digit
	formAddOn2               // an add-on alone
	formAddOn5               //
	formCombined             // EAN-13 and its add-on, 15 or 18 digits
	formITF                  // 14 digits are a GTIN
	formElements             // GS1 element string
	formElementsECI
	formText // opaque, or a Digital Link
	formTextECI
	formPLU // keyed produce code
)

// carrier is a symbology with the way its data is read.
type carrier struct {
	name string
	form form
}

// readCarriers lists the symbology identifiers of ISO/IEC 15424 that a till
// meets, and the names for Options.Symbology. What stands in neither is text.
func (t *tables) readCarriers() {
	known := map[string]carrier{
		"E0": {"ean-13", formEAN13}, "E1": {"ean-2", formAddOn2}, "E2": {"ean-5", formAddOn5},
		"E3": {"ean-13", formCombined}, "E4": {"ean-8", formEAN8},
		"I0": {"itf", formITF}, "I1": {"itf", formITF}, "I3": {"itf", formITF},
		"C0": {"code-128", formText}, "C1": {"gs1-128", formElements}, "C2": {"code-128", formText}, "C4": {"code-128", formText},
		"e0": {"gs1-databar", formElements}, "e1": {"gs1-composite", formElements},
		"e2": {"gs1-composite", formText}, "e3": {"gs1-composite", formText},
		"d0": {"datamatrix", formText}, "d1": {"datamatrix", formText}, "d2": {"gs1-datamatrix", formElements},
		"d3": {"datamatrix", formText}, "d4": {"datamatrix", formTextECI}, "d5": {"gs1-datamatrix", formElementsECI},
		"d6": {"datamatrix", formTextECI},
		"Q0": {"qr", formText}, "Q1": {"qr", formText}, "Q2": {"qr", formTextECI}, "Q3": {"gs1-qr", formElements},
		"Q4": {"gs1-qr", formElementsECI}, "Q5": {"qr", formText}, "Q6": {"qr", formTextECI},
		"J0": {"dotcode", formText}, "J1": {"gs1-dotcode", formElements}, "J2": {"dotcode", formText},
		"J3": {"dotcode", formText}, "J4": {"gs1-dotcode", formElementsECI}, "J5": {"dotcode", formTextECI},
	}
	letters := map[string]string{
		"A": "code-39", "F": "codabar", "G": "code-93", "L": "pdf417", "z": "aztec", "X": "other", "H": "code-11", "M": "msi",
		"S": "2-of-5", "R": "2-of-5", "U": "maxicode", "h": "han-xin",
	}
	for letter, name := range letters {
		for i := range modifiers {
			known[letter+modifiers[i:i+1]] = carrier{name, formText}
		}
	}
	t.symbols = make([]carrier, 1, 1+len(known))
	for name, c := range known {
		t.identifier[name[0]][name[1]] = uint16(len(t.symbols))
		t.symbols = append(t.symbols, c)
	}
	t.carriers = map[string]carrier{
		"ean-13": {"ean-13", formEAN13}, "ean-8": {"ean-8", formEAN8}, "upc-a": {"upc-a", formUPCA},
		"upc-e": {"upc-e", formUPCE}, "upc-e-system": {"upc-e", formUPCEN}, "upc-e-check": {"upc-e", formUPCEC},
		"itf-14": {"itf-14", formITF}, "gtin-14": {"itf-14", formITF}, "itf": {"itf", formITF},
		"gs1-128": {"gs1-128", formElements}, "gs1-databar": {"gs1-databar", formElements},
		"gs1-datamatrix": {"gs1-datamatrix", formElements}, "gs1-qr": {"gs1-qr", formElements},
		"gs1-dotcode": {"gs1-dotcode", formElements}, "code-128": {"code-128", formText},
		"code-39": {"code-39", formText}, "code-93": {"code-93", formText}, "codabar": {"codabar", formText},
		"pdf417": {"pdf417", formText}, "aztec": {"aztec", formText}, "qr": {"qr", formText},
		"datamatrix": {"datamatrix", formText}, "dotcode": {"dotcode", formText}, "plu": {"plu", formPLU},
	}
}

const modifiers = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Symbologies are the names that Options.Symbology takes, in order.
func Symbologies() []string {
	names := make([]string, 0, len(rules.carriers))
	for name := range rules.carriers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// carrier finds how s is to be read: by its identifier, a letter of the
// scanner, or what the caller says. It gives the data behind the identifier.
func (o *Options) carrier(s string) (aim string, c carrier, data string) {
	if len(s) >= 3 && s[0] == ']' {
		if i := rules.identifier[s[1]&0x7f][s[2]&0x7f]; i != 0 && s[1]|s[2] < 0x80 {
			return s[:3], rules.symbols[i], s[3:]
		}
	}
	longest := -1
	for letters, name := range o.Letters {
		known, ok := rules.carriers[name]
		if ok && len(letters) > longest && strings.HasPrefix(s, letters) {
			longest, c = len(letters), known
		}
	}
	if longest > 0 {
		return "", c, s[longest:]
	}
	if o.Symbology != "" && allDigits(s) {
		return "", rules.carriers[o.Symbology], s
	}
	return "", carrier{}, s
}

// separators writes GS for each of the scanner's own marks.
func (o *Options) separators(s string) string {
	for _, mark := range o.Separators {
		if mark != "" {
			s = strings.ReplaceAll(s, mark, gs)
		}
	}
	return s
}

// stripECI removes the escapes of an extended channel: a backslash and six
// digits name the character set of what follows, two backslashes are one
// (AIM ITS/04-023). Only UTF-8 is read, whatever the escape says.
func stripECI(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		if i+6 < len(s) && allDigits(s[i+1:i+7]) {
			i += 6
			continue
		}
		b = append(b, '\\')
		if i+1 < len(s) && s[i+1] == '\\' {
			i++
		}
	}
	return string(b)
}
