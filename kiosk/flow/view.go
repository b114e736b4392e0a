package flow

import (
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/help"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// A View is all that people see of a lane at one moment. It holds message ids
// and numbers, no prose: package words has the prose. [Look] makes it from a
// state; the station adds Version and Live before it hands it to the page.
type View struct {
	Version   int64     // grows by one with each View the station publishes
	Screen    Screen    // data-screen
	Language  string    // of the page now
	Languages []string  // the lane's, first is the default
	Modes     Modes     // text size, contrast, reach
	Lamp      Lamp      // the lane light; also shown by shape and word on the page
	Sale      *ViewSale // nil before a sale
	Hint      *ViewHint // strip in the basket
	Undo      int       // line number whose removal can be taken back; 0: none
	Weigh     *ViewWeigh
	Quantity  *ViewQuantity
	Check     *ViewCheck
	Call      *ViewCall  // the shopper's call for help, while there is one
	Pay       *ViewPay   // on tender, paying and unsure
	Leave     *ViewLeave // on receipt and thanks
	Staff     *ViewStaff
	Closed    *ViewClosed  // no new shopper can start, whatever the screen shows
	Restart   int          // seconds of grace on more-time
	Notices   []Device     // devices that are down: small neutral icons for staff
	NoScanner bool         // articles are found by hand here, now
	NoCard    bool         // the till takes the money, now
	Acts      map[Act]bool // what may be touched now; anything else answers 409
	Live      Live
	Training  bool      // practice: every page says so
	Bags      *ViewBags // on bags: what a bought bag costs

	Coming  *ViewCall    // what the store said of an intervention that waits
	Moment  *help.Moment // for self-help: what the shopper is at
	Survey  *ViewSurvey  // how was the help she got
	Message string       // from staff far away
	Locked  bool         // she is asked to wait for a person
}

// Live is what streams past the flow: shown, never recorded.
type Live struct {
	Weight   *weight.Shown // on weigh: what the scale shows now
	Settled  bool          // that weight stands still
	Terminal string        // message id of the terminal's own state, "" if none
	Inserted money.Amount  // into the cash machine so far
}

// Modes are the accessible ways to show the page. They end with the sale.
type Modes struct {
	Large    bool `json:"large,omitempty"`
	Contrast bool `json:"contrast,omitempty"` // dark high-contrast set
	Light    bool `json:"light,omitempty"`    // light high-contrast set
	Reach    bool `json:"reach,omitempty"`    // all targets in the lower half
}

// ViewSale is the basket as shown, newest line first.
type ViewSale struct {
	ID      string
	Lines   []ViewLine
	Count   int64 // pieces
	Total   money.Amount
	Savings money.Amount // positive
	Taxes   []basket.TaxGroup
	AgePend bool // an age check is still to come
}

// ViewLine is a line as shown. Voided lines are not shown.
type ViewLine struct {
	N         int
	GTIN, PLU string
	Name      string            // in the lane's first language
	Names     map[string]string // by language
	Picture   string
	Qty       int64
	Weight    weight.Shown // Unit 0: not sold by weight
	Unit      money.Amount
	Per       basket.Per
	Amount    money.Amount // before discounts: unit x qty or weight
	Discounts []basket.Discount
	Net       money.Amount // what the line adds to the total (data-amount)
	Of        int          // deposit of that line
	Newest    bool         // entered last: highlighted
	Fixed     bool         // cannot be changed by the shopper (deposit)
}

// ViewHint is the strip in the basket.
type ViewHint struct {
	Kind  Hint
	Line  int               // 0: about no line
	Name  string            // the article, when known
	Names map[string]string // by language
	Age   int               // on HintAge
	Text  string            // on HintRecall and HintGone: why, in the lane's first language
	Texts map[string]string // by language
	// Ticket says on HintTicket why, where that is known.
	Ticket *NoTicket
}

// ViewWeigh is the weighing page.
type ViewWeigh struct {
	Name     string
	Names    map[string]string
	Picture  string
	Unit     money.Amount
	Per      basket.Per
	Tare     weight.Grams
	InBag    bool // a produce bag's weight is taken off
	CanBag   bool // it can be
	Blocked  bool // something lay there before: please clear the scale
	NoScale  bool // the scale does not answer: a person will help
	TooLight bool
	TooHeavy bool
}

// ViewQuantity is the quantity page.
type ViewQuantity struct {
	Line     int
	Name     string
	Names    map[string]string
	Picture  string
	Qty      int64
	Max      int64
	Unit     money.Amount
	Per      basket.Per
	ByWeight bool // cannot be multiplied, only removed
	Adding   bool // asked before the line is added
}

// ViewCheck is the page that looks at a mismatch together with the shopper.
type ViewCheck struct {
	Hint    Hint // missing or too-much
	Line    int
	Name    string
	Names   map[string]string
	Picture string
	Called  bool // a person is on the way
}

// ViewCall is a call for help as the shopper sees it.
type ViewCall struct {
	State  CallState
	Reason string // message id
	Who    string // first name, if the store allows
	Place  int    // in the queue, from 1; 0: not known
	Wait   time.Duration
}

// ViewPay is the paying part.
type ViewPay struct {
	Due     money.Amount
	Tenders []TenderKind // that can be chosen now
	Failed  string       // message id of why the last try did not go through, "" if none
	Staff   bool         // a person was called about it
	Chosen  TenderKind   // touched, and begins in a moment; "" none
	Paid    money.Amount // parts paid so far
	Parts   []ViewPart
	Part    money.Amount // that the card pays next, 0: all that is due
	Now     money.Amount // of the payment under way; negative: it goes back
	Refund  bool         // money is given back: staff see to it
	NowKind TenderKind   // of the payment under way
}

// ViewPart is a part that is paid.
type ViewPart struct {
	Kind   TenderKind
	Amount money.Amount
	Left   money.Amount // on a voucher
	Tail   string       // of its number
}

// ViewLeave is the end of a sale.
type ViewLeave struct {
	ID       string
	Number   int64
	Paid     money.Amount
	Printer  bool   // can print now
	Printing bool   // the receipt is being printed
	Printed  bool   // it came out
	QR       bool   // shown as a code
	Parked   bool   // a ticket for the till, not a receipt
	Refund   bool   // Paid was given back
	Ticket   string // the parked basket's code
	Rating   int
	Left     bool // something still lies on a scale

	Change money.Amount // from the cash machine
}

// ViewStaff is the staff page.
type ViewStaff struct {
	ID        string
	Role      string
	NeedPIN   StaffDeed // the deed that waits for a PIN, "" if none
	PINFailed bool
	Wait      time.Duration // until the next PIN may be tried
	Parting   bool          // asks how much the card pays next
	Due       money.Amount  // for that
	Refund    *ViewRefund   // a refund being put together
	Doubt     *ViewDoubt    // the payment nobody is sure of
	Pricing   bool          // asks which line costs what, and why
	Reasons   []string      // for that: PriceReasons
	Said      string        // what became of SaidOf: done, moving, range, own-key or gone; "" nothing to say
	SaidOf    StaffDeed     // zero-scale or tare-scale
	Deeds     []StaffDeed   // what this person may do now, most likely first
	Pending   []ViewNeed
	Bag       *ViewBag // the bagging question, nil: none
	Devices   []ViewDevice
	DiskLow   bool
	Mode      LaneMode
}

// ViewNeed is one thing that waits for staff.
type ViewNeed struct {
	N      int
	Kind   InterventionKind
	Line   int
	Name   string
	Names  map[string]string
	Age    int
	Detail string // expected and measured, as numbers
}

// ViewDevice is a peripheral as staff see it.
type ViewDevice struct {
	Device Device
	Up     bool
	Why    string // the technical reason, in small print
}

// ViewClosed says why the lane does not serve.
type ViewClosed struct {
	Reason  string    // message id: hours, staff, disk, fault
	OpensAt time.Time // zero: not known
	Ending  bool      // a sale is running, and ends first
}

// ViewBags is what the bags page must say before a bag is bought.
type ViewBags struct {
	Price money.Amount // of one; 0: free
	Max   int64        // that can be bought at once
}
