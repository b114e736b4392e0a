package sim

import (
	"fmt"
	"slices"
	"strings"
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
	// CardNumber, 16 digits, is sent in the clear, as careless terminals do;
	// "" sends the last four digits only.
	CardNumber string
	// Extra is put at the end of each status information.
	Extra []byte
	// ShortAmount is taken off the approved amount, as in a partial approval.
	ShortAmount int64
	// Signature makes the card ask for one.
	Signature bool

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

	code   byte // 00, or of a decline
	origin int  // trace of the payment that this one took back
	amount int64
}

// A ZVTState is what a person in front of the terminal sees, and a little more.
type ZVTState struct {
	Display  string      `json:"display"`
	Waiting  bool        `json:"waiting"` // for a card
	Amount   int64       `json:"amount_minor"`
	Plugged  bool        `json:"plugged"`
	Charges  []ZVTCharge `json:"charges"` // all, oldest first
	CutAfter string      `json:"cut_after"`
}

// What a person does at the terminal.
type zvtAct int

const (
	zvtTap zvtAct = iota + 1
	zvtDecline
	zvtCancel
	zvtWrongPIN
)

// A ZVT is a simulated card terminal on TCP. What it remembers outlives the
// lane's connections.
type ZVT struct {
	*socket
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
	status     byte
	receipt    int
	trace      int
	charges    []*ZVTCharge
	last       *ZVTCharge
	closed     int // how many of charges are in closed batches
}

// NewZVT makes a terminal that listens on addr (host:port, port 0 for any).
func NewZVT(addr string, clock *Clock, o ZVTOptions) (*ZVT, error) {
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
	if o.Changed == nil {
		o.Changed = func() {}
	}
	z := &ZVT{clock: clock, o: o, acts: make(chan zvtAct), receipt: 21, trace: 21, display: "Ready"}
	var err error
	z.socket, err = newSocket(addr, z.talk)
	if err != nil {
		return nil, err
	}
	return z, nil
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

// The points at which CutAfter cuts, in the order of a payment. Those in -ack
// lie behind the lane's answer.
func zvtPoints() []string {
	return []string{
		"registration", "authorisation", "ack", "progress", "status", "status-ack",
		"print", "print-ack", "completion", "completion-ack",
	}
}

// CutAfter makes the line break once, after the named message: registration,
// authorisation (06 01, before its answer), ack (80 00 00 to it), progress
// (04 FF), status (04 0F), status-ack, print (06 D1 or 06 D3), print-ack (of
// the last one), completion (06 0F), completion-ack. Codes ("04 0F") name the
// message too. An empty name takes the wish back.
func (z *ZVT) CutAfter(message string) error {
	name := strings.ToLower(strings.TrimSpace(message))
	switch strings.ReplaceAll(name, " ", "") {
	case "0600":
		name = "registration"
	case "0601", "authorization":
		name = "authorisation"
	case "80", "800000":
		name = "ack"
	case "04ff", "intermediate":
		name = "progress"
	case "040f":
		name = "status"
	case "06d1", "06d3":
		name = "print"
	case "060f":
		name = "completion"
	}
	if name != "" && !slices.Contains(zvtPoints(), name) {
		return fmt.Errorf("cut after %q: want one of %s", message, strings.Join(zvtPoints(), ", "))
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
		Charges: []ZVTCharge{}, CutAfter: z.cutAfter,
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
