package flow

import (
	"encoding/json"
	"slices"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// State is all a lane remembers. The zero State is a lane that has just been
// unpacked: closed, with every device unknown. Step never changes a State in
// place.
type State struct {
	Now     Instant // of the newest event
	Run     string  // of the station
	Rev     int     // of Step's ways, by which this run goes
	Mode    LaneMode
	ModeBy  string // who opened or closed it: hours, disk, or a staff id
	InHours bool   // what the opening hours said last
	DiskLow bool
	Number  int64 // of the newest sale
	Refunds int64 // number of the newest refund among refunds
	Sale    *Sale // on the screen, nil: none
	Last    *Sale // the one before, for a reprint
	Staff   *Session
	Scale   Load
	Devices map[Device]DeviceState
	Modes   Modes
	Lang    string        // chosen on the language page, "" the default
	Choose  time.Duration // the language page is open, before a sale, since; 0: it is not
	DoorUp  bool          // a door of the lane is open
	Tended  Instant       // staff last had the checkout scale zeroed or tared

	Commands []CommandDone // from afar, the newest last; never changed in place

	last    lastRead
	opening bool // a record is replayed that opened a sale: the lane did serve then
}

// lastRead is the last code of an article that was read: for the scanner's
// double read, and for two symbols of one piece. It is no part of what is
// remembered; a restart takes longer than either.
type lastRead struct {
	raw, gtin string
	twoD      bool
	at        time.Duration
	line      int // that it was added to, 0: none

	bagged int64 // Scanned.Bagged
	alone  bool  // nothing else was on its way to the bagging area
}

// DeviceState is a peripheral as last heard of.
type DeviceState struct {
	Up  bool
	Why string
}

// Load is what lies on the checkout scale.
type Load struct {
	Shown weight.Shown `json:"shown"`
	Heavy bool         `json:"heavy,omitempty"`
	Lost  bool         `json:"lost,omitempty"`
	Used  bool         `json:"used,omitempty"` // it has been sold, or lay there before the sale
	Light bool         `json:"light,omitempty"`
	Net   bool         `json:"net,omitempty"`
	Frame string       `json:"frame,omitempty"`
}

// empty reports whether the scale shows nothing.
func (l Load) empty() bool { return l.Shown.Zero() && !l.Heavy && !l.Lost }

// A Page is where the shopper is within a sale.
type Page string

// The pages of a sale. The payment, the staff page and the question for more
// time lie over them.
const (
	PageBags     Page = "bags"
	PageBasket   Page = "basket"
	PageFind     Page = "find"
	PageWeigh    Page = "weigh"
	PageQuantity Page = "quantity"
	PageCheck    Page = "check"
	PageAge      Page = "age"
	PageHelp     Page = "help"
	PageLanguage Page = "language"
	PageTender   Page = "tender"
	PageReceipt  Page = "receipt"
	PageThanks   Page = "thanks"
)

// A Sale is one shopper's transaction.
type Sale struct {
	Number   int64
	State    SaleState
	OpenedAt Instant
	ClosedAt Instant
	Day      string // business day, YYYY-MM-DD
	Language string
	Basket   basket.Basket
	Member   string // handle

	Page   Page
	Newest int // line entered last
	Proofs []Proof
	Undo   Undo
	Strip  Strip // the hint
	Pick   *Pick // article waiting for a weight or a quantity
	Held   *Held // article that a limit keeps out until staff allow it, nil: none; never changed in place
	// Allowed are the limits that staff have lifted for this sale, see [Sale.Lifts].
	// Lifted are those of a basket that an older program parked, by position in
	// [Rules.Limits].
	Allowed []string
	Lifted  []int
	Line    int // on the quantity page of a line

	OwnBag    bool
	Unbagged  []int   // lines the bagging check has not seen settle yet
	Bag       BagView // what the bagging check says
	Age       int     // highest age asked for, 0: none
	AgeBy     string  // who looked, "" nobody yet
	WantsPay  bool    // pay was pressed and waits for a person
	Needs     []Need
	Calls     []Call
	Hold      Hold
	Payment   Payment
	Tenders   []Tender
	Part      money.Amount // of what is due the card pays next, as staff said; 0: all
	Taking    bool         // what was paid goes back
	Vouchers  []Voucher    // scanned, to pay with
	Issued    []Issued     // vouchers sold or given
	Recalled  string       // id of the parked sale this one took up
	Refund    *Refund      // what is given back, nil: a sale; never changed in place
	Document  int64        // number among the refunds, 0: none
	Paper     Paper
	Rating    int
	TouchedAt time.Duration // last sign of life
	AskedAt   time.Duration // "more time?" is on the screen since; 0: it is not
	EndAt     time.Duration // receipt and thanks leave by themselves; 0: they do not

	Heard   []Word   // what the store said of calls; never changed in place
	Reads   []Read   // self-help since the last call; never changed in place
	Below   Page     // that help was asked for on
	Message *Message // from afar; never changed in place
	Locked  bool     // the shopper waits for a person
}

// Undo is a removal that can be taken back.
type Undo struct {
	Line  int
	Until time.Duration
}

// Strip is a hint that closes by itself, but for the bagging check's.
type Strip struct {
	Kind    Hint
	Line    int
	Article *basket.Article
	Recall  *Recall
	Ticket  *NoTicket     // on HintTicket, where more is known
	Until   time.Duration // 0: until it is solved
}

// A Pick is an article that is not a line yet.
type Pick struct {
	Article basket.Article
	Code    string
	InBag   bool // in a produce bag, whose weight is taken off
	Blocked bool // the scale was not empty
	Light   bool // less than may be sold
}

// BagView is the bagging check's standing question.
type BagView struct {
	Decision bagging.Decision
	Since    time.Duration
	Said     bool      // aloud
	Looked   bool      // the check page has been shown
	Question *Question // what can be told of it, nil: nothing; never changed in place
}

// A Need is an intervention: the lane waits for, or asks for, a person.
type Need struct {
	N        int
	Kind     InterventionKind
	RaisedAt Instant
	Settled  bool
	At       Instant // when settled
	By       string
	Reason   string
	Line     int
	Detail   string
	Blocks   bool // payment waits for it
	Asked    bool // a person was asked for
	From     string
}

// A Call is a request for help.
type Call struct {
	N        int
	Reason   string
	State    CallState
	RaisedAt Instant
	SeenAt   Instant
	EndedAt  Instant
	By       string
	Outcome  string
	From     string // console, or "" the lane
	Reads    []Read // self-help before it; never changed in place
	Rating   int    // 1 to 3, by the shopper
	Solved   *bool  // never changed in place
	Asked    bool   // she was asked how it was
	Silent   bool   // nobody was asked for: an article was enough, or was only read
}

func (c Call) open() bool { return c.State != CallDone && c.State != CallCancelled }

// A Phase is how far a payment has come. Nothing has left the lane before
// PhaseCharging.
type Phase string

// The phases of a payment.
const (
	PhaseNone     Phase = ""
	PhaseAsked    Phase = "asked"    // the wish is recorded
	PhaseCharging Phase = "charging" // evidence is recorded; the terminal may have it
	PhaseUnsure   Phase = "unsure"   // nobody knows; the terminal is being asked
)

// A Payment is the one under way.
type Payment struct {
	Phase    Phase
	Tender   int // its N in Tenders
	Evidence json.RawMessage
	Approval json.RawMessage // what the terminal said last, nil if nothing
	Since    time.Duration
	Failed   string // message id of why the last try did not go through
	Aborting bool
	Other    string // the terminal that answers is this one, not the one that was asked
}

// A Tender is a payment made or tried.
type Tender struct {
	N       int
	Kind    TenderKind
	Key     string
	Amount  money.Amount // what it pays; negative: what goes back
	Result  string
	Receipt ChargeReceipt
	Way     Way
	Of      int             // the tender of this sale that is taken back
	Asked   money.Amount    // more was asked, and the terminal approved Amount; 0: it was not
	Proof   json.RawMessage // what the terminal said of an approved one: a reversal needs it
	Voucher string          // handle
	Tail    string          // the voucher's last characters, for its paper
	Left    money.Amount    // on the voucher
	Given   money.Amount    // in cash
	Change  money.Amount    // of it
}

// Paper is what was printed for a sale.
type Paper struct {
	Key    string // of the job under way, "" if none
	Jobs   int
	Copies int
	Done   bool // the original came out
	Begun  bool // some or all of it may be on paper: what follows is a duplicate
	Failed bool
	QR     bool
}

// A Session is a member of staff at the lane.
type Session struct {
	Staff
	Want  StaffDeed `json:"want,omitempty"`  // waits for the PIN
	Line  int       `json:"line,omitempty"`  // of Want
	Of    int64     `json:"of,omitempty"`    // number of the sale that Want is about, 0: none
	Price *newPrice `json:"price,omitempty"` // of Want; never changed in place
	// Pricing says that the page asks for a price and a reason.
	Pricing bool          `json:"pricing,omitempty"`
	Parting bool          `json:"parting,omitempty"` // asks how much the card pays next
	Refund  *Refund       `json:"refund,omitempty"`  // being put together; never changed in place
	Failed  bool          `json:"failed,omitempty"`
	Wait    time.Duration `json:"wait,omitempty"` // the next PIN may be tried at this Mono time
	PIN     bool          `json:"pin,omitempty"`  // it was right, in this session
	Said    string        `json:"said,omitempty"` // what became of SaidOf: done, or why not
	SaidOf  StaffDeed     `json:"said_of,omitempty"`
	Until   time.Duration `json:"until"`
}

// clone copies what Step may change.
func (s State) clone() State {
	if s.Sale != nil {
		sale := *s.Sale
		sale.Needs = slices.Clone(sale.Needs)
		sale.Calls = slices.Clone(sale.Calls)
		sale.Tenders = slices.Clone(sale.Tenders)
		sale.Vouchers = slices.Clone(sale.Vouchers)
		sale.Issued = slices.Clone(sale.Issued)
		sale.Unbagged = slices.Clone(sale.Unbagged)
		sale.Allowed = slices.Clone(sale.Allowed)
		if sale.Pick != nil {
			pick := *sale.Pick
			sale.Pick = &pick
		}
		s.Sale = &sale
	}
	if s.Last != nil {
		last := *s.Last
		last.Issued = slices.Clone(last.Issued)
		s.Last = &last
	}
	if s.Staff != nil {
		session := *s.Staff
		s.Staff = &session
	}
	return s
}

// up reports whether a device answers. One that the lane does not have does not.
func (s State) up(d Device) bool { return s.Devices[d].Up }

// line returns the open line n of the sale.
func (s *Sale) line(n int) (basket.Line, bool) {
	for _, l := range s.Basket.Lines {
		if l.N == n && !l.Voided {
			return l, true
		}
	}
	return basket.Line{}, false
}

// empty reports whether nothing is to be paid for.
func (s *Sale) empty() bool {
	for _, l := range s.Basket.Lines {
		if !l.Voided {
			return false
		}
	}
	return true
}

// over reports whether the sale has been decided: only paper and thanks remain.
func (s *Sale) over() bool { return s.State != SaleOpen && s.State != SaleInDoubt }

// need returns the unsettled intervention of a kind, or nil.
func (s *Sale) need(kind InterventionKind) *Need {
	for i := range s.Needs {
		if s.Needs[i].Kind == kind && !s.Needs[i].Settled {
			return &s.Needs[i]
		}
	}
	return nil
}

// blocked reports whether payment waits for a person.
func (s *Sale) blocked() bool {
	return slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Blocks && !n.Settled })
}

// call returns the open call for help, or nil.
func (s *Sale) call() *Call {
	for i := range s.Calls {
		if s.Calls[i].open() {
			return &s.Calls[i]
		}
	}
	return nil
}

// paying reports whether a payment is under way.
func (s *Sale) paying() bool { return s.Payment.Phase != PhaseNone }

// tender returns the payment under way, or nil.
func (s *Sale) tender() *Tender {
	for i := range s.Tenders {
		if s.paying() && s.Tenders[i].N == s.Payment.Tender {
			return &s.Tenders[i]
		}
	}
	return nil
}

// paid is the sum of what has been approved.
func (s *Sale) paid() money.Amount {
	var sum money.Amount
	for _, t := range s.Tenders {
		if t.Result == string(ChargeApproved) {
			sum += t.Amount
		}
	}
	return sum
}

// due is what is still to be paid.
func (s *Sale) due() money.Amount { return s.Basket.Total - s.paid() }
