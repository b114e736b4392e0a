package sim

import (
	"fmt"
	"sync"
	"time"
)

// ZVTOptions says what kind of terminal a ZVT is. The zero ZVTOptions is one
// as it comes out of the box.
type ZVTOptions struct {
	Password   string // six digits; "" means 000000
	TerminalID string // eight digits; "" means 29001006
	Currency   int    // ISO 4217 number; 0 means 978

	// KeepUnheard makes the terminal keep a payment whose status information
	// nobody acknowledged, as those do that resynchronise by tag 1F1F; else
	// it takes the payment back.
	KeepUnheard bool
	// StoreDeclined makes a declined payment the last transaction too.
	StoreDeclined bool
	// BusyAfterLoss is how long (simulated) a terminal that lost its line in
	// a payment answers "please wait".
	BusyAfterLoss time.Duration
	// CardNumber, 16 digits, is sent in the clear and in every field that has
	// room for it; "" sends the last four digits only.
	CardNumber string
	// Extra is put at the end of each status information.
	Extra []byte
	// ShortAmount is taken off the approved amount, as in a partial approval.
	ShortAmount int64
	// Signature makes the card ask for one.
	Signature bool

	// MessageIDs makes the terminal number its messages if the lane asks.
	MessageIDs bool
	// Patience is how long, by a wall clock, the terminal waits for an answer
	// of the lane, and on a serial line for an acknowledgement; 0 means 5 s.
	Patience time.Duration

	// NoTotals makes it keep the sums of the open batch to itself.
	NoTotals bool

	// NoPatience leaves out the minute that an intermediate status otherwise
	// gives the terminal until its next word.
	NoPatience bool

	// CardWait is how long (simulated) the terminal waits for a card; 0 means
	// a minute.
	CardWait time.Duration

	// Changed, if not nil, is called after every change of State, from the
	// terminal's own goroutines. It must not block or call back.
	Changed func()
}

// A ZVTCharge is a payment that the simulated terminal approved.
type ZVTCharge struct {
	Receipt  int       `json:"receipt"`
	Trace    int       `json:"trace"`
	Amount   int64     `json:"amount_minor"`
	At       time.Time `json:"at"`
	Reversed bool      `json:"reversed"` // taken back, by itself or on demand
	Refund   bool      `json:"refund"`   // money that went back to a card

	code   byte // 00, or of a decline
	origin int  // trace of the payment that this one took back
	amount int64
}

// signed is what c adds to the day.
func (c *ZVTCharge) signed() int64 {
	if c.Refund {
		return -c.Amount
	}
	return c.Amount
}

// A ZVTState is what a person in front of the terminal sees, and a little more.
type ZVTState struct {
	Display  string      `json:"display"`
	Waiting  bool        `json:"waiting"` // for a card
	Amount   int64       `json:"amount_minor"`
	Plugged  bool        `json:"plugged"`
	Charges  []ZVTCharge `json:"charges"` // all, oldest first
	CutAfter string      `json:"cut_after"`
	Hanging  string      `json:"hanging"` // the message at which it hangs, "" if it does not; see Fault
}

// What a person does at the terminal.
type zvtAct int

const (
	zvtTap zvtAct = iota + 1
	zvtDecline
	zvtCancel
	zvtWrongPIN
)

// A ZVT is a simulated card terminal, on TCP or on a serial line. What it
// remembers outlives the lane's connections.
type ZVT struct {
	zvtPlug
	clock *Clock
	o     ZVTOptions
	acts  chan zvtAct

	mu         sync.Mutex
	registered bool
	config     byte
	blocks     bool // print text blocks were asked for
	waiting    bool
	busy       bool
	busyUntil  time.Duration
	display    string
	asked      int64
	cutAfter   string
	faulty     []zvtFault
	hanging    string
	status     byte
	receipt    int
	trace      int
	charges    []*ZVTCharge
	last       *ZVTCharge
	closed     int // how many of charges are in closed batches
}

// A zvtPlug is how the terminal hangs on the lane.
type zvtPlug interface {
	Addr() string // host:port, or the path of the serial port
	Plugged() bool
	Plug() error
	Unplug() error
	Close() error
}

// NewZVT makes a terminal that listens on addr (host:port, port 0 for any).
func NewZVT(addr string, clock *Clock, o ZVTOptions) (*ZVT, error) {
	z := newZVT(clock, o)
	s, err := newSocket(addr, z.talk)
	if err != nil {
		return nil, err
	}
	z.zvtPlug = s
	return z, nil
}

// NewSerialZVT makes a terminal on a serial port whose other end is at path.
func NewSerialZVT(path string, clock *Clock, o ZVTOptions) (*ZVT, error) {
	z := newZVT(clock, o)
	port, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	l := newZVTSerial(port, z.o.Patience)
	l.work.Go(func() { z.talkOn(l) })
	z.zvtPlug = l
	return z, nil
}

func newZVT(clock *Clock, o ZVTOptions) *ZVT {
	if o.Password == "" {
		o.Password = "000000"
	}
	if o.TerminalID == "" {
		o.TerminalID = "29001006"
	}
	if o.Currency == 0 {
		o.Currency = 978
	}
	if o.CardWait == 0 {
		o.CardWait = time.Minute
	}
	if o.Patience == 0 {
		o.Patience = zvtPatience
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &ZVT{clock: clock, o: o, acts: make(chan zvtAct), receipt: 21, trace: 21, display: "Ready"}
}

// Tap holds a card to the terminal. It reports whether the terminal waited for
// one: a card held to a terminal that does not is not noticed.
func (z *ZVT) Tap() bool { return z.act(zvtTap) }

// Decline holds a card to the terminal that its bank declines.
func (z *ZVT) Decline() bool { return z.act(zvtDecline) }

// Cancel presses the red key.
func (z *ZVT) Cancel() bool { return z.act(zvtCancel) }

// WrongPIN inserts a card and enters a wrong PIN. The third time the card is
// refused; before, the terminal waits for another try.
func (z *ZVT) WrongPIN() bool { return z.act(zvtWrongPIN) }

func (z *ZVT) act(a zvtAct) bool {
	if !z.State().Waiting {
		return false
	}
	select {
	case z.acts <- a:
		return true
	case <-time.After(100 * time.Millisecond): // it stopped waiting meanwhile
		return false
	}
}

// CutAfter makes the line break once, after the named message: registration,
// authorisation (06 01, before its answer), ack (80 00 00 to it), progress
// (04 FF), status (04 0F), status-ack, print (06 D1 or 06 D3), print-ack (of
// the last one), completion (06 0F), completion-ack. Codes ("04 0F") name the
// message too. An empty name takes the wish back.
func (z *ZVT) CutAfter(message string) error {
	name, err := zvtPoint(message)
	if err != nil {
		return fmt.Errorf("cut after %w", err)
	}
	z.mu.Lock()
	z.cutAfter = name
	z.mu.Unlock()
	z.o.Changed()
	return nil
}

// SetStatus sets what a status enquiry answers: 00 ready, 51 initialisation
// due, C2 diagnosis due, F0 end of day due, DF out of order.
func (z *ZVT) SetStatus(code byte) {
	z.mu.Lock()
	z.status = code
	z.mu.Unlock()
}

// Restart switches the terminal off and on: it forgets its registration and
// nothing else.
func (z *ZVT) Restart() error {
	if err := z.Unplug(); err != nil {
		return err
	}
	z.mu.Lock()
	z.registered = false
	z.mu.Unlock()
	return z.Plug()
}

// Charges returns the payments that stand, oldest first.
func (z *ZVT) Charges() []ZVTCharge {
	var stand []ZVTCharge
	for _, c := range z.State().Charges {
		if !c.Reversed {
			stand = append(stand, c)
		}
	}
	return stand
}

// State returns what the terminal shows and remembers.
func (z *ZVT) State() ZVTState {
	plugged := z.Plugged()
	z.mu.Lock()
	defer z.mu.Unlock()
	s := ZVTState{
		Display: z.display, Waiting: z.waiting, Amount: z.asked, Plugged: plugged,
		Charges: []ZVTCharge{}, CutAfter: z.cutAfter, Hanging: z.hanging,
	}
	for _, c := range z.charges {
		s.Charges = append(s.Charges, *c)
	}
	return s
}

// show changes the display.
func (z *ZVT) show(text string, waiting bool) {
	z.mu.Lock()
	z.display, z.waiting = text, waiting
	z.mu.Unlock()
	z.o.Changed()
}

// cut reports whether the line shall break at point, once.
func (z *ZVT) cut(point string) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.cutAfter != point {
		return false
	}
	z.cutAfter = ""
	return true
}

// takeBusy marks the terminal as at work, unless it is.
func (z *ZVT) takeBusy() bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.isBusy() {
		return false
	}
	z.busy = true
	return true
}

// isBusy is called with mu held.
func (z *ZVT) isBusy() bool { return z.busy || z.clock.Now() < z.busyUntil }

// giveBusy marks the terminal as free. Display and waiting change in the same
// moment: the next operation may begin at once and has its own.
func (z *ZVT) giveBusy(lost bool) {
	z.mu.Lock()
	z.busy, z.waiting, z.asked, z.display = false, false, 0, "Ready"
	if lost {
		z.busyUntil = z.clock.Now() + z.o.BusyAfterLoss
	}
	z.mu.Unlock()
	z.o.Changed()
}
