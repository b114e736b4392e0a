// Package zvt speaks ZVT, the protocol between a till (ECR) and a card
// terminal (PT) of the German-speaking countries, as the till. Sources:
// PA00P016 (transport) and PA00P015 rev. 13 (commands). It is not a cash
// register: what to charge and what to do with the answer is the lane's.
//
// Its one rule: it never says more than the terminal proved. A payment whose
// end was not seen is Unknown, and Resolve asks for the terminal's last
// stored transaction (06 20) instead of guessing.
//
// What a crash or a cut line leaves, and what Resolve makes of it:
//
//	before 06 01 was sent             last transaction is the old one     Aborted, not-found
//	before 04 0F was recorded         the same, or a new one that fits    Aborted, or Approved (recovered)
//	recorded, 80 00 00 not received   the terminal reversed it            Aborted, reversed
//	acknowledged, receipts open       the terminal kept or reversed it    by what it stored
//	receipts acknowledged, 06 0F lost the terminal kept it                Approved (recovered)
//
// The line is opened for each operation: some terminals drop an idle one
// within seconds. On a serial line the same messages travel in frames (see
// Serial). What we conclude beyond the specification stands in rules.go.
package zvt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kassa/device/terminal"
)

// Printing says who prints the receipts.
type Printing int

// The ways of printing.
const (
	// PrintHere takes receipts as ready text, in blocks where the terminal
	// can; they come back in the Result.
	PrintHere Printing = iota
	// PrintThere leaves receipts to the terminal's own printer.
	PrintThere
	// PrintNone takes no receipt text; the lane writes its own from the Result.
	PrintNone
)

// Bits of the registration's config byte (PA00P015 2.1).
const (
	configReceipts      = 0x02
	configAdminReceipts = 0x04
	configProgress      = 0x08
	configPayments      = 0x10 // amounts are entered at the till only
	configAdmin         = 0x20
	configText          = 0x80 // receipts come as ready text
	serviceLockMenu     = 0x01 // service byte of the registration
	serviceNoPrint      = 0x03 // service byte of repeat receipt: status information only
)

// Timers (PA00P016 2.4 and 3), and our own patience.
const (
	defaultT3        = 5 * time.Second   // for the answer to a command
	defaultT4        = 180 * time.Second // between two signs of life in an operation
	busyPatience     = 3 * time.Minute   // for a terminal that says it is at work
	registerPatience = 20 * time.Second
	beginPatience    = 15 * time.Second // for a command that is refused with "please wait"
	defaultPause     = 2 * time.Second
)

// A Config is what a Terminal needs to know. Dial, Password and Currency must
// be given.
type Config struct {
	// Dial opens the line to the terminal, for each operation anew.
	Dial func(context.Context) (Line, error)
	// Password is the registration password, six digits.
	Password string
	Currency terminal.Currency
	Printing Printing
	Charset  Charset
	// Register is the registration's config byte; 0: as Printing says. Bits
	// 08 (progress) and 10 (amounts come from the till only) must be set.
	Register byte
	// Columns is the width of the receipt printer, told to the terminal; 0:
	// not told.
	Columns int
	// MessageIDs offers numbered messages (tag 1F73), so that both sides tell
	// a repeat from a new one. A terminal that does not know them ignores it.
	MessageIDs bool
	T3, T4     time.Duration // 0: as the specification says
	Pause      time.Duration // before a busy terminal is asked again; 0: 2 s
	Log        *slog.Logger  // nil: none
	// DayClosed is handed the sums of a batch that Prepare had to close, as the
	// terminal would take no payment before, and the error where the outcome is
	// Unknown. The terminal tells them once: keep them. May be nil.
	DayClosed func(terminal.Totals, error)
}

// A Terminal is one ZVT terminal.
type Terminal struct {
	cfg      Config
	password []byte
	currency []byte
	turn     chan struct{} // holds one token: the right to use the line

	mu      sync.Mutex
	payment chan struct{} // of the running Pay, closed by Abort; else nil

	dueInit, dueDiagnosis atomic.Bool // the terminal said so; Prepare does it

	// unsure is set while the terminal may still send what belongs to an
	// earlier conversation: at the start, and after one that broke.
	unsure atomic.Bool
}

var _ terminal.Terminal = (*Terminal)(nil)

// New returns a Terminal, or an error that names what is wrong with c.
func New(c Config) (*Terminal, error) {
	if c.Dial == nil {
		return nil, errors.New("zvt: no way to dial")
	}
	password, err := packDigits(c.Password, 3)
	if err != nil {
		return nil, fmt.Errorf("zvt: password: %w", err) // the error does not hold it
	}
	if c.Currency.Numeric < 1 || c.Currency.Numeric > 999 {
		return nil, fmt.Errorf("zvt: currency %d is no ISO 4217 number", c.Currency.Numeric)
	}
	if c.Register != 0 && c.Register&(configProgress|configPayments) != configProgress|configPayments {
		return nil, fmt.Errorf("zvt: config byte %02X lacks bit 08 or 10", c.Register)
	}
	if c.Columns < 0 || c.Columns > 99 {
		return nil, fmt.Errorf("zvt: %d columns, want 1 to 99", c.Columns)
	}
	if c.T3 == 0 {
		c.T3 = defaultT3
	}
	if c.T4 == 0 {
		c.T4 = defaultT4
	}
	if c.Pause == 0 {
		c.Pause = defaultPause
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	t := &Terminal{
		cfg: c, password: password, currency: bcd(int64(c.Currency.Numeric), 2), turn: make(chan struct{}, 1),
	}
	t.unsure.Store(true)
	return t, nil
}

// take waits for the line. The caller must give it back.
func (t *Terminal) take(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the line: %w", context.Cause(ctx))
	}
}

func (t *Terminal) give() { <-t.turn }

// open dials. The caller must close the session.
func (t *Terminal) open(ctx context.Context) (*session, error) {
	line, err := t.cfg.Dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", terminal.ErrUnreachable, err)
	}
	if d, ok := line.(interface{ drain(context.Context) error }); ok && t.unsure.Load() {
		if err := d.drain(ctx); err != nil {
			_ = line.Close()
			return nil, fmt.Errorf("%w: %w: %w", terminal.ErrUnreachable, errLost, err)
		}
		t.unsure.Store(false)
	}
	return newSession(line, &t.cfg, &t.unsure), nil
}

// connect dials and registers us. The caller must close the session.
func (t *Terminal) connect(ctx context.Context) (*session, error) {
	return t.twice(ctx, func(s *session) error {
		_, err := t.register(ctx, s)
		return err
	})
}

// connectFree is connect for a terminal that may be at work; it waits for that
// and returns its state. With stop it asks for an end of what is running.
func (t *Terminal) connectFree(ctx context.Context, stop bool) (s *session, status byte, reg registration, err error) {
	s, err = t.twice(ctx, func(s *session) (err error) {
		if status, err = t.settle(ctx, s, stop); err != nil {
			return err
		}
		reg, err = t.register(ctx, s)
		return err
	})
	return s, status, reg, err
}

// twice dials and greets. A line that breaks meanwhile is dialled once more:
// nothing was asked of the terminal yet, and a USB adapter may just have come
// back.
func (t *Terminal) twice(ctx context.Context, greet func(*session) error) (*session, error) {
	for try := 1; ; try++ {
		s, err := t.open(ctx)
		if err == nil {
			if err = greet(s); err == nil {
				return s, nil
			}
			s.close()
		}
		if try > 1 || !errors.Is(err, errLost) || ctx.Err() != nil {
			return nil, err
		}
	}
}

func (t *Terminal) newPaper() *paper { return &paper{charset: t.cfg.Charset} }

// with returns the data of a command that begins with the password.
func (t *Terminal) with(more ...byte) []byte {
	return slices.Concat(t.password, more)
}

// registration is what a terminal says when it registers us.
type registration struct {
	tid       string
	initDue   bool
	diagnosis bool
}

// register makes us the terminal's till (06 00). It may be repeated at any
// time, and is: a terminal that was restarted or exchanged has forgotten us.
func (t *Terminal) register(ctx context.Context, s *session) (registration, error) {
	x := &exchange{paper: t.newPaper()}
	ctx, cancel := context.WithTimeoutCause(ctx, registerPatience, errSilent) // a shopper is waiting: not T4
	defer cancel()
	e, err := s.perform(ctx, t.registration(), x)
	if err != nil {
		return registration{}, fmt.Errorf("register: %w", err)
	}
	if !e.completed {
		return registration{}, fmt.Errorf("register: %w", refusal{e.code})
	}
	t.note(e)
	var reg registration
	maps, _ := parseBitmaps(e.data)
	for _, m := range maps {
		switch m.id {
		case bmpTID:
			reg.tid = bcdString(m.value)
		case bmpPayType: // here: a status byte
			reg.initDue, reg.diagnosis = m.value[0]&statusInit != 0, m.value[0]&statusDiagnosis != 0
		}
	}
	if _, ok := messageID(cmdCompletion, e.data); ok && t.cfg.MessageIDs {
		s.number()
	}
	return reg, nil
}

// Bits of the status byte of a completion (BMP 19).
const (
	statusInit      = 0x01
	statusDiagnosis = 0x02
)

// note remembers what a completion says is due.
func (t *Terminal) note(e end) {
	maps, _ := parseBitmaps(e.data)
	for _, m := range maps {
		if m.id != bmpPayType {
			continue
		}
		if m.value[0]&statusInit != 0 {
			t.dueInit.Store(true)
		}
		if m.value[0]&statusDiagnosis != 0 {
			t.dueDiagnosis.Store(true)
		}
	}
}

func (t *Terminal) due() bool { return t.dueInit.Load() || t.dueDiagnosis.Load() }

func (t *Terminal) registration() apdu {
	config := byte(configProgress | configPayments | configAdmin)
	switch t.cfg.Printing {
	case PrintHere:
		config |= configReceipts | configAdminReceipts | configText
	case PrintNone:
		config |= configReceipts | configAdminReceipts
	case PrintThere:
	}
	if t.cfg.Register != 0 {
		config = t.cfg.Register
	}
	data := append(t.with(config), t.currency...)
	a := command(cmdRegister, append(data, bmpService, serviceLockMenu)...)
	if t.cfg.Columns > 0 {
		a.tlv = appendTLV(a.tlv, tagColumns, bcd(int64(t.cfg.Columns), 1))
	}
	if config&configText != 0 {
		a.tlv = appendTLV(a.tlv, tagCommands, appendTLV(nil, tagCommand, []byte{0x06, 0xD3}))
	}
	if t.cfg.MessageIDs {
		a.tlv = appendTLV(a.tlv, tagMessageID, bcd(0, 3))
	}
	if a.tlv == nil { // an empty container still says that we understand them
		a.data = append(a.data, bmpTLV, 0)
	}
	return a
}

// LogOff ends the registration (06 02). Nothing needs it in normal work.
func (t *Terminal) LogOff(ctx context.Context) error {
	if err := t.take(ctx); err != nil {
		return err
	}
	defer t.give()
	s, err := t.open(ctx)
	if err != nil {
		return fmt.Errorf("log off: %w", err)
	}
	defer s.close()
	if err := s.ask(ctx, command(cmdLogOff)); err != nil {
		return fmt.Errorf("log off: %w", err)
	}
	return nil
}
