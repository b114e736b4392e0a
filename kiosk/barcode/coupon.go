package barcode

// Purchase is what a North American coupon (8110) asks the shopper to buy.
type Purchase struct {
	Prefix string // company prefix of the articles; of a further purchase empty when the same as the first
	Family string // three digits; 000 is any article of the prefix
	Value  int64  // how much of Code
	Code   byte   // '0' units, '1' cash of the articles, '2' cash of the sale, '3' pounds, '4' kilograms, '9' the cashier decides
}

// Coupon8110 is the data of identifier 8110, North American Coupon Application
// Guideline, taken apart. Its amounts are what the paper claims.
type Coupon8110 struct {
	Prefix    string // company prefix of who pays
	Offer     string // six digits
	Save      int64  // meaning by SaveCode
	SaveCode  byte   // '0' cents off, '1' and '2' articles free, '5' percent, '6' cents off the sale
	AppliesTo byte   // '0', '1' or '2': the first, second or third purchase
	First     Purchase
	Second    *Purchase
	Third     *Purchase
	Rule      byte   // how the purchases go together: '0' any, '1' all, '2' first and one other, '3' across
	Expires   string // YYMMDD, or empty
	Starts    string // YYMMDD, or empty
	Serial    string
	Retailer  string
	StoreOnly bool
	NoDouble  bool
}

// Coupon8112 is the data of identifier 8112: a coupon whose worth is kept
// online and asked for there.
type Coupon8112 struct {
	Format byte // '0' or '1'
	Funder string
	Offer  string
	Serial string
}

// ParseCoupon8110 takes the value of identifier 8110 apart. It fails on
// anything that breaks the coupon's grammar.
func ParseCoupon8110(value string) (Coupon8110, error) {
	c, f := parseCoupon8110(value)
	if f != nil {
		return Coupon8110{}, f
	}
	return c, nil
}

// ParseCoupon8112 takes the value of identifier 8112 apart.
func ParseCoupon8112(value string) (Coupon8112, error) {
	c, f := parseCoupon8112(value)
	if f != nil {
		return Coupon8112{}, f
	}
	return c, nil
}

// digitReader cuts fields off a string of digits; after the first fault it
// gives nothing any more.
type digitReader struct {
	rest  string
	fault *fault
}

func (r *digitReader) fail(detail string) {
	if r.fault == nil {
		r.fault = &fault{"coupon", detail}
	}
	r.rest = ""
}

// take gives the next n digits.
func (r *digitReader) take(n int, what string) string {
	if len(r.rest) < n {
		r.fail("cut off in " + what)
		return ""
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

// one gives the next digit, which must be one of those allowed.
func (r *digitReader) one(allowed, what string) byte {
	field := r.take(1, what)
	if field == "" {
		return 0
	}
	for i := range len(allowed) {
		if allowed[i] == field[0] {
			return field[0]
		}
	}
	r.fail("no such " + what)
	return 0
}

// sized gives a field whose first digit, from low to high, says its length: add
// more than the digit.
func (r *digitReader) sized(low, high byte, add int, what string) string {
	field := r.take(1, what)
	if field == "" {
		return ""
	}
	if field[0] < low || field[0] > high {
		r.fail("no such length of " + what)
		return ""
	}
	return r.take(int(field[0]-'0')+add, what)
}

func (r *digitReader) value(what string) int64 { return number(r.sized('1', '5', 0, what)) }

func (r *digitReader) requirement(p *Purchase, what string) {
	p.Value = r.value(what)
	p.Code = r.one("012349", what+" code")
	p.Family = r.take(3, what+" family")
}

func (r *digitReader) further(p *Purchase, what string) {
	r.requirement(p, what)
	if r.rest != "" && r.rest[0] == '9' {
		r.rest = r.rest[1:]
		return
	}
	p.Prefix = r.sized('0', '6', 6, what+" prefix")
}

func (r *digitReader) day(what string) string {
	v := r.take(6, what)
	if v == "" {
		return ""
	}
	if dayFault(v, false) != nil {
		r.fail("no such day of " + what)
	}
	return v
}

func parseCoupon8110(v string) (Coupon8110, *fault) {
	var c Coupon8110
	if !allDigits(v) {
		return c, &fault{"coupon", "holds more than digits"}
	}
	r := &digitReader{rest: v}
	c.Prefix = r.sized('0', '6', 6, "company prefix")
	c.Offer = r.take(6, "offer code")
	c.Save = r.value("save value")
	c.SaveCode, c.AppliesTo = '0', '0'
	c.First.Prefix = c.Prefix
	r.requirement(&c.First, "first purchase")
	last := byte('0')
	for r.rest != "" {
		field := r.rest[0]
		if field <= last {
			r.fail("optional fields out of order")
			break
		}
		last, r.rest = field, r.rest[1:]
		c.optional(field, r)
	}
	if r.fault == nil && c.Starts != "" && c.Expires != "" && c.Starts > c.Expires {
		r.fail("starts after it expires")
	}
	return c, r.fault
}

func (c *Coupon8110) optional(field byte, r *digitReader) {
	switch field {
	case '1':
		c.Rule = r.one("0123", "purchase rule")
		c.Second = &Purchase{}
		r.further(c.Second, "second purchase")
	case '2':
		c.Third = &Purchase{}
		r.further(c.Third, "third purchase")
	case '3':
		c.Expires = r.day("expiry")
	case '4':
		c.Starts = r.day("start")
	case '5':
		c.Serial = r.sized('0', '9', 6, "serial number")
	case '6':
		c.Retailer = r.sized('1', '7', 6, "retailer")
	case '9':
		c.SaveCode = r.one("01256", "save value code")
		c.AppliesTo = r.one("012", "applies-to")
		c.StoreOnly = r.take(1, "store flag") == "1"
		c.NoDouble = r.one("01", "multiply flag") == '1'
	default:
		r.fail("no such optional field")
	}
}

func parseCoupon8112(v string) (Coupon8112, *fault) {
	var c Coupon8112
	if !allDigits(v) {
		return c, &fault{"coupon", "holds more than digits"}
	}
	r := &digitReader{rest: v}
	c.Format = r.one("01", "format")
	c.Funder = r.sized('0', '6', 6, "funder")
	c.Offer = r.take(6, "offer code")
	c.Serial = r.sized('0', '9', 6, "serial number")
	if r.rest != "" {
		r.fail("more digits than a coupon has")
	}
	return c, r.fault
}
