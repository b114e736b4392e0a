// Package config reads kassa.toml, the file that says what one lane is and what
// is plugged into it. It opens no device and makes no folder; whether an
// article's tax class is known, a driver exists or a country has a ready set of
// codes is for those who use the result to say.
//
// Its one rule: text is checked once, here. What Load returns is of checked
// types with every default filled in, and what it refuses it refuses in one
// line: file, line, key, what is wrong and what to write instead.
package config

import (
	"time"

	"kassa/kiosk/hours"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// A Lane is a checked kassa.toml. Paths in it are absolute or relative to the
// working directory: a relative one in the file counts from the file's folder.
type Lane struct {
	File      string // as given to Load
	ID        string // [a-z0-9-]{1,32}, unique in the store
	Store     string
	Country   string // ISO 3166-1, two capital letters
	Location  *time.Location
	DayEnds   time.Duration // since midnight: until then it is still yesterday's business day
	DayAuto   bool          // the lane closes its business day by itself at DayEnds
	Hours     hours.Hours
	Currency  string   // ISO 4217
	Decimals  int      // of the currency, 0 to 3
	Languages []string // at least one; the first is the default
	Digits    string   // latn or arab
	Data      string   // folder of the database

	Shop     Shop
	Tax      Tax
	Codes    Codes
	Screen   Screen
	Scanners []Scanner
	Scale    *Scale   // nil: no such device; so below
	Bagging  *Bagging // nil too where its mode is off
	Terminal *Terminal
	Printer  *Printer
	Panel    *Panel
	Hub      *Hub
	HQ       *HQ
	// Call says that a colleague may ask the shopper for a video or voice call.
	Call     bool
	Articles string // folder of the store's own self-help articles, LANG/ID.md; "" none
	Timing   Timing
	Bags     Bags
	Staff    Staff
	Disk     Disk
	Voucher  *Voucher // nil: the lane takes and sells no vouchers
	Cash     *Cash    // nil: the lane takes no cash

	Restrictions []Restriction
	Retention    Retention
}

// A ReceiptRule says when a receipt is printed.
type ReceiptRule string

// The receipt rules.
const (
	ReceiptAsk    ReceiptRule = "ask"
	ReceiptAlways ReceiptRule = "always"
	ReceiptNever  ReceiptRule = "never"
)

// Shop is what stands on receipts.
type Shop struct {
	Name      string
	Address   []string
	TaxNumber string
	Receipt   ReceiptRule
	Logo      string // path of a PNG, "": none
}

// Tax is how the store's prices are taxed. No class: no tax is charged.
type Tax struct {
	Exclusive  bool         // prices come without tax
	PerReceipt bool         // tax is rounded once a receipt, not once a line
	CashStep   money.Amount // the smallest coin, to which cash totals are rounded; 1: they are not
	Classes    []TaxClass
}

// A TaxClass is one rate, or several stacked.
type TaxClass struct {
	ID       string
	Name     string
	RatesPPM []int64 // parts per million, 0 to 1,000,000 each; at least one
}

// Codes say which in-store patterns scanned codes are held against.
type Codes struct {
	Country string // a ready set; the lane's country where the file names none
	File    string // own patterns, "" for none
}

// Screen is the shopper's page.
type Screen struct {
	Listen     string // host:port
	Storybook  bool   // also serves every screen with canned data; not in a shop
	TerminalAt string // where the terminal stands as seen from the screen: left, right, below, above
}

// A Scanner is a barcode reader.
type Scanner struct {
	Port     Port
	Protocol string // lines, magellan, ssi, evdev, hidpos
	Line     Line   // of a serial port
	Letters  string // vendor whose code letters it sends; "" for none
}

// A Scale is a scale on a wire.
type Scale struct {
	Port     Port
	Protocol string
	Line     Line
	Unit     weight.Unit
	Division weight.Shown // the smallest step it shows
	Max      weight.Shown // its capacity
	Min      weight.Shown // the least that may be sold by weight; no digits: not checked
	Variant  Variant
	Cell     Cell // hx711 only
}

// A Variant says how one make speaks a scale protocol where makes differ. What
// its parts mean stands at the driver.
type Variant struct {
	ZeroBits       byte
	Status         string
	HighResolution bool
	Poll           string
	Pair           string
	PairEscape     bool
	DoubleEOT      bool
	ShortPrice     bool
	Repeat         bool
}

// A Cell is a bare load cell on GPIO lines, with its calibration.
type Cell struct {
	Data, Clock          string
	Gain, Rate           int // 0: the driver's own
	ZeroCount, SpanCount int64
	Span                 weight.Grams // 0: not calibrated
	InitialZero          int          // percent of Max
}

// Bagging is the scale of the bagging area and what is done about it.
type Bagging struct {
	Scale
	Watch     bool // record only, ask nobody
	CallAtPPM int64
	Close     bool // without this scale the lane closes; else it sells, watched by staff
}

// A Terminal takes cards.
type Terminal struct {
	Port         Port
	Line         Line   // of a serial port
	Protocol     string // zvt, nexo
	PasswordFile string // zvt; "" for the protocol's own default
	Nexo         *Nexo  // nexo; else nil
	Partial      bool   // an approval of less than was asked is kept; else it goes back
}

// A Voucher says what the lane's own ledger of vouchers may do.
type Voucher struct {
	Limit     money.Amount // most that vouchers pay of one sale; 0: no limit
	ValidDays int          // of a voucher made here; 0: for ever
}

// A Printer prints receipts.
type Printer struct {
	Port     Port
	Protocol string // escpos
	Profile  string // width, code page, cutter
	Profiles string // path of the store's own profiles, "": none
	Line     Line   // of a serial port
}

// A Panel is the lane light, the call button, the drawer and the door. Where
// Protocol is gpio a name left empty means the lane has no such part; where it
// is lines all are empty and the board has what it has.
type Panel struct {
	Protocol   string // gpio, lines
	Port       Port   // lines only
	Line       Line   // lines only
	LampGreen  string
	LampRed    string
	LampWhite  string
	CallButton string
	Drawer     string
	Door       string
}

// A Hub is the store's hub.
type Hub struct {
	URL         string
	Credentials string // a file
	// Presence are the interventions that only somebody at the lane may settle;
	// nil: age and payment.
	Presence []string
	// ShareWeights says whether what articles weigh is learned together with the
	// store's other lanes.
	ShareWeights bool
	// Receipts is where shoppers' telephones reach the hub's e-receipts, without
	// a slash at the end; "": the code on the screen is the receipt itself.
	Receipts string
}

// Timing is how long things take on the shopper's page. All are positive and
// at most an hour.
type Timing struct {
	BagSettle time.Duration // a mismatch younger than this is no mismatch yet
	BagHint   time.Duration // then the strip shows, with a soft sound
	BagSay    time.Duration // then the strip is spoken, where the system has a voice; no later than BagHint: never
	BagCheck  time.Duration // then the page with choices
	BagCall   time.Duration // then a person is asked for

	IdleAsk   time.Duration // no touch, no scan: "do you need more time?"
	IdleGrace time.Duration // no answer: the basket is parked
	IdleEmpty time.Duration // a page with nothing in the basket goes back to the start

	Undo       time.Duration // a removed line can be brought back
	Receipt    time.Duration // the choice of a receipt stays
	Thanks     time.Duration // the last page stays
	StaffPage  time.Duration // the staff page leaves by itself
	UnsureCall time.Duration // a payment nobody is sure of: a person is asked for
	PayCheck   time.Duration // a payment waits at most so long for the bagging check

	Reread time.Duration // one symbol read again within it is one piece
	Dual   time.Duration // two symbols of one piece, read within it, are one piece
}

// Bags is what is asked about bags when a sale begins.
type Bags struct {
	Ask     bool              // show the question
	Own     bool              // own bags may be put into the bagging area
	Sell    bool              // bags are sold: Name and Price are set
	Name    string            // in the lane's first language
	Names   map[string]string // by language, where given
	Price   money.Amount      // of one
	Tax     string            // tax class id; "" is the first
	GTIN    string            // what the line carries; "" for none
	PLU     string
	Max     int64 // at most so many at once
	WeightG int64 // 0: not known

	ProduceTareG int64 // of a produce bag, taken off when the shopper says so; 0: there are none
}

// Staff says what shoppers may do alone and see of staff.
type Staff struct {
	VoidSaleNeedsStaff bool
}

// A Restriction says what is not sold here, only at some hours, or only so many
// of. The time of the scan counts, and with AtPay that of paying too.
type Restriction struct {
	Items  []string    // "group:beer", GTINs, PLUs
	Never  bool        // not sold at this lane
	Hours  hours.Hours // sold only then; zero: at any time
	AtPay  bool        // Hours are looked at again when the shopper pays
	MaxQty int64       // pieces of all items together in one sale; 0: any number
	Staff  bool        // staff may allow it: by default only what MaxQty holds back
}

// Disk says how full the disk may get.
type Disk struct {
	ReserveMB int64 // below this no new sale starts
}
