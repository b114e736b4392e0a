package barcode

import "strings"

// check judges one part of a value, whose characters and length are right.
type check func(v string) *fault

// checkByName finds the check that a spec in ai.txt names, nil when there is
// none.
func (t *tables) checkByName(name string) check {
	switch name {
	case "csum":
		return lintCheckDigit
	case "csumalpha":
		return t.lintCheckPair
	case "gcppos1":
		return func(v string) *fault { return lintCompanyPrefix(v, 0) }
	case "gcppos2":
		return func(v string) *fault { return lintCompanyPrefix(v, 1) }
	case "couponcode":
		return func(v string) *fault { _, f := parseCoupon8110(v); return f }
	case "couponposoffer":
		return func(v string) *fault { _, f := parseCoupon8112(v); return f }
	}
	if c := dateCheck(name); c != nil {
		return c
	}
	if c := t.listCheck(name); c != nil {
		return c
	}
	return t.formCheck(name)
}

func dateCheck(name string) check {
	switch name {
	case "yymmd0":
		return func(v string) *fault { return dayFault(v, true) }
	case "yymmdd":
		return func(v string) *fault { return dayFault(v, false) }
	case "yyyymmdd":
		return func(v string) *fault { return ymdFault(int(number(v[:4])), v[4:], false) }
	case "hh":
		return func(v string) *fault { return lintBelow(v, 24) }
	case "mi", "ss":
		return func(v string) *fault { return lintBelow(v, 60) }
	case "hhmi":
		return func(v string) *fault {
			if f := lintBelow(v[:2], 24); f != nil {
				return f
			}
			return lintBelow(v[2:], 60)
		}
	default:
		return nil
	}
}

func lintBelow(v string, limit int) *fault {
	if num2(v) >= limit {
		return &fault{"time", "no such time of day"}
	}
	return nil
}

func (t *tables) listCheck(name string) check {
	switch name {
	case "iso3166":
		return func(v string) *fault { return lintWhen(!t.country[number(v)], "country", "no such country") }
	case "iso3166999":
		return func(v string) *fault {
			return lintWhen(v != "999" && !t.country[number(v)], "country", "no such country")
		}
	case "iso3166alpha2":
		return func(v string) *fault { return lintWhen(!t.countryAA[v], "country", "no such country") }
	case "iso4217":
		return func(v string) *fault {
			return lintWhen(t.byNumber[number(v)].code == "", "currency", "no such currency")
		}
	case "packagetype":
		return func(v string) *fault { return lintWhen(!t.packages[v], "content", "no such package type") }
	case "iso5218":
		return func(v string) *fault { return lintOneOf(v, "0129") }
	case "yesno":
		return func(v string) *fault { return lintOneOf(v, "01") }
	case "winding":
		return func(v string) *fault { return lintOneOf(v, "019") }
	case "mediatype":
		return func(v string) *fault {
			n := num2(v)
			return lintWhen(n == 0 || n > 10 && n < 80, "content", "no such medium")
		}
	default:
		return nil
	}
}

func (t *tables) formCheck(name string) check {
	switch name {
	case "nonzero":
		return func(v string) *fault { return lintWhen(strings.Trim(v, "0") == "", "content", "may not be zero") }
	case "zero":
		return func(v string) *fault { return lintWhen(strings.Trim(v, "0") != "", "content", "must be zero") }
	case "nozeroprefix":
		return func(v string) *fault { return lintWhen(v[0] == '0', "content", "may not begin with zero") }
	case "hasnondigit":
		return func(v string) *fault { return lintWhen(allDigits(v), "content", "needs a character that is no digit") }
	case "hyphen":
		return func(v string) *fault {
			return lintWhen(strings.Trim(v, "-") != "", "content", "only a minus may stand here")
		}
	case "importeridx":
		return func(v string) *fault {
			return lintWhen(t.charset[v[0]]&setZ == 0, "content", "no such importer index")
		}
	case "pcenc":
		return lintPercent
	case "pieceoftotal":
		return lintPiece
	case "posinseqslash":
		return lintPlace
	case "latitude":
		return func(v string) *fault { return lintWhen(v > "1800000000", "content", "no such latitude") }
	case "longitude":
		return func(v string) *fault { return lintWhen(v > "3600000000", "content", "no such longitude") }
	case "iban":
		return t.lintIBAN
	default:
		return nil
	}
}

func lintWhen(broken bool, class, detail string) *fault {
	if broken {
		return &fault{class, detail}
	}
	return nil
}

func lintOneOf(v, allowed string) *fault {
	return lintWhen(!strings.Contains(allowed, v), "content", "not one of "+allowed)
}

func lintCheckDigit(v string) *fault {
	if !checked(v) {
		return &fault{"check_digit", "wrong"}
	}
	return nil
}

// CheckPair gives the two check characters of a key of set 82 characters (GMN
// and MUDI): places in the set times the primes from 2 up, from right to left,
// modulo 1021. It is "" when body holds other characters or more than 40.
func CheckPair(body string) string { return rules.checkPair(body) }

func (t *tables) checkPair(body string) string {
	const pairs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	primes := [...]int{
		2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
		113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173,
	}
	if len(body) > len(primes) {
		return ""
	}
	sum := 0
	for i := range len(body) {
		c := body[len(body)-1-i]
		if t.charset[c]&setX == 0 {
			return ""
		}
		sum += int(t.value82[c]) * primes[i]
	}
	sum %= 1021
	return string([]byte{pairs[sum/32], pairs[sum%32]})
}

func (t *tables) lintCheckPair(v string) *fault {
	if len(v) < 2 {
		return &fault{"length", "too short for its check characters"}
	}
	return lintWhen(t.checkPair(v[:len(v)-2]) != v[len(v)-2:], "check_digit", "wrong check characters")
}

// lintCompanyPrefix asks for four digits where a GS1 company prefix begins.
func lintCompanyPrefix(v string, at int) *fault {
	return lintWhen(len(v) < at+4 || !allDigits(v[at:at+4]), "content", "does not begin with a company prefix")
}

func lintPercent(v string) *fault {
	for i := 0; i < len(v); i++ {
		if v[i] != '%' {
			continue
		}
		if i+2 >= len(v) || unhex(v[i+1]) < 0 || unhex(v[i+2]) < 0 {
			return &fault{"content", "broken percent-encoding"}
		}
		i += 2
	}
	return nil
}

// unhex is the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	default:
		return -1
	}
}

func lintPiece(v string) *fault {
	half := len(v) / 2
	piece, total := v[:half], v[half:]
	return lintWhen(len(v)%2 != 0 || strings.Trim(piece, "0") == "" || strings.Trim(total, "0") == "" || piece > total,
		"content", "not a piece of a whole")
}

func lintPlace(v string) *fault {
	place, of, ok := strings.Cut(v, "/")
	ok = ok && allDigits(place) && allDigits(of) && place[0] != '0' && of[0] != '0'
	if !ok || len(place) > len(of) || len(place) == len(of) && place > of {
		return &fault{"content", "not a place in a sequence"}
	}
	return nil
}

// lintIBAN follows ISO 13616: country letters, two check digits, and the whole
// number modulo 97 is 1.
func (t *tables) lintIBAN(v string) *fault {
	if len(v) < 5 || !t.countryAA[v[:2]] && v[:2] != "XK" || !allDigits(v[2:4]) {
		return &fault{"content", "not an IBAN"}
	}
	sum := 0
	for i := range len(v) {
		c := v[(i+4)%len(v)]
		switch {
		case c >= '0' && c <= '9':
			sum = sum*10 + int(c-'0')
		case c >= 'A' && c <= 'Z':
			sum = sum*100 + int(c-'A') + 10
		default:
			return &fault{"charset", "not an IBAN"}
		}
		sum %= 97
	}
	return lintWhen(sum != 1, "check_digit", "of the IBAN")
}
