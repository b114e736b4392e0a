package zvt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kassa/device/terminal"
	"kassa/kiosk/money"
)

const protocol = "zvt"

// A stored is the last transaction in the terminal's memory, as far as it
// tells one from another.
type stored struct {
	Receipt string       `json:"receipt,omitempty"`
	Trace   string       `json:"trace,omitempty"`
	Date    string       `json:"date,omitempty"`
	Time    string       `json:"time,omitempty"`
	Amount  money.Amount `json:"amount_minor,omitempty"`
}

func (in info) stored() stored {
	return stored{Receipt: in.receipt, Trace: in.trace, Date: in.date, Time: in.time, Amount: in.amount}
}

// evidence is the Data of terminal.Evidence.
type evidence struct {
	TID    string `json:"tid,omitempty"`
	Last   stored `json:"last,omitzero"`
	None   bool   `json:"none,omitempty"`   // the terminal said that it has no transaction
	Unable bool   `json:"unable,omitempty"` // the terminal did not say
}

func (e evidence) pack() terminal.Evidence {
	b, err := json.Marshal(e)
	if err != nil {
		return terminal.Evidence{} // unreachable: plain fields
	}
	return terminal.Evidence{Protocol: protocol, Data: string(b)}
}

// unpack reads evidence; ok is false when there is none that we can read.
func unpack(e terminal.Evidence) (ev evidence, ok bool) {
	if e.Protocol != protocol || json.Unmarshal([]byte(e.Data), &ev) != nil {
		return evidence{}, false
	}
	return ev, true
}

// last is the answer to repeat receipt.
type last struct {
	found  bool
	unable bool // neither a transaction nor a believable "none"
	code   byte // why there is none
	info   info
}

// Prepare makes the terminal ready and learns its last transaction; see
// terminal.Terminal. Due initialisation, diagnosis and end of day are done.
func (t *Terminal) Prepare(ctx context.Context) (terminal.Evidence, error) {
	if err := t.take(ctx); err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	defer t.give()
	s, status, reg, err := t.connectFree(ctx, false)
	if err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	defer s.close()
	if err := t.heal(ctx, s, status, reg); err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	was, err := t.repeat(ctx, s, serviceNoPrint, t.newPaper())
	if err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	ev := evidence{TID: reg.tid, None: !was.found && !was.unable, Unable: was.unable}
	if was.found {
		ev.Last = was.info.stored()
	}
	return ev.pack(), nil
}

// repeat asks for the last stored transaction (06 20).
func (t *Terminal) repeat(ctx context.Context, s *session, service byte, p *paper) (last, error) {
	data := t.with()
	if service != 0 {
		data = append(data, bmpService, service)
	}
	var was last
	x := &exchange{paper: p, status: func(in info, _ []byte) apdu {
		if in.hasCode {
			was.found, was.info = true, in
		}
		return positive()
	}}
	e, err := s.perform(ctx, command(cmdRepeat, data...), x)
	var no refusal
	switch {
	case errors.As(err, &no):
		return last{code: no.code, unable: !saysNone(no.code)}, nil
	case err != nil:
		return last{}, fmt.Errorf("repeat receipt: %w", err)
	case !e.completed && !was.found:
		return last{code: e.code, unable: !saysNone(e.code)}, nil
	case !was.found:
		return last{unable: true}, nil
	}
	return was, nil
}

// Resolve asks what became of a payment; see terminal.Terminal.
func (t *Terminal) Resolve(ctx context.Context, in terminal.Intent) (terminal.Result, error) {
	if in.Approval.Outcome == terminal.Approved && in.Approval.Completed {
		return in.Approval, nil // the terminal had said its last word
	}
	unknown := terminal.Result{Outcome: terminal.Unknown, Reason: terminal.ReasonLine}
	if err := t.take(ctx); err != nil {
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	defer t.give()
	s, _, reg, err := t.connectFree(ctx, ruleStopOrphan)
	if err != nil {
		if errors.Is(err, terminal.ErrBusy) {
			unknown.Reason = terminal.ReasonBusy
		}
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	defer s.close()
	was, err := t.repeat(ctx, s, serviceNoPrint, t.newPaper())
	if err != nil {
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	r := verdict(in, reg.tid, was)
	if r.Outcome != terminal.Approved {
		return r, nil
	}
	t.fetchReceipt(ctx, s, &r)
	if r.Signature && !in.Refund && in.Unsettled() {
		return t.unsigned(ctx, s, r)
	}
	return r, nil
}

// fetchReceipt has the last receipt printed into r, where receipts come as
// text. A payment without its receipt is a payment.
func (t *Terminal) fetchReceipt(ctx context.Context, s *session, r *terminal.Result) {
	if t.cfg.Printing != PrintHere {
		return
	}
	p := t.newPaper()
	if _, err := t.repeat(ctx, s, 0, p); err != nil {
		t.cfg.Log.WarnContext(ctx, "receipt not fetched", "error", err)
	}
	p.into(r)
}

// Last tells the last transaction with its receipt; see terminal.Terminal.
func (t *Terminal) Last(ctx context.Context) (terminal.Result, error) {
	if err := t.take(ctx); err != nil {
		return terminal.Result{}, fmt.Errorf("last: %w", err)
	}
	defer t.give()
	s, err := t.connect(ctx)
	if err != nil {
		return terminal.Result{}, fmt.Errorf("last: %w", err)
	}
	defer s.close()
	was, err := t.repeat(ctx, s, serviceNoPrint, t.newPaper())
	if err != nil {
		return terminal.Result{}, fmt.Errorf("last: %w", err)
	}
	if !was.found {
		return terminal.Result{Code: hexCode(was.code), TerminalID: was.info.tid}, nil
	}
	r := was.info.result()
	r.Completed, r.Recovered = true, true
	t.fetchReceipt(ctx, s, &r)
	return r, nil
}
