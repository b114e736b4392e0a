package barcode

import (
	"kassa/kiosk/money"
)

// Kind is what a code stands for in the store.
type Kind string

// The kinds of codes. Invalid breaks a rule of its own form (a check digit, the
// grammar of an element string); Unknown is sound, or plain text, but nobody
// claims it. An Unknown that has a GTIN may be looked up exactly as it is.
const (
	Article Kind = "article"
	Coupon  Kind = "coupon"
	Member  Kind = "member"
	Staff   Kind = "staff"
	Ticket  Kind = "ticket"
	Voucher Kind = "voucher"
	// Markdown is a sticker that lowers the price of one piece.
	Markdown Kind = "markdown"
	Unknown  Kind = "unknown"
	Invalid  Kind = "invalid"
)

// Element is one application identifier with its value, as printed under a
// symbol: percent-encoding and escapes are undone.
type Element struct {
	AI    string `json:"ai"`
	Value string `json:"value"`
}

// Meaning is what one code says. The first sixteen fields are the object that
// `kassa barcode` prints; the others are left out of it when empty.
//
// A Measure with a value of zero comes from a scale that had none to print, or
// from a look-up number: such an article has no price yet and is never free.
//
// Input may hold any characters, control characters among them: escape it
// wherever it is shown. Bytes that are not UTF-8 are U+FFFD in it.
type Meaning struct {
	Input      string       `json:"input"`
	AIM        string       `json:"aim"` // symbology identifier as sent, "]d2"
	Kind       Kind         `json:"kind"`
	Symbology  string       `json:"symbology"`
	GTIN       string       `json:"gtin"`     // 14 digits; of an in-store code the look-up number
	Elements   []Element    `json:"elements"` // in the order read
	Lot        string       `json:"lot"`
	Serial     string       `json:"serial"`
	Expires    string       `json:"expires"`      // YYYY-MM-DD, last day on which it may be sold
	BestBefore string       `json:"best_before"`  // YYYY-MM-DD
	NetWeightG int64        `json:"net_weight_g"` // grams, rounded half up
	PriceMinor money.Amount `json:"price_minor"`  // what this piece costs in all, minor units of Currency
	Currency   string       `json:"currency"`     // ISO 4217 letters; empty: the store's
	Count      int64        `json:"count"`        // pieces, of a code that holds a number of them
	Coupon     string       `json:"coupon"`       // coupon number, or the data of a coupon
	Error      string       `json:"error"`        // why it is invalid or unknown, one line

	Number         string       `json:"number,omitempty"`           // of a member card, badge, ticket or voucher
	AddOn          string       `json:"addon,omitempty"`            // the 2 or 5 digits right of an EAN or UPC
	PLU            string       `json:"plu,omitempty"`              // produce code, or item digits of an in-store code
	Pattern        string       `json:"pattern,omitempty"`          // the in-store pattern that fitted
	Measure        string       `json:"measure,omitempty"`          // what that pattern holds: price weight count number length percent
	PercentPPM     int64        `json:"percent_ppm,omitempty"`      // what a mark-down sticker takes off, or a coupon claims
	Value          string       `json:"value,omitempty"`            // of a number or length, as a decimal
	SellBy         string       `json:"sell_by,omitempty"`          // YYYY-MM-DD
	ExpiresTime    string       `json:"expires_time,omitempty"`     // HH:MM local time on the day Expires
	UnitPriceMinor money.Amount `json:"unit_price_minor,omitempty"` // price per unit of measure (395n)
	CouponMinor    money.Amount `json:"coupon_minor,omitempty"`     // value a coupon or voucher claims; a claim, not money
}

// Options say what the store knows besides the code. The zero value is a store
// without in-store patterns, without a calendar and with the rules of a till.
// Options are only read; one value may serve many calls at the same time.
type Options struct {
	// Today decides the century of two-digit years (General Specifications
	// 7.12). The zero Date reads every year as 20YY.
	Today Date
	// Patterns of the store: codes with a price or weight inside and the
	// prefixes of its cards. Nil has none.
	Patterns *Patterns
	// Currency of the store, ISO 4217 letters: of a price without a currency
	// of its own. Empty goes by the Patterns; without both a price counts two
	// decimals.
	Currency string
	// Symbology says what digits are when no identifier does, one of
	// Symbologies. Empty goes by their number.
	Symbology string
	// Letters are a scanner's own code letters, sent before the data in place
	// of a symbology identifier: prefix to symbology. The longest wins.
	Letters map[string]string
	// Separators are what a scanner sends in place of GS, such as "{GS}" or
	// "|"; each is read as GS.
	Separators []string
	// Strict asks for the elements that others need, too; exclusions and
	// repeats are always judged.
	Strict bool
	// ShortGTIN takes GTINs of 8, 12 and 13 digits in a Digital Link.
	ShortGTIN bool
	// AddOns reads 15 and 18 digits without identifier as EAN-13 and add-on.
	AddOns bool
}

func (o *Options) currency() string {
	if o.Currency == "" && o.Patterns != nil {
		return o.Patterns.currency
	}
	return o.Currency
}

// fault says which rule a code breaks. Class is one of the fixed names
// check_digit charset length unknown_ai date time country currency coupon
// content exclusive_ai missing_ai repeated_ai dl_no_key dl_key_qualifier
// dl_attribute uri symbology_id price_check_digit syntax.
type fault struct{ class, detail string }

// Error is the class and what was found, without any of the code's own text.
func (f *fault) Error() string { return f.class + ": " + f.detail }

func (m *Meaning) refuse(f *fault) {
	m.Kind, m.Error = Invalid, f.Error()
}

func (m *Meaning) unknown(why string) {
	m.Kind, m.Error = Unknown, why
}
