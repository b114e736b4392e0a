package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// ErrUnfit says that a touch does not belong to what the page shows now.
var ErrUnfit = errors.New("does not fit what the lane shows now")

// An input is something for the loop. Its event is made by the loop, so that
// times never run backwards.
type input struct {
	make    func(flow.At) flow.Event // nil event: nothing happened
	run     func(ctx context.Context) error
	answer  chan<- error // may be nil; gets exactly one answer
	durable bool         // the answer waits for the disk
}

// post queues an input. It waits when the queue is full: nothing is dropped.
func (s *Station) post(ctx context.Context, in input) error {
	select {
	case s.inputs <- in:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// say posts an event and does not wait for what comes of it.
func (s *Station) say(ctx context.Context, ev func(flow.At) flow.Event) error {
	return s.post(ctx, input{make: ev})
}

// sayDurable posts an event and returns when it is on the disk.
func (s *Station) sayDurable(ctx context.Context, ev func(flow.At) flow.Event) error {
	answer := make(chan error, 1)
	if err := s.post(ctx, input{make: ev, answer: answer, durable: true}); err != nil {
		return err
	}
	return await(ctx, answer)
}

func await(ctx context.Context, answer <-chan error) error {
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take handles one input.
func (s *Station) take(ctx context.Context, in input) error {
	if in.run != nil {
		return in.run(ctx)
	}
	ev := in.make(s.at())
	if asksAgain(ev) {
		changed, err := s.lookAgain(ctx, true)
		if changed || err != nil { // she has to see first what it is now
			reply(in.answer, err)
			return err
		}
		ev = in.make(s.at()) // times never run backwards
	}
	if touch, ok := ev.(flow.Touched); ok && !flow.Fits(s.rules, s.state, touch) {
		reply(in.answer, ErrUnfit)
		return nil
	} else if ok && touch.Act == flow.ActStaff && s.state.Staff != nil {
		touch.By = s.state.Staff.ID // who did it stands on the record itself
		if strings.HasPrefix(touch.Value, string(flow.DeedRefundPay)) {
			touch.Refund = s.state.Staff.Refund
		}
		ev = touch
	}
	if !in.durable {
		reply(in.answer, nil)
		in.answer = nil
	}
	if ev == nil {
		reply(in.answer, nil)
		return nil
	}
	if err := s.handle(ctx, ev, in.answer); err != nil {
		return err
	}
	if scan, ok := ev.(flow.Scanned); ok && scan.Parked != nil {
		_, err := s.lookAgain(ctx, false)
		return err
	}
	return nil
}

func reply(answer chan<- error, err error) {
	if answer != nil {
		answer <- err
	}
}

// handle steps the flow, shows the result at once, writes it down, and queues
// what must wait for the disk.
func (s *Station) handle(ctx context.Context, ev flow.Event, answer chan<- error) error {
	before := s.state
	after, effects := flow.Step(s.rules, before, ev)
	s.state = after
	for _, e := range effects {
		if !e.AfterDurable() {
			s.doNow(ctx, e)
		}
	}
	v := s.draw()
	s.holdPrices(ctx, before, after)
	s.countSold(before, after)
	if !flow.Changed(before, after) && len(effects) == 0 {
		s.noteHub(v)
		reply(answer, nil)
		return nil
	}
	rec, err := s.write(ctx, ev, before, after)
	if err != nil {
		reply(answer, err)
		return fmt.Errorf("journal: %w", err)
	}
	s.newest = rec.ticket
	s.noteHub(v)
	if err := s.queue(ctx, rec.ticket, effects, answer); err != nil {
		s.lastWord(effects)
		return err
	}
	s.told(ctx, ev, rec) // the disk is at work meanwhile
	s.takeWaiting(ctx, before, after)
	return s.checked(ctx, effects)
}

// A written event is on its way to the disk.
type written struct {
	ticket *journal.Ticket
	txn    int64
	facts  flow.Facts
}

// told tells the log and the observer what was written.
func (s *Station) told(ctx context.Context, ev flow.Event, rec written) {
	s.o.Log.InfoContext(ctx, "event", "kind", flow.Kind(ev), "journal", rec.ticket.Seq, "txn", rec.txn)
	if s.o.Observer != nil {
		s.o.Observer.Wrote(ev, rec.facts)
	}
}

// checked tells the bagging check what a step wants it to know.
func (s *Station) checked(ctx context.Context, effects []flow.Effect) error {
	for _, e := range effects {
		if c, ok := e.(flow.Check); ok {
			if err := s.feed(ctx, c.Input); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastWord tells the bagging check what staff taught it with the last step of a lane
// that is being stopped. What it thinks of that is nobody's to hear any more.
func (s *Station) lastWord(effects []flow.Effect) {
	for _, e := range effects {
		if c, ok := e.(flow.Check); ok {
			s.trace.input(c.Input, time.Since(s.start))
			s.check.Step(c.Input)
			s.taught(c.Input)
		}
	}
}

// write appends what happened, and what was decided, to the journal.
func (s *Station) write(ctx context.Context, ev flow.Event, before, after flow.State) (written, error) {
	event, err := json.Marshal(ev)
	if err != nil {
		return written{}, err
	}
	entry := journal.Entry{
		At: ev.When().Wall, Mono: ev.When().Mono, Clock: string(ev.When().Clock), Kind: flow.Kind(ev),
		Txn: txnOf(before, after), Event: event,
	}
	facts := flow.Decided(s.rules, before, after)
	if !facts.Empty() {
		if entry.Facts, err = json.Marshal(facts); err != nil {
			return written{}, err
		}
	}
	// What has been shown is written, also while the lane is being stopped.
	ticket, err := s.o.Journal.Append(context.WithoutCancel(ctx), entry)
	return written{ticket, entry.Txn, facts}, err
}

// txnOf is the sale an event belongs to: the one on the screen after it, or the
// one that it ended.
func txnOf(before, after flow.State) int64 {
	switch {
	case after.Sale != nil:
		return after.Sale.Number
	case before.Sale != nil:
		return before.Sale.Number
	default:
		return 0
	}
}

// A deed is what waits for the disk.
type deed struct {
	ticket  *journal.Ticket
	effects []flow.Effect
	prints  []printJob
	answer  chan<- error
}

// queue lines up what must wait for the disk, in the order it was asked for.
func (s *Station) queue(ctx context.Context, t *journal.Ticket, effects []flow.Effect, answer chan<- error) error {
	d := deed{ticket: t, answer: answer}
	for _, e := range effects {
		if p, ok := e.(flow.Print); ok {
			d.prints = append(d.prints, s.paper(p))
		} else if e.AfterDurable() {
			d.effects = append(d.effects, e)
		}
	}
	select {
	case s.deeds <- d:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// release lets deeds out when their event is on the disk. An error of the disk
// ends the lane: nothing more can be promised.
func (s *Station) release(ctx context.Context) error {
	for {
		var d deed
		select {
		case d = <-s.deeds:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		err := d.ticket.Wait(ctx)
		reply(d.answer, err)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := s.letOut(ctx, d); err != nil {
			return err
		}
	}
}

// letOut hands durable deeds to those who do them.
func (s *Station) letOut(ctx context.Context, d deed) error {
	for _, p := range d.prints {
		select {
		case s.prints <- p:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for _, e := range d.effects {
		switch e := e.(type) {
		case flow.AbortCharge:
			select {
			case s.abort <- e.Key:
			default: // one abort is under way already
			}
		case flow.OpenDrawer:
			if !s.o.Training {
				s.openDrawer(ctx)
			}
		case flow.Train:
			return &TrainingError{On: e.On}
		case flow.SetScale:
			select {
			case s.scaleJobs <- e:
			default: // touched again and again; the first ones are still being done
			}
		case flow.PrepareCharge, flow.Charge, flow.Resolve, flow.Reverse, flow.Redeem, flow.Issue:
			select {
			case s.jobs <- e:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		case flow.Cue, flow.Check, flow.Print, flow.PriceScale: // done elsewhere
		}
	}
	return nil
}

// doNow does what need not wait.
func (s *Station) doNow(ctx context.Context, e flow.Effect) {
	switch e := e.(type) {
	case flow.Cue:
		s.cues.send(e.Sound)
	case flow.PriceScale:
		s.priceScale(ctx, e)
	case flow.Check, flow.PrepareCharge, flow.Charge, flow.Resolve, flow.Reverse, flow.Redeem, flow.Issue, flow.AbortCharge, flow.Print, flow.SetScale, flow.OpenDrawer, flow.Train:
	}
}

// clockQuality says how far the wall clock can be believed. A board without a
// clock battery starts in 1970, before this program was written.
func clockQuality(now time.Time) flow.Clock {
	if now.Year() < 2026 || !kernelSynced() {
		return flow.ClockUnsynced
	}
	return flow.ClockSynced
}
