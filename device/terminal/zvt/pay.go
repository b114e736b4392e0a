package zvt

import (
	"context"
	"errors"
	"fmt"

	"kassa/device/terminal"
)

// Pay asks for a payment (06 01); see terminal.Terminal.
func (t *Terminal) Pay(ctx context.Context, req terminal.Request, hooks terminal.Hooks) (terminal.Result, error) {
	r, err := t.transact(ctx, cmdAuthorise, req, hooks)
	if err != nil {
		return r, fmt.Errorf("pay: %w", err)
	}
	return r, nil
}

// Refund pays money out to a card (06 31); see terminal.Terminal.
func (t *Terminal) Refund(ctx context.Context, req terminal.Request, hooks terminal.Hooks) (terminal.Result, error) {
	r, err := t.transact(ctx, cmdRefund, req, hooks)
	if err != nil {
		return r, fmt.Errorf("refund: %w", err)
	}
	return r, nil
}

// transact moves money one way or the other.
func (t *Terminal) transact(ctx context.Context, code int, req terminal.Request, hooks terminal.Hooks) (terminal.Result, error) {
	unsent := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	cmd, err := t.moneyCommand(code, req, hooks)
	if err != nil {
		return unsent, fmt.Errorf("%w: %w", terminal.ErrRequest, err)
	}
	if err := t.take(ctx); err != nil {
		return unsent, err
	}
	defer t.give()
	stop := t.begin()
	defer t.end()

	s, err := t.connect(ctx)
	if err != nil {
		return t.refused(err), err
	}
	defer s.close()
	select {
	case <-stop:
		unsent.Reason = terminal.ReasonCancelled
		return unsent, nil
	default:
	}
	p := &payment{request: req, refund: code == cmdRefund, hooks: hooks, paper: t.newPaper()}
	e, err := s.perform(ctx, cmd, &exchange{
		status: p.status, progress: hooks.Progress, finish: p.finish, stop: stop, paper: p.paper,
	})
	r, err := p.conclude(e, err)
	if r.Outcome == terminal.Approved && r.Signature && !p.refund {
		return t.unsigned(ctx, s, r)
	}
	return r, err
}

// moneyCommand checks a request and writes it.
func (t *Terminal) moneyCommand(code int, req terminal.Request, hooks terminal.Hooks) (apdu, error) {
	if hooks.Recorded == nil {
		return apdu{}, errors.New("nobody records the approval")
	}
	if req.Currency != t.cfg.Currency {
		return apdu{}, fmt.Errorf("currency %v, want %v", req.Currency, t.cfg.Currency)
	}
	data, err := amountBytes(req.Amount)
	if err != nil {
		return apdu{}, err
	}
	data = append(append(data, bmpCurrency), t.currency...)
	if code == cmdRefund {
		data = t.with(data...)
	}
	return command(code, data...), nil
}

// begin marks a payment as running and returns what Abort closes.
func (t *Terminal) begin() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.payment = make(chan struct{})
	return t.payment
}

func (t *Terminal) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.payment = nil
}

// Abort asks the running payment to end (06 B0).
func (t *Terminal) Abort(context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.payment == nil {
		return terminal.ErrNoPayment
	}
	select {
	case <-t.payment: // asked before
	default:
		close(t.payment)
	}
	return nil
}

// refused is the result of a payment that was refused before it was sent.
func (t *Terminal) refused(err error) terminal.Result {
	r := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	if no, ok := errors.AsType[refusal](err); ok {
		r.Code = hexCode(no.code)
		r.Reason = terminal.ReasonRefused
		if no.code == codeBusy {
			r.Reason = terminal.ReasonBusy
		}
	}
	return r
}

// A payment is one running authorisation. Its methods run in Pay's goroutine.
type payment struct {
	request terminal.Request
	refund  bool
	hooks   terminal.Hooks
	paper   *paper

	last      terminal.Result // of the last status information that had a result code
	seen      bool            // last is set
	accepted  bool            // an approval was recorded and acknowledged
	refusal   terminal.Reason // why we refused an approval, if we did
	recordErr error
}

// status answers status information (04 0F). Any answer but 80 00 00 makes
// the terminal take the payment back: ruleAnswers says for what, and what could
// not be recorded is refused too.
func (p *payment) status(in info, _ []byte) apdu {
	if !in.hasCode {
		return positive()
	}
	r := in.result()
	p.last, p.seen = r, true
	if !in.approved() {
		return positive()
	}
	if !in.hasAmount {
		p.last.Amount = p.request.Amount
	}
	asked := terminal.Result{Amount: p.request.Amount}
	if why, code, no := ruleAnswers(asked, p.last, in.signature, p.refund); no {
		return p.refuse(why, code)
	}
	if err := p.hooks.Recorded(p.last); err != nil {
		p.recordErr = err
		return p.refuse(terminal.ReasonNotRecorded, codeReceiverNotUp)
	}
	p.accepted, p.refusal = true, ""
	return positive()
}

func (p *payment) refuse(why terminal.Reason, code byte) apdu {
	p.refusal = why
	return negative(code)
}

// finish records the terminal's last word before it is answered. A payment
// whose receipt asks for a signature is not closed: it will be taken back.
func (p *payment) finish() {
	if !p.paid() {
		return
	}
	p.paper.into(&p.last)
	if p.last.Signature && !p.refund {
		return
	}
	p.last.Completed = true
	p.recordErr = p.hooks.Recorded(p.last)
}

// paid reports whether the last thing heard was an approval that we accepted.
func (p *payment) paid() bool {
	return p.seen && p.accepted && p.refusal == "" && p.last.Outcome == terminal.Approved
}

// conclude says what the payment came to.
func (p *payment) conclude(e end, err error) (terminal.Result, error) {
	switch {
	case err != nil:
		return p.broken(err)
	case e.completed && p.paid():
		if p.recordErr != nil {
			return p.last, fmt.Errorf("record the completion: %w", p.recordErr)
		}
		return p.last, nil
	case e.completed, p.accepted:
		// Completion without an approval, or abort after one that we had
		// acknowledged: only the terminal's memory can tell.
		return p.unknown(terminal.ReasonContradiction, errSequence)
	case p.refusal != "":
		r := p.last
		p.paper.into(&r)
		r.Outcome, r.Reason = terminal.Declined, p.refusal
		if p.recordErr != nil {
			return r, fmt.Errorf("record the approval: %w", p.recordErr)
		}
		return r, nil
	}
	r := terminal.Result{}
	if p.seen {
		r = p.last
	}
	p.paper.into(&r)
	r.Code = hexCode(e.code)
	r.Outcome, r.Reason = outcomeOf(e.code)
	if e.code == codeOK { // an abort that gives no reason
		r.Outcome, r.Reason = terminal.Aborted, terminal.ReasonDeclined
	}
	return r, nil
}

// broken is conclude for a conversation that did not reach its end.
func (p *payment) broken(err error) (terminal.Result, error) {
	if no, ok := errors.AsType[refusal](err); ok { // 84 xx to 06 01: the terminal did not begin
		r := terminal.Result{Outcome: terminal.Aborted, Code: hexCode(no.code)}
		_, r.Reason = outcomeOf(no.code)
		if r.Reason == terminal.ReasonDeclined {
			r.Reason = terminal.ReasonRefused
		}
		return r, err
	}
	if errors.Is(err, errSilent) {
		return p.unknown(terminal.ReasonTimeout, err)
	}
	return p.unknown(terminal.ReasonLine, err)
}

func (p *payment) unknown(why terminal.Reason, err error) (terminal.Result, error) {
	r := p.last
	r.Outcome, r.Reason, r.Completed = terminal.Unknown, why, false
	return r, err
}
