package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// Lanes is how the desk reaches a lane.
type Lanes interface {
	// Command asks a lane for a deed and returns its answer: done when it is on
	// the lane's disk. An error says that nobody knows.
	Command(ctx context.Context, lane string, c wire.Command) (wire.Result, error)
	// Tell tells a lane what became of its call. A lane that does not hear it
	// asks again.
	Tell(lane string, c wire.CallDown)
}

// Options are what a desk needs.
type Options struct {
	Dir    string
	Policy help.Policy
	Lanes  Lanes
	Exits  map[string]Exit
	// Name returns the name a shopper may read for an agent, "" for none.
	Name func(agent string) string
	// Talk tells a lane what was said in a call of its own; nil: nobody listens.
	// What is lost is told again (see Retell).
	Talk func(lane string, t wire.Talk)
	Now  func() time.Time
	Log  *slog.Logger
}

// ErrAway says that the lane cannot be reached: the call stays as it is.
var ErrAway = errors.New("the lane cannot be reached")

// A Desk is a store's help desk.
type Desk struct {
	o     Options
	book  *book
	work  chan func(context.Context)
	done  chan struct{}
	fault error // why Run ended, set before done is closed

	// What follows belongs to Run's goroutine.
	since   time.Time // that Run began
	board   help.Board
	context map[string]wire.Context
	talk    map[string]*talked
	crew    []help.Agent
	watch   []chan Snapshot
	typical []time.Duration // of the last settled calls, for an honest wait

	wake map[string]chan struct{} // of each exit: there may be something to tell it
}

// A Snapshot is the desk as consoles show it.
type Snapshot struct {
	At    time.Time
	Calls []Waiting // the queue, in order
	Crew  []help.Agent
	Flood []help.Cluster // not empty: more than the people on duty can bear
}

// A Waiting is a call in the queue, with what is known around it and who is asked.
type Waiting struct {
	help.Call
	Context wire.Context
	Asked   help.Asked
	Talk    []wire.Talk // what was said in it, in order
	Earlier []wire.Talk // what was said before it: in the sale, or with the member
}

// Open opens the desk in a folder with the calls it had.
func Open(ctx context.Context, o Options) (*Desk, error) {
	if err := o.Policy.Check(); err != nil {
		return nil, fmt.Errorf("help policy: %w", err)
	}
	b, err := openBook(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	d := &Desk{
		o: o, book: b, work: make(chan func(context.Context)), done: make(chan struct{}),
		context: map[string]wire.Context{}, talk: map[string]*talked{},
	}
	if err := d.openExits(ctx); err != nil {
		return nil, errors.Join(err, b.close())
	}
	all, err := b.open(ctx)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	for _, r := range all {
		d.board.Calls = append(d.board.Calls, r.Call)
		d.context[r.Call.ID] = r.Context
		if err := d.recall(ctx, r.Call); err != nil {
			return nil, errors.Join(err, b.close())
		}
	}
	slices.SortStableFunc(d.board.Calls, func(x, y help.Call) int { return x.RaisedAt.Compare(y.RaisedAt) })
	return d, nil
}

// grace is how long after its start the desk waits for consoles to come back
// before it takes nobody there for nobody there.
const grace = 15 * time.Second

// Run works until ctx ends. It may be called once.
func (d *Desk) Run(ctx context.Context) error {
	defer close(d.done)
	defer func() {
		for _, w := range d.watch {
			close(w)
		}
	}()
	d.since = d.o.Now()
	leave := d.runExits(ctx)
	defer leave()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case f := <-d.work:
			f(ctx)
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
		next := d.tick(ctx)
		if d.fault != nil {
			return d.fault
		}
		timer.Reset(next)
	}
}

// Close closes the desk's database, after Run has returned.
func (d *Desk) Close() error { return d.book.close() }

// do hands work to Run's goroutine and waits for it.
func (d *Desk) do(ctx context.Context, f func(context.Context)) error {
	ready := make(chan struct{})
	work := func(ctx context.Context) {
		defer close(ready)
		f(ctx)
	}
	select {
	case d.work <- work:
		<-ready
		return d.fault
	case <-d.done:
		return errors.New("the desk is closed")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tick does what time asks for and returns when it wants to be asked again.
func (d *Desk) tick(ctx context.Context) time.Duration {
	if left := grace - d.o.Now().Sub(d.since); len(d.crew) == 0 && left > 0 {
		return left
	}
	board, changes, next := d.board.Tick(d.o.Policy, d.crew, d.o.Now())
	for _, c := range changes {
		if !d.keep(ctx, c.Call, d.there(ctx, c.Call, c.Tell)...) {
			return 0
		}
	}
	d.board = board
	d.forget()
	for _, c := range changes {
		d.tell(c.Call)
	}
	if len(changes) > 0 {
		d.show()
	}
	if next == 0 {
		return time.Minute
	}
	return next
}

// forget lets go of the contexts of calls that are over.
func (d *Desk) forget() {
	for id := range d.context {
		if _, ok := d.board.Call(id); !ok {
			delete(d.context, id)
			delete(d.talk, id)
		}
	}
}

// keep writes a call down, and which exits are to be told of it now; an error of
// the disk ends the desk, for nothing may be said that is not on it.
func (d *Desk) keep(ctx context.Context, c help.Call, exits ...string) bool {
	err := d.book.write(context.WithoutCancel(ctx), record{c, d.context[c.ID]}, d.o.Now(), exits)
	if err == nil {
		err = d.recall(context.WithoutCancel(ctx), c)
	}
	if err != nil {
		d.fault = err
		return false
	}
	d.poke(c)
	return true
}

// tell tells the lane where its call stands.
func (d *Desk) tell(c help.Call) {
	d.o.Lanes.Tell(c.Lane, d.down(c))
}

func (d *Desk) down(c help.Call) wire.CallDown {
	out := wire.CallDown{ID: c.ID, State: string(c.State), Version: c.Version, Outcome: c.Outcome}
	if c.State == help.Claimed && c.By != "" {
		out.Name = d.o.Name(c.By)
	}
	if c.State == help.Raised || c.State == help.Seen {
		place, wait := d.board.Expect(c.ID, d.onDuty(), d.usual())
		out.Place, out.WaitS = place, int64(wait/time.Second)
	}
	return out
}

func (d *Desk) onDuty() int { return help.Here(d.crew, d.o.Now()) }

// usual is the middle of the last calls' times from raising to settling.
func (d *Desk) usual() time.Duration {
	if len(d.typical) < 3 {
		return 0 // nothing honest can be said yet
	}
	return help.Median(d.typical)
}

// show gives every console the desk as it is.
func (d *Desk) show() {
	s := d.snapshot()
	for _, w := range d.watch {
		select {
		case <-w: // an old one nobody took
		default:
		}
		w <- s
	}
}

func (d *Desk) snapshot() Snapshot {
	now := d.o.Now()
	s := Snapshot{At: now, Crew: slices.Clone(d.crew)}
	for _, c := range d.board.Queue() {
		said, earlier := d.said(c.ID)
		s.Calls = append(s.Calls, Waiting{c, d.context[c.ID], d.o.Policy.Ask(c, d.crew, now), said, earlier})
	}
	s.Flood, _ = d.o.Policy.Flooded(d.board.Calls, d.onDuty(), now)
	return s
}

// Alive returns nil when the desk works: when its goroutine answers.
func (d *Desk) Alive(ctx context.Context) error { return d.do(ctx, func(context.Context) {}) }
