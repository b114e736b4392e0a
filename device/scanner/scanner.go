// Package scanner reads barcodes from the scanners of a lane: plain serial
// lines, Zebra SSI packets, Magellan labels, keyboard wedges and HID-POS. What
// a code means is not its business: it delivers the bytes as they came, behind
// the symbology identifier where the protocol or a table of the vendor's
// letters gives one.
//
// Its one rule: a code is delivered whole or not at all. What was cut off by
// an unplugged cable, a pause, a broken packet or a full queue is never joined
// to what comes next.
//
// # Setting up a scanner
//
// Each is best set to send AIM identifiers, which need no table. A scanner on
// a plain line ends each code with CR or LF. A keyboard wedge is set to the US
// keyboard, ends each code with Enter, and sends GS as Ctrl+]. Serial ports
// and input devices are named by their identity (/dev/serial/by-id,
// /dev/input/by-id), never ttyUSB0 or event3, which change hands. The lane's
// user is in the groups dialout and input; hidraw nodes need a udev rule.
//
// # Adding a protocol
//
// Write the parser as a type that takes bytes and gives codes, without a
// connection, and fuzz it. Write a unit around it: dial opens the port, and has
// a scanner that can be asked answer; read feeds the parser until the
// connection breaks, gives up half a code after a gap, and logs how much was
// dropped, never what. Add its line to drivers, its word to kiosk/config, the
// far side to device/sim from the manual and not from the driver, and a kind to
// device/devicetest.TestScannerOf.
package scanner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"kassa/device/link"
)

// Errors of Enable and Disable that a caller may test for.
var (
	// ErrNoSwitch: this protocol has no words for it.
	ErrNoSwitch = errors.New("scanner cannot be enabled or disabled")
	// ErrAway: there is no connection. The wish is kept for the next one.
	ErrAway = errors.New("scanner is not connected")
	// ErrRefused: the scanner does not do it, or does not answer.
	ErrRefused = errors.New("scanner does not obey")
)

// A Scan is one code as the scanner sent it, without prefix, suffix and line
// end, behind its symbology identifier where one is known. It may hold any
// bytes, also NUL and GS, and is at most 4096 of them long.
type Scan struct {
	Code []byte // the receiver's own
	At   time.Time
}

// Config says where a scanner hangs and how it speaks.
type Config struct {
	Protocol string // one of Protocols
	// Port as link.ParsePort reads it; evdev:PATH for the protocol "evdev",
	// hidraw:PATH or hidraw:VID:PID for "hidpos".
	Port    string
	Line    string // as link.ParseLine reads it; "" means the protocol's own
	Letters string // vendor whose code letters are read, one of Vendors; only for "lines" and "evdev"
	Lines   Lines  // for the protocol "lines"
	HIDPOS  HIDPOS // for the protocol "hidpos"

	Link link.Options // its Report hears when the scanner comes and goes
	Log  *slog.Logger // may be nil
}

// A Scanner keeps one scanner open and delivers its codes.
type Scanner struct {
	cfg Config
	unit
}

// A unit speaks one protocol with one scanner. Its state may outlive a
// connection; one connection is used at a time.
type unit interface {
	// dial opens the port. A scanner that can be asked has answered.
	dial(ctx context.Context) (link.Conn, error)
	// read delivers codes from conn until it breaks, and returns why it did.
	read(ctx context.Context, conn link.Conn, deliver func(code []byte)) error
}

// A switcher is a unit whose scanner can be told to scan or not. What it was
// told last holds for later connections too.
type switcher interface {
	turn(ctx context.Context, on bool) error
}

// A driver is what can be named in a configuration.
type driver struct {
	name string
	line string // of a serial port
	make func(Config) (unit, error)
}

// drivers is the table of protocols; a new one adds its line here.
func drivers() []driver {
	return []driver{
		{"lines", "9600 8N1", newLines},
		{"magellan", "9600 7O1", newMagellan},
		{"ssi", "9600 8N1", newSSI},
		{"evdev", "", newEvdev},
		{"hidpos", "", newHIDPOS},
	}
}

// Protocols returns the names that Config.Protocol may have.
func Protocols() []string {
	var names []string
	for _, d := range drivers() {
		names = append(names, d.name)
	}
	return names
}

// New checks cfg and returns a Scanner, without opening anything.
func New(cfg Config) (*Scanner, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range drivers() {
		if d.name != cfg.Protocol {
			continue
		}
		if cfg.Line == "" {
			cfg.Line = d.line
		}
		u, err := d.make(cfg)
		if err != nil {
			return nil, fmt.Errorf("scanner: %w", err)
		}
		return &Scanner{cfg, u}, nil
	}
	return nil, fmt.Errorf("scanner: protocol is %q, want one of: %s", cfg.Protocol, strings.Join(Protocols(), ", "))
}

// Run delivers codes until ctx ends, and then returns its cause. It opens the
// port as often as it takes. deliver is called by one goroutine, in the order
// of the codes; while it blocks, codes wait in the kernel's buffer or a queue.
// It must return when ctx ends. A Scanner is run once at a time.
func (s *Scanner) Run(ctx context.Context, deliver func(Scan)) error {
	return link.Keep(ctx, s.cfg.Link, s.dial, func(ctx context.Context, conn link.Conn) error {
		return s.read(ctx, conn, func(code []byte) { deliver(Scan{Code: code, At: time.Now()}) })
	})
}

// Enable lets the scanner read codes, as it does when the lane starts. It
// returns when the scanner has confirmed it, where its protocol has such an
// answer, or with ErrNoSwitch, ErrAway or ErrRefused.
func (s *Scanner) Enable(ctx context.Context) error { return s.turnTo(ctx, true) }

// Disable keeps the scanner from reading codes, also after it is plugged in
// anew. A code under way may still come. Errors are those of Enable.
func (s *Scanner) Disable(ctx context.Context) error { return s.turnTo(ctx, false) }

func (s *Scanner) turnTo(ctx context.Context, on bool) error {
	u, ok := s.unit.(switcher)
	if !ok {
		return fmt.Errorf("scanner: %s: %w", s.cfg.Protocol, ErrNoSwitch)
	}
	if err := u.turn(ctx, on); err != nil {
		return fmt.Errorf("scanner: %s: %w", s.cfg.Protocol, err)
	}
	return nil
}

// noLetters refuses vendor letters where the protocol itself says what was
// read.
func noLetters(cfg Config) error {
	if cfg.Letters != "" {
		return fmt.Errorf("letters are %q, but %s itself says what was read: remove them", cfg.Letters, cfg.Protocol)
	}
	return nil
}
