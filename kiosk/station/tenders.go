package station

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"kassa/device/terminal"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/voucher"
)

// Vouchers is the ledger of vouchers. Redeem and Issue do a key once.
type Vouchers interface {
	Find(ctx context.Context, number string) (flow.Voucher, error)
	Redeem(ctx context.Context, m voucher.Move) (voucher.Moved, error)
	Issue(ctx context.Context, key string, amount money.Amount, expires string) (flow.Voucher, error)
	// Number returns the number of a voucher that is not on paper yet; "" once it is.
	Number(ctx context.Context, key string) (string, error)
	Forget(ctx context.Context, key string) error
}

// voucher keeps the number of a scanned voucher in the ledger and says its handle.
func (s *Station) voucher(ctx context.Context, number string) error {
	ev := flow.Scanned{Code: flow.Code{Kind: "voucher"}}
	if s.o.Vouchers != nil && !s.o.Training {
		v, err := s.o.Vouchers.Find(context.WithoutCancel(ctx), number)
		if err != nil {
			s.o.Log.ErrorContext(ctx, "vouchers", "err", err)
		} else {
			ev.Voucher, ev.Code.Number = &v, v.Handle
		}
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		return ev
	})
}

// again does what must not stay unknown until it is done, ever more slowly.
func (s *Station) again(ctx context.Context, what string, do func() error) error {
	for wait := resolveFirst; ; wait = min(2*wait, resolveLongest) {
		err := do()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil {
			return nil
		}
		s.o.Log.ErrorContext(ctx, "voucher ledger", "deed", what, "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// redeem moves money on a voucher. The ledger does the key once, so it is asked
// until it answers.
func (s *Station) redeem(ctx context.Context, job flow.Redeem) error {
	ev := flow.VoucherDone{Key: job.Key, Outcome: flow.ChargeDeclined, Why: voucher.WhyUnknown}
	if s.o.Vouchers != nil && !s.o.Training {
		err := s.again(ctx, "redeem", func() error {
			m, err := s.o.Vouchers.Redeem(ctx, voucher.Move{Key: job.Key, Handle: job.Voucher, Amount: job.Amount, Back: job.Back})
			if err != nil {
				return err
			}
			ev.Amount, ev.Left, ev.Voucher, ev.Why = m.Amount, m.Left, m.Voucher, m.Why
			if m.Amount > 0 {
				ev.Outcome = flow.ChargeApproved
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		return ev
	})
}

// issue makes a voucher.
func (s *Station) issue(ctx context.Context, job flow.Issue) error {
	ev := flow.VoucherDone{Key: job.Key, Outcome: flow.ChargeDeclined, Why: "no-ledger"}
	if s.o.Vouchers != nil && !s.o.Training {
		err := s.again(ctx, "issue", func() error {
			v, err := s.o.Vouchers.Issue(ctx, job.Key, job.Amount, s.expiry())
			if err != nil {
				return err
			}
			ev.Outcome, ev.Why, ev.Amount, ev.Left, ev.Voucher = flow.ChargeApproved, "", job.Amount, v.Balance, v
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		return ev
	})
}

// expiry is the last day of a voucher made now, "" for ever.
func (s *Station) expiry() string {
	if s.o.VoucherDays <= 0 {
		return ""
	}
	return time.Now().In(s.o.Location).AddDate(0, 0, s.o.VoucherDays).Format(time.DateOnly)
}

// errPrinted says that a voucher's number was wiped: it is on paper.
var errPrinted = errors.New("the voucher is on paper already, and its number is not kept")

// printVoucher puts a voucher on paper and wipes its number once it came out. One
// that may have come out half is printed again: both papers are one voucher.
func (s *Station) printVoucher(ctx, pctx context.Context, paper Paper, key string) error {
	if s.o.Vouchers == nil {
		return errNoPrinter
	}
	number, err := s.o.Vouchers.Number(ctx, key)
	if err != nil {
		return err
	}
	if number == "" {
		return errPrinted
	}
	paper.Voucher = &VoucherPaper{Number: number}
	for _, is := range paper.Sale.Issued {
		if is.Key == key {
			paper.Voucher.Amount, paper.Voucher.Expires = is.Amount, is.Expires
		}
	}
	if err := s.o.Printer.Print(pctx, paper); err != nil {
		return err
	}
	if err := s.o.Vouchers.Forget(context.WithoutCancel(ctx), key); err != nil {
		s.o.Log.ErrorContext(ctx, "voucher's number not wiped", "key", key, "err", err)
	}
	return nil
}

// errNoTerminal says that the journal has what kassa.toml has no terminal for.
var errNoTerminal = errors.New("a payment is on record, but kassa.toml has no terminal: put the [terminal] section back, it is asked what became of it")

// reverse makes the terminal take a payment back, and asks until it knows.
func (s *Station) reverse(ctx context.Context, job flow.Reverse) error {
	if s.o.Training {
		return s.practise(ctx, job.Key, job.Amount)
	}
	var paid terminal.Result
	err := json.Unmarshal(job.Paid, &paid)
	if s.o.Terminal == nil {
		err = errNoTerminal
	}
	switch {
	case err != nil && job.Again:
		return s.stranded(ctx, job.Key, err)
	case err != nil:
		return s.unsent(ctx, job.Key, err)
	}
	told := false
	for wait := resolveFirst; s.awaits(ctx, job.Key); wait = min(2*wait, resolveLongest) {
		res, err := s.takeBack(ctx, paid, told || job.Again)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if res.Outcome != terminal.Unknown {
			res.Amount = job.Amount // all of it, or nothing
			return s.sayCharged(ctx, job.Key, res)
		}
		s.o.Log.WarnContext(ctx, "reversal in doubt", "key", job.Key, "reason", string(res.Reason), "err", err)
		if !told {
			told = true
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

// takeBack tries once to take a payment back. again says that an earlier try may
// have gone through: then only an answer about that counts. One that was not sent,
// or was refused by a terminal that does not tell what it did last, is none.
func (s *Station) takeBack(ctx context.Context, paid terminal.Result, again bool) (terminal.Result, error) {
	res, err := s.o.Terminal.Reverse(ctx, paid)
	mute := res.Outcome == terminal.Aborted || res.Outcome == terminal.Declined && res.Reason == terminal.ReasonCannotRepeat
	if res.Outcome == 0 || again && mute {
		res.Outcome = terminal.Unknown
	}
	return res, err
}

// stranded leaves a payment in doubt that no device of this lane can be asked
// about: the page says that it is unsure, and a person is called and settles it.
func (s *Station) stranded(ctx context.Context, key string, why error) error {
	s.o.Log.ErrorContext(ctx, "payment in doubt, and nobody to ask", "key", key, "err", why)
	return s.doubt(ctx, key, terminal.Result{Reason: terminal.ReasonService})
}

// unsent gives up what was not asked for: no money has moved.
func (s *Station) unsent(ctx context.Context, key string, why error) error {
	s.o.Log.ErrorContext(ctx, "payment not asked for", "key", key, "err", why)
	return s.sayCharged(ctx, key, terminal.Result{Outcome: terminal.Aborted, Reason: terminal.ReasonNotSent})
}

// doubt says why nobody knows yet.
func (s *Station) doubt(ctx context.Context, key string, r terminal.Result) error {
	return s.sayDurable(ctx, func(at flow.At) flow.Event {
		return flow.ChargeDoubt{At: at, Key: key, Why: string(r.Reason), Terminal: r.TerminalID}
	})
}

// practise approves a payment of a training sale. No terminal hears of it.
func (s *Station) practise(ctx context.Context, key string, amount money.Amount) error {
	return s.sayCharged(ctx, key, terminal.Result{
		Outcome: terminal.Approved, Completed: true, Amount: amount, TerminalID: "TRAINING", Receipt: "0", Trace: "0",
	})
}
