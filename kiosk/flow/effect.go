package flow

import (
	"encoding/json"

	"kassa/kiosk/bagging"
	"kassa/kiosk/basket"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// An Effect is a deed the core asks for. Only this package can add one, and the
// station must know how to do every one.
//
// Effects that leave the lane wait until the event that caused them is on the
// disk ([Effect.AfterDurable]); each carries a key that makes doing it twice
// harmless. The rest happens at once.
//
//sumtype:decl
type Effect interface {
	isEffect()
	// AfterDurable reports whether the deed must wait for the disk.
	AfterDurable() bool
}

// now marks deeds that happen at once; later those that wait for the disk.
type (
	now   struct{}
	later struct{}
)

func (now) AfterDurable() bool   { return false }
func (later) AfterDurable() bool { return true }

type (
	// Cue plays a sound.
	Cue struct {
		now
		Sound Sound
	}

	// Check tells the bagging check what the flow knows.
	Check struct {
		now
		Input bagging.Input
	}

	// PrepareCharge asks the terminal for what will prove later what became of
	// the payment; it moves no money. Answered by ChargePrepared.
	PrepareCharge struct {
		later
		Key    string
		Amount money.Amount
		Kind   TenderKind // who is asked: the terminal, or the cash machine
		Refund bool       // money goes out
	}

	// Charge asks the terminal for the money. Answered by Charged.
	Charge struct {
		later
		Key      string
		Amount   money.Amount
		Evidence json.RawMessage
		Refund   bool       // the money goes to the card, or out
		Kind     TenderKind // as of PrepareCharge
	}

	// Resolve asks the terminal what became of a payment; it moves no money.
	// Answered by Charged with an outcome that is not Unknown, as soon as the
	// terminal can tell.
	Resolve struct {
		later
		Key      string
		Amount   money.Amount
		Evidence json.RawMessage
		Approval json.RawMessage // of ChargeSeen, nil if there was none
		Refund   bool
		Kind     TenderKind // as of PrepareCharge
	}

	// Reverse asks the terminal to take an approved payment back. Answered by
	// Charged: approved says that it is taken back. Doing it twice takes it back once.
	Reverse struct {
		later
		Key    string
		Amount money.Amount    // of the payment
		Paid   json.RawMessage // what the terminal said of it (ChargeSeen)
		Again  bool            // it was asked before, and nobody knows what came of it
	}

	// Redeem takes Amount from a voucher, or puts it back on it. Answered by
	// VoucherDone.
	Redeem struct {
		later
		Key     string
		Voucher string // handle
		Amount  money.Amount
		Back    bool
	}

	// Issue makes a voucher over Amount. Answered by VoucherDone.
	Issue struct {
		later
		Key    string
		Amount money.Amount
	}

	// AbortCharge asks the terminal to give up the payment. What became of it
	// comes as the answer to Charge.
	AbortCharge struct {
		later
		Key string
	}

	// Print prints a document of a sale. Answered by Printed.
	Print struct {
		later
		Key    string
		Number int64 // of the sale
		What   Document
		Copy   int // 0: the original, else the duplicate's number
		// Voucher is the key it was issued under, for DocVoucher.
		Voucher string
	}

	// PriceScale tells a scale that computes prices what is weighed on it. With
	// no Unit nothing is.
	PriceScale struct {
		now
		Unit money.Amount
		Per  basket.Per
		Tare weight.Grams
	}

	// SetScale asks the checkout scale to take what lies on it as nothing, or to
	// subtract it. Answered by ScaleSet.
	SetScale struct {
		later
		Key  string
		Deed StaffDeed // DeedZero or DeedTare
		By   string
	}

	// Train takes the lane down and up again for practice, or back from it.
	Train struct {
		later
		On bool
		By string
	}

	// OpenDrawer opens the cash drawer.
	OpenDrawer struct {
		later
		Key string
	}
)

func (Cue) isEffect()           {}
func (Check) isEffect()         {}
func (PrepareCharge) isEffect() {}
func (Charge) isEffect()        {}
func (Resolve) isEffect()       {}
func (AbortCharge) isEffect()   {}
func (Reverse) isEffect()       {}
func (Redeem) isEffect()        {}
func (Issue) isEffect()         {}
func (Print) isEffect()         {}
func (PriceScale) isEffect()    {}
func (SetScale) isEffect()      {}
func (Train) isEffect()         {}
func (OpenDrawer) isEffect()    {}

// A Document is something on paper.
type Document string

// The documents a lane prints.
const (
	DocReceipt Document = "receipt"
	DocTicket  Document = "ticket" // a parked basket, to be paid at the till
	DocVoucher Document = "voucher"
)
