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
	ReasonCannotRepeat    Reason = "cannot-repeat"    // the terminal does not tell its last transaction; Reverse: an earlier try may have gone through
	ReasonTooOld          Reason = "too-old"          // Reverse: the batch is closed or another payment came after; refund instead
)

// Tell returns the id of what the shopper may be told: "declined", "aborted",
// "pin", "card" or "reach", and "" where there is nothing to tell. A screen in
// a shop is public, so it never says that money was lacking, that a card is on
// a list, or what the bank thinks: those are "declined".
func (r Reason) Tell() string {
	switch r {
	case ReasonWrongPIN:
		return "pin"
	case ReasonInvalidCard, ReasonExpired, ReasonSignature:
		return "card"
	case ReasonCancelled, ReasonNotFound, ReasonReversed, ReasonAlreadyReversed:
		return "aborted"
	case ReasonNotSent, ReasonRefused, ReasonBusy, ReasonService, ReasonHost, ReasonLine, ReasonTimeout,
		ReasonContradiction, ReasonOtherTerminal, ReasonCannotRepeat, ReasonNotRecorded:
		return "reach"
	case ReasonDeclined, ReasonAmount, ReasonTooOld:
		return "declined"
	case "":
		return ""
	}
	return "declined"
}

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
	// Stamp is the terminal's time of the transaction as its protocol writes it,
	// where a reversal must quote it.
	Stamp    string `json:"stamp,omitempty"`
	Merchant Text   `json:"merchant,omitzero"`
	AuthCode Text   `json:"auth_code,omitzero"`
	Card     Card   `json:"card,omitzero"`
	CardName Text   `json:"card_name,omitzero"`

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
	LookAtTerminal                         // its screen asks for something, perhaps the PIN
	RemoveCard
	CardDetected
	CardUnreadable // try again
	WrongPIN       // try again
	SeemsApproved  // for the screen only; Pay's Result is the truth
	SeemsDeclined
	SeemsAborted
	TakingBack    // the terminal reverses by itself
	Aborting      // Abort was heard
	ConfirmAmount // on the terminal
	Choose        // application, currency or language, on the terminal
	AskingHost    // the card's bank is being asked
	OtherCard     // this card cannot be used here
	PINLocked     // no more tries for this card
)

// messages are the ids of what a screen shows, in the order of the kinds.
func messages() []string {
	return []string{
		"wait", "present-card", "look-at-terminal", "remove-card", "card-detected", "card-unreadable", "wrong-pin",
		"seems-approved", "seems-declined", "seems-aborted", "taking-back", "aborting",
		"confirm-amount", "choose", "asking-host", "other-card", "pin-locked",
	}
}

// Message returns the id of the words that tell the shopper so, without the
// language's prefix: "present-card". An unknown kind says "wait".
func (k ProgressKind) Message() string {
	all := messages()
	if k < Wait || int(k) > len(all) {
		return all[0]
	}
	return all[k-1]
}

// ProgressKinds returns every kind, for whoever must have words for each.
func ProgressKinds() []ProgressKind {
	kinds := make([]ProgressKind, len(messages()))
	for i := range kinds {
		kinds[i] = Wait + ProgressKind(i)
	}
	return kinds
}

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

// Totals are what a terminal says of the batch it closed. Payments count up
// and refunds down; what was taken back counts in neither.
type Totals struct {
	Outcome    Outcome      `json:"outcome"` // Approved, Aborted or Unknown
	Code       string       `json:"code,omitempty"`
	TerminalID string       `json:"terminal,omitempty"`
	Trace      string       `json:"trace,omitempty"` // of the closing itself
	Date       string       `json:"date,omitempty"`  // MMDD by the terminal's clock
	Time       string       `json:"time,omitempty"`  // HHMMSS by the terminal's clock
	First      string       `json:"first_receipt,omitempty"`
	Last       string       `json:"last_receipt,omitempty"`
	Count      int          `json:"count"`
	Amount     money.Amount `json:"amount_minor"`
	ByCard     []CardTotal  `json:"by_card,omitempty"`
	Lines      []Line       `json:"lines,omitempty"` // the printed report
}

// A CardTotal is the part of Totals of one card scheme.
type CardTotal struct {
	Name   string       `json:"name"`
	Count  int          `json:"count"`
	Amount money.Amount `json:"amount_minor"`
}
