package flow

import (
	"slices"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/hours"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// Rules are the store's choices. Step reads them and never changes them; the
// station hands in new ones (a new price list) only between two baskets.
type Rules struct {
	Store, Lane string
	Currency    string
	Languages   []string // the first is the default
	Basket      *basket.Rules
	Prices      int64         // version of the catalogue that Basket is of; 0: not known
	DayEnds     time.Duration // the business day's end, after midnight
	Hours       hours.Hours   // zero: always open
	Bagging     BagMode
	BagOrClose  bool // without the bagging scale no new sale starts; else staff watch
	Bags        BagRules
	Receipt     string        // ask, always, never
	VoidSale    string        // who may void a sale with lines: "staff" or "shopper"
	Reread      time.Duration // the same code again within this time is one scan
	Dual        time.Duration // a linear and a 2D symbol of one GTIN within this time are one piece
	MaxQty      int64
	MinWeight   weight.Grams // below this, net, nothing is sold by weight
	ScaleTares  bool         // the scale is told the tare and takes it off itself
	Limits      []Limit
	BagTare     weight.Grams // of a produce bag, taken off when the shopper says so; 0: there are none
	Devices     []Device     // that the lane has
	NoFind      bool         // the catalogue has nothing that could be found by hand
	Partial     bool         // a part that the terminal approves is kept, and the rest paid otherwise; else it goes back
	VoucherMax  money.Amount // most that vouchers pay of one sale while only this lane knows them; 0: no limit
	Training    bool         // practice: nothing counts
	Timing      Timing

	// AtLane are the interventions that only somebody at the lane may settle; nil:
	// age and payment.
	AtLane []InterventionKind
}

// Has reports whether the lane has a device at all.
func (r *Rules) Has(d Device) bool { return slices.Contains(r.Devices, d) }

// A Limit restricts what is sold, when and how many of it.
type Limit struct {
	Items []string    // as a promotion names them: GTINs of 14 digits, "plu:4011", "group:beer"
	Never bool        // not sold at this lane at all
	Hours hours.Hours // sold only then, by the time of the scan; zero: at any time
	AtPay bool        // and by the time of paying
	Max   int64       // pieces in one sale, of all Items together; 0: any number
	Staff bool        // staff may allow it
}

// A BagMode says what the bagging check may do.
type BagMode string

// The modes of the bagging check.
const (
	BagCheck BagMode = "check" // hints and calls
	BagWatch BagMode = "watch" // records only
	BagOff   BagMode = "off"
)

// BagRules are the store's carrier bags.
type BagRules struct {
	Ask     bool           // ask at the start of a sale
	Own     bool           // shoppers may put a bag of their own on the scale
	Article basket.Article // what a bought bag is sold as
	Price   money.Amount   // 0: bags are free
	Max     int64
}

// Timing are the lane's waits. All are at least a second in a shop; the
// workbench divides them.
type Timing struct {
	Hint    time.Duration // how long "could not read this" stays
	Say     time.Duration // from a bagging hint to saying it aloud; 0: never
	Check   time.Duration // from a bagging hint to looking at it together
	Idle    time.Duration // without a touch: "more time?"
	Empty   time.Duration // without a touch and nothing in the basket: back to the start
	Grace   time.Duration // to answer that; at least 20 s in a shop (WCAG 2.2.1)
	Undo    time.Duration // how long a removal can be taken back on the page
	Receipt time.Duration // the receipt question leaves by itself
	Thanks  time.Duration
	Staff   time.Duration // the staff page leaves by itself
	Unsure  time.Duration // unsure of a payment: then a person is called

	PayCheck time.Duration // how long a payment waits for the bagging check's answer at pay
}
