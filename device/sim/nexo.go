package sim

import (
	"crypto/tls"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
)

// NexoOptions says what kind of terminal a Nexo is. The zero NexoOptions is one
// without message encryption, which takes euros.
type NexoOptions struct {
	POIID    string // "" means V400m-123456789
	Currency string // by its letters; "" means EUR, of two decimals
	Exponent int    // decimals of Currency, if that is given

	Passphrase string // of the message encryption; "" means none
	KeyID      string
	KeyVersion int

	NotifyURL string // is told of each step of a payment; "" means nobody is

	// RepeatDuplicates makes the terminal answer a ServiceID that it knows as
	// it did the first time; else it refuses the message.
	RepeatDuplicates bool
	// NoReversalStatus makes it tell only of payments when it is asked what
	// became of a message.
	NoReversalStatus bool
	// NoReconciliation makes it refuse to close a batch.
	NoReconciliation bool
	// AnyStatus makes it tell of its last payment, whichever was asked for.
	AnyStatus bool
	// LoggedOut makes it ask for a Login first.
	LoggedOut bool
	// CardNumber, if given, is sent in the clear in every field with text.
	CardNumber string
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

// A NexoCharge is a payment or refund that the simulated terminal approved.
type NexoCharge struct {
	TransactionID string
	TimeStamp     string
	ServiceID     string
	SaleReference string // the sale's own name of it
	Amount        int64  // minor units
	Refund        bool
	Reversed      bool

	at time.Time
}

// A Nexo is a simulated card terminal that speaks nexo Sale to POI over HTTPS,
// as Adyen's do in local mode. What it remembers outlives the lane's
// connections, and so does a payment that is running.
type Nexo struct {
	*socket
	clock *Clock
	o     NexoOptions
	seal  *nexoSeal // nil: no message encryption
	tls   *tls.Config
	ca    []byte
	print string
	acts  chan zvtAct
	gone  chan struct{} // closed by Close
	news  chan []byte   // notifications to send

	mu        sync.Mutex
	closeOnce sync.Once
	display   string
	waiting   bool
	asked     int64
	status    string // GlobalStatus while nothing runs
	loggedOut bool
	cutAfter  string
	faults    map[string][]string
	seen      []string // categories of the messages received, oldest first
	running   *nexoJob
	jobs      map[string]*nexoJob // by category, SaleID and ServiceID
	last      *nexoJob            // payment
	charges   []*NexoCharge
	closed    int // how many of charges are in closed batches
	number    int
}

// NewNexo makes a terminal that listens on addr (host:port, port 0 for any).
func NewNexo(addr string, clock *Clock, o NexoOptions) (*Nexo, error) {
	if o.POIID == "" {
		o.POIID = "V400m-123456789"
	}
	if o.Currency == "" {
		o.Currency, o.Exponent = "EUR", 2
	}
	if o.CardWait == 0 {
		o.CardWait = time.Minute
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	n := &Nexo{
		clock: clock, o: o, acts: make(chan zvtAct), gone: make(chan struct{}), news: make(chan []byte, 64),
		display: "Ready", status: "OK", loggedOut: o.LoggedOut,
		faults: map[string][]string{}, jobs: map[string]*nexoJob{}, number: 21,
	}
	if o.Passphrase != "" {
		n.seal = newNexoSeal(o.KeyID, o.KeyVersion, o.Passphrase)
	}
	if err := n.certify(); err != nil {
		return nil, err
	}
	var err error
	if n.socket, err = newSocket(addr, n.talk); err != nil {
		return nil, err
	}
	if o.NotifyURL != "" {
		n.work.Go(n.notifier)
	}
	return n, nil
}

// Close takes the terminal away for good and waits until nothing of it runs.
func (n *Nexo) Close() error {
	n.closeOnce.Do(func() { close(n.gone) })
	return n.socket.Close()
}

// CA returns the root of the terminal's certificate, in PEM.
func (n *Nexo) CA() []byte { return n.ca }

// Name returns the name in the terminal's certificate.
func (n *Nexo) Name() string { return n.o.POIID + ".test.terminal.adyen.com" }

// Fingerprint returns the SHA-256 of the terminal's certificate.
func (n *Nexo) Fingerprint() string { return n.print }

// POIID returns the terminal's own name.
func (n *Nexo) POIID() string { return n.o.POIID }

// Tap holds a card to the terminal. It reports whether the terminal waited for
// one.
func (n *Nexo) Tap() bool { return n.act(zvtTap) }

// Decline holds a card to the terminal that its bank declines.
func (n *Nexo) Decline() bool { return n.act(zvtDecline) }

// Cancel presses the red key.
func (n *Nexo) Cancel() bool { return n.act(zvtCancel) }

// WrongPIN inserts a card and enters a wrong PIN, which the terminal lets a
// person do three times.
func (n *Nexo) WrongPIN() bool { return n.act(zvtWrongPIN) }

func (n *Nexo) act(a zvtAct) bool {
	if !n.State().Waiting {
		return false
	}
	select {
	case n.acts <- a:
		return true
	case <-time.After(100 * time.Millisecond): // it stopped waiting meanwhile
		return false
	}
}

// The points of a payment at which CutAfter cuts.
func nexoPoints() []string { return []string{"request", "card", "host", "answer"} }

// CutAfter makes the line of the next payment break once: when its request has
// arrived, when a card is there (card), when the host has approved (host), or
// behind the answer. The payment itself goes on. An empty name takes the wish
// back.
func (n *Nexo) CutAfter(point string) error {
	name := strings.ToLower(strings.TrimSpace(point))
	switch name {
	case "authorisation", "authorization", "ack", "progress":
		name = "request"
	case "status", "status-ack", "print", "print-ack":
		name = "host"
	case "completion", "completion-ack":
		name = "answer"
	}
	if name != "" && !slices.Contains(nexoPoints(), name) {
		return fmt.Errorf("cut after %q: want one of %s", point, strings.Join(nexoPoints(), ", "))
	}
	n.mu.Lock()
	n.cutAfter = name
	n.mu.Unlock()
	n.o.Changed()
	return nil
}

// NexoFaults are the things that can go wrong with a message: it is not acted on
// (silence, cut-before, reject, busy, http-500), or it is and the answer goes
// astray (cut-after, late) or wrong (the rest).
func NexoFaults() []string {
	return []string{
		"silence", "cut-before", "reject", "busy", "http-500", "cut-after", "late", "bad-hmac", "other-key",
		"plain", "other-id", "other-header", "truncated", "garbage", "empty", "request-echo",
	}
}

// Fault makes the next message of a category go wrong; several are kept in
// order.
func (n *Nexo) Fault(category, kind string) error {
	if !slices.Contains(NexoFaults(), kind) {
		return fmt.Errorf("fault %q: want one of %s", kind, strings.Join(NexoFaults(), ", "))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults[category] = append(n.faults[category], kind)
	return nil
}

// SetStatus sets the GlobalStatus of an idle terminal: OK, Maintenance,
// Unreachable, Busy.
func (n *Nexo) SetStatus(status string) {
	n.mu.Lock()
	n.status = status
	n.mu.Unlock()
}

// Forget makes the terminal lose its memory, as one that was exchanged.
func (n *Nexo) Forget() {
	n.mu.Lock()
	n.jobs, n.last = map[string]*nexoJob{}, nil
	n.mu.Unlock()
}

// Messages returns the categories of the messages that arrived, oldest first.
func (n *Nexo) Messages() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.seen)
}

// Charges returns the payments and refunds that stand, oldest first.
func (n *Nexo) Charges() []NexoCharge {
	n.mu.Lock()
	defer n.mu.Unlock()
	var stand []NexoCharge
	for _, c := range n.charges {
		if !c.Reversed {
			stand = append(stand, *c)
		}
	}
	return stand
}

// State returns what the terminal shows and remembers.
func (n *Nexo) State() ZVTState {
	plugged := n.Plugged()
	n.mu.Lock()
	defer n.mu.Unlock()
	s := ZVTState{
		Display: n.display, Waiting: n.waiting, Amount: n.asked, Plugged: plugged,
		Charges: []ZVTCharge{}, CutAfter: n.cutAfter,
	}
	for i, c := range n.charges {
		s.Charges = append(s.Charges, ZVTCharge{Receipt: i + 1, Trace: i + 1, Amount: c.Amount, At: c.at, Reversed: c.Reversed})
	}
	return s
}

// show changes the display.
func (n *Nexo) show(text string, waiting bool) {
	n.mu.Lock()
	n.display, n.waiting = text, waiting
	n.mu.Unlock()
	n.o.Changed()
}

// cut reports whether the line shall break at point, once.
func (n *Nexo) cut(point string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cutAfter != point {
		return false
	}
	n.cutAfter = ""
	return true
}

// sleep waits for a stretch of simulated time, or until the end.
func (n *Nexo) sleep(d time.Duration) {
	timer := time.NewTimer(n.clock.Real(d))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-n.gone:
	}
}

// minor turns an amount in major units into minor ones.
func (n *Nexo) minor(text string) (int64, bool) {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.o.Exponent)), nil)))
	return r.Num().Int64(), r.IsInt() && r.Num().IsInt64() && r.Sign() > 0
}

// major is the way back, as a JSON number.
func (n *Nexo) major(minor int64) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.o.Exponent)), nil)
	return new(big.Rat).SetFrac(big.NewInt(minor), scale).FloatString(n.o.Exponent)
}
