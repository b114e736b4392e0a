package basket

import (
	"errors"
	"slices"
	"strings"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// Limits of a basket. They keep every sum, with any tax, far from overflow.
const (
	MaxQty                = 999                 // pieces on a line
	MaxLines              = 1000                // lines, voided and deposit lines included
	MaxPrice money.Amount = 1_000_000_000_000   // of one article
	MaxTotal money.Amount = 100_000_000_000_000 // of all lines before discounts
)

// What a scale can show, see [weight.ParseShown].
const (
	maxDigits   = 9_999_999
	maxDecimals = 4
)

// Errors an operation can return; the Basket is then as it was.
var (
	ErrQuantity = errors.New("quantity is not 1 to 999")
	ErrWeight   = errors.New("weight is missing, not wanted or no more than the tare")
	ErrWeighed  = errors.New("a weighed line has no quantity")
	ErrLine     = errors.New("no such line")
	ErrVoided   = errors.New("line is voided")
	ErrDeposit  = errors.New("a deposit goes with its article")
	ErrPrice    = errors.New("price out of range")
	ErrFull     = errors.New("too many lines")
	ErrTooMuch  = errors.New("basket total out of range")
	ErrTaxClass = errors.New("unknown tax class")
	ErrMarked   = errors.New("every piece of the line is marked down already")
	ErrPercent  = errors.New("percentage is not above 0 and at most 100")
	ErrSetPrice = errors.New("a price that staff set stands alone")
)

// A Line is one line of a basket.
type Line struct {
	N         int          `json:"n"` // from 1, for good
	Article   Article      `json:"article"`
	Code      string       `json:"code,omitempty"` // as scanned or keyed
	Qty       int64        `json:"qty"`            // 1 to MaxQty; 1 if weighed
	Weight    weight.Shown `json:"weight,omitzero"`
	Tare      weight.Grams `json:"tare,omitempty"` // already taken off Weight
	Unit      money.Amount `json:"unit"`           // price as quoted, for what Article.Per says
	Labelled  bool         `json:"labelled,omitempty"`
	At        Wall         `json:"at,omitempty"`
	Lot       string       `json:"lot,omitempty"`
	Serial    string       `json:"serial,omitempty"`
	Expires   string       `json:"expires,omitempty"` // 2026-11-30
	Of        int          `json:"of,omitempty"`      // a deposit line: the line it belongs to
	Voided    bool         `json:"voided,omitempty"`  // worth nothing; Gross and Amount say what it was worth
	Tax       string       `json:"tax,omitempty"`     // tax class id
	Marks     []Mark       `json:"marks,omitempty"`   // stickers, one a piece; never more than Qty
	Set       *Set         `json:"set,omitempty"`     // staff named a price; never changed in place
	Gross     money.Amount `json:"gross"`             // Unit x Qty or x Weight, rounded once
	Discounts []Discount   `json:"discounts,omitempty"`
	Amount    money.Amount `json:"amount"`     // Gross and Discounts: what the line adds to the total
	TaxAmount money.Amount `json:"tax_amount"` // in Amount if prices include tax, else on top of it
}

// ByWeight reports whether the line is priced by its weight.
func (l Line) ByWeight() bool { return l.Article.Per.ByWeight() && !l.Labelled }

// A Mark is a mark-down sticker on one piece: its price, or so much per cent
// off. It competes with the rules for that piece; a price read from the code is
// lowered by nothing else.
type Mark struct {
	Price      money.Amount `json:"price,omitempty"` // of the piece, or of the weighed line; counts if PercentPPM is 0
	PercentPPM int64        `json:"percent_ppm,omitempty"`
}

// A Set is a price that a person of staff named for a line: what the line's Unit
// says, but by them. No rule lowers it further.
type Set struct {
	Price  money.Amount `json:"price"`
	By     string       `json:"by"`
	Reason string       `json:"reason"`
}

// Ids of discounts that are no rule's of the store.
const (
	// MemberRule is the id of the discount that an article's own member price is.
	MemberRule = "member-price"
	// MarkRule is the id of the discount that a mark-down sticker is.
	MarkRule = "markdown"
	// SetRule is the id of the discount that a lower price set by staff is.
	SetRule = "override"
)

// A Discount is what one rule takes off one line.
type Discount struct {
	Rule   string            `json:"rule"`
	Name   string            `json:"name"`
	Names  map[string]string `json:"names,omitempty"` // by language tag; never changed in place
	Amount money.Amount      `json:"amount"`          // negative
}

// A TaxGroup sums up the lines of one tax class.
type TaxGroup struct {
	Class   string       `json:"class"`
	RatePPM int64        `json:"rate_ppm"` // all rates of the class together
	Net     money.Amount `json:"net"`
	Tax     money.Amount `json:"tax"`
	Gross   money.Amount `json:"gross"`           // Net + Tax
	Parts   []TaxPart    `json:"parts,omitempty"` // if the class has several rates
}

// A TaxPart is the share of one of several stacked rates.
type TaxPart struct {
	RatePPM int64        `json:"rate_ppm"`
	Tax     money.Amount `json:"tax"`
}

// A Basket is what a shopper buys and what it costs. The zero Basket is empty
// and ready. Read its fields; only the methods of Basket set them.
type Basket struct {
	Lines    []Line       `json:"lines,omitempty"`
	Member   bool         `json:"member,omitempty"`
	Coupons  []string     `json:"coupons,omitempty"` // ids, sorted
	Claims   []Coupon     `json:"claims,omitempty"`  // of those coupons that claim a value, in their order
	Cash     bool         `json:"cash,omitempty"`    // the total is rounded to coins
	Apart    money.Amount `json:"apart,omitempty"`   // of it not paid in coins, and so not rounded
	Taxes    []TaxGroup   `json:"taxes,omitempty"`   // in the order of the classes
	Rounding money.Amount `json:"rounding,omitempty"`
	Total    money.Amount `json:"total"`             // the groups' Gross and Rounding
	Savings  money.Amount `json:"savings,omitempty"` // all discounts, positive
	Greedy   bool         `json:"greedy,omitempty"`  // too many rules competed for an exact search
}

// NewLine is what Add needs to know.
type NewLine struct {
	Article  Article
	Code     string       // as scanned or keyed
	Qty      int64        // 0 is 1
	Weight   weight.Shown // as the scale shows it, for a price by weight
	Tare     weight.Grams // to take off; 0: the article's own
	Labelled bool         // Article.Price was read from the code: the whole line's price, which no rule lowers
	At       Wall         // when it was scanned: timed rules hold or not for good
	Lot      string
	Serial   string
	Expires  string
}

// Add puts a line at the end, and a deposit line behind it if the article bears
// a deposit. It returns the number of the article's line.
func (b Basket) Add(r *Rules, l NewLine) (Basket, int, error) {
	line, err := newLine(r, l)
	if err != nil {
		return b, 0, err
	}
	line.N = len(b.Lines) + 1
	lines := slices.Clip(b.Lines)
	lines = append(lines, line)
	if l.Article.Deposit > 0 {
		deposit := Article{Price: l.Article.Deposit, Tax: line.Tax}
		lines = append(lines, Line{
			N: line.N + 1, Of: line.N, Article: deposit, Qty: line.Qty, Unit: deposit.Price, At: l.At, Tax: line.Tax,
		})
	}
	if len(lines) > MaxLines {
		return b, 0, ErrFull
	}
	next, err := b.with(r, lines)
	if err != nil {
		return b, 0, err
	}
	return next, line.N, nil
}

func newLine(r *Rules, l NewLine) (Line, error) {
	if l.Qty == 0 {
		l.Qty = 1
	}
	class, known := r.Tax.class(l.Article.Tax)
	a := l.Article
	switch {
	case l.Qty < 1 || l.Qty > MaxQty:
		return Line{}, ErrQuantity
	case !known:
		return Line{}, ErrTaxClass
	case a.Price < 0 || a.Price > MaxPrice || a.Deposit < 0 || a.Deposit > MaxPrice || a.Member < 0 || a.Member > MaxPrice:
		return Line{}, ErrPrice
	}
	line := Line{
		Article: a, Code: l.Code, Qty: l.Qty, Unit: a.Price, Labelled: l.Labelled, At: l.At,
		Lot: l.Lot, Serial: l.Serial, Expires: l.Expires, Tax: class.ID,
	}
	if !line.ByWeight() {
		if !l.Weight.Zero() && !l.Labelled {
			return Line{}, ErrWeight
		}
		line.Weight = l.Weight
		return line, nil
	}
	if l.Qty != 1 {
		return Line{}, ErrWeighed
	}
	line.Tare = l.Tare
	if line.Tare == 0 {
		line.Tare = a.Tare
	}
	known = l.Weight.Unit == weight.Kilogram || l.Weight.Unit == weight.Pound
	if line.Tare < 0 || !known || l.Weight.Digits > maxDigits || l.Weight.Decimals > maxDecimals {
		return Line{}, ErrWeight
	}
	line.Weight = l.Weight.Tared(line.Tare)
	if line.Weight.Digits <= 0 {
		return Line{}, ErrWeight
	}
	return line, nil
}

// SetQty sets the pieces on a line, and on its deposit.
func (b Basket) SetQty(r *Rules, n int, qty int64) (Basket, error) {
	line, ok := b.Line(n)
	switch {
	case !ok:
		return b, ErrLine
	case line.Voided:
		return b, ErrVoided
	case line.Of != 0:
		return b, ErrDeposit
	case line.ByWeight():
		return b, ErrWeighed
	case qty < 1 || qty > MaxQty:
		return b, ErrQuantity
	}
	return b.change(r, n, func(l *Line) {
		l.Qty = qty
		l.Marks = slices.Clip(l.Marks[:min(int64(len(l.Marks)), qty)])
	})
}

// Void takes a line, and its deposit, out of the total. It stays, marked.
func (b Basket) Void(r *Rules, n int) (Basket, error) {
	line, ok := b.Line(n)
	switch {
	case !ok:
		return b, ErrLine
	case line.Voided:
		return b, ErrVoided
	case line.Of != 0:
		return b, ErrDeposit
	}
	return b.change(r, n, func(l *Line) { l.Voided = true })
}

// Restore undoes a Void. A line that is not voided stays as it is.
func (b Basket) Restore(r *Rules, n int) (Basket, error) {
	line, ok := b.Line(n)
	switch {
	case !ok:
		return b, ErrLine
	case line.Of != 0:
		return b, ErrDeposit
	}
	return b.change(r, n, func(l *Line) { l.Voided = false })
}

// Mark notes what a symbol says of the one piece on line n. A line so marked
// takes no more pieces.
func (b Basket) Mark(r *Rules, n int, lot, serial, expires string) (Basket, error) {
	line, ok := b.Line(n)
	switch {
	case !ok:
		return b, ErrLine
	case line.Voided:
		return b, ErrVoided
	case line.Of != 0:
		return b, ErrDeposit
	case line.Qty != 1:
		return b, ErrQuantity
	}
	return b.change(r, n, func(l *Line) {
		if l.N == n {
			l.Lot, l.Serial, l.Expires = lot, serial, expires
		}
	})
}

// MarkDown puts a sticker on one more piece of line n.
func (b Basket) MarkDown(r *Rules, n int, m Mark) (Basket, error) {
	line, ok := b.Line(n)
	switch {
	case !ok:
		return b, ErrLine
	case line.Voided:
		return b, ErrVoided
	case line.Of != 0:
		return b, ErrDeposit
	case line.Set != nil:
		return b, ErrSetPrice
	case int64(len(line.Marks)) >= line.Qty:
		return b, ErrMarked
	case m.Price < 0 || m.Price > MaxPrice || m.Price == 0 && m.PercentPPM == 0:
		return b, ErrPrice // a sticker gives nothing away
	case m.PercentPPM < 0 || m.PercentPPM > million:
		return b, ErrPercent
	}
	return b.change(r, n, func(l *Line) {
		if l.N == n {
			l.Marks = append(slices.Clip(l.Marks), m)
		}
	})
}

// SetPrice says that line n costs what somebody of staff says, for what the
// price of its article is for. A lower price shows as a discount named SetRule,
// a higher one as the line's unit price. It takes the place of stickers.
func (b Basket) SetPrice(r *Rules, n int, set Set) (Basket, error) {
	line, ok := b.Line(n)
	switch {
	case !ok:
		return b, ErrLine
	case line.Voided:
		return b, ErrVoided
	case line.Of != 0:
		return b, ErrDeposit
	case set.Price < 0 || set.Price > MaxPrice:
		return b, ErrPrice
	}
	return b.change(r, n, func(l *Line) {
		if l.N == n {
			l.Set, l.Marks = &set, nil
			l.Unit = max(l.Article.Price, set.Price)
		}
	})
}

// SetMember says whether the shopper showed a member card.
func (b Basket) SetMember(r *Rules, member bool) (Basket, error) {
	next := b
	next.Member = member
	return b.or(next.with(r, b.Lines))
}

// A Coupon is a coupon and what it says of its own value: a claim, which counts
// only for rules that are Claimed.
type Coupon struct {
	ID         string       `json:"id"`
	Amount     money.Amount `json:"amount,omitempty"`
	PercentPPM int64        `json:"percent_ppm,omitempty"`
}

// AddCoupon opens the rules that ask for this coupon. A second one of the same
// id changes nothing.
func (b Basket) AddCoupon(r *Rules, c Coupon) (Basket, error) {
	next := b
	at, found := slices.BinarySearch(b.Coupons, c.ID)
	if found {
		return b.or(next.with(r, b.Lines))
	}
	next.Coupons = slices.Insert(slices.Clone(b.Coupons), at, c.ID)
	if c.Amount != 0 || c.PercentPPM != 0 {
		at, _ := slices.BinarySearchFunc(b.Claims, c.ID, Coupon.compareID)
		next.Claims = slices.Insert(slices.Clone(b.Claims), at, c)
	}
	return b.or(next.with(r, b.Lines))
}

// HasCoupon reports whether the coupon of this id was taken.
func (b Basket) HasCoupon(id string) bool {
	_, found := slices.BinarySearch(b.Coupons, id)
	return found
}

func (c Coupon) compareID(id string) int { return strings.Compare(c.ID, id) }

// claim returns what the coupon of this id says of itself.
func (b Basket) claim(id string) Coupon {
	if at, found := slices.BinarySearchFunc(b.Claims, id, Coupon.compareID); found {
		return b.Claims[at]
	}
	return Coupon{ID: id}
}

// SetCash says whether the total is paid in coins, and so rounded to them.
func (b Basket) SetCash(r *Rules, cash bool) (Basket, error) { return b.SetCashBut(r, cash, 0) }

// SetCashBut is SetCash where a part has been paid otherwise: what is left of the
// total without it is rounded.
func (b Basket) SetCashBut(r *Rules, cash bool, paid money.Amount) (Basket, error) {
	next := b
	next.Cash, next.Apart = cash, 0
	if cash {
		next.Apart = paid
	}
	return b.or(next.with(r, b.Lines))
}

// change applies f to line n and its deposit, in a copy.
func (b Basket) change(r *Rules, n int, f func(*Line)) (Basket, error) {
	lines := slices.Clone(b.Lines)
	for i := range lines {
		if lines[i].N == n || lines[i].Of == n {
			f(&lines[i])
		}
	}
	return b.or(b.with(r, lines))
}

func (b Basket) or(next Basket, err error) (Basket, error) {
	if err != nil {
		return b, err
	}
	return next, nil
}

// Line returns line n.
func (b Basket) Line(n int) (Line, bool) {
	if n < 1 || n > len(b.Lines) {
		return Line{}, false
	}
	return b.Lines[n-1], true // lines are numbered in order, none is ever removed
}

// FindOpen returns the number of the last line that another piece of the same
// code (a GTIN of 14 digits or a PLU) at the same price can join by SetQty, or
// 0. Weighed and labelled lines take no more pieces, nor do lines with a lot,
// serial number, date or price of their own.
func (b Basket) FindOpen(code string, unit money.Amount) int {
	for _, l := range slices.Backward(b.Lines) {
		if l.Voided || l.Of != 0 || l.ByWeight() || l.Labelled || l.Lot+l.Serial+l.Expires != "" || l.Set != nil || l.Qty >= MaxQty {
			continue
		}
		if code != "" && (l.Article.GTIN == code || l.Article.PLU == code) && l.Unit == unit {
			return l.N
		}
	}
	return 0
}

// Open returns the lines that are not voided, deposits included, in order.
func (b Basket) Open() []Line {
	return slices.DeleteFunc(slices.Clone(b.Lines), func(l Line) bool { return l.Voided })
}

// Count returns the pieces in the basket; a weighed line is one, a deposit
// none.
func (b Basket) Count() int64 {
	var n int64
	for _, l := range b.Lines {
		if !l.Voided && l.Of == 0 {
			n += l.Qty
		}
	}
	return n
}

// Age returns the highest age limit of the open lines, in years; 0 is none.
func (b Basket) Age() int {
	age := 0
	for _, l := range b.Lines {
		if !l.Voided {
			age = max(age, l.Article.Age)
		}
	}
	return age
}
