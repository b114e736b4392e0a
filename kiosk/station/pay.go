package station

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"kassa/device/terminal"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
)

// pay talks to the terminal, one job after the other. A payment's intent is on
// the disk before its job gets here, and its answer goes back as an event.
func (s *Station) pay(ctx context.Context) error {
	defer s.setUps.Wait()
	for {
		var job flow.Effect
		select {
		case job = <-s.jobs:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		var err error
		switch job := job.(type) {
		case flow.PrepareCharge:
			if job.Kind == flow.TenderCash {
				err = s.beginCash(ctx, job)
			} else {
				err = s.prepare(ctx, job)
			}
		case flow.Charge:
			if job.Kind == flow.TenderCash {
				err = s.moveCash(ctx, job)
			} else {
				err = s.charge(ctx, job)
			}
		case flow.Resolve:
			if job.Kind == flow.TenderCash {
				err = s.askCash(ctx, job)
			} else {
				err = s.resolve(ctx, job)
			}
		case flow.Reverse:
			err = s.reverse(ctx, job)
		case flow.Redeem:
			err = s.redeem(ctx, job)
		case flow.Issue:
			err = s.issue(ctx, job)
		case flow.AbortCharge, flow.Cue, flow.Check, flow.Print, flow.PriceScale, flow.SetScale, flow.OpenDrawer, flow.Train: // not sent here
		}
		if err != nil {
			return err
		}
	}
}

// prepareWait is how long a shopper waits for a terminal that does not answer
// before she may choose again.
const prepareWait = 15 * time.Second

func (s *Station) prepare(ctx context.Context, job flow.PrepareCharge) error {
	answer := func(evidence json.RawMessage, why string) error {
		return s.say(ctx, func(at flow.At) flow.Event {
			return flow.ChargePrepared{At: at, Key: job.Key, Evidence: evidence, Why: why}
		})
	}
	if s.o.Training {
		return answer(nil, "")
	}
	if s.o.Terminal == nil {
		return answer(nil, "terminal")
	}
	evidence, err := s.setUp(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "terminal not ready", "key", job.Key, "err", err)
		return answer(nil, "terminal")
	}
	raw, err := json.Marshal(evidence)
	if err != nil {
		return err // unreachable: evidence is two strings
	}
	return answer(raw, "")
}

// setUp prepares the terminal for as long as a shopper waits. One that closes its
// day first may take longer, and goes on: she chooses again meanwhile, pays in another
// way, or the next shopper scans. Until it has ended nothing happens between sales.
func (s *Station) setUp(ctx context.Context) (terminal.Evidence, error) {
	type ready struct {
		evidence terminal.Evidence
		err      error
	}
	pctx, cancel := context.WithTimeout(ctx, cmp.Or(s.o.Patience, prepareWait))
	defer cancel() // here: an answer must not end the wait in two ways at once
	done := make(chan ready, 1)
	s.settingUp.Add(1)
	s.setUps.Go(func() {
		defer s.settingUp.Add(-1)
		evidence, err := s.o.Terminal.Prepare(pctx)
		done <- ready{evidence, err}
	})
	select {
	case r := <-done:
		return r.evidence, r.err
	case <-pctx.Done():
		return terminal.Evidence{}, context.Cause(pctx)
	}
}

// charge takes the money, or finds out that nobody knows whether it did.
func (s *Station) charge(ctx context.Context, job flow.Charge) error {
	if s.o.Training {
		return s.practise(ctx, job.Key, job.Amount)
	}
	req, err := s.request(job.Key, job.Amount, job.Evidence)
	if err != nil {
		return s.unsent(ctx, job.Key, err)
	}
	done := make(chan struct{})
	go s.abortUntil(ctx, done, job.Key, s.o.Terminal.Abort)
	deed := s.o.Terminal.Pay
	if job.Refund {
		deed = s.o.Terminal.Refund
	}
	res, err := deed(ctx, req, terminal.Hooks{
		Progress: func(p terminal.Progress) { s.progress(ctx, p) },
		Recorded: func(r terminal.Result) error { return s.seen(ctx, job.Key, r) },
	})
	close(done)
	if ctx.Err() != nil {
		return context.Cause(ctx) // the next run asks
	}
	if res.Outcome == terminal.Approved && res.Signature && !job.Refund {
		res = s.unsigned(ctx, res, false)
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "payment", "key", job.Key, "outcome", res.Outcome.String(), "reason", string(res.Reason), "err", err)
	}
	return s.sayCharged(ctx, job.Key, res)
}

// unsigned takes back a payment that wants a signature: nobody is at the lane
// to compare it. If the terminal does not take it back, the shopper has paid; if
// nobody knows whether it did, the payment is in doubt, and Resolve asks. again is
// as in takeBack.
func (s *Station) unsigned(ctx context.Context, paid terminal.Result, again bool) terminal.Result {
	back, err := s.takeBack(ctx, paid, again)
	switch back.Outcome {
	case terminal.Approved:
		paid.Outcome, paid.Reason = terminal.Aborted, terminal.ReasonSignature
	case terminal.Unknown:
		paid.Outcome, paid.Reason, paid.Completed = terminal.Unknown, back.Reason, false
	case terminal.Declined, terminal.Aborted:
		s.o.Log.ErrorContext(ctx, "unsigned payment stands", "trace", paid.Trace, "err", err)
	}
	return paid
}

// abortUntil passes the wish to give up on to the terminal, or the cash machine,
// until it takes it or the payment has ended.
func (s *Station) abortUntil(ctx context.Context, done <-chan struct{}, key string, abort func(context.Context) error) {
	for {
		select {
		case k := <-s.abort:
			if k != key {
				continue
			}
		case <-done:
			return
		}
		for abort(ctx) != nil {
			select {
			case <-time.After(200 * time.Millisecond):
			case <-done:
				return
			}
		}
	}
}

// seen puts what the terminal has said on the disk before the terminal hears
// that it was understood.
func (s *Station) seen(ctx context.Context, key string, r terminal.Result) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.sayDurable(ctx, func(at flow.At) flow.Event {
		return flow.ChargeSeen{At: at, Key: key, Approval: raw}
	})
}

// Waits between two questions to a terminal that cannot tell.
const (
	resolveFirst   = 500 * time.Millisecond
	resolveLongest = 10 * time.Second
)

// resolve asks until the terminal can tell, or a person has. It moves no money,
// but for taking back what wants a signature, and that only while the lane waits
// for its word.
func (s *Station) resolve(ctx context.Context, job flow.Resolve) error {
	if s.o.Training {
		return s.practise(ctx, job.Key, job.Amount)
	}
	req, err := s.request(job.Key, job.Amount, job.Evidence)
	if err != nil {
		return s.stranded(ctx, job.Key, err)
	}
	in := terminal.Intent{Request: req, Refund: job.Refund}
	if len(job.Approval) > 0 {
		if err := json.Unmarshal(job.Approval, &in.Approval); err != nil {
			return s.stranded(ctx, job.Key, err)
		}
	}
	in.Still = func() bool { return s.awaits(ctx, job.Key) }
	var told terminal.Reason
	for wait := resolveFirst; in.Still(); wait = min(2*wait, resolveLongest) {
		res, err := s.o.Terminal.Resolve(ctx, in)
		if res.Outcome == terminal.Approved && res.Signature && !job.Refund && in.Still() {
			res = s.unsigned(ctx, res, true)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if res.Outcome != terminal.Unknown && res.Outcome != 0 {
			return s.sayCharged(ctx, job.Key, res)
		}
		s.o.Log.WarnContext(ctx, "payment in doubt", "key", job.Key, "reason", string(res.Reason), "err", err)
		if res.Reason != told {
			told = res.Reason
			if err := s.doubt(ctx, job.Key, res); err != nil {
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

// awaits asks the loop whether the lane still waits to hear what became of a
// payment: a person may have settled it. A lane that stops does not.
func (s *Station) awaits(ctx context.Context, key string) bool {
	answer := make(chan bool, 1)
	if s.post(ctx, input{run: func(context.Context) error {
		answer <- s.state.Awaits(key)
		return nil
	}}) != nil {
		return false
	}
	select {
	case is := <-answer:
		return is
	case <-ctx.Done():
		return false
	}
}

func (s *Station) request(key string, amount money.Amount, evidence json.RawMessage) (terminal.Request, error) {
	req := terminal.Request{Key: key, Amount: amount, Currency: s.o.Currency}
	if s.o.Terminal == nil {
		return req, errNoTerminal
	}
	if len(evidence) == 0 {
		return req, nil
	}
	return req, json.Unmarshal(evidence, &req.Evidence)
}

// sayCharged turns the driver's result into the flow's words.
func (s *Station) sayCharged(ctx context.Context, key string, r terminal.Result) error {
	ev := flow.Charged{
		Key: key, Outcome: outcomeOf(r.Outcome), Why: string(r.Reason),
		Receipt: flow.ChargeReceipt{
			Terminal: r.TerminalID, Receipt: r.Receipt, Trace: r.Trace, Card: r.Card.String(), Name: r.CardName.String(),
		},
	}
	if r.Outcome == terminal.Approved {
		ev.Amount = r.Amount
	}
	for _, line := range r.CustomerLines {
		ev.Receipt.Lines = append(ev.Receipt.Lines, line.Text.String())
	}
	s.setLive(ctx, func(l *flow.Live) { l.Terminal, l.Inserted = "", 0 })
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		return ev
	})
}

func outcomeOf(o terminal.Outcome) flow.ChargeOutcome {
	switch o {
	case terminal.Approved:
		return flow.ChargeApproved
	case terminal.Declined:
		return flow.ChargeDeclined
	case terminal.Aborted:
		return flow.ChargeAborted
	case terminal.Unknown:
		return flow.ChargeUnknown
	default:
		return flow.ChargeUnknown
	}
}

// progress shows what the terminal is at. It is never recorded.
func (s *Station) progress(ctx context.Context, p terminal.Progress) {
	s.setLive(ctx, func(l *flow.Live) { l.Terminal = p.Kind.Message() })
}
