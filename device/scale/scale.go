// Package scale reads the scales of a lane: the one that sells by weight and
// the one under the bags. It asks, and delivers each answer as it comes; what a
// weight means for a basket is not its business.
//
// Its one rule: every Reading is the answer to the question asked last. No
// answer, motion, nothing on the plate, below zero, overload and a broken frame
// are told apart, and an old weight is never given for a new one.
package scale

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"kassa/device/link"
)

// Reasons in Reading.Err that a caller may test for.
var (
	// ErrNoWeight: the scale is settled but keeps its weight to itself. Many
	// such scales send a weight once and wait for the load to change.
	ErrNoWeight = errors.New("scale gives no weight")
	// ErrDivision: the weight is not one that this scale can show.
	ErrDivision = errors.New("weight does not fit the division")

	errNoAnswer = errors.New("scale does not answer")
	errBabble   = errors.New("line does not fall silent")
)

// Config says where a scale hangs and how it speaks, in the words of the
// configuration file.
type Config struct {
	Protocol string // one of Protocols
	Port     string // as link.ParsePort reads it; not looked at with Dial
	Line     string // as link.ParseLine reads it; "" means the protocol's own
	Unit     string // "kg" or "lb"; "" means kg
	Division string // smallest step shown, in Unit, "0.005"; "" is not checked
	Max      string // above it a weight counts as Over; "" leaves that to the scale
	Min      string // below it a weight is Light: not to be sold; "" is not checked
	Fast     bool   // ask as fast as the line allows, for a scale that is watched; else 20 times a second

	Variant Variant // where makes of one protocol differ

	// Dial opens the line in place of Port, for a scale that shares one with a
	// scanner.
	Dial func(context.Context) (link.Conn, error)
	Cell Cell // with protocol hx711, which has no port

	Link link.Options // its Report hears when the scale answers and when it stops
	Log  *slog.Logger // may be nil
}

// A Scale keeps one scale open and asks it.
type Scale struct {
	cfg Config
	p   params
	new func(params) dialect

	cell   *cell     // with hx711 only
	wishes chan wish // for the cell
}

// A dialect asks one scale for its weight, once. It returns Silent or Fault
// where the scale is to blame, an error where the connection is.
type dialect interface {
	ask(conn link.Conn) (Reading, error)
	manner() manner
}

// A manner says what a dialect does against answers to older questions.
type manner uint8

const (
	// answers look all alike: after a failure the first one is thrown away.
	answers manner = iota
	// steps of different kinds, in order: an old one is never in its place.
	steps
	// streams are never silent: the first line after a failure is thrown away.
	streams
)

// A driver is what can be named in a configuration.
type driver struct {
	name, line string
	exchange   int // bytes of a question and its answer, for the pace of the line
	new        func(params) dialect
}

// drivers is the table of protocols; a new one adds its line here.
func drivers() []driver {
	return []driver{
		{"toledo8217", "9600 7E1", 1 + 9, newToledo},
		{"toledo8213", "9600 7E1", 1 + 9, newToledo8213},
		{"nci", "9600 7E1", 2 + 16, newNCI},
		{"sma", "9600 8N1", 3 + 20, newSMA},
		{"sics", "9600 8N1", 4 + 19, newSICS},
		{"dialog06", "9600 7O1", 15 + 28, newDialog06},
		{"cas", "9600 8N1", 3 + 15, newCAS},
		{"ascii", "9600 8N1", 3 + 22, newASCII},
		{"magellan", "9600 7O1", 4 + 10, newMagellan},
	}
}

// Protocols returns the names that Config.Protocol may have.
func Protocols() []string {
	var names []string
	for _, d := range drivers() {
		names = append(names, d.name)
	}
	return append(names, LoadCell)
}

// DefaultLine returns the line settings that a protocol's scales are shipped
// with; false for one that has no line.
func DefaultLine(protocol string) (line string, ok bool) {
	for _, d := range drivers() {
		if d.name == protocol {
			return d.line, true
		}
	}
	return "", false
}

// New checks cfg and returns a Scale, without opening anything.
func New(cfg Config) (*Scale, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Protocol == LoadCell {
		return newLoadCell(cfg)
	}
	for _, d := range drivers() {
		if d.name != cfg.Protocol {
			continue
		}
		if cfg.Line == "" {
			cfg.Line = d.line
		}
		if cfg.Dial == nil {
			cfg.Dial = func(ctx context.Context) (link.Conn, error) { return link.Open(ctx, cfg.Port, cfg.Line) }
			if err := link.Check(cfg.Port, cfg.Line); err != nil {
				return nil, fmt.Errorf("scale: %w", err)
			}
		}
		p, err := cfg.params(d)
		if err != nil {
			return nil, fmt.Errorf("scale: %w", err)
		}
		return &Scale{cfg: cfg, p: p, new: d.new}, nil
	}
	return nil, fmt.Errorf("scale: protocol is %q, want one of: %s", cfg.Protocol, strings.Join(Protocols(), ", "))
}

const (
	quiet     = 100 * time.Millisecond // without bytes, before a question is asked again
	quietMost = time.Second            // waited for that

	silences = 3  // in a row until the port is opened anew
	faults   = 10 // in a row until the port is opened anew
)

// Run delivers readings until ctx ends, and then returns its cause. It opens
// the port as often as it takes; each try that comes to nothing delivers
// Silent. deliver is called by one goroutine, which asks again when it returns;
// it must return when ctx ends.
func (s *Scale) Run(ctx context.Context, deliver func(Reading)) error {
	send := func(r Reading) {
		if r.At.IsZero() {
			r.At = time.Now()
		}
		deliver(r)
	}
	if s.cell != nil {
		return s.runCell(ctx, send)
	}
	return link.Keep(ctx, s.cfg.Link,
		func(ctx context.Context) (*session, error) { return s.dial(ctx, send) },
		func(ctx context.Context, c *session) error { return s.poll(ctx, c, send) })
}

// A session is one opening of the port.
type session struct {
	link.Conn
	dialect
	first  Reading // the answer that showed the scale is there
	unsure bool    // an answer to an older question may be under way
}

// dial opens the port and has the scale answer once: up means that it does.
func (s *Scale) dial(ctx context.Context, send func(Reading)) (*session, error) {
	conn, err := s.cfg.Dial(ctx)
	if err != nil {
		if ctx.Err() == nil {
			send(Reading{State: Silent, Err: err})
		}
		return nil, err
	}
	// Nobody else closes conn when ctx ends here; the answer time bounds it.
	c := &session{Conn: conn, dialect: s.new(s.p), unsure: true}
	c.first, err = c.weigh(ctx, s.cfg.Log)
	if err == nil && c.first.useless() {
		err = c.first.Err
	}
	if err == nil {
		return c, nil
	}
	if c.first.State == 0 {
		c.first = Reading{State: Silent, Err: err}
	}
	if ctx.Err() == nil {
		send(c.first)
	}
	return nil, errors.Join(err, conn.Close())
}

// poll asks until the connection breaks or the scale is given up.
func (s *Scale) poll(ctx context.Context, c *session, send func(Reading)) error {
	send(c.first)
	silent, faulty := 0, 0
	next := time.NewTimer(s.p.every)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next.C:
		}
		next.Reset(s.p.every)
		r, err := c.weigh(ctx, s.cfg.Log)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			send(Reading{State: Silent, Err: err})
			return err
		}
		send(r)
		if !r.useless() {
			silent, faulty = 0, 0
			continue
		}
		if r.State == Silent {
			silent++
		}
		faulty++
		if silent >= silences || faulty >= faults {
			return r.Err
		}
	}
}

// useless says that the scale did not answer as such a scale does.
func (r Reading) useless() bool {
	return (r.State == Silent || r.State == Fault) && !errors.Is(r.Err, ErrNoWeight)
}

// weigh asks once. If an answer to an older question may still arrive, the
// first answer is thrown away: it cannot be told from the right one.
func (c *session) weigh(ctx context.Context, log *slog.Logger) (Reading, error) {
	if c.unsure {
		if r, err := c.sober(); err != nil || r.useless() {
			return r, err
		}
		c.unsure = false
	}
	r, err := c.question()
	if err == nil && r.useless() {
		c.unsure = true
		log.DebugContext(ctx, "scale answer unusable", "state", r.State.String(), "error", r.Err)
	}
	return r, err
}

// sober makes sure that the next answer belongs to the next question. Its
// reading is only of use where it failed.
func (c *session) sober() (Reading, error) {
	if c.manner() != streams {
		if err := c.hush(); errors.Is(err, errBabble) {
			return Reading{State: Fault, Err: err}, nil
		} else if err != nil {
			return Reading{}, err
		}
	}
	if c.manner() == steps {
		return Reading{}, nil
	}
	return c.question()
}

func (c *session) question() (Reading, error) {
	if err := link.Discard(c.Conn); err != nil {
		return Reading{}, err
	}
	r, err := c.ask(c.Conn)
	r.At = time.Now()
	return r, err
}

// hush waits until the line has been silent for a while.
func (c *session) hush() error {
	buf := make([]byte, maxAnswer)
	for end := time.Now().Add(quietMost); time.Now().Before(end); {
		if err := c.SetReadDeadline(time.Now().Add(quiet)); err != nil {
			return err
		}
		if _, err := c.Read(buf); errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return errBabble
}
