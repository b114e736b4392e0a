package zvt

import (
	"context"
	"errors"
	"fmt"

	"kassa/device/terminal"
)

// Reverse takes a payment back (06 30); see terminal.Terminal.
func (t *Terminal) Reverse(ctx context.Context, paid terminal.Result) (terminal.Result, error) {
	not := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	cmd, err := t.reverseCommand(paid)
	if err != nil {
		return not, fmt.Errorf("reverse: %w: %w", terminal.ErrRequest, err)
	}
	if err := t.take(ctx); err != nil {
		return not, fmt.Errorf("reverse: %w", err)
	}
	defer t.give()
	s, err := t.connect(ctx)
	if err != nil {
		return t.refused(err), fmt.Errorf("reverse: %w", err)
	}
	defer s.close()
	r, err := t.reverse(ctx, s, cmd, paid)
	if err != nil {
		return r, fmt.Errorf("reverse: %w", err)
	}
	return r, nil
}

func (t *Terminal) reverseCommand(paid terminal.Result) (apdu, error) {
	receipt, err := packDigits(paid.Receipt, 2)
	if err != nil {
		return apdu{}, fmt.Errorf("receipt %q: %w", paid.Receipt, err)
	}
	amount, err := amountBytes(paid.Amount)
	if err != nil {
		return apdu{}, err
	}
	data := append(t.with(bmpReceipt), receipt...)
	data = append(append(data, amount...), bmpCurrency)
	return command(cmdReverse, append(data, t.currency...)...), nil
}

// reverse asks for the reversal of paid and finds out what came of it.
func (t *Terminal) reverse(ctx context.Context, s *session, cmd apdu, paid terminal.Result) (terminal.Result, error) {
	var said info
	p := t.newPaper()
	e, err := s.perform(ctx, cmd, &exchange{paper: p, status: func(in info, _ []byte) apdu {
		if in.hasCode {
			said = in
		}
		return positive()
	}})
	switch no, ok := errors.AsType[refusal](err); {
	case ok:
		e = end{code: no.code}
	case err != nil:
		return terminal.Result{Outcome: terminal.Unknown, Reason: terminal.ReasonLine}, err
	}
	r := said.result()
	p.into(&r)
	r.Completed = true
	switch {
	case e.completed && said.approved():
		return r, nil
	case e.completed, said.approved():
		r.Outcome, r.Reason, r.Completed = terminal.Unknown, terminal.ReasonContradiction, false
		return r, errSequence
	case e.code == codeAlreadyReversed:
		r.Outcome, r.Reason, r.Code = terminal.Approved, terminal.ReasonAlreadyReversed, hexCode(e.code)
		return r, nil
	}
	r.Outcome, r.Code = terminal.Declined, hexCode(e.code)
	_, r.Reason = outcomeOf(e.code)
	if e.code == codeCannotReverse {
		r.Reason = terminal.ReasonTooOld
	}
	return t.wasReversed(ctx, s, paid, r)
}

// wasReversed looks whether a payment whose reversal is refused was reversed
// before: a terminal that only reverses its last transaction then says that
// it cannot, instead of that it did (see ruleReversedBefore). Terminals refuse
// with many codes, so each refusal is looked into; one of a terminal that does
// not tell its last transaction proves nothing about an earlier try, and its
// Reason says so.
func (t *Terminal) wasReversed(ctx context.Context, s *session, paid, r terminal.Result) (terminal.Result, error) {
	was, err := t.repeat(ctx, s, serviceNoPrint, t.newPaper())
	if err != nil {
		return terminal.Result{Outcome: terminal.Unknown, Reason: terminal.ReasonLine}, err
	}
	switch {
	case was.unable:
		r.Reason = terminal.ReasonCannotRepeat
	case ruleReversedBefore(was, paid):
		r = was.info.result()
		r.Reason, r.Completed, r.Recovered = terminal.ReasonAlreadyReversed, true, true
	}
	return r, nil
}

// unsigned takes back a payment whose receipt asks for a signature: nobody is
// at the lane to compare it. If the terminal refuses that, it stands, and the
// result says so, with Signature set. If nobody knows what came of it, the
// payment is Unknown, and Resolve finds out.
func (t *Terminal) unsigned(ctx context.Context, s *session, paid terminal.Result) (terminal.Result, error) {
	cmd, err := t.reverseCommand(paid)
	if err != nil {
		return paid, fmt.Errorf("take back what wants a signature: %w", err)
	}
	back, err := t.reverse(ctx, s, cmd, paid)
	switch back.Outcome {
	case terminal.Approved:
		paid.Outcome, paid.Reason = terminal.Declined, terminal.ReasonSignature
		return paid, nil
	case terminal.Declined, terminal.Aborted:
		t.cfg.Log.ErrorContext(ctx, "payment that wants a signature stands", "trace", paid.Trace, "code", back.Code)
		paid.Completed = true
		return paid, nil
	case terminal.Unknown:
	}
	paid.Outcome, paid.Reason, paid.Completed = terminal.Unknown, back.Reason, false
	return paid, fmt.Errorf("take back what wants a signature: %w", err)
}
