package station

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kassa/device/cash"
	"kassa/device/terminal"
	"kassa/kiosk/bagging"
	"kassa/kiosk/barcode"
	"kassa/kiosk/basket"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
	"kassa/store/catalog"
	"kassa/store/journal"
	"kassa/store/wire"
)

// A catalogue finds what the lane sells.
type catalogue interface {
	Lookup(ctx context.Context, gtin string) (basket.Article, bool, error)
	LookupPLU(ctx context.Context, plu string) (basket.Article, bool, error)
	// Recalled returns the recall that holds for a code, if any.
	Recalled(ctx context.Context, gtin, lot, serial string) (catalog.Recall, bool, error)
	Promotions(ctx context.Context) ([]basket.Promotion, error)
	// PromotionsOf returns those of a version, and whether they are known.
	PromotionsOf(ctx context.Context, version int64) ([]basket.Promotion, bool, error)
	// Produce returns articles that can be found by hand.
	Produce(ctx context.Context, limit int) ([]basket.Article, error)
	// Version grows with every import.
	Version(ctx context.Context) (int64, error)
	// Hold keeps prices as they are until Release, whatever is imported.
	Hold(ctx context.Context) error
	Release() error
	// Count says what was sold, for the best sellers.
	Count(ctx context.Context, sold []catalog.Sold) error
}

// A roster knows the store's staff.
type roster interface {
	// ByBadge returns who has a badge, nil if nobody who may work here.
	ByBadge(ctx context.Context, badge string) (*flow.Staff, error)
	// CheckPIN says whether it is the PIN of the member of staff with id, and
	// how long to wait before the next try.
	CheckPIN(ctx context.Context, id, pin string) (ok bool, wait time.Duration, err error)
}

// A Paper is a document to print.
type Paper struct {
	Key  string // the same document twice has the same key
	What flow.Document
	Sale *flow.Sale // as it stood; never changed
	Copy int        // 0: the original
	// Training is said on the paper.
	Training bool
	Voucher  *VoucherPaper // for DocVoucher
}

// A VoucherPaper is what stands on a voucher.
type VoucherPaper struct {
	Number  string
	Amount  money.Amount
	Expires string // YYYY-MM-DD, "" never
}

// A PaperPrinter prints a document and says whether it came out. An error that is
// ErrPartly says that some or all of it may be on paper; with any other, nothing is.
// A key that came out once is not printed again.
type PaperPrinter interface {
	Print(ctx context.Context, p Paper) error
}

// ErrPartly says that a document may be on paper, in part or whole.
var ErrPartly = errors.New("it may be on paper")

var errNoPrinter = errors.New("no printer")

// A LampBoard shows the lane light and opens the drawer.
type LampBoard interface {
	Show(lamp flow.Lamp)
	OpenDrawer(ctx context.Context) error
}

// Options are what a station is made of. Journal, Catalogue, Roster and Rules
// must be given; a device left nil is one the lane does not have.
type Options struct {
	Journal   *journal.Journal
	Catalogue catalogue
	Roster    roster
	// Rules makes the store's rules from the promotions of the day.
	Rules    func([]basket.Promotion) (*flow.Rules, error)
	Codes    barcode.Options // Today is set for each scan
	Bagging  bagging.Settings
	Location *time.Location

	// Vouchers is the ledger; nil: the lane takes and sells none.
	Vouchers Vouchers
	// Training says that this is practice: the terminal, the drawer and the ledger
	// are left alone, and the journal is one of its own.
	Training bool
	// VoucherDays is how long a voucher made here lasts; 0: for ever.
	VoucherDays int

	Terminal terminal.Terminal
	Patience time.Duration // how long a shopper waits for a terminal that is not ready; 0: 15 s
	Cash     cash.Machine  // nil: the lane takes no cash
	Currency terminal.Currency
	Printer  PaperPrinter
	Panel    LampBoard
	Scale    ScaleBoard
	// ScaleUnit is what the checkout scale weighs in.
	ScaleUnit weight.Unit

	Dir     string // data folder: learned weights and traces lie there
	Reserve int64  // bytes of disk below which no new sale starts; 0: the journal's own idea
	Version string
	Log     *slog.Logger

	// Tickets asks the store whose a parked basket is; nil: the lane stands alone. It
	// fails with [wire.ErrAway] where the store cannot have heard it.
	Tickets func(context.Context, wire.Take) (wire.Taken, error)
	// Whose asks the lane that parked a basket for the number of its member, "" for one
	// that nobody knows any more; nil: the lane stands alone.
	Whose func(context.Context, wire.Whose) (number string, err error)

	Observer Observer // counts what is written; may be nil
}

// A Station runs one lane.
type Station struct {
	o     Options
	start time.Time

	inputs  chan input
	samples chan bagging.Input
	deeds   chan deed
	jobs    chan flow.Effect // for the terminal, in order
	prints  chan printJob
	abort   chan string // key of the payment to give up
	lamp    chan flow.Lamp

	scaleJobs chan flow.SetScale     // for the checkout scale, in order
	learned   chan bagging.Knowledge // the newest, to be kept
	sold      chan []catalog.Sold
	views     *latest[flow.View]
	hub       *hubLine
	cues      *fanout[flow.Sound]
	ready     chan struct{}
	beat      atomic.Int64 // unix seconds of the loop's last turn
	up        atomic.Pointer[map[flow.Device]flow.DeviceState]
	sale      atomic.Pointer[flow.Sale]  // on the screen; never changed
	prices    atomic.Pointer[Prices]     // stored by loop, never changed
	settingUp atomic.Int32               // terminals that are being made ready
	setUps    sync.WaitGroup             // the same, for who ends
	readers   atomic.Pointer[flow.Rules] // the newest rules, for reading past sales; never changed

	// Owned by loop.
	newest  *journal.Ticket // of the newest record, nil: none yet
	rules   *flow.Rules
	state   flow.State
	check   *bagging.Check
	live    flow.Live
	version int64 // of the last view
	priced  int64 // catalogue version the rules are from
	timer   *time.Timer
	scale   scaleView
	trace   *trace
	asked   asked
	looked  looked
	kept    time.Time // what was learned was last handed on
	unkept  bool      // ... and there is more since
}

// New prepares a station; nothing runs before [Station.Run].
func New(o Options) (*Station, error) {
	if o.Journal == nil || o.Catalogue == nil || o.Roster == nil || o.Rules == nil || o.Location == nil {
		return nil, errors.New("station: journal, catalogue, roster, rules and location must be given")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Station{
		o: o, start: time.Now(),
		inputs:  make(chan input, 64),
		samples: make(chan bagging.Input, 256),
		deeds:   make(chan deed, 64),
		jobs:    make(chan flow.Effect, 8),
		prints:  make(chan printJob, 8),
		abort:   make(chan string, 1),
		lamp:    make(chan flow.Lamp, 1),

		scaleJobs: make(chan flow.SetScale, 4),
		learned:   make(chan bagging.Knowledge, 1),
		sold:      make(chan []catalog.Sold, 8),
		views:     newLatest[flow.View](),
		hub:       newHubLine(),
		cues:      newFanout[flow.Sound](),
		ready:     make(chan struct{}),
		trace:     newTrace(o.Dir),
	}, nil
}

// Run takes up the lane where the journal says it stood and drives it until ctx
// ends or the disk fails. When Run returns, everything it started has stopped.
func (s *Station) Run(ctx context.Context) error {
	if err := s.recover(ctx); err != nil {
		return fmt.Errorf("taking up the lane: %w", err)
	}
	// The journal outlives the loop, so that what the loop has said is written.
	writing, stopWriting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWriting()
	written := make(chan error, 1)
	go func() { written <- s.o.Journal.Run(writing) }()

	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.loop(gctx) })
	g.Go(func() error { return s.release(gctx) })
	g.Go(func() error { return s.pay(gctx) })
	g.Go(func() error { return s.print(gctx) })
	g.Go(func() error { return s.setScale(gctx) })
	g.Go(func() error { return s.light(gctx) })
	g.Go(func() error { return s.learn(gctx) })
	g.Go(func() error { return s.tally(gctx) })
	g.Go(func() error { return s.watchDisk(gctx) })
	g.Go(func() error { return s.watchCatalogue(gctx) })
	err := g.Wait()
	stopWriting()
	err = errors.Join(notStop(ctx, err), <-written)
	s.keepLast(context.WithoutCancel(ctx))
	s.trace.close()
	return err
}

// notStop takes the reason for stopping out of an error: being told to stop is
// no fault.
func notStop(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

// Ready is closed when the lane has been taken up and a shopper can start.
func (s *Station) Ready() <-chan struct{} { return s.ready }

// Beat is when the loop last turned, for a watchdog.
func (s *Station) Beat() time.Time { return time.Unix(s.beat.Load(), 0) }

// loop owns the state: it takes one input after the other.
func (s *Station) loop(ctx context.Context) error {
	s.timer = time.NewTimer(time.Hour)
	defer s.timer.Stop()
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	run := flow.Started{At: s.at(), Run: s.o.Journal.RunID(), Version: s.o.Version, Rev: flow.Rev}
	if err := s.handle(ctx, run, nil); err != nil {
		return err
	}
	close(s.ready)
	for {
		s.beat.Store(time.Now().Unix())
		s.arm()
		var err error
		select {
		case in := <-s.inputs:
			err = s.take(ctx, in)
		case sample := <-s.samples:
			err = s.feed(ctx, sample)
		case <-s.timer.C:
			err = s.due(ctx)
		case <-beat.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// arm sets the timer for the next deadline of the flow or the bagging check.
func (s *Station) arm() {
	wait := time.Hour
	now := time.Since(s.start)
	if at, ok := s.state.Next(s.rules); ok {
		wait = min(wait, at-now)
	}
	if at, ok := s.check.Next(); ok {
		wait = min(wait, at-now)
	}
	s.timer.Reset(max(wait, 0))
}

// due does what the timer was set for.
func (s *Station) due(ctx context.Context) error {
	now := time.Since(s.start)
	if at, ok := s.check.Next(); ok && at <= now {
		if err := s.feed(ctx, bagging.Tick{T: now}); err != nil {
			return err
		}
	}
	if at, ok := s.state.Next(s.rules); ok && at <= now {
		return s.handle(ctx, flow.Ticked{At: s.at()}, nil)
	}
	return nil
}

// at is the time of an event that happens now.
func (s *Station) at() flow.At {
	now := time.Now()
	return flow.At{At: flow.Instant{Mono: now.Sub(s.start), Wall: now.In(s.o.Location).Round(0), Clock: clockQuality(now)}}
}
