package nexo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kassa/device/terminal"
)

// Pay asks for a payment; see terminal.Terminal. The request must carry the
// evidence of a Prepare that no payment has used yet.
func (t *Terminal) Pay(ctx context.Context, req terminal.Request, hooks terminal.Hooks) (terminal.Result, error) {
	r, err := t.move(ctx, req, hooks, false)
	if err != nil {
		return r, fmt.Errorf("pay: %w", err)
	}
	return r, nil
}

// Refund pays money out; see terminal.Terminal. On the wire it is a payment of
// the type Refund.
func (t *Terminal) Refund(ctx context.Context, req terminal.Request, hooks terminal.Hooks) (terminal.Result, error) {
	r, err := t.move(ctx, req, hooks, true)
	if err != nil {
		return r, fmt.Errorf("refund: %w", err)
	}
	return r, nil
}

// move is Pay and Refund.
func (t *Terminal) move(ctx context.Context, req terminal.Request, hooks terminal.Hooks, refund bool) (terminal.Result, error) {
	not := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	if err := t.take(ctx); err != nil {
		return not, err
	}
	defer t.give()
	q, err := t.payQuestion(req, hooks)
	if err != nil {
		return not, fmt.Errorf("%w: %w", terminal.ErrRequest, err)
	}
	if refund {
		q.body.Payment.Data = &paymentData{"Refund"}
	}
	run := t.begin(q.id)
	defer t.end()
	c, err := t.converse(ctx, q, run, hooks.Progress)
	return t.conclude(ctx, req, hooks, q.id, c, err)
}

// payQuestion checks a request and writes it.
func (t *Terminal) payQuestion(req terminal.Request, hooks terminal.Hooks) (question, error) {
	if hooks.Recorded == nil {
		return question{}, errors.New("nobody records the approval")
	}
	if req.Currency != t.cfg.Currency {
		return question{}, fmt.Errorf("currency %v, want %v", req.Currency, t.cfg.Currency)
	}
	amount, err := major(req.Amount, req.Currency.Exponent)
	if err != nil {
		return question{}, err
	}
	ev, ok := unpack(req.Evidence)
	if !ok {
		return question{}, errors.New("no evidence of a Prepare")
	}
	if ev.POIID != t.cfg.POIID || ev.SaleID != t.cfg.SaleID {
		return question{}, fmt.Errorf("prepared for terminal %q as %q", ev.POIID, ev.SaleID)
	}
	if t.wasUsed(ev.Service) {
		return question{}, errors.New("the evidence belongs to an earlier payment")
	}
	p := &reqPayment{SaleData: t.sale(req.Key)}
	p.Transaction.Amounts.Currency, p.Transaction.Amounts.Amount = t.cfg.Code, amount
	return question{id: ev.Service, body: request{Payment: p}, wait: t.cfg.Payment}, nil
}

func (t *Terminal) sale(key string) saleData {
	return saleData{transactionID{TransactionID: key, TimeStamp: time.Now().UTC().Format(time.RFC3339)}}
}

// usedKept is how many ServiceIDs are remembered. A terminal remembers its own
// for longer: this is for the lane that pays one intent twice in a row.
const usedKept = 256

// begin marks a payment as running, and its ServiceID as used.
func (t *Terminal) begin(id string) *running {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = append(t.used[max(0, len(t.used)+1-usedKept):], id)
	t.payment = &running{stop: make(chan struct{}), heard: make(chan terminal.Progress, 16)}
	return t.payment
}

func (t *Terminal) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.payment = nil
}

func (t *Terminal) wasUsed(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.used, id)
}

// Abort asks the running payment to end.
func (t *Terminal) Abort(context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.payment == nil:
		return terminal.ErrNoPayment
	case !t.payment.stopped:
		t.payment.stopped = true
		close(t.payment.stop)
	}
	return nil
}

// converse sends the payment and serves Abort and Progress until the answer.
func (t *Terminal) converse(ctx context.Context, q question, run *running, progress func(terminal.Progress)) (*content, error) {
	if progress == nil {
		progress = func(terminal.Progress) {}
	}
	type answer struct {
		c   *content
		err error
	}
	var work sync.WaitGroup
	defer work.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sent := make(chan struct{})
	q.sent = sync.OnceFunc(func() { close(sent) })
	answers := make(chan answer, 1)
	work.Go(func() {
		c, err := t.ask(ctx, q)
		answers <- answer{c, err}
	})
	stop := run.stop
	for {
		select {
		case <-sent: // from now on the terminal asks for a card
			sent = nil
			progress(terminal.Progress{Kind: terminal.PresentCard})
		case p := <-run.heard:
			progress(p)
		case <-stop:
			stop = nil
			progress(terminal.Progress{Kind: terminal.Aborting})
			work.Go(func() { t.abortUntil(ctx, q.id) })
		case a := <-answers:
			return a.c, a.err
		}
	}
}

// abortUntil asks the terminal to abort a payment until ctx ends: one that is
// asked before the payment has reached it does not remember that.
func (t *Terminal) abortUntil(ctx context.Context, id string) {
	for ctx.Err() == nil {
		t.abort(ctx, msgRef{"Payment", t.cfg.SaleID, id})
		if t.pause(ctx) != nil {
			return
		}
	}
}

// abort sends an AbortRequest. It is answered by an empty body; what comes of
// it, the payment's own answer tells.
func (t *Terminal) abort(ctx context.Context, ref msgRef) {
	_, _, err := t.post(ctx, question{
		id: newID(), wait: t.cfg.Answer,
		body: request{Abort: &reqAbort{Reason: "MerchantAbort", Reference: ref}},
	})
	if err != nil && ctx.Err() == nil {
		t.cfg.Log.WarnContext(ctx, "terminal was not told to abort", "err", err)
	}
}

// conclude says what the payment came to.
func (t *Terminal) conclude(ctx context.Context, req terminal.Request, hooks terminal.Hooks,
	id string, c *content, err error,
) (terminal.Result, error) {
	unknown := terminal.Result{Outcome: terminal.Unknown, Trace: id, TerminalID: t.cfg.POIID}
	switch {
	case err == nil && c.Payment == nil:
		unknown.Reason = terminal.ReasonContradiction
		return unknown, fmt.Errorf("%w: no PaymentResponse", errAnswer)
	case err == nil:
	case errors.Is(err, terminal.ErrUnreachable):
		return terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}, err
	case errors.Is(err, errSilent):
		unknown.Reason = terminal.ReasonTimeout
		return unknown, err
	case errors.Is(err, errLost):
		unknown.Reason = terminal.ReasonLine
		return unknown, err
	default:
		unknown.Reason = terminal.ReasonContradiction
		return unknown, err
	}
	r, sure := t.result(c.Payment, req, id)
	if r.Outcome != terminal.Approved {
		r.Completed = sure
		if !sure {
			r.Outcome = terminal.Unknown
			return r, fmt.Errorf("terminal says %s %s", r.Code, r.Text)
		}
		return r, nil
	}
	if why := unusable(r, req); why != "" {
		return t.takeBack(ctx, r, why, nil)
	}
	if err := hooks.Recorded(r); err != nil {
		return t.takeBack(ctx, r, terminal.ReasonNotRecorded, fmt.Errorf("record the approval: %w", err))
	}
	r.Completed = true
	if err := hooks.Recorded(r); err != nil {
		return r, fmt.Errorf("record the completion: %w", err)
	}
	return r, nil
}

// unusable says why an approval cannot stand: partial approvals, tips and
// conversions change the amount, and nobody is here to compare a signature.
func unusable(r terminal.Result, req terminal.Request) terminal.Reason {
	switch {
	case r.Amount != req.Amount:
		return terminal.ReasonAmount
	case r.Signature:
		return terminal.ReasonSignature
	}
	return ""
}

// takeBack reverses an approval that cannot stand. If that is not answered, the
// payment is in doubt.
func (t *Terminal) takeBack(ctx context.Context, r terminal.Result, why terminal.Reason, cause error) (terminal.Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backPatience) // also when the lane is stopping
	defer cancel()
	back, err := t.reverse(ctx, r)
	r.Reason = why
	if back.Outcome != terminal.Approved {
		r.Outcome, r.Completed = terminal.Unknown, false
		return r, errors.Join(cause, fmt.Errorf("take back an approval (%s): %s: %w", why, back.Reason, err))
	}
	r.Outcome, r.Completed = terminal.Declined, true
	return r, cause
}

// result reads a PaymentResponse. sure is false when it does not prove what
// became of the payment.
func (t *Terminal) result(p *resPayment, req terminal.Request, id string) (r terminal.Result, sure bool) {
	at := p.POIData.ID.TimeStamp.at
	r = terminal.Result{
		Code: p.Response.Condition.String(), Text: terminal.Scrub(p.Response.Additional.String()),
		TerminalID: t.cfg.POIID, Trace: id,
		Receipt: p.POIData.ID.TransactionID.s, Stamp: p.POIData.ID.TimeStamp.s,
		Merchant: p.Result.Acquirer.MerchantID.Text, AuthCode: p.Result.Acquirer.ApprovalCode.Text,
		Card:     p.Result.Instrument.Card.Number.Card,
		CardName: terminal.Scrub(brandName(p.Result.Instrument.Card.Brand.String())),
	}
	if !at.IsZero() {
		r.Date, r.Time = at.Format("0102"), at.Format("150405")
	}
	for _, rec := range p.Receipts {
		r.Signature = r.Signature || rec.Signature
		for _, l := range rec.Content.Text {
			if rec.Qualifier.String() == "CashierReceipt" {
				r.MerchantLines = append(r.MerchantLines, l.Line)
			} else {
				r.CustomerLines = append(r.CustomerLines, l.Line)
			}
		}
	}
	terminal.ScrubLines(r.MerchantLines)
	terminal.ScrubLines(r.CustomerLines)
	switch p.Response.Result.String() {
	case "Success", "Partial":
		r.Outcome, r.Amount = terminal.Approved, req.Amount
		got := p.Result.Amounts
		if got.Authorized != (decimal{}) {
			minor, ok := got.Authorized.minor(req.Currency.Exponent)
			r.Amount = minor
			if !ok {
				r.Amount = 0
			}
		}
		if c := got.Currency.String(); c != "" && c != t.cfg.Code {
			r.Amount = 0 // an amount in another currency is none of ours
		}
		if p.Response.Result.String() == "Partial" && got.Authorized == (decimal{}) {
			r.Amount = 0
		}
		return r, true
	case "Failure":
		r.Outcome, r.Reason, sure = outcomeOf(r.Code, p.Response.Additional.refusal.String())
		return r, sure
	}
	r.Outcome, r.Reason = terminal.Unknown, terminal.ReasonContradiction
	return r, false
}
