// Package scanner reads barcodes from the scanners of a lane. What a code
// means is not its business: it delivers the bytes between two line ends, as
// they came.
//
// Its one rule: a code is delivered whole or not at all. What was cut off by
// an unplugged cable or a pause is never joined to what comes next.
package scanner

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"kassa/device/link"
)

// A Scan is one code as the scanner sent it, without prefix, suffix and line
// end. It may hold any bytes, also NUL and GS, and is 1 to 4096 of them long.
type Scan struct {
	Code []byte // the receiver's own
	At   time.Time
}

// Config says where a scanner hangs and how it speaks.
type Config struct {
	Protocol string // one of Protocols
	Port     string // as link.ParsePort reads it
	Line     string // as link.ParseLine reads it; "" means 9600 8N1
	Lines    Lines  // for the protocol "lines"

	Link link.Options // its Report hears when the scanner comes and goes
	Log  *slog.Logger // may be nil
}

// A Scanner keeps one scanner open and delivers its codes.
type Scanner struct {
	cfg Config
	use protocol
}

// A protocol reads codes from conn until it breaks, and returns why it did.
type protocol func(ctx context.Context, conn link.Conn, deliver func(Scan), log *slog.Logger) error

// A driver is what can be named in a configuration.
type driver struct {
	name string
	make func(Config) (protocol, error)
}

// drivers is the table of protocols; a new one adds its line here.
func drivers() []driver {
	return []driver{
		{"lines", newLines},
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
		if err := link.Check(cfg.Port, cfg.Line); err != nil {
			return nil, fmt.Errorf("scanner: %w", err)
		}
		use, err := d.make(cfg)
		if err != nil {
			return nil, fmt.Errorf("scanner: %w", err)
		}
		return &Scanner{cfg: cfg, use: use}, nil
	}
	return nil, fmt.Errorf("scanner: protocol is %q, want one of: %s", cfg.Protocol, strings.Join(Protocols(), ", "))
}

// Run delivers codes until ctx ends, and then returns its cause. It opens the
// port as often as it takes. deliver is called by one goroutine, in the order
// of the codes; while it blocks, codes wait in the kernel's buffer. It must
// return when ctx ends.
func (s *Scanner) Run(ctx context.Context, deliver func(Scan)) error {
	return link.Keep(ctx, s.cfg.Link,
		func(ctx context.Context) (link.Conn, error) {
			return link.Open(ctx, s.cfg.Port, s.cfg.Line)
		},
		func(ctx context.Context, conn link.Conn) error {
			return s.use(ctx, conn, deliver, s.cfg.Log)
		})
}
