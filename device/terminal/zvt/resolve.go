package zvt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

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
	s, err := t.open(ctx)
	if err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	defer s.close()
	status, err := t.settle(ctx, s, busyPatience)
	if err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
	reg, err := t.register(ctx, s)
	if err != nil {
		return terminal.Evidence{}, fmt.Errorf("prepare: %w", err)
	}
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

// saysNone reports whether a refusal to repeat means that there is nothing to
// repeat. A refusal for another cause (wrong password, not supported, busy,
// locked, a card in the reader) says nothing of the memory.
func saysNone(code byte) bool {
	switch {
	case code < 0x64, code == codeCardInserted, code == 0xE1, code == 0xF6:
		return false
	}
	_, reason := outcomeOf(code)
	return reason == terminal.ReasonDeclined || reason == terminal.ReasonInvalidCard
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
	s, err := t.open(ctx)
	if err != nil {
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	defer s.close()
	if _, err := t.settle(ctx, s, busyPatience); err != nil {
		if errors.Is(err, terminal.ErrBusy) {
			unknown.Reason = terminal.ReasonBusy
		}
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	reg, err := t.register(ctx, s)
	if err != nil {
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	was, err := t.repeat(ctx, s, serviceNoPrint, t.newPaper())
	if err != nil {
		return unknown, fmt.Errorf("resolve: %w", err)
	}
	r := verdict(in, reg.tid, was)
	if r.Outcome == terminal.Approved && t.cfg.Printing == PrintHere {
		p := t.newPaper()
		if _, err := t.repeat(ctx, s, 0, p); err != nil {
			t.cfg.Log.WarnContext(ctx, "receipt of a recovered payment not fetched", "error", err)
		}
		p.into(&r)
	}
	return r, nil
}

// verdict says what became of in, given what the terminal (by its id) stored
// last. It is the recovery table of the package comment.
func verdict(in terminal.Intent, tid string, was last) terminal.Result {
	ev, known := unpack(in.Evidence)
	not := terminal.Result{Outcome: terminal.Aborted, Recovered: true, Reason: terminal.ReasonNotFound}
	open := func(why terminal.Reason) terminal.Result {
		return terminal.Result{Outcome: terminal.Unknown, Recovered: true, Reason: why, Code: hexCode(was.code)}
	}
	s := was.info
	accepted := in.Approval.Outcome == terminal.Approved
	switch {
	case ev.TID != "" && (tid != "" && tid != ev.TID || s.tid != "" && s.tid != ev.TID):
		// Another device was put in its place: its memory proves nothing.
		return open(terminal.ReasonOtherTerminal)
	case was.unable:
		return open(terminal.ReasonCannotRepeat)
	case accepted && was.found && fits(s, in.Approval):
		return recovered(s)
	case accepted:
		not.Reason = terminal.ReasonReversed // we acknowledged, the terminal did not hear it
		return not
	case !was.found:
		return not
	case s.origin != "":
		return not // a reversal, not a payment
	}
	return newer(in, ev, known, s, not, open)
}

// newer is verdict for a payment of which no approval was recorded, when the
// terminal has a payment stored: is it ours?
func newer(in terminal.Intent, ev evidence, known bool, s info,
	not terminal.Result, open func(terminal.Reason) terminal.Result,
) terminal.Result {
	age := known && !ev.Unable
	if age && !ev.None && !isNew(ev.Last, s.stored()) {
		return not
	}
	if !s.approved() {
		r := s.result()
		if !age || s.hasAmount && s.amount != in.Amount {
			return not
		}
		r.Recovered = true
		return r
	}
	same := s.hasAmount && s.amount == in.Amount
	switch {
	case !age && same:
		return open(terminal.ReasonCannotRepeat) // perhaps ours, perhaps an older one of the same price
	case !age:
		return not
	case !same:
		// A new payment of another amount on a terminal that only we use:
		// a partial approval or a tip that was not taken back. A person must look.
		return open(terminal.ReasonAmount)
	}
	return recovered(s)
}

func recovered(s info) terminal.Result {
	r := s.result()
	r.Recovered, r.Completed = true, true
	return r
}

// fits reports whether the stored payment is the approval we recorded.
func fits(s info, a terminal.Result) bool {
	return s.approved() && s.origin == "" && s.receipt == a.Receipt &&
		(!s.hasAmount || s.amount == a.Amount) && (s.trace == a.Trace || s.trace == "" || a.Trace == "")
}

// receiptNumbers is how many receipt numbers there are: 0001 to 9999, around.
const receiptNumbers = 9999

// isNew reports whether now was stored after before. Receipt numbers decide,
// half way round the circle; without them any difference does.
func isNew(before, now stored) bool {
	b, errB := strconv.Atoi(before.Receipt)
	n, errN := strconv.Atoi(now.Receipt)
	if errB != nil || errN != nil {
		return now != before
	}
	ahead := ((n-b)%receiptNumbers + receiptNumbers) % receiptNumbers
	return ahead > 0 && ahead <= receiptNumbers/2
}
