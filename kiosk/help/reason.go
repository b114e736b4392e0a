package help

import "strings"

// A Reason says why a person is wanted, on two levels: "area.what", as in
// "bagging.too-much". The area alone is a reason too. It stands in contacts and
// reports and must not change.
type Reason string

// The areas: the first level of a reason. Selling and after-sale contacts are
// told apart from trouble, for a person who wants to buy is no trouble.
const (
	AreaAge      Reason = "age"
	AreaBagging  Reason = "bagging"
	AreaPayment  Reason = "payment"
	AreaPrice    Reason = "price"
	AreaArticle  Reason = "article" // cannot be scanned, found or sold
	AreaDevice   Reason = "device"
	AreaHow      Reason = "how"   // how does this work
	AreaBuy      Reason = "buy"   // wants something, or to know about it
	AreaAfter    Reason = "after" // about a sale that is over
	AreaSafety   Reason = "safety"
	AreaHelp     Reason = "help" // the button, nothing more is known
	AreaLaneLost Reason = "lane" // the lane itself is not heard of
)

// Area is the first level of a reason.
func (r Reason) Area() Reason {
	area, _, _ := strings.Cut(string(r), ".")
	return Reason(area)
}

// Valid reports whether a reason is of a known area and a plain word or two.
func (r Reason) Valid() bool {
	if len(r) > 40 || strings.Trim(string(r), "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	_, known := r.of()
	return known
}

// A Priority says what comes first, 1 before 4.
type Priority int

// The priorities.
const (
	Urgent  Priority = 1 // safety, or a payment nobody is sure of
	Blocked Priority = 2 // a shopper cannot go on
	Waiting Priority = 3 // a shopper goes on meanwhile
	House   Priority = 4 // nobody waits: paper, cleaning
)

// area is what a store gets that says nothing else.
type area struct {
	priority Priority
	presence bool // it may not be settled from afar
	when     Phase
}

// A Phase says which part of a visit a contact belongs to.
type Phase string

// The phases of a visit.
const (
	BeforeSale Phase = "before" // wants to buy, asks about an article
	DuringSale Phase = "during"
	AfterSale  Phase = "after"
)

// of is what an area says, and whether there is such an area.
func (r Reason) of() (area, bool) {
	switch r.Area() {
	case AreaSafety, AreaPayment:
		return area{Urgent, true, DuringSale}, true
	case AreaBagging, AreaArticle, AreaPrice, AreaHelp, AreaHow:
		return area{Blocked, false, DuringSale}, true
	case AreaLaneLost:
		return area{Blocked, true, DuringSale}, true
	case AreaAge:
		return area{Waiting, true, DuringSale}, true
	case AreaBuy:
		return area{Waiting, false, BeforeSale}, true
	case AreaAfter:
		return area{Waiting, false, AfterSale}, true
	case AreaDevice:
		return area{House, true, DuringSale}, true
	}
	return area{Blocked, false, DuringSale}, false
}

// Phase is the part of a visit that a reason belongs to.
func (r Reason) Phase() Phase {
	a, _ := r.of()
	return a.when
}

// SkipsArticles reports whether a person is called at once, without self-help:
// where money or safety is concerned, or where only a person may decide.
func (r Reason) SkipsArticles() bool {
	a, _ := r.of()
	return a.priority == Urgent || r.Area() == AreaAge
}
