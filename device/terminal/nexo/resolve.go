package nexo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kassa/device/terminal"
)

const protocol = "nexo"

// evidence is the Data of terminal.Evidence: under what name a payment will be
// sent, and to whom.
type evidence struct {
	POIID   string    `json:"poi"`
	SaleID  string    `json:"sale"`
	Service string    `json:"service"` // the payment's ServiceID
	At      time.Time `json:"at"`      // when it was drawn, by the lane's clock
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
	return ev, isID(ev.Service)
}

// fate is what the terminal remembers of a message.
type fate int

const (
	unable  fate = iota // it did not say
	ongoing             // still at work on it
	never               // it knows no such message
	done                // answered: the answer is there
)

// recall asks what became of an earlier request of ours.
func (t *Terminal) recall(ctx context.Context, ref msgRef) (fate, *resPayment, error) {
	c, err := t.ask(ctx, question{
		id: newID(), wait: t.cfg.Answer,
		body: request{Status: &reqStatus{
			Reprint: true, Qualifier: []string{"CashierReceipt", "CustomerReceipt"}, Reference: &ref,
		}},
	})
	switch {
	case err != nil:
		return unable, nil, err
	case c.Status == nil:
		return unable, nil, fmt.Errorf("%w: no TransactionStatusResponse", errAnswer)
	}
	s := c.Status
	if !s.Response.success() {
		switch s.Response.Condition.String() {
		case condInProgress:
			return ongoing, nil, nil
		case condNotFound:
			return never, nil, nil
		case condBusy:
			return unable, nil, terminal.ErrBusy
		}
		return unable, nil, fmt.Errorf("terminal says %s %s", s.Response.Condition, s.Response.Additional)
	}
	was := s.Repeated.Body.Payment
	if ref.MessageCategory == "Reversal" {
		was = s.Repeated.Body.Reversal
	}
	if was == nil || !names(s.Repeated.Header, ref) && !names(s.Reference, ref) {
		// A terminal that answers with another transaction, perhaps its last
		// one, has said nothing of ours.
		return unable, nil, fmt.Errorf("%w: it tells of another transaction", errAnswer)
	}
	if was.Response.Condition.String() == condInProgress {
		return ongoing, nil, nil
	}
	return done, was, nil
}

func names(h header, ref msgRef) bool {
	return h.ServiceID.String() == ref.ServiceID && h.SaleID.String() == ref.SaleID && h.Category.String() == ref.MessageCategory
}

// settle is recall until the terminal has come to an end. A payment of a lane
// that no longer listens is told to abort: a late card would pay for nothing.
// That a message never arrived must be said twice, a pause apart: what was on
// its way when the line broke may still arrive.
func (t *Terminal) settle(ctx context.Context, ref msgRef) (fate, *resPayment, error) {
	deadline := time.Now().Add(busyPatience)
	missing := 0
	for {
		f, was, err := t.recall(ctx, ref)
		switch {
		case errors.Is(err, terminal.ErrBusy):
			missing = 0
		case err != nil || f == done:
			return f, was, err
		case f == never:
			if missing++; missing == 2 {
				return never, nil, nil
			}
		case f == ongoing:
			missing = 0
			if ref.MessageCategory == "Payment" {
				t.abort(ctx, ref)
			}
		}
		if time.Now().Add(t.cfg.Pause).After(deadline) {
			return unable, nil, terminal.ErrBusy
		}
		if err := t.pause(ctx); err != nil {
			return unable, nil, fmt.Errorf("wait while busy: %w", err)
		}
	}
}

// Resolve asks what became of a payment; see terminal.Terminal.
func (t *Terminal) Resolve(ctx context.Context, in terminal.Intent) (terminal.Result, error) {
	if in.Approval.Outcome == terminal.Approved && in.Approval.Completed {
		return in.Approval, nil // the terminal had said its last word
	}
	r := terminal.Result{Outcome: terminal.Unknown, Recovered: true, TerminalID: t.cfg.POIID}
	ev, ok := unpack(in.Evidence)
	switch {
	case !ok:
		r.Reason = terminal.ReasonCannotRepeat
		return r, errors.New("resolve: no evidence of the name that the payment was sent under")
	case ev.POIID != t.cfg.POIID:
		r.Reason = terminal.ReasonOtherTerminal
		return r, nil
	}
	r.Trace = ev.Service
	if err := t.take(ctx); err != nil {
		r.Reason = terminal.ReasonLine
		return r, fmt.Errorf("resolve: %w", err)
	}
	defer t.give()
	f, was, err := t.settle(ctx, msgRef{"Payment", ev.SaleID, ev.Service})
	switch {
	case err != nil:
		r.Reason = reasonOf(err)
		return r, fmt.Errorf("resolve: %w", err)
	case f == never && in.Approval.Outcome == terminal.Approved:
		r.Reason = terminal.ReasonContradiction // it said yes, and now knows nothing of it
		return r, nil
	case f == never && time.Since(ev.At) > memory:
		r.Reason = terminal.ReasonCannotRepeat
		return r, nil
	case f == never:
		r.Outcome, r.Reason, r.Completed = terminal.Aborted, terminal.ReasonNotFound, true
		return r, nil
	}
	if r, err = t.recovered(ctx, in, ev, was); err != nil {
		return r, fmt.Errorf("resolve: %w", err)
	}
	return r, nil
}

// recovered reads a payment's answer that was asked for again.
func (t *Terminal) recovered(ctx context.Context, in terminal.Intent, ev evidence, was *resPayment) (terminal.Result, error) {
	r, _ := t.result(was, in.Request, ev.Service) // a failure told again is the last word, sure or not
	r.Recovered, r.Completed = true, r.Outcome != terminal.Unknown
	if r.Outcome != terminal.Approved {
		return r, nil
	}
	back, err := t.backed(ctx, ev.SaleID, r)
	switch {
	case err != nil:
		r.Outcome, r.Reason, r.Completed = terminal.Unknown, reasonOf(err), false
		return r, err
	case back.done:
		r.Outcome, r.Reason = terminal.Aborted, terminal.ReasonReversed
		return r, nil
	}
	why := unusable(r, in.Request)
	if why == "" || !in.Unsettled() {
		return r, nil
	}
	// It would have been taken back, had the lane lived.
	if r, err = t.takeBack(ctx, r, why, nil); err == nil {
		r.Outcome = terminal.Aborted
	}
	return r, err
}

// reasonOf says why nothing was learned.
func reasonOf(err error) terminal.Reason {
	switch {
	case errors.Is(err, terminal.ErrBusy):
		return terminal.ReasonBusy
	case errors.Is(err, errSilent):
		return terminal.ReasonTimeout
	case errors.Is(err, terminal.ErrUnreachable), errors.Is(err, errLost), errors.Is(err, context.Canceled),
		errors.Is(err, context.DeadlineExceeded):
		return terminal.ReasonLine
	}
	return terminal.ReasonCannotRepeat
}
