package zvt

import (
	"context"
	"errors"
	"fmt"

	"kassa/device/terminal"
)

// enquire asks for the terminal's state (05 01).
func (t *Terminal) enquire(ctx context.Context, s *session) (status byte, version string, err error) {
	e, err := s.perform(ctx, command(cmdEnquiry, t.with()...), &exchange{paper: t.newPaper()})
	var no refusal
	switch {
	case errors.As(err, &no) && no.code == codeUnsupported:
		return codeOK, "", nil // it is there, and cannot say more
	case errors.As(err, &no):
		return no.code, "", nil
	case err != nil:
		return 0, "", fmt.Errorf("status enquiry: %w", err)
	case !e.completed:
		return e.code, "", nil
	}
	status, version = parseState(e.data, t.cfg.Charset)
	return status, version, nil
}

// parseState reads the completion of a status enquiry, whose fields have
// places and no ids: perhaps the software version (LLLVAR), then the status.
func parseState(data []byte, cs Charset) (status byte, version string) {
	if len(data) > 3 {
		if n, rest, ok := varLength(data, 3); ok && n < len(rest) {
			return rest[n], cs.decode(rest[:n]).String()
		}
	}
	if len(data) == 0 {
		return codeOK, ""
	}
	return data[0], ""
}

// Status asks how the terminal is; see terminal.Terminal.
func (t *Terminal) Status(ctx context.Context) (terminal.Status, error) {
	select {
	case t.turn <- struct{}{}:
	default:
		return terminal.Status{State: terminal.Busy, Text: "an operation is running"}, nil
	}
	defer t.give()
	s, err := t.open(ctx)
	if err != nil {
		return terminal.Status{}, fmt.Errorf("status: %w", err)
	}
	defer s.close()
	code, version, err := t.enquire(ctx, s)
	if err != nil {
		return terminal.Status{}, fmt.Errorf("status: %w", err)
	}
	st := terminal.Status{State: stateOf(code), Code: hexCode(code), Text: statusText(code), Version: version}
	if st.State != terminal.Ready {
		return st, nil
	}
	reg, err := t.register(ctx, s)
	if err != nil {
		return terminal.Status{}, fmt.Errorf("status: %w", err)
	}
	st.TerminalID = reg.tid
	return st, nil
}

// heal does what the terminal says is due before it can take a payment.
func (t *Terminal) heal(ctx context.Context, s *session, status byte, reg registration) error {
	if status == codeNeedsInit || reg.initDue {
		if err := t.job(ctx, s, cmdInitialise, "initialise", t.with()); err != nil {
			return err
		}
	}
	if status == codeNeedsDiagnosis || reg.diagnosis {
		if err := t.job(ctx, s, cmdDiagnose, "diagnose", nil); err != nil {
			return err
		}
	}
	switch status {
	case codeNeedsEndOfDay, 0xB1, 0xB2:
		return t.job(ctx, s, cmdEndOfDay, "end of day", t.with())
	}
	return nil
}

// job runs a command of which only success matters.
func (t *Terminal) job(ctx context.Context, s *session, code int, name string, data []byte) error {
	t.cfg.Log.InfoContext(ctx, "terminal set-up", "job", name)
	e, err := s.perform(ctx, command(code, data...), &exchange{paper: t.newPaper()})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !e.completed {
		return fmt.Errorf("%s: %w", name, refusal{e.code})
	}
	return nil
}

// Reverse takes a payment back (06 30); see terminal.Terminal.
func (t *Terminal) Reverse(ctx context.Context, paid terminal.Result) (terminal.Result, error) {
	not := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	receipt, err := packDigits(paid.Receipt, 2)
	if err != nil {
		return not, fmt.Errorf("reverse: %w: receipt %q: %w", terminal.ErrRequest, paid.Receipt, err)
	}
	amount, err := amountBytes(paid.Amount)
	if err != nil {
		return not, fmt.Errorf("reverse: %w: %w", terminal.ErrRequest, err)
	}
	if err := t.take(ctx); err != nil {
		return not, fmt.Errorf("reverse: %w", err)
	}
	defer t.give()
	s, err := t.open(ctx)
	if err != nil {
		return not, fmt.Errorf("reverse: %w", err)
	}
	defer s.close()
	if _, err := t.register(ctx, s); err != nil {
		return t.refused(err), fmt.Errorf("reverse: %w", err)
	}
	data := append(t.with(bmpReceipt), receipt...)
	data = append(append(data, amount...), bmpCurrency)
	r, err := t.reverse(ctx, s, command(cmdReverse, append(data, t.currency...)...))
	if err != nil {
		return r, fmt.Errorf("reverse: %w", err)
	}
	return r, nil
}

func (t *Terminal) reverse(ctx context.Context, s *session, cmd apdu) (terminal.Result, error) {
	var said info
	p := t.newPaper()
	e, err := s.perform(ctx, cmd, &exchange{paper: p, status: func(in info, _ []byte) apdu {
		if in.hasCode {
			said = in
		}
		return positive()
	}})
	var no refusal
	switch {
	case errors.As(err, &no):
		e = end{code: no.code}
	case err != nil:
		r := terminal.Result{Outcome: terminal.Unknown, Reason: terminal.ReasonLine}
		return r, err
	}
	r := said.result()
	p.into(&r)
	r.Completed = true
	switch {
	case e.completed && said.approved():
		return r, nil
	case e.completed, said.approved():
		r.Outcome, r.Reason = terminal.Unknown, terminal.ReasonContradiction
		return r, errSequence
	case e.code == codeAlreadyReversed:
		r.Outcome, r.Reason, r.Code = terminal.Approved, terminal.ReasonAlreadyReversed, hexCode(e.code)
		return r, nil
	}
	r.Outcome, r.Code = terminal.Declined, hexCode(e.code)
	_, r.Reason = outcomeOf(e.code)
	return r, nil
}

// EndOfDay closes the batch (06 50); see terminal.Terminal.
func (t *Terminal) EndOfDay(ctx context.Context) (terminal.Totals, error) {
	if err := t.take(ctx); err != nil {
		return terminal.Totals{Outcome: terminal.Aborted}, fmt.Errorf("end of day: %w", err)
	}
	defer t.give()
	s, err := t.open(ctx)
	if err != nil {
		return terminal.Totals{Outcome: terminal.Aborted}, fmt.Errorf("end of day: %w", err)
	}
	defer s.close()
	if _, err := t.register(ctx, s); err != nil {
		return terminal.Totals{Outcome: terminal.Aborted}, fmt.Errorf("end of day: %w", err)
	}
	var said info
	p := t.newPaper()
	e, err := s.perform(ctx, command(cmdEndOfDay, t.with()...), &exchange{paper: p, status: func(in info, _ []byte) apdu {
		if in.hasCode {
			said = in
		}
		return positive()
	}})
	var no refusal
	switch {
	case errors.As(err, &no):
		return terminal.Totals{Outcome: terminal.Aborted, Code: hexCode(no.code)}, fmt.Errorf("end of day: %w", err)
	case err != nil:
		return terminal.Totals{Outcome: terminal.Unknown}, fmt.Errorf("end of day: %w", err)
	case !e.completed:
		return terminal.Totals{Outcome: terminal.Aborted, Code: hexCode(e.code), Lines: p.all()},
			fmt.Errorf("end of day: %w", refusal{e.code})
	}
	totals := said.batch()
	totals.Lines = p.all()
	return totals, nil
}
