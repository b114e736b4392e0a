package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kassa/device/cash"
	"kassa/device/terminal"
	"kassa/kiosk/flow"
)

// cashEvidence is what the journal keeps of a cash operation before money moves.
type cashEvidence struct {
	ID string `json:"cash"`
}

// errNoCash says that the journal has what kassa.toml has no machine for.
var errNoCash = errors.New("cash is on record, but kassa.toml has no cash machine: put the [cash] section back, it is asked what became of it")

// beginCash has the machine name an operation. No money moves before the name is on
// the disk and the charge is asked for.
func (s *Station) beginCash(ctx context.Context, job flow.PrepareCharge) error {
	answer := func(evidence json.RawMessage, why string) error {
		return s.say(ctx, func(at flow.At) flow.Event {
			return flow.ChargePrepared{At: at, Key: job.Key, Evidence: evidence, Why: why}
		})
	}
	if s.o.Training {
		return answer(nil, "")
	}
	if s.o.Cash == nil {
		return answer(nil, "cash")
	}
	pctx, cancel := context.WithTimeout(ctx, prepareWait)
	defer cancel()
	id, err := s.o.Cash.Begin(pctx, cash.Wish{Key: job.Key, Amount: job.Amount, Give: job.Refund})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "cash machine not ready", "key", job.Key, "err", err)
		return answer(nil, "cash")
	}
	raw, err := json.Marshal(cashEvidence{id})
	if err != nil {
		return err // unreachable: it is a text
	}
	return answer(raw, "")
}

// cashID reads the name of an operation back.
func (s *Station) cashID(evidence json.RawMessage) (string, error) {
	var e cashEvidence
	if s.o.Cash == nil {
		return "", errNoCash
	}
	if err := json.Unmarshal(evidence, &e); err != nil || e.ID == "" {
		return "", fmt.Errorf("cash operation on record %q: %w", evidence, cash.ErrUnknownID)
	}
	return e.ID, nil
}

// moveCash takes the money, or gives it out. What stops the machine on the way is
// doubt until it has ended: the shopper's money may be inside.
func (s *Station) moveCash(ctx context.Context, job flow.Charge) error {
	if s.o.Training {
		return s.practise(ctx, job.Key, job.Amount)
	}
	id, err := s.cashID(job.Evidence)
	if err != nil {
		return s.unsent(ctx, job.Key, err)
	}
	done := make(chan struct{})
	go s.abortUntil(ctx, done, job.Key, func(ctx context.Context) error { return s.o.Cash.Cancel(ctx, id) })
	stuck := ""
	progress := func(f cash.Facts) {
		s.setLive(ctx, func(l *flow.Live) { l.Inserted = f.In })
		if f.Fault != "" && stuck == "" {
			stuck = f.Fault
			s.o.Log.WarnContext(ctx, "cash machine stands still", "key", job.Key, "fault", f.Fault)
			_ = s.doubt(ctx, job.Key, terminal.Result{Reason: "cash-stuck", TerminalID: id}) // ctx has ended
		}
	}
	move := s.o.Cash.Accept
	if job.Refund {
		move = s.o.Cash.Dispense
	}
	f, err := move(ctx, id, progress)
	close(done)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx) // the next run asks
	case errors.Is(err, cash.ErrRefused): // it was never released
		s.o.Log.WarnContext(ctx, "cash", "key", job.Key, "err", err)
		return s.sayCash(ctx, job.Key, cash.Facts{ID: id, Ended: true}, job.Refund)
	case err != nil:
		s.o.Log.WarnContext(ctx, "cash in doubt", "key", job.Key, "err", err)
		return s.sayCharged(ctx, job.Key, terminal.Result{Outcome: terminal.Unknown, Reason: terminal.ReasonLine, Receipt: id})
	}
	return s.sayCash(ctx, job.Key, f, job.Refund)
}

// askCash asks the machine by the operation's name until it has ended. One that was
// never released is given up, and so is one at work: who stands there gets her money
// back, unless all of it is in already.
func (s *Station) askCash(ctx context.Context, job flow.Resolve) error {
	if s.o.Training {
		return s.practise(ctx, job.Key, job.Amount)
	}
	id, err := s.cashID(job.Evidence)
	if err != nil {
		return s.stranded(ctx, job.Key, err)
	}
	told, stopped := false, false
	for wait := resolveFirst; s.awaits(ctx, job.Key); wait = min(2*wait, resolveLongest) {
		f, err := s.o.Cash.Ask(ctx, id)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil && f.Ended {
			return s.sayCash(ctx, job.Key, f, job.Refund)
		}
		if err == nil && !stopped && s.awaits(ctx, job.Key) {
			if err = s.o.Cash.Cancel(ctx, id); err == nil {
				stopped, wait = true, resolveFirst/4 // it ends at once, as a rule
			}
		}
		if err != nil {
			s.o.Log.WarnContext(ctx, "cash in doubt", "key", job.Key, "err", err)
		}
		if !told && err != nil {
			told = true
			reason := terminal.ReasonLine
			if errors.Is(err, cash.ErrUnknownID) {
				reason = terminal.ReasonCannotRepeat
			}
			if err := s.doubt(ctx, job.Key, terminal.Result{Reason: reason}); err != nil {
				return err
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return context.Cause(ctx) // a person settled it
}

// sayCash says what an operation came to: what the machine kept, or gave out.
func (s *Station) sayCash(ctx context.Context, key string, f cash.Facts, give bool) error {
	ev := flow.Charged{
		Key: key, Outcome: flow.ChargeAborted, Why: string(terminal.ReasonCancelled), In: f.In, Out: f.Out,
		Receipt: flow.ChargeReceipt{Receipt: f.ID},
	}
	net := f.Net()
	if give {
		net = -net
	}
	if net != 0 {
		ev.Outcome, ev.Amount, ev.Why = flow.ChargeApproved, net, ""
	}
	s.o.Log.InfoContext(ctx, "cash", "key", key, "operation", f.ID, "in", int64(f.In), "out", int64(f.Out))
	s.setLive(ctx, func(l *flow.Live) { l.Terminal, l.Inserted = "", 0 })
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		return ev
	})
}
