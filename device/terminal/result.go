package terminal

import "kassa/kiosk/money"

// Outcome is what became of a payment.
type Outcome int

// The outcomes. The zero Outcome means that nothing is known because nothing
// was asked.
const (
	Approved Outcome = iota + 1 // the money moves
	Declined                    // card or host said no; nothing was charged
	Aborted                     // ended before a decision, or taken back; nothing was charged
	Unknown                     // may have been charged: Resolve
)

// String returns the outcome as the journal and logs spell it.
func (o Outcome) String() string {
	switch o {
	case Approved:
		return "approved"
	case Declined:
		return "declined"
	case Aborted:
		return "aborted"
	case Unknown:
		return "unknown"
	}
	return ""
}

// Reason says why a payment ended as it did, in words that a screen or a
// report can be keyed on. It is empty for a plain approval.
type Reason string

// The reasons.
const (
	ReasonDeclined        Reason = "declined"         // host or card, not further explained
	ReasonWrongPIN        Reason = "wrong-pin"        // too often
	ReasonExpired         Reason = "expired"          // card
	ReasonInvalidCard     Reason = "invalid-card"     // unreadable, unknown, not accepted here
	ReasonCancelled       Reason = "cancelled"        // by key, timeout or Abort
	ReasonSignature       Reason = "signature"        // the card wants one, and nobody is here to check it
	ReasonAmount          Reason = "amount-differs"   // the terminal's amount is not the one asked for
	ReasonNotRecorded     Reason = "not-recorded"     // approval could not be made durable and was refused
	ReasonNotSent         Reason = "not-sent"         // the payment never reached the line
	ReasonRefused         Reason = "refused"          // the terminal would not begin
	ReasonBusy            Reason = "busy"             // the terminal is at work on something of its own
	ReasonService         Reason = "service"          // the terminal needs a technician or set-up
	ReasonHost            Reason = "host-unreachable" // the terminal cannot reach its host
	ReasonLine            Reason = "line-lost"        // between lane and terminal
	ReasonTimeout         Reason = "timeout"          // the terminal fell silent
	ReasonContradiction   Reason = "contradiction"    // the terminal's messages do not fit together
	ReasonNotFound        Reason = "not-found"        // Resolve: the terminal made no such payment
	ReasonReversed        Reason = "reversed"         // Resolve: the terminal took it back
	ReasonAlreadyReversed Reason = "already-reversed" // Reverse: it was so before
	ReasonOtherTerminal   Reason = "other-terminal"   // Resolve: this is not the terminal that was asked to charge
	ReasonCannotRepeat    Reason = "cannot-repeat"    // Resolve: the terminal cannot tell its last transaction
)

// A Result is what is known of one payment. It is made of comparable values
// and slices of lines, and survives JSON unchanged.
type Result struct {
	Outcome   Outcome `json:"outcome"`
	Completed bool    `json:"completed"` // the terminal has said its last word
	Recovered bool    `json:"recovered"` // found by Resolve, not seen by Pay
	Reason    Reason  `json:"reason,omitempty"`
	Code      string  `json:"code,omitempty"` // the protocol's own result code, in hex for ZVT
	Text      Text    `json:"text,omitzero"`  // the terminal's or host's own words, for staff and logs

	Amount     money.Amount `json:"amount_minor"` // as the terminal says
	TerminalID string       `json:"terminal,omitempty"`
	Receipt    string       `json:"receipt,omitempty"` // the terminal's number, needed to reverse
	Trace      string       `json:"trace,omitempty"`
	Date       string       `json:"date,omitempty"` // MMDD by the terminal's clock
	Time       string       `json:"time,omitempty"` // HHMMSS by the terminal's clock
	Merchant   Text         `json:"merchant,omitzero"`
	AuthCode   Text         `json:"auth_code,omitzero"`
	Card       Card         `json:"card,omitzero"`
	CardName   Text         `json:"card_name,omitzero"`

	// Signature is set when the printed copy asks for one.
	Signature     bool   `json:"signature,omitempty"`
	MerchantLines []Line `json:"merchant_lines,omitempty"`
	CustomerLines []Line `json:"customer_lines,omitempty"`
}

// A Line is one line of a receipt as the terminal wants it printed.
type Line struct {
	Text   Text `json:"text"`
	Centre bool `json:"centre,omitempty"`
	Wide   bool `json:"wide,omitempty"`
	Tall   bool `json:"tall,omitempty"`
}

// ProgressKind is what the shopper should know or do now.
type ProgressKind int

// The kinds of progress.
const (
	Wait           ProgressKind = iota + 1 // the terminal is at work
	PresentCard                            // insert, tap or swipe
	LookAtTerminal                         // its screen asks: PIN, amount, choice
	RemoveCard
	CardDetected
	CardUnreadable // try again
	WrongPIN       // try again
	SeemsApproved  // for the screen only; Pay's Result is the truth
	SeemsDeclined
	SeemsAborted
	TakingBack // the terminal reverses by itself
	Aborting   // Abort was heard
)

// Progress is one step of a running payment, to show.
type Progress struct {
	Kind ProgressKind
	Code string // the protocol's own code
	Text Text   // the terminal's words, in its language: for logs, not for the shopper's screen
}

// State is how a terminal is.
type State int

// The states of a terminal.
const (
	Ready State = iota + 1
	Busy
	NeedsSetup   // initialisation, diagnosis or end of day is due; Prepare does them
	CardLeft     // a card is in the reader
	NeedsService // a technician is needed
)

// Status is a terminal's answer about itself.
type Status struct {
	State      State
	Code       string // the protocol's own
	Text       string // what Code means, in English
	TerminalID string
	Version    string
}

// Totals are what a terminal says of the batch it closed.
type Totals struct {
	Outcome Outcome      `json:"outcome"` // Approved, Aborted or Unknown
	Code    string       `json:"code,omitempty"`
	Count   int          `json:"count"`
	Amount  money.Amount `json:"amount_minor"`
	ByCard  []CardTotal  `json:"by_card,omitempty"`
	Lines   []Line       `json:"lines,omitempty"` // the printed report
}

// A CardTotal is the part of Totals of one card scheme.
type CardTotal struct {
	Name   string       `json:"name"`
	Count  int          `json:"count"`
	Amount money.Amount `json:"amount_minor"`
}
