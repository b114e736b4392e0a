package flow

import (
	"encoding/json"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// An Instant is when an event happened. Order comes from the journal's numbers,
// durations from Mono, and Wall is a label with a quality.
type Instant struct {
	Mono  time.Duration `json:"mono"` // since this run of the station began
	Wall  time.Time     `json:"wall"` // in the store's time zone
	Clock Clock         `json:"clock,omitempty"`
}

// An Event is something that happened at this lane. Only this package can add
// one, and Step must handle every one.
//
//sumtype:decl
type Event interface {
	isEvent()
	// When is the time of the event.
	When() Instant
}

// At is the time of an event; every event embeds it.
type At struct {
	At Instant `json:"at"`
}

// When returns the time of the event.
func (a At) When() Instant { return a.At }

type (
	// Started says that the station has just come up, perhaps in the middle of
	// a sale: every deadline counts anew and what was under way is asked about.
	Started struct {
		At
		Run     string `json:"run"` // random name of this run
		Version string `json:"version,omitempty"`
		Rev     int    `json:"rev,omitempty"` // [Rev] of the program; 0 in journals from before it
	}

	// Scanned says a code was read. Article is the catalogue's answer for an
	// article code, nil if it has none.
	Scanned struct {
		At
		Code    Code            `json:"code"`
		Article *basket.Article `json:"article,omitempty"`
		Recall  *Recall         `json:"recall,omitempty"` // it was taken back by its maker
		// Voucher is what the ledger knows of the voucher whose code was read, nil if
		// nothing; Parked the basket kept under a ticket, nil if it cannot be taken up.
		Voucher *Voucher `json:"voucher,omitempty"`
		Parked  *Parked  `json:"parked,omitempty"`
		// NoTicket says why there is no Parked, where that is known.
		NoTicket *NoTicket `json:"no_ticket,omitempty"`
		// Original is the sale whose receipt was read for a refund.
		Original *Original `json:"original,omitempty"`
		// Bagged is how often, in this run, the load in the bagging area has settled
		// higher than before.
		Bagged int64 `json:"bagged,omitempty"`
	}

	// Touched says somebody touched something on the page. Article is the
	// catalogue's answer where Code names one.
	Touched struct {
		At
		Act     Act             `json:"act"`
		Line    int             `json:"line,omitempty"`
		Code    string          `json:"code,omitempty"`
		Value   string          `json:"value,omitempty"`
		Article *basket.Article `json:"article,omitempty"`
		Recall  *Recall         `json:"recall,omitempty"` // of Article: taken back by its maker
		By      string          `json:"by,omitempty"`     // staff id, where Act is ActStaff
		// Original is the sale that was keyed for a refund; Refund what is given back,
		// where the touch says so.
		Original *Original `json:"original,omitempty"`
		Refund   *Refund   `json:"refund,omitempty"`
	}

	// Weighed says the checkout scale settled on another weight, zero included,
	// or can no longer tell.
	Weighed struct {
		At
		Shown weight.Shown `json:"shown"`
		Heavy bool         `json:"heavy,omitempty"` // over the scale's range
		Lost  bool         `json:"lost,omitempty"`  // under, fault or silent
		Light bool         `json:"light,omitempty"` // less than the scale may sell by
		Net   bool         `json:"net,omitempty"`   // the scale has taken a tare off
		Frame string       `json:"frame,omitempty"` // its answer as it came, as evidence
	}

	// ScaleSet says what became of a SetScale. Why is "" when it was done.
	ScaleSet struct {
		At
		Deed StaffDeed `json:"deed"`
		By   string    `json:"by"`
		Why  string    `json:"why,omitempty"`
	}

	// Bagged is a decision of the bagging check, with its numbers.
	Bagged struct {
		At
		Decision bagging.Decision `json:"decision"`
		// Question is what can be told of the change that is asked about, nil if
		// nothing is.
		Question *Question `json:"question,omitempty"`
	}

	// ChargePrepared says the terminal is ready to be asked for the payment
	// with Key. Evidence is what will prove later what became of it; Why is set
	// when the terminal cannot be asked.
	ChargePrepared struct {
		At
		Key      string          `json:"key"`
		Evidence json.RawMessage `json:"evidence,omitempty"`
		Why      string          `json:"why,omitempty"`
	}

	// ChargeSeen says what the terminal has said of the payment with Key so
	// far. The terminal hears that it was understood only when this is on the
	// disk; it goes along when the terminal is asked later.
	ChargeSeen struct {
		At
		Key      string          `json:"key"`
		Approval json.RawMessage `json:"approval"`
	}

	// Charged says what became of the payment with Key.
	Charged struct {
		At
		Key     string        `json:"key"`
		Outcome ChargeOutcome `json:"outcome"`
		Amount  money.Amount  `json:"amount,omitempty"` // as the terminal says; 0: it did not say
		Receipt ChargeReceipt `json:"receipt"`
		Why     string        `json:"why,omitempty"` // message id or code
		In      money.Amount  `json:"in,omitempty"`  // cash put in
		Out     money.Amount  `json:"out,omitempty"` // cash given out
	}

	// ChargeDoubt says why the terminal cannot tell yet what became of the
	// payment with Key. It is being asked on.
	ChargeDoubt struct {
		At
		Key      string `json:"key"`
		Why      string `json:"why,omitempty"`
		Terminal string `json:"terminal,omitempty"` // the one that answers
	}

	// VoucherDone says what became of a Redeem or an Issue. The ledger does each
	// key once; it is never unknown for long.
	VoucherDone struct {
		At
		Key     string        `json:"key"`
		Outcome ChargeOutcome `json:"outcome"`
		Amount  money.Amount  `json:"amount,omitempty"` // that was redeemed or put on it
		Left    money.Amount  `json:"left,omitempty"`
		Voucher Voucher       `json:"voucher"` // as it now stands
		Why     string        `json:"why,omitempty"`
	}

	// Printed says what became of the print job with Key. Partly says, of one
	// that is not OK, that some or all of it may be on paper.
	Printed struct {
		At
		Key    string `json:"key"`
		OK     bool   `json:"ok"`
		Partly bool   `json:"partly,omitempty"`
		Why    string `json:"why,omitempty"`
	}

	// DeviceChanged says a peripheral came or went.
	DeviceChanged struct {
		At
		Device Device `json:"device"`
		Up     bool   `json:"up"`
		Why    string `json:"why,omitempty"`
	}

	// Badged says a staff badge was read. Staff is nil if nobody has it.
	Badged struct {
		At
		Staff *Staff `json:"staff,omitempty"`
		// Question is the bagging check's as it stands by now, nil if there is none.
		Question *Question `json:"question,omitempty"`
	}

	// PINChecked says whether the PIN of the member of staff at the lane was
	// right. The digits never get here.
	PINChecked struct {
		At
		Staff string        `json:"staff"`
		OK    bool          `json:"ok"`
		Wait  time.Duration `json:"wait,omitempty"` // until the next try
	}

	// Ordered says the lane was told to open or to close, from outside.
	Ordered struct {
		At
		Open bool   `json:"open"`
		By   string `json:"by"`
	}

	// ButtonPressed says the lane's call button was pressed.
	ButtonPressed struct{ At }

	// DoorChanged says a door of the lane was opened or closed.
	DoorChanged struct {
		At
		Open bool `json:"open"`
	}

	// DiskChecked says whether the disk is below its reserve.
	DiskChecked struct {
		At
		Low bool `json:"low"`
	}

	// Ticked says that a deadline of [State.Next] has come.
	Ticked struct{ At }
)

func (Started) isEvent()        {}
func (Scanned) isEvent()        {}
func (Touched) isEvent()        {}
func (Weighed) isEvent()        {}
func (ScaleSet) isEvent()       {}
func (Bagged) isEvent()         {}
func (ChargePrepared) isEvent() {}
func (ChargeSeen) isEvent()     {}
func (Charged) isEvent()        {}
func (ChargeDoubt) isEvent()    {}
func (VoucherDone) isEvent()    {}
func (Printed) isEvent()        {}
func (DeviceChanged) isEvent()  {}
func (Badged) isEvent()         {}
func (PINChecked) isEvent()     {}
func (Ordered) isEvent()        {}
func (ButtonPressed) isEvent()  {}
func (DoorChanged) isEvent()    {}
func (DiskChecked) isEvent()    {}
func (Ticked) isEvent()         {}

// A Recall is why its maker takes an article, or one lot of it, back.
type Recall struct {
	Text  string            `json:"text"` // in the lane's first language
	Texts map[string]string `json:"texts,omitempty"`
}

// A Code is what a scan meant, in the few words the flow needs. A member's
// number stands as a random handle: the number itself is personal data and lies
// beside the journal.
type Code struct {
	Raw     string       `json:"raw"` // as scanned; "" for a member card
	Kind    string       `json:"kind"`
	GTIN    string       `json:"gtin,omitempty"`
	Number  string       `json:"number,omitempty"` // ticket, voucher; handle of a member
	Lot     string       `json:"lot,omitempty"`
	Serial  string       `json:"serial,omitempty"`
	Expires string       `json:"expires,omitempty"` // YYYY-MM-DD: the last day on which it may be sold
	Best    string       `json:"best,omitempty"`    // YYYY-MM-DD: best before
	TwoD    bool         `json:"two_d,omitempty"`   // read from a 2D symbol
	Price   money.Amount `json:"price,omitempty"`   // embedded price; of a coupon what it says it takes off
	Grams   weight.Grams `json:"grams,omitempty"`   // embedded weight
	Count   int64        `json:"count,omitempty"`
	Measure string       `json:"measure,omitempty"` // what an in-store code holds: price, weight, count, percent
	// PercentPPM is what a mark-down sticker takes off, where it has no price, or
	// what a coupon says it takes off.
	PercentPPM int64 `json:"percent_ppm,omitempty"`
	// Coupons are the ids by which a rule may wait for a coupon, the most exact
	// first.
	Coupons []string `json:"coupons,omitempty"`
}

// A ChargeOutcome is what became of a payment. Unknown is never a guess.
type ChargeOutcome string

// The outcomes of a payment.
const (
	ChargeApproved ChargeOutcome = "approved"
	ChargeDeclined ChargeOutcome = "declined"
	ChargeAborted  ChargeOutcome = "aborted"
	ChargeUnknown  ChargeOutcome = "unknown"
)

// A ChargeReceipt is what the terminal says for the receipt. It cannot hold a
// card number: Card is masked before it gets here.
type ChargeReceipt struct {
	Terminal string   `json:"terminal,omitempty"`
	Receipt  string   `json:"receipt,omitempty"`
	Trace    string   `json:"trace,omitempty"`
	Card     string   `json:"card,omitempty"`
	Name     string   `json:"name,omitempty"` // of the card scheme
	Lines    []string `json:"lines,omitempty"`
}

// A Staff is a member of staff at the lane, with what the store lets them do.
type Staff struct {
	ID   string   `json:"id"` // a handle, never a name
	Role string   `json:"role"`
	May  []Permit `json:"may"`
}

// A Permit is a deed somebody may do, perhaps only with their PIN.
type Permit struct {
	Deed StaffDeed `json:"deed"`
	PIN  bool      `json:"pin,omitempty"`
}
