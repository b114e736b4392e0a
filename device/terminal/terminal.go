// Package terminal says what a card terminal can be asked, in plain types that
// a lane can journal. It is not a protocol: packages zvt and nexo speak those.
//
// Its one rule: a payment whose end was not seen is Unknown, and only asking
// the terminal (Resolve) may turn Unknown into something else. Nothing here
// can hold a full card number.
//
// A payment, in the order a lane must keep:
//
//  1. Prepare: the terminal is there, and what it last did is known (Evidence).
//  2. The lane makes an intent durable: key, amount, evidence.
//  3. Pay. Hooks.Recorded makes the approval durable before the terminal hears
//     that it was understood.
//  4. The lane makes the outcome durable, and only then gives the goods away.
//
// After a crash or a lost line between 2 and 4 the lane hands the intent to
// Resolve until the outcome is no longer Unknown. No other payment may start
// before that.
package terminal

import (
	"context"
	"errors"

	"kassa/kiosk/money"
)

// Errors of a Terminal that callers may test for.
var (
	// ErrNoPayment says that Abort found nothing to abort.
	ErrNoPayment = errors.New("no payment is running")
	// ErrUnreachable says that the terminal did not answer on its line.
	ErrUnreachable = errors.New("terminal unreachable")
	// ErrBusy says that the terminal is at work on something of its own.
	ErrBusy = errors.New("terminal is busy")
	// ErrRequest says that a request cannot be sent as it stands.
	ErrRequest = errors.New("bad request")
)

// A Currency is an ISO 4217 currency.
type Currency struct {
	Numeric  int // ISO 4217 numeric code, 978 for the euro
	Exponent int // digits of the minor unit, 2 for cents, 0 for the yen
}

// Evidence is what a terminal said about its last transaction before a new
// payment began. It is opaque to all but the driver that made it, comparable,
// and goes into the journal with the intent.
type Evidence struct {
	Protocol string `json:"protocol"` // the driver that can read Data
	Data     string `json:"data"`
}

// A Request asks for one payment.
type Request struct {
	// Key is the lane's own name for this attempt, new for each attempt. It
	// goes to the terminal where the protocol has a place for it.
	Key      string       `json:"key"`
	Amount   money.Amount `json:"amount_minor"` // more than 0
	Currency Currency     `json:"currency"`
	Evidence Evidence     `json:"evidence"` // from Prepare, after the last payment ended
}

// An Intent is what the lane's journal knows of a payment that has not ended.
type Intent struct {
	Request
	// Approval is what Hooks.Recorded was last given, or the zero Result if
	// it was not called.
	Approval Result `json:"approval"`
	// Refund says that Refund was called, not Pay.
	Refund bool `json:"refund,omitempty"`
	// Still is asked before money is taken back: false if the payment has been
	// settled meanwhile, and none may move. Nil: true.
	Still func() bool `json:"-"`
}

// Unsettled reports whether money may still be taken back.
func (in Intent) Unsettled() bool { return in.Still == nil || in.Still() }

// Hooks are called by Pay while a payment runs, from one goroutine at a time.
type Hooks struct {
	// Progress hears what the shopper should do now. It must not block. May be nil.
	Progress func(Progress)
	// Recorded must make r durable before it returns. It is called with an
	// approval before the terminal is told that the approval was understood,
	// and again (Completed set) when the terminal has said its last word.
	// When it fails for the approval, the terminal is told to take the
	// payment back. It must be given.
	Recorded func(r Result) error
}

// A Terminal is one card terminal. Its methods may be called from any
// goroutine; one operation runs at a time and the others wait for it, except
// Abort and Status.
type Terminal interface {
	// Prepare brings the terminal to where it can take a payment and says
	// what it did last. It charges nothing.
	Prepare(ctx context.Context) (Evidence, error)

	// Pay asks for a payment and serves the terminal until it has ended. The
	// Outcome tells what happened, the error why: an error with Declined or
	// Aborted means that nothing was charged; with Approved, that the last
	// call of Recorded failed. When the outcome is Unknown the payment may
	// have been made, and the lane must Resolve it. The end of ctx drops the
	// line, which leaves the outcome Unknown: use Abort to stop a payment.
	Pay(ctx context.Context, req Request, hooks Hooks) (Result, error)

	// Resolve asks the terminal what became of in. It never charges and may
	// be repeated. Approved: charged. Declined or Aborted: not charged, or
	// taken back. Unknown: the terminal did not answer, or its answer proves
	// nothing; error or Reason says which. Ask again, or ask a person.
	Resolve(ctx context.Context, in Intent) (Result, error)

	// Abort asks the running Pay to end. Whether it does, Pay's result tells:
	// a card tapped in the same instant wins.
	Abort(ctx context.Context) error

	// Reverse takes the approved payment back. Approved: it was taken back,
	// now or before. It may be repeated, and must be while the outcome is
	// Unknown. Declined with ReasonTooOld: only Refund is left. Declined with
	// ReasonCannotRepeat: this try did nothing, and the terminal does not tell
	// what came of an earlier one that ended Unknown.
	Reverse(ctx context.Context, paid Result) (Result, error)

	// Refund pays money out to a card that is presented, in the way and with
	// the rules of Pay: prepared, with a durable intent, resolved when the
	// outcome is Unknown. Approved: the money was given back. It is for goods
	// brought back; Reverse, where it still can, is cheaper for everybody.
	Refund(ctx context.Context, req Request, hooks Hooks) (Result, error)

	// EndOfDay closes the terminal's batch. When the outcome is Unknown the
	// batch may be closed; a second call then closes an empty one.
	EndOfDay(ctx context.Context) (Totals, error)

	// Totals tells the sums of the batch that is open, as EndOfDay would, and
	// closes nothing. A terminal that does not tell them before its day ends
	// answers Aborted, with an error.
	Totals(ctx context.Context) (Totals, error)

	// Last tells the terminal's last transaction with its receipt, as
	// evidence for staff and for a copy of the receipt. It changes nothing.
	// A zero Outcome: it has none, or does not tell.
	Last(ctx context.Context) (Result, error)

	// Diagnose makes the terminal test its way to its host, which may take a
	// minute. It is for the start of the day and for staff.
	Diagnose(ctx context.Context) error

	// Status asks how the terminal is. While another operation runs it says
	// Busy without asking.
	Status(ctx context.Context) (Status, error)
}
