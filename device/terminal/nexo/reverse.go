package nexo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/device/terminal"
)

// back is what is known of the attempts to take a payment back.
type back struct {
	done bool   // one of them succeeded
	next string // ServiceID for the next attempt
}

// maxBacks bounds the attempts to take one payment back.
const maxBacks = 8

// backed asks what became of earlier attempts to take a payment back.
func (t *Terminal) backed(ctx context.Context, saleID string, paid terminal.Result) (back, error) {
	for n := range maxBacks {
		id := backID(paid.Trace, paid.Receipt, n)
		f, was, err := t.settle(ctx, msgRef{"Reversal", saleID, id})
		switch {
		case err != nil:
			return back{}, err
		case f == never:
			return back{next: id}, nil
		case was.Response.success():
			return back{done: true}, nil
		}
	}
	return back{}, errors.New("too many attempts to reverse")
}

// Reverse takes a payment back; see terminal.Terminal. Approved means that the
// terminal took the reversal; with Adyen its outcome comes to the merchant's
// account later.
func (t *Terminal) Reverse(ctx context.Context, paid terminal.Result) (terminal.Result, error) {
	not := terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent}
	if paid.Receipt == "" {
		return not, fmt.Errorf("reverse: %w: no transaction to name", terminal.ErrRequest)
	}
	if err := t.take(ctx); err != nil {
		return not, fmt.Errorf("reverse: %w", err)
	}
	defer t.give()
	r, err := t.reverse(ctx, paid)
	if err != nil {
		return r, fmt.Errorf("reverse: %w", err)
	}
	return r, nil
}

func (t *Terminal) reverse(ctx context.Context, paid terminal.Result) (terminal.Result, error) {
	r := terminal.Result{TerminalID: t.cfg.POIID, Trace: paid.Trace, Receipt: paid.Receipt, Amount: paid.Amount}
	b, err := t.backed(ctx, t.cfg.SaleID, paid)
	switch {
	case err != nil:
		r.Outcome, r.Reason = terminal.Unknown, reasonOf(err)
		return r, err
	case b.done:
		r.Outcome, r.Reason, r.Completed = terminal.Approved, terminal.ReasonAlreadyReversed, true
		return r, nil
	}
	body := &reqReverse{Reason: "MerchantCancel", SaleData: t.sale(paid.Trace)}
	body.Original.ID = transactionID{paid.Receipt, stampOf(paid, time.Now())}
	c, err := t.ask(ctx, question{id: b.next, wait: min(backPatience, t.cfg.Payment), body: request{Reversal: body}})
	switch {
	case errors.Is(err, terminal.ErrUnreachable):
		r.Outcome, r.Reason = terminal.Aborted, terminal.ReasonNotSent
		return r, err
	case err != nil:
		r.Outcome, r.Reason = terminal.Unknown, reasonOf(err)
		return r, err
	case c.Reversal == nil:
		r.Outcome, r.Reason = terminal.Unknown, terminal.ReasonContradiction
		return r, fmt.Errorf("%w: no ReversalResponse", errAnswer)
	}
	said, _ := t.result(c.Reversal, terminal.Request{Amount: paid.Amount, Currency: t.cfg.Currency}, b.next)
	said.Amount, said.Completed = paid.Amount, true
	switch said.Outcome {
	case terminal.Approved:
		said.Reason = ""
		return said, nil
	case terminal.Declined, terminal.Aborted:
		said.Outcome = terminal.Declined
		if said.Code == condNotFound {
			said.Reason = terminal.ReasonNotFound
		}
		return said, nil
	case terminal.Unknown:
	}
	said.Completed = false
	return said, fmt.Errorf("%w: neither success nor failure", errAnswer)
}

// stampOf returns the terminal's time of a payment. Where the full one was not
// kept, it is made of date and time, in the last year that they fit.
func stampOf(paid terminal.Result, now time.Time) string {
	if paid.Stamp != "" {
		return paid.Stamp
	}
	for year := now.Year() + 1; year >= now.Year()-1; year-- {
		at, err := time.Parse("20060102150405", fmt.Sprintf("%04d%s%s", year, paid.Date, paid.Time))
		if err == nil && at.Before(now.Add(24*time.Hour)) {
			return at.Format(time.RFC3339)
		}
	}
	return now.UTC().Format(time.RFC3339)
}
