package printer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"kassa/device/link"
)

// Outcome is what became of a print job.
type Outcome int

// The outcomes.
const (
	Printed    Outcome = iota + 1 // confirmed
	NotPrinted                    // nothing reached the paper
	Unknown                       // some or all of it may be on the paper
	Sent                          // handed over to a printer that never says a word
)

// String returns the outcome as logs spell it.
func (o Outcome) String() string {
	switch o {
	case Printed:
		return "printed"
	case NotPrinted:
		return "not printed"
	case Unknown:
		return "unknown"
	case Sent:
		return "sent"
	}
	return ""
}

// How patient the driver is.
const (
	answerWait  = time.Second            // for a real-time answer
	askEvery    = 250 * time.Millisecond // a silent printer, while it works on a job
	confirmWait = 30 * time.Second       // for a job to be worked off, if ctx has no end before
	pollEvery   = 10 * time.Second       // a silent printer is asked how it is
	syncWait    = 5 * time.Second        // for an older job to end
	syncQuiet   = 100 * time.Millisecond
	recoverWait = 2 * time.Second // between two tries to go on after a fault
	chunk       = 512             // bytes of a job sent between two looks at the status
	markEvery   = 512             // bytes between two marks at least
	maxAsked    = 16              // real-time questions without an answer
	rememberMax = 128             // keys of printed jobs
)

// A Config is what a Printer needs. Port or Open must be given.
type Config struct {
	Port    string // a device path (also /dev/usb/lpN), tcp:// or unix://
	Line    string // of a serial port, as "38400 8N1"
	Profile Profile
	Raster  Rasterizer // draws what the code page lacks; may be nil
	// Open replaces link.Open, for tests.
	Open func(context.Context) (link.Conn, error)
	Link link.Options // Report is called besides Status
	// Status hears of each change, from Run's goroutine. It must not block.
	Status func(Status)
	Poll   time.Duration // 0: 10 s
	Log    *slog.Logger  // nil: none
}

// A Printer is one receipt printer. Run must run for Print to work.
type Printer struct {
	cfg Config

	mu      sync.Mutex
	status  Status
	jobs    chan *job // nil while nobody is connected
	down    chan struct{}
	printed []string // keys, oldest first
	broken  bool     // a job was under way when the line broke
	marks   uint32   // names of marks given out
}

// A job is one call of Print, handed to the session.
type job struct {
	ctx  context.Context //nolint:containedctx // of the caller, who waits for the job
	data [][]byte        // parts; between two a mark may stand
	done chan answer     // takes one
}

type answer struct {
	outcome Outcome
	err     error
}

// New returns a Printer, or an error that names what is wrong with c.
func New(c Config) (*Printer, error) {
	if c.Profile.Columns == 0 {
		return nil, errors.New("printer: no profile")
	}
	if c.Open == nil {
		if c.Port == "" {
			return nil, errors.New("printer: no port")
		}
		c.Open = func(ctx context.Context) (link.Conn, error) { return open(ctx, c.Port, c.Line) }
	}
	if c.Poll == 0 {
		c.Poll = pollEvery
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Status == nil {
		c.Status = func(Status) {}
	}
	return &Printer{cfg: c, marks: rand.Uint32()}, nil
}

func open(ctx context.Context, port, line string) (link.Conn, error) {
	if strings.HasPrefix(port, "/dev/usb/lp") || strings.HasPrefix(port, "/dev/lp") {
		return openLP(port)
	}
	return link.Open(ctx, port, line)
}

// Run keeps the printer connected until ctx ends, and returns why it did.
func (p *Printer) Run(ctx context.Context) error {
	return link.Keep(ctx, p.cfg.Link, p.cfg.Open, p.session)
}

// Status returns what is known now.
func (p *Printer) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// Profile returns the printer's profile, for Printable.
func (p *Printer) Profile() Profile { return p.cfg.Profile }

// Print prints blocks and waits for the printer's confirmation, until ctx ends
// or half a minute has passed.
//
// When paper runs out in the middle it waits for new paper as long: the printer
// keeps what it has been sent and goes on where it stopped, so nothing is sent
// twice and each line comes out once, on two pieces. If the paper does not come
// in time, the rest is thrown away and the outcome is Unknown. A line that breaks
// in a job makes it Unknown too, and the rest is thrown away when the printer is
// back. What is printed after Unknown must say that it is a copy: the first one
// may be in somebody's hand.
//
// key names the job: what was Printed or Sent once under a key is not printed
// again in the life of the process. NotPrinted and Unknown come with an error
// that says why.
func (p *Printer) Print(ctx context.Context, key string, blocks []Block) (Outcome, error) {
	if p.wasPrinted(key) {
		return Printed, nil
	}
	blocks, err := Render(p.cfg.Profile, blocks, p.cfg.Raster)
	if err != nil {
		return NotPrinted, fmt.Errorf("print: %w", err)
	}
	data, err := encodeParts(p.cfg.Profile, blocks)
	if err != nil {
		return NotPrinted, fmt.Errorf("print: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, confirmWait)
	defer cancel()
	got := p.hand(ctx, data)
	if got.outcome == Printed || got.outcome == Sent {
		p.remember(key)
	}
	if got.err != nil {
		return got.outcome, fmt.Errorf("print: %w", got.err)
	}
	return got.outcome, nil
}

// ErrNoDrawer says that the printer has no socket for a cash drawer.
var ErrNoDrawer = errors.New("printer has no cash drawer")

// OpenDrawer opens the cash drawer that hangs on the printer, also when there is
// no paper: the pulse is a real-time command (DLE DC4, function 1), 200 ms at pin 2.
func (p *Printer) OpenDrawer(ctx context.Context) error {
	if !p.cfg.Profile.Drawer {
		return ErrNoDrawer
	}
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	return p.hand(ctx, nil).err
}

// hand gives a job to the session and waits for it.
func (p *Printer) hand(ctx context.Context, data [][]byte) answer {
	p.mu.Lock()
	jobs, down := p.jobs, p.down
	p.mu.Unlock()
	if jobs == nil {
		return answer{NotPrinted, ErrOffline}
	}
	j := &job{ctx: ctx, data: data, done: make(chan answer, 1)}
	select {
	case jobs <- j:
		return <-j.done // the session answers every job it took
	case <-down:
		return answer{NotPrinted, ErrOffline}
	case <-ctx.Done():
		return answer{NotPrinted, fmt.Errorf("wait for the printer: %w", context.Cause(ctx))}
	}
}

func (p *Printer) wasPrinted(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range p.printed {
		if k == key && key != "" {
			return true
		}
	}
	return false
}

func (p *Printer) remember(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printed = append(p.printed, key)
	if len(p.printed) > rememberMax {
		p.printed = append([]string(nil), p.printed[1:]...)
	}
}

// breaks notes whether a job was under way when the line broke.
func (p *Printer) breaks(job bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = job
}

// wasBroken tells that once.
func (p *Printer) wasBroken() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.broken
	p.broken = false
	return was
}

// name makes a name for a mark, four letters from space to tilde.
func (p *Printer) name() (name [4]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marks++
	n := p.marks
	for i := range name {
		name[i] = ' ' + byte(n%95)
		n /= 95
	}
	return name
}

// set stores the status and reports a change.
func (p *Printer) set(s Status) {
	p.mu.Lock()
	changed := p.status != s
	p.status = s
	p.mu.Unlock()
	if changed {
		p.cfg.Status(s)
	}
}
