package barcode

import "strings"

// plainEAN says whether 13 bytes can only be an EAN-13, so that the short way
// may be taken.
func (o *Options) plainEAN() bool {
	return (o.Symbology == "" || o.Symbology == "ean-13") && len(o.Letters) == 0
}

// parseEAN13 reads the commonest code of all with one allocation. It is false
// when input is not 13 digits.
func (m *Meaning) parseEAN13(input []byte, o *Options) bool {
	var b [14]byte
	b[0] = '0'
	sum, weight := 0, 1
	for i, c := range input {
		if c-'0' > 9 {
			return false
		}
		b[i+1] = c
		sum += int(c-'0') * weight
		weight = 4 - weight
	}
	both := string(b[:])
	m.Input, m.Symbology = both[1:], "ean-13"
	m.retail13(both, sum%10 == 0, o)
	return true
}

// parseRetail reads the EAN and UPC family; the form says what was sent.
func (m *Meaning) parseRetail(f form, data string, o *Options) {
	data, composite, stacked := strings.Cut(data, "|]e0")
	if !allDigits(data) {
		m.refuse(&fault{"length", "EAN and UPC hold digits only"})
		return
	}
	number, fault := m.expand(f, data)
	switch {
	case fault != nil:
		if number != "" {
			m.GTIN = pad14(number) // as it reads; the code stays invalid
		}
		m.refuse(fault)
	case number == "":
		m.AddOn = data
		m.unknown("an add-on without its code")
	case len(number) == 8:
		m.retail8(number, o)
	default:
		m.retail13(pad14(number), checked(number), o)
	}
	if stacked && m.Kind != Invalid {
		m.parseComposite(composite, o)
	}
}

// expand gives the number of 8, 12 or 13 digits behind what was sent, "" for
// an add-on alone.
func (m *Meaning) expand(f form, data string) (string, *fault) {
	n := len(data)
	switch {
	case f == formAddOn2 && n == 2, f == formAddOn5 && n == 5:
		return "", nil
	case f == formCombined && (n == 15 || n == 18):
		m.AddOn = data[13:]
		return data[:13], nil
	case f == formEAN8 && n == 8, f == formUPCA && n == 12, n == 13 && (f == formEAN13 || f == formUPCA && data[0] == '0'):
		return data, nil
	case f == formEAN13 && n == 12:
		m.Symbology = "upc-a"
		return data, nil
	case f == formEAN13 && n == 8:
		m.Symbology = "upc-e"
		return expandUPCE(data)
	case f == formUPCE && (n == 12 || n == 13 && data[0] == '0'):
		return data, nil
	case f == formUPCE:
		return expandUPCE(data)
	case f == formUPCEN && n == 7 && data[0] <= '1':
		payload := expandBody(data[0], data[1:])
		return payload + string(CheckDigit(payload)), nil
	case f == formUPCEC && n == 7:
		return expandUPCE("0" + data)
	default:
		return "", &fault{"length", "not as many digits as this symbol has"}
	}
}

// parseComposite reads the 2D part over an EAN or UPC; its rules are judged
// over the data of both.
func (m *Meaning) parseComposite(data string, o *Options) {
	if len(data) > maxLength {
		m.refuse(&fault{"length", "an element string of that size does not exist"})
		return
	}
	linear := m.GTIN
	var r found
	f := r.scan(o.separators(data))
	m.settle(&r, f, linear, o)
}

// parseITF reads fourteen digits as a GTIN. Other lengths are some warehouse's
// own.
func (m *Meaning) parseITF(data string, o *Options) {
	switch {
	case o.Patterns.claimUnchecked(m, data):
	case len(data) != 14 || !allDigits(data):
		if o.claims(m, data) {
			return
		}
		m.unknown("not a GTIN of 14 digits")
	case !checked(data):
		m.refuse(&fault{"check_digit", "wrong"})
	default:
		m.Symbology = "itf-14"
		m.classify(data, o)
	}
}

// retail8 judges an EAN-8. Those that begin with 0 or 2 are the store's own,
// without structure, and are looked up as they are.
func (m *Meaning) retail8(number string, o *Options) {
	if o.Patterns.claimUnchecked(m, number) {
		return
	}
	if !checked(number) {
		m.refuse(&fault{"check_digit", "wrong"})
		return
	}
	m.GTIN = pad14(number)
	if o.Patterns.claim(m, number) {
		return
	}
	m.Kind = Article
}

// retail13 judges a number of 13 digits with a zero in front of it; sound says
// that its check digit is right.
func (m *Meaning) retail13(gtin string, sound bool, o *Options) {
	if o.Patterns.claimUnchecked(m, gtin[1:]) {
		return
	}
	if !sound {
		m.refuse(&fault{"check_digit", "wrong"})
		return
	}
	m.classify(gtin, o)
}

// classify says what a sound GTIN of 14 digits is in this store: a card, a code
// with a price or weight inside, a coupon, or an article.
func (m *Meaning) classify(gtin string, o *Options) {
	m.GTIN = gtin
	if gtin[0] != '0' {
		if !o.Patterns.claim(m, gtin) {
			m.Kind = Article // an outer pack, an article of its own
		}
		return
	}
	code := gtin[1:]
	if p := o.Patterns; p != nil && (p.claim(m, code) || p.read(m, code, o)) {
		return
	}
	switch rules.prefixes[int(code[0]-'0')*100+int(code[1]-'0')*10+int(code[2]-'0')] {
	case useArticle:
		m.Kind = Article
	case useInStore:
		m.unknown("in-store code that fits no pattern of this store")
	case useCoupon:
		m.Kind, m.Coupon = Coupon, code
		m.couponValue(code)
	case useVoucher:
		m.Kind, m.Number = Voucher, code
	}
}

// couponValue reads the value that a common-currency coupon states: one decimal
// behind 981, two behind 982; 000 is free goods.
func (m *Meaning) couponValue(code string) {
	decimals := 2
	switch code[:3] {
	case "981":
		decimals = 1
	case "982":
	default:
		return
	}
	m.Currency = "EUR"
	m.CouponMinor, _ = minor(number(code[9:12]), decimals, "EUR")
}

// ISBN10 is the ten-character ISBN of a book whose GTIN of 14 digits begins
// with 0978, and "" for anything else.
func ISBN10(gtin string) string {
	if len(gtin) != 14 || gtin[:4] != "0978" || !checked(gtin) {
		return ""
	}
	body := gtin[4:13]
	sum := 0
	for i := range len(body) {
		sum += int(body[i]-'0') * (10 - i)
	}
	return body + string("0123456789X"[(11-sum%11)%11])
}

// ISSN is the number of a periodical whose GTIN of 14 digits begins with 0977,
// as 1234-567X, and the two digits of its variant; "" for anything else.
func ISSN(gtin string) (issn, variant string) {
	if len(gtin) != 14 || gtin[:4] != "0977" || !checked(gtin) {
		return "", ""
	}
	body := gtin[4:11]
	sum := 0
	for i := range len(body) {
		sum += int(body[i]-'0') * (8 - i)
	}
	return body[:4] + "-" + body[4:] + string("0123456789X"[(11-sum%11)%11]), gtin[11:13]
}
