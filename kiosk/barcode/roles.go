package barcode

import "kassa/kiosk/money"

// role says which field of a Meaning an element fills.
type role uint8

const (
	roleNone    role = iota
	roleGTIN         // the article
	roleContent      // a key of something that is not for sale
	roleLot
	roleSerial
	roleOtherSerial
	roleBestBefore
	roleSellBy
	roleExpires
	roleExpiresTime
	roleCount
	roleKilograms
	rolePounds
	roleTroyOunces
	roleAmount // with a coupon, its value
	rolePrice
	rolePriceISO
	roleUnitPrice
	rolePercentOff
	roleCoupon
	roleCouponData
	roleMember
)

func roleOf(ai string) role {
	switch ai {
	case "01", "03", "8006":
		return roleGTIN
	case "10":
		return roleLot
	case "21":
		return roleSerial
	case "235":
		return roleOtherSerial
	case "15":
		return roleBestBefore
	case "16":
		return roleSellBy
	case "17":
		return roleExpires
	case "7003":
		return roleExpiresTime
	case "30":
		return roleCount
	case "255":
		return roleCoupon
	case "8110", "8112":
		return roleCouponData
	case "8018":
		return roleMember
	}
	if len(ai) < 4 {
		return roleNone
	}
	switch ai[:3] {
	case "310":
		return roleKilograms
	case "320":
		return rolePounds
	case "356":
		return roleTroyOunces
	case "390":
		return roleAmount
	case "392":
		return rolePrice
	case "393":
		return rolePriceISO
	case "394":
		return rolePercentOff
	case "395":
		return roleUnitPrice
	default:
		return roleNone
	}
}

// take fills the typed fields from the elements, which are sound. gtin is the
// article's number of 14 digits, "" when there is none.
func (m *Meaning) take(r *found, o *Options) (gtin string) {
	for i := range r.n {
		e, v := r.entry(i), r.values[i]
		switch e.role {
		case roleNone, roleContent:
		case roleGTIN:
			gtin = v[:14]
		case roleLot:
			m.Lot = v
		case roleSerial:
			m.Serial = v
		case roleOtherSerial:
			if m.Serial == "" {
				m.Serial = v
			}
		case roleBestBefore:
			m.BestBefore = o.Today.resolve(v).String()
		case roleSellBy:
			m.SellBy = o.Today.resolve(v).String()
		case roleExpires, roleExpiresTime:
			m.takeExpiry(v, o)
		case roleCount:
			m.Count = number(v)
		case roleKilograms, rolePounds, roleTroyOunces:
			m.takeWeight(e, number(v))
		case roleAmount, rolePrice, rolePriceISO, roleUnitPrice:
			m.takePrice(e, v, o)
		case rolePercentOff:
			m.takePercent(e, v)
		case roleCoupon:
			m.Kind, m.Coupon = Coupon, v
		case roleCouponData:
			m.takeCoupon(e, v, o)
		case roleMember:
			m.Number = v
		}
	}
	return gtin
}

// takeCoupon reads expiry and, when it is cents or per cent off, the value of a
// North American coupon; the rest of it is for ParseCoupon8110.
func (m *Meaning) takeCoupon(e *entry, v string, o *Options) {
	m.Kind, m.Coupon = Coupon, v
	if e.code != "8110" {
		return
	}
	c, _ := parseCoupon8110(v) // judged before
	if c.Expires != "" {
		m.takeExpiry(c.Expires, o)
	}
	switch c.SaveCode {
	case '0', '6': // off the article, off the sale
		m.CouponMinor = money.Amount(c.Save)
	case '5':
		m.percent(c.Save, 0)
	}
}

// takePercent reads what a coupon takes off: four digits, as many of them
// decimals as the identifier says.
func (m *Meaning) takePercent(e *entry, v string) { m.percent(number(v), int(e.code[3]-'0')) }

// percent sets PercentPPM to v with that many decimals, if it is at most all.
func (m *Meaning) percent(v int64, decimals int) {
	if ppm := v * 10_000 / pow10(decimals); v <= 100*pow10(decimals) {
		m.PercentPPM = ppm // whole: there are at most three decimals
	}
}

// takeExpiry keeps the earlier day when a label has both a use-by date (17)
// and one with a time (7003).
func (m *Meaning) takeExpiry(v string, o *Options) {
	day, clock := o.Today.resolve(v[:6]).String(), ""
	if len(v) == 10 {
		clock = v[6:8] + ":" + v[8:10]
	}
	if m.Expires == "" || day < m.Expires || day == m.Expires && clock != "" {
		m.Expires, m.ExpiresTime = day, clock
	}
}

func (m *Meaning) takeWeight(e *entry, v int64) {
	decimals := int(e.code[3] - '0')
	if e.role == roleKilograms {
		m.NetWeightG = grams(v, decimals, "kg")
		return
	}
	if m.NetWeightG != 0 {
		return // the metric one counts
	}
	unit := "lb"
	if e.role == roleTroyOunces {
		unit = "ozt"
	}
	m.NetWeightG = grams(v, decimals, unit)
}

// grams turns v with that many decimals of a unit into grams, half up. The
// pound is 453.59237 g and the troy ounce 31.1034768 g, exactly (NIST Handbook
// 44, appendix C).
func grams(v int64, decimals int, unit string) int64 {
	factor, shift := int64(1000), 0
	switch unit {
	case "g":
		factor = 1
	case "lb":
		factor, shift = 45359237, 5
	case "ozt":
		factor, shift = 311034768, 7
	}
	by := pow10(decimals + shift)
	return (v*factor + by/2) / by
}

func (m *Meaning) takePrice(e *entry, v string, o *Options) {
	code := o.currency()
	if e.role == rolePriceISO {
		code, v = rules.byNumber[number(v[:3])].code, v[3:]
	}
	amount, ok := minor(number(v), int(e.code[3]-'0'), code)
	if !ok {
		return // finer than the currency: the elements hold it
	}
	switch e.role {
	case roleAmount:
		m.CouponMinor = amount
	case roleUnitPrice:
		m.UnitPriceMinor = amount
	case rolePriceISO:
		m.PriceMinor, m.Currency = amount, code
	default:
		m.PriceMinor = amount
		if m.Currency == "" {
			m.Currency = code
		}
	}
}

// minor turns v with that many decimals into minor units of a currency, two
// decimals when the code is empty or unknown. It is not ok when something
// would have to be rounded away or does not fit.
func minor(v int64, decimals int, code string) (money.Amount, bool) {
	digits := 2
	if c, ok := rules.byCode[code]; ok {
		digits = c.digits
	}
	if decimals > digits {
		by := pow10(decimals - digits)
		return money.Amount(v / by), v%by == 0
	}
	by := pow10(digits - decimals)
	return money.Amount(v * by), v <= 1_000_000_000_000_000
}
