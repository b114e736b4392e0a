package zvt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/device/terminal"
)

// enquire asks for the terminal's state (05 01).
func (t *Terminal) enquire(ctx context.Context, s *session) (status byte, version string, err error) {
	e, err := s.perform(ctx, command(cmdEnquiry, t.with()...), &exchange{paper: t.newPaper(), once: true})
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

// settle asks for the terminal's state until it is not at work (05 01), and
// returns the state. With stop it asks once for an end of what is running;
// a terminal that is past that refuses, and is waited for.
func (t *Terminal) settle(ctx context.Context, s *session, stop bool) (byte, error) {
	deadline := time.Now().Add(busyPatience)
	for {
		status, _, err := t.enquire(ctx, s)
		if err != nil || status != codeBusy {
			return status, err
		}
		if stop {
			stop = false
			err := s.ask(ctx, command(cmdStop))
			if _, refused := errors.AsType[refusal](err); err != nil && !refused {
				return status, fmt.Errorf("stop what is running: %w", err)
			}
		}
		if time.Now().Add(t.cfg.Pause).After(deadline) {
			return status, terminal.ErrBusy
		}
		select {
		case <-time.After(t.cfg.Pause):
		case <-ctx.Done():
			return status, fmt.Errorf("wait while busy: %w", context.Cause(ctx))
		}
	}
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
	if reg.initDue || reg.diagnosis || t.due() {
		st.State, st.Text = terminal.NeedsSetup, "initialisation or diagnosis required"
	}
	return st, nil
}

// heal does what the terminal says is due before it can take a payment.
func (t *Terminal) heal(ctx context.Context, s *session, status byte, reg registration) error {
	if status == codeNeedsInit || reg.initDue || t.dueInit.Load() {
		if err := t.job(ctx, s, cmdInitialise, "initialise", t.with()); err != nil {
			return err
		}
		t.dueInit.Store(false)
	}
	if status == codeNeedsDiagnosis || reg.diagnosis || t.dueDiagnosis.Load() {
		if err := t.job(ctx, s, cmdDiagnose, "diagnose", nil); err != nil {
			return err
		}
		t.dueDiagnosis.Store(false)
	}
	switch status {
	case codeNeedsEndOfDay, 0xB1, 0xB2:
		return t.forcedEndOfDay(ctx, s)
	}
	return nil
}

// endOfDayPatience is how long a forced end of day may take. Its sums are told
// once, so that the patience of whoever waits for Prepare does not end it; only
// being told to stop does.
const endOfDayPatience = time.Minute

// forcedEndOfDay closes the batch because the terminal takes no payment before,
// and hands its sums on.
func (t *Terminal) forcedEndOfDay(ctx context.Context, s *session) error {
	ectx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endOfDayPatience)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			cancel()
		}
	})()
	t.cfg.Log.InfoContext(ctx, "terminal set-up", "job", "end of day")
	totals, err := t.sumsOn(ectx, s, cmdEndOfDay, "end of day")
	if totals.Outcome != terminal.Aborted && t.cfg.DayClosed != nil {
		t.cfg.DayClosed(totals, err)
	}
	return err
}

// Diagnose makes the terminal test its way to its host (06 70); see
// terminal.Terminal.
func (t *Terminal) Diagnose(ctx context.Context) error {
	return t.runJob(ctx, cmdDiagnose, "diagnose", nil)
}

// Initialise makes the terminal fetch its set-up from its host (06 93). Prepare
// does it when it is due.
func (t *Terminal) Initialise(ctx context.Context) error {
	return t.runJob(ctx, cmdInitialise, "initialise", t.with())
}

func (t *Terminal) runJob(ctx context.Context, code int, name string, data []byte) error {
	if err := t.take(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer t.give()
	s, err := t.connect(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer s.close()
	return t.job(ctx, s, code, name, data)
}

// maxDisplay is how many lines a terminal shows.
const maxDisplay = 8

// Display shows up to eight lines on the terminal for a while (06 E0), at most
// 99 seconds. What its character set lacks becomes a question mark.
func (t *Terminal) Display(ctx context.Context, lines []string, d time.Duration) error {
	if len(lines) > maxDisplay || d < 0 || d > 99*time.Second {
		return fmt.Errorf("display: %w: %d lines for %v", terminal.ErrRequest, len(lines), d)
	}
	data := []byte{0xF0, bcd(int64(d/time.Second), 1)[0]}
	for i, l := range lines {
		b := t.cfg.Charset.encode(l)
		if len(b) > 99 {
			b = b[:99]
		}
		data = append(data, 0xF1+byte(i), 0xF0+byte(len(b)/10), 0xF0+byte(len(b)%10))
		data = append(data, b...)
	}
	if err := t.take(ctx); err != nil {
		return fmt.Errorf("display: %w", err)
	}
	defer t.give()
	s, err := t.open(ctx)
	if err != nil {
		return fmt.Errorf("display: %w", err)
	}
	defer s.close()
	if err := s.ask(ctx, command(cmdDisplay, data...)); err != nil {
		return fmt.Errorf("display: %w", err)
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

// EndOfDay closes the batch (06 50); see terminal.Terminal.
func (t *Terminal) EndOfDay(ctx context.Context) (terminal.Totals, error) {
	return t.sums(ctx, cmdEndOfDay, "end of day")
}

// Totals asks for the sums of the open batch (06 10); see terminal.Terminal. Not
// every terminal knows the command, and one that does not says so.
func (t *Terminal) Totals(ctx context.Context) (terminal.Totals, error) {
	return t.sums(ctx, cmdTotals, "totals")
}

// sums runs a command that is answered with the batch's sums.
func (t *Terminal) sums(ctx context.Context, code int, name string) (terminal.Totals, error) {
	if err := t.take(ctx); err != nil {
		return terminal.Totals{Outcome: terminal.Aborted}, fmt.Errorf("%s: %w", name, err)
	}
	defer t.give()
	s, err := t.connect(ctx)
	if err != nil {
		return terminal.Totals{Outcome: terminal.Aborted}, fmt.Errorf("%s: %w", name, err)
	}
	defer s.close()
	return t.sumsOn(ctx, s, code, name)
}

func (t *Terminal) sumsOn(ctx context.Context, s *session, code int, name string) (terminal.Totals, error) {
	var said info
	p := t.newPaper()
	e, err := s.perform(ctx, command(code, t.with()...), &exchange{paper: p, status: func(in info, _ []byte) apdu {
		if in.hasCode {
			said = in
		}
		return positive()
	}})
	var no refusal
	switch {
	case errors.As(err, &no):
		return terminal.Totals{Outcome: terminal.Aborted, Code: hexCode(no.code)}, fmt.Errorf("%s: %w", name, err)
	case err != nil:
		return terminal.Totals{Outcome: terminal.Unknown}, fmt.Errorf("%s: %w", name, err)
	case !e.completed:
		return terminal.Totals{Outcome: terminal.Aborted, Code: hexCode(e.code), Lines: p.all()},
			fmt.Errorf("%s: %w", name, refusal{e.code})
	}
	t.note(e)
	totals := said.batch()
	totals.Lines = p.all()
	return totals, nil
}
