package basket

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kassa/kiosk/money"
)

// Rules is all a store sells by, besides the articles. Rules are data: made
// once (with [NewRules]), shared, never changed in place. A Basket is priced by
// the same Rules from its first line to its payment.
type Rules struct {
	Tax        Tax
	Promotions []Promotion
	CashStep   money.Amount   // the smallest coin, for cash totals; 0 and 1: none
	CashRound  money.Rounding // how a cash total goes to it

	byItem map[string][]int // item -> positions in Promotions; nil: look through all
}

// Tax says how sales are taxed. Without classes nothing is.
type Tax struct {
	Inclusive  bool    // prices include the tax (VAT); else it is added (sales tax)
	PerReceipt bool    // tax is rounded once per class; else on each line
	Classes    []Class // an article without a class is in the first
}

// A Class is a tax class.
type Class struct {
	ID, Name string
	RatesPPM []int64 // parts per million; several are stacked, each on the same net price
}

// Kind says what a promotion does.
type Kind string

// The kinds. The first three lower the price of single pieces (a weighed line
// is one), the others of Buy pieces together and never of weighed ones. NForM and
// NForPrice want Buy pieces of the same article, Mix takes any of Items.
const (
	Percent   Kind = "percent"     // PercentPPM off
	Off       Kind = "amount"      // Amount off, at most the price
	AtPrice   Kind = "price"       // sold at Price, if that is lower; for weighed articles per what their price is for
	NForM     Kind = "n-for-m"     // Buy pieces for the price of the Pay dearest
	NForPrice Kind = "n-for-price" // Buy pieces for Price
	Mix       Kind = "mix"         // Buy pieces for the Pay dearest, for Price, or PercentPPM or Amount off
	Whole     Kind = "basket"      // PercentPPM or Amount off all pieces of Items together, once; see Promotion
)

// A Promotion is one rule that lowers prices.
//
// When rules compete, the shopper gets the set of applications with the lowest
// total of lines; among equals the one with the fewest applications (a rule for
// single pieces applies to each piece), then the one whose ids, sorted, come
// first in byte order. A piece takes part in one rule, except that rules with
// Stack apply afterwards to whatever the price has become: first Price and
// bundles, then Percent, then Amount, among equals in order of id.
//
// The set is the best for certain where at most 12 applications are possible
// among pieces that are bound together by the rules they share, and for more as
// long as the search stays short, see exact.go. Else it is found the greedy way:
// again and again the application, made of the dearest free pieces of its rule,
// that saves most over what the pieces save by themselves. Basket.Greedy says
// which.
type Promotion struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Names      map[string]string `json:"names,omitempty"` // by language tag; never changed in place
	Kind       Kind              `json:"kind"`
	Items      []string          `json:"items,omitempty"` // GTINs of 14 digits, "plu:4011", "group:dairy"; none (only Percent and Whole): all articles
	Buy        int64             `json:"buy,omitempty"`   // for single pieces: from so many pieces of Items on
	Pay        int64             `json:"pay,omitempty"`
	Price      money.Amount      `json:"price,omitempty"`
	PercentPPM int64             `json:"percent_ppm,omitempty"`
	Amount     money.Amount      `json:"amount,omitempty"`
	Least      money.Amount      `json:"least,omitempty"` // only for the Whole: from so much of Items on
	From       Wall              `json:"from,omitempty"`  // first second
	Until      Wall              `json:"until,omitempty"` // first second after; 0: for good
	Days       Days              `json:"days,omitempty"`
	Hours      []Hours           `json:"hours,omitempty"`
	Members    bool              `json:"members,omitempty"` // only with a member card
	Coupon     string            `json:"coupon,omitempty"`  // only with this coupon
	Claimed    bool              `json:"claimed,omitempty"` // takes off what the coupon says, at most Amount or PercentPPM
	Limit      int64             `json:"limit,omitempty"`   // applications per basket; 0: any number
	Stack      bool              `json:"stack,omitempty"`
}

// Limits of what a rule may hold; they keep every total far from overflow.
const (
	maxRatePPM = 10_000_000 // all rates of a class together
	maxBuy     = 99
)

// NewRules checks the rules and makes them ready for use. The slices are the
// Rules' own from then on.
func NewRules(r Rules) (*Rules, error) {
	var errs []error
	if r.CashStep < 0 {
		errs = append(errs, errors.New("cash step is negative"))
	}
	seen := map[string]bool{}
	for _, c := range r.Tax.Classes {
		errs = append(errs, c.check())
		if seen[c.ID] {
			errs = append(errs, fmt.Errorf("tax class %q stands twice", c.ID))
		}
		seen[c.ID] = true
	}
	r.Promotions = slices.SortedFunc(slices.Values(r.Promotions), func(a, b Promotion) int { return cmp.Compare(a.ID, b.ID) })
	r.byItem = make(map[string][]int)
	for i, p := range r.Promotions {
		errs = append(errs, p.Check())
		if i > 0 && p.ID == r.Promotions[i-1].ID {
			errs = append(errs, fmt.Errorf("rule %q stands twice", p.ID))
		}
		for _, item := range p.items() {
			if at := r.byItem[item]; len(at) == 0 || at[len(at)-1] != i {
				r.byItem[item] = append(at, i)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &r, nil
}

func (c Class) check() error {
	var sum int64
	for _, rate := range c.RatesPPM {
		if rate < 0 || rate > maxRatePPM {
			return fmt.Errorf("tax class %q: a rate is %d, want 0 to %d", c.ID, rate, maxRatePPM)
		}
		sum += rate
	}
	if sum > maxRatePPM {
		return fmt.Errorf("tax class %q: the rates add up to %d, want at most %d", c.ID, sum, maxRatePPM)
	}
	return nil
}

// everything is the item of a rule without items.
const everything = "*"

func (p Promotion) items() []string {
	if len(p.Items) == 0 {
		return []string{everything}
	}
	return p.Items
}

// bundle reports whether the rule takes several pieces at once.
func (p Promotion) bundle() bool { return p.Kind == NForM || p.Kind == NForPrice || p.Kind == Mix }

// Check says what is wrong with a rule, by the names its file has.
func (p Promotion) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("rule %q: %s", p.ID, fmt.Sprintf(format, args...))
	}
	switch {
	case p.ID == "":
		return errors.New("a rule has no id")
	case p.ID == MemberRule || p.ID == MarkRule || p.ID == SetRule:
		return bad("this id is taken; choose another")
	case p.Least < 0 || p.Least > MaxTotal || p.Least > 0 && p.Kind != Whole:
		return bad("least_minor is %d, want 0 to %d, and only with kind basket", p.Least, MaxTotal)
	case p.Limit < 0:
		return bad("limit is %d, want 0 or more", p.Limit)
	case p.From != 0 && p.Until != 0 && p.Until <= p.From:
		return bad("it ends (until) before it begins (from)")
	case p.Price < 0 || p.Price > MaxPrice:
		return bad("price_minor is %d, want 0 to %d", p.Price, MaxPrice)
	case p.Amount < 0 || p.Amount > MaxPrice:
		return bad("amount_minor is %d, want 0 to %d", p.Amount, MaxPrice)
	case p.PercentPPM < 0 || p.PercentPPM > 1_000_000:
		return bad("percent_ppm is %d, want 0 to 1000000", p.PercentPPM)
	case p.Buy < 0 || p.Buy > maxBuy:
		return bad("buy is %d, want 0 to %d", p.Buy, maxBuy)
	}
	if what := p.checkKind(); what != "" {
		return bad("%s", what)
	}
	if len(p.Items) == 0 && p.Kind != Percent && p.Kind != Whole {
		return bad("items are missing")
	}
	if p.Claimed && (p.Coupon == "" || p.Kind != Percent && p.Kind != Off && p.Kind != Whole) {
		return bad("coupon_value goes with a coupon, and with kind percent, amount or basket")
	}
	return nil
}

func (p Promotion) checkKind() string {
	byPay := p.Pay > 0 && p.Pay < p.Buy
	switch p.Kind {
	case Percent:
		if p.PercentPPM == 0 {
			return "percent needs percent_ppm"
		}
	case Off:
		if p.Amount == 0 {
			return "amount needs amount_minor"
		}
	case AtPrice: // a price of nought is a gift
	case NForM:
		if !byPay {
			return "n-for-m needs buy, and pay from 1 to buy less 1"
		}
	case NForPrice:
		if p.Buy < 1 || p.Price == 0 {
			return "n-for-price needs buy and price_minor"
		}
	case Mix:
		ways := 0
		for _, set := range []bool{byPay, p.Price > 0, p.PercentPPM > 0, p.Amount > 0} {
			if set {
				ways++
			}
		}
		if p.Buy < 1 || ways != 1 || p.Pay != 0 && !byPay {
			return "mix needs buy and one of pay (less than buy), price_minor, percent_ppm, amount_minor"
		}
	case Whole:
		if (p.PercentPPM > 0) == (p.Amount > 0) {
			return "basket needs one of percent_ppm and amount_minor"
		}
		if p.Buy != 0 || p.Limit != 0 {
			return "basket holds once, and counts money: leave out buy and limit, write least_minor"
		}
	default:
		return fmt.Sprintf("kind is %q, want percent, amount, price, n-for-m, n-for-price, mix or basket", p.Kind)
	}
	return ""
}

// HasCoupon reports whether some rule waits for the coupon.
func (r *Rules) HasCoupon(c Coupon) bool {
	return c.ID != "" && slices.ContainsFunc(r.Promotions, func(p Promotion) bool {
		_, worth := p.claim(c)
		return p.Coupon == c.ID && worth
	})
}

// claim returns what the rule is with a coupon's own value, which counts only
// where the rule says so, and only up to what it says; false if that is nothing.
// An amount comes off once, unless the rule has a limit of its own.
func (p Promotion) claim(c Coupon) (Promotion, bool) {
	switch {
	case !p.Claimed:
		return p, true
	case p.Amount > 0:
		p.Amount = max(0, min(p.Amount, c.Amount))
		if p.Kind == Off {
			p.Limit = max(1, p.Limit)
		}
		return p, p.Amount > 0
	default:
		p.PercentPPM = max(0, min(p.PercentPPM, c.PercentPPM))
		return p, p.PercentPPM > 0
	}
}

// holds reports whether the rule's conditions are met for a line scanned at w.
func (p Promotion) holds(b Basket, w Wall) bool {
	timed := p.From != 0 || p.Until != 0
	switch {
	case p.Members && !b.Member,
		p.Coupon != "" && !b.HasCoupon(p.Coupon),
		timed && w == 0,
		w < p.From,
		p.Until != 0 && w >= p.Until:
		return false
	}
	return During(w, p.Days, p.Hours)
}

// rulesFor returns the positions of the promotions that name the article.
func (r *Rules) rulesFor(a Article) []int {
	keys := append(a.items(), everything)
	var found []int
	if r.byItem != nil {
		for _, k := range keys {
			found = append(found, r.byItem[k]...)
		}
	} else {
		for i, p := range r.Promotions {
			if slices.ContainsFunc(p.items(), func(item string) bool { return slices.Contains(keys, item) }) {
				found = append(found, i)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// class returns the class of a line: its own, or the first.
func (t Tax) class(id string) (Class, bool) {
	if len(t.Classes) == 0 {
		return Class{ID: id}, true
	}
	if id == "" {
		return t.Classes[0], true
	}
	i := slices.IndexFunc(t.Classes, func(c Class) bool { return c.ID == id })
	if i < 0 {
		return Class{}, false
	}
	return t.Classes[i], true
}

// ItemOf returns the form a Promotion has an item in: GTINs with 14 digits,
// short numbers as "plu:4011", groups as they are.
func ItemOf(s string) (string, error) {
	if group, ok := strings.CutPrefix(s, "group:"); ok && group != "" {
		return s, nil
	}
	digits := strings.TrimPrefix(s, "plu:")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", fmt.Errorf("item %q: want a GTIN, a PLU or group:NAME", s)
	}
	switch {
	case len(digits) <= 6:
		return "plu:" + digits, nil
	case digits == s && (len(s) == 8 || len(s) >= 12 && len(s) <= 14):
		return strings.Repeat("0", 14-len(s)) + s, nil
	default:
		return "", fmt.Errorf("item %q: want a GTIN of 8, 12, 13 or 14 digits or a PLU of up to 6", s)
	}
}
