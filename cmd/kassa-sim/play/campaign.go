package play

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A Campaign plays one trip again and again while the lane's power is cut at
// random moments: the first time undisturbed, to know how it must end. After
// each cut the player looks at the page as a shopper would, scans again what
// is not there and goes on; every trip must end as the first did.
type Campaign struct {
	Player *Player // its script; Play of it is not called
	Seed   uint64
	Cuts   int // go on until so many
	Log    *slog.Logger

	rng *rand.Rand
}

var errNotListed = errors.New("scanned and scanned, and never on the list")

// What a campaign allows.
const (
	maxPerTrip  = 4                      // cuts in one trip
	cutWithin   = 160 * time.Millisecond // after a step began
	unsureWait  = 60 * time.Second       // for a payment nobody is sure of
	maxLostScan = 50 * time.Millisecond  // what a cut may take back
	tripsAtMost = 1000
	againWait   = 2500 * time.Millisecond // until a shopper scans again
	liftedFor   = 700 * time.Millisecond  // a piece that is put on the scale again
	softWait    = time.Second             // for what may have passed by
	resumesMost = 40                      // cuts and returns in one trip
)

// An Outcome is how a trip ended, without what differs from trip to trip.
type Outcome struct {
	State   string
	Total   int64
	Charges int
	Lines   string // what was bought, by code
}

// Run plays until Cuts cuts were made. The error names trip and seed.
func (c *Campaign) Run(ctx context.Context) error {
	c.rng = rand.New(rand.NewPCG(c.Seed, 0x63757473)) //nolint:gosec // moments, no secret
	want, _, err := c.trip(ctx, 0)
	if err != nil {
		return fmt.Errorf("undisturbed trip: %w", err)
	}
	c.Log.InfoContext(ctx, "undisturbed trip ended", "total_minor", want.Total, "lines", want.Lines)
	cuts := 0
	for trip := 1; cuts < c.Cuts; trip++ {
		if trip > tripsAtMost {
			return fmt.Errorf("%d cuts after %d trips, want %d: are there too few moments to cut at?", cuts, tripsAtMost, c.Cuts)
		}
		got, n, err := c.trip(ctx, min(1+c.rng.IntN(maxPerTrip), c.Cuts-cuts))
		cuts += n
		if err != nil {
			return fmt.Errorf("trip %d, seed %d: %w", trip, c.Seed, err)
		}
		if got != want {
			return fmt.Errorf("trip %d, seed %d: ended as %+v, the undisturbed one as %+v", trip, c.Seed, got, want)
		}
		c.Log.InfoContext(ctx, "trip ended as it should", "trip", trip, "cuts", n, "cuts_so_far", cuts)
	}
	return nil
}

// A trip is one way through the script.
type trip struct {
	*Player
	memory  Memory
	far     int          // the furthest step begun
	done    map[int]bool // steps done at the devices, which no cut undoes
	seen    map[int]time.Time
	power   *power
	cuts    int         // that resume knows of
	stuck   map[int]int // by step: how often it failed after a cut
	resumes int
	log     *slog.Logger
}

// trip plays the script once with so many cuts and returns how it ended.
func (c *Campaign) trip(ctx context.Context, cuts int) (Outcome, int, error) {
	p := c.Player
	if err := p.begin(ctx); err != nil {
		return Outcome{}, 0, err
	}
	if err := p.newestBefore(ctx); err != nil {
		return Outcome{}, 0, err
	}
	t := &trip{
		Player: p, memory: Memory{p.Steps, make([]*Look, len(p.Steps))}, far: -1,
		done: map[int]bool{}, seen: map[int]time.Time{}, stuck: map[int]int{}, log: c.Log,
	}
	t.power = newPower(ctx, p.World, c.rng, cuts, len(p.Steps))
	p.hurried = func() bool { return t.power.count() != t.cuts }
	err := t.run(ctx)
	n := t.power.stop()
	p.hurried = nil
	if err != nil {
		return Outcome{}, n, err
	}
	out, err := p.outcome(ctx)
	if err != nil {
		return out, n, err
	}
	return out, n, t.home(ctx)
}

// newestBefore notes the newest transaction, asked for by the script or not.
func (p *Player) newestBefore(ctx context.Context) error {
	all, err := p.World.Export(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		p.base.txn = max(p.base.txn, t.Number)
	}
	return nil
}

// run plays all steps, going back where a cut took something away.
func (t *trip) run(ctx context.Context) error {
	for i := 0; i < len(t.Steps); {
		err := t.one(ctx, i)
		switch {
		case t.power.count() != t.cuts:
			t.cuts = t.power.count()
			i, err = t.resume(ctx, i)
		case err != nil && t.cuts > 0 && t.stuck[i] < 3:
			// What the script awaits was undone by the cut: look where we are.
			t.stuck[i]++
			i, err = t.resume(ctx, i)
		case err == nil:
			i++
		}
		if err != nil {
			return t.at(t.Steps[min(i, t.far)], err)
		}
	}
	return nil
}

// one looks at the page and plays step i.
func (t *trip) one(ctx context.Context, i int) error {
	t.look(ctx, i)
	if i > t.far {
		t.far = i
		t.power.reached(i)
	}
	return t.step(ctx, i)
}

// look remembers what is seen before step i. A dark screen is nothing.
func (t *trip) look(ctx context.Context, i int) {
	page, err := t.World.Page(ctx)
	if err != nil {
		return
	}
	now := LookAt(page)
	t.memory.Looks[i] = &now
}

// step plays step i. What was done before is done again only as far as the
// world forgot it, and expectations are not held against a second time.
func (t *trip) step(ctx context.Context, i int) error {
	s := t.Steps[i]
	again := t.done[i]
	if t.Say != nil {
		t.Say(s)
	}
	switch act := s.Do.(type) {
	case Expect:
		if t.resumes > 0 && soft(act) {
			act.Within = min(cmp.Or(act.Within, expectWait), softWait)
		}
		err := t.expect(ctx, s, act)
		if _, missed := errors.AsType[*MissedError](err); missed && (i < t.far || t.resumes > 0 && soft(act)) {
			return nil
		}
		return err
	case Wait:
		return t.play(ctx, s)
	case Touch:
		err := t.patiently(ctx, t.wait(i), func() error { return t.World.Touch(ctx, act.Act, act.Fields) })
		if errors.Is(err, ErrNotNow) && i < t.far {
			return nil // it was touched before, and the page is past it
		}
		return errors.Join(err, sleep(ctx, actPace/time.Duration(t.Speed)))
	case Bench:
		return t.bench(ctx, i, act, again)
	case Import:
		if again {
			return nil // on the disk, or not at all and then not done
		}
		err := t.importFile(ctx, act)
		t.done[i] = err == nil
		return err
	default: // unreachable: Act is closed
		return fmt.Errorf("no way to play %T", act)
	}
}

// soft expectations are about what passes by itself: after a cut it may have.
func soft(e Expect) bool {
	switch e.What {
	case "hint", "lamp", "call":
		return true
	default:
		return false
	}
}

// bench does something at the devices.
func (t *trip) bench(ctx context.Context, i int, act Bench, again bool) error {
	lines := []string{t.Steps[i].Text}
	if again {
		bench, err := t.World.Bench(ctx)
		if err != nil {
			return err
		}
		lines = Replayed(t.Steps[i], bench.Scale.has, bench.Bag.has)
	}
	for n, line := range lines {
		if n > 0 { // the lane must see the empty scale
			if err := sleep(ctx, liftedFor); err != nil {
				return err
			}
		}
		err := t.patiently(ctx, t.wait(i), func() error { return t.World.Do(ctx, line) })
		if errors.Is(err, ErrNotNow) && again {
			err = nil // the terminal has its card already
		}
		if err != nil {
			return err
		}
	}
	t.done[i] = true
	if act.Verb == "scan" {
		return t.scanned(ctx, i, act.Code)
	}
	return sleep(ctx, actPace/time.Duration(t.Speed))
}

// wait is how long an act may not fit: one that was done before gets less.
func (t *trip) wait(i int) time.Duration {
	if i < t.far {
		return againWait
	}
	return patience
}

func (p BenchPlate) has(code string) bool {
	for _, one := range p.Pieces {
		if one.Code == code {
			return true
		}
	}
	return false
}

// scanned waits until the list shows the piece; a shopper who sees nothing
// come scans again.
func (t *trip) scanned(ctx context.Context, i int, code string) error {
	before := t.memory.look(i)
	if before == nil {
		return nil
	}
	for range 3 {
		err := t.until(ctx, againWait, lookPace, func() (bool, error) {
			page, err := t.World.Page(ctx)
			if err != nil {
				return false, err
			}
			return LookAt(page).count(code) > before.count(code), errNotListed
		})
		switch {
		case err == nil:
			t.seen[i] = time.Now()
			return nil
		case t.hurried() || ctx.Err() != nil:
			return err // run sees the cut
		}
		if err := t.World.Do(ctx, t.Steps[i].Text); err != nil && !errors.Is(err, ErrNotNow) {
			return err
		}
	}
	return errNotListed
}

// resume waits for the lane to be back, looks, and says where to go on.
func (t *trip) resume(ctx context.Context, i int) (int, error) {
	if t.resumes++; t.resumes > resumesMost {
		return i, fmt.Errorf("came back %d times without reaching the end", t.resumes)
	}
	at := t.power.last()
	now, err := t.back(ctx)
	if err != nil {
		return i, err
	}
	if err := t.World.Verify(ctx); err != nil {
		return i, fmt.Errorf("after a power cut: %w", err)
	}
	next := t.memory.Resume(i, now)
	if over, err := t.over(ctx, i, now); err != nil || over {
		return len(t.Steps), err
	}
	t.log.DebugContext(ctx, "power is back", "line", t.Steps[i].Line, "screen", now.Screen, "goods", now.goods(),
		"goes_on_at", t.Steps[min(next, len(t.Steps)-1)].Line)
	for j := next; j <= i; j++ {
		if when, ok := t.seen[j]; ok && at.Sub(when) > maxLostScan {
			return i, fmt.Errorf("the scan of line %d was on the list %v before the cut and is gone: screen %s, goods %q",
				t.Steps[j].Line, at.Sub(when).Round(time.Millisecond), now.Screen, now.goods())
		}
		delete(t.seen, j)
	}
	return next, nil
}

// back waits for the page, and for a payment to be sure.
func (t *trip) back(ctx context.Context) (Look, error) {
	var now Look
	err := t.steadily(ctx, powerWait+unsureWait, lookPace, func() (bool, error) {
		bench, err := t.World.Bench(ctx)
		if err != nil || !bench.Lane.Running {
			return false, fmt.Errorf("the lane did not come back: %s %w", bench.Lane.Note, err)
		}
		page, err := t.World.Page(ctx)
		if err != nil {
			return false, fmt.Errorf("the page did not come back: %w", err)
		}
		now = LookAt(page)
		switch now.Screen {
		case "unsure", "paying":
			// It goes on by itself, unless the terminal waits for the shopper.
			return bench.Terminal.Waiting, fmt.Errorf("the payment stays on screen %s", now.Screen)
		case "out-of-order":
			return false, errors.New("the lane is up and does not serve") // so it begins
		case "more-time":
			return false, t.World.Touch(ctx, "more-time", nil)
		default:
			return true, nil
		}
	})
	return now, err
}

// over reports whether the trip ended while the power was off: it is paid and
// the page has gone on.
func (t *trip) over(ctx context.Context, i int, now Look) (bool, error) {
	if now.Screen != "start" && now.Screen != "thanks" {
		return false, nil
	}
	bench, err := t.World.Bench(ctx)
	if err != nil || bench.Charges == t.base.charges {
		return false, err
	}
	for _, s := range t.Steps[i:] { // what remains and is asked at the devices or the books
		if e, ok := s.Do.(Expect); ok && (e.What == "charges" || e.What == "txn") {
			if err := t.expect(ctx, s, e); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// outcome reads the newest transaction and adds it up.
func (p *Player) outcome(ctx context.Context) (Outcome, error) {
	all, err := p.World.Export(ctx)
	if err != nil {
		return Outcome{}, err
	}
	txn, ok := p.base.newest(all)
	if !ok {
		return Outcome{}, errors.New("no transaction came of it")
	}
	bench, err := p.World.Bench(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if err := txn.addsUp(); err != nil {
		return Outcome{}, err
	}
	goods := map[string]int64{}
	for _, l := range txn.Lines {
		if !l.Voided {
			goods[short(PageLine{GTIN: l.GTIN, PLU: l.PLU})] += l.Qty
		}
	}
	return Outcome{txn.State, txn.Total, bench.Charges - p.base.charges, Look{Goods: goods}.goods()}, nil
}

// addsUp checks what an exported transaction promises, for prices that include
// tax.
func (t Txn) addsUp() error {
	sum := t.Round
	for _, l := range t.Lines {
		if !l.Voided {
			sum += l.Amount
		}
	}
	if sum != t.Total {
		return fmt.Errorf("%s: lines come to %d, the total is %d", t.ID, sum, t.Total)
	}
	if t.State != "paid" {
		return nil
	}
	var paid int64
	for _, one := range t.Tenders {
		if one.Result == "approved" {
			paid += one.Amount
		}
	}
	if paid != t.Total {
		return fmt.Errorf("%s: %d was paid, the total is %d", t.ID, paid, t.Total)
	}
	return nil
}

// home takes the goods along and waits for the next shopper's screen.
func (t *trip) home(ctx context.Context) error {
	for _, line := range []string{"take bag all", "take scale all"} {
		if err := t.World.Do(ctx, line); err != nil {
			return err
		}
	}
	err := t.steadily(ctx, powerWait+unsureWait, lookPace, func() (bool, error) {
		page, err := t.World.Page(ctx)
		if err != nil {
			return false, err
		}
		return page.Screen == "start", fmt.Errorf("the lane stays on screen %s", page.Screen)
	})
	// A cut may still take back that this shopper went: the next comes later.
	return errors.Join(err, sleep(ctx, 4*maxLostScan))
}

// power cuts a lane's power at moments drawn beforehand.
type power struct {
	world World
	ctx   context.Context //nolint:containedctx // of the timers, which outlive a call
	end   context.CancelFunc
	plan  map[int][]time.Duration // by step: how long after it began

	mu   sync.Mutex
	cuts int
	when time.Time
	work sync.WaitGroup
}

func newPower(ctx context.Context, w World, rng *rand.Rand, cuts, steps int) *power {
	p := &power{world: w, plan: map[int][]time.Duration{}}
	p.ctx, p.end = context.WithCancel(ctx)
	for range cuts {
		i := rng.IntN(steps)
		p.plan[i] = append(p.plan[i], time.Duration(rng.Int64N(int64(cutWithin))))
	}
	for _, moments := range p.plan {
		slices.Sort(moments)
	}
	return p
}

// reached arms the cuts of step i.
func (p *power) reached(i int) {
	for _, after := range p.plan[i] {
		p.work.Go(func() {
			if sleep(p.ctx, after) == nil {
				p.cut()
			}
		})
	}
}

func (p *power) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	when := time.Now()
	if err := p.world.Do(p.ctx, "power cut"); err != nil {
		return // it was off already: that is no cut
	}
	p.cuts++
	p.when = when
}

// count returns how often the power was cut, waiting for a cut at work.
func (p *power) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

func (p *power) last() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.when
}

// stop calls off what has not happened and returns how many cuts there were.
func (p *power) stop() int {
	p.end()
	p.work.Wait()
	return p.count()
}
