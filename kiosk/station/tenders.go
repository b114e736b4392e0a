package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// reverse makes the terminal take a payment back, and asks until it knows.
func (s *Station) reverse(ctx context.Context, job flow.Reverse) error {
	if s.o.Training {
		return s.practise(ctx, job.Key, job.Amount)
	}
	if s.o.Terminal == nil {
		return fmt.Errorf("reversal %s is on record, but kassa.toml has no terminal: put the [terminal] section back", job.Key)
	}
	var paid terminal.Result
	if err := json.Unmarshal(job.Paid, &paid); err != nil {
		return fmt.Errorf("reversal %s: what was paid: %w", job.Key, err)
	}
	told := false
	for wait := resolveFirst; ; wait = min(2*wait, resolveLongest) {
		res, err := s.o.Terminal.Reverse(ctx, paid)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if res.Outcome == terminal.Aborted && (told || job.Again) {
			res.Outcome = terminal.Unknown // not sent this time; what was sent before may have gone through
		}
		if res.Outcome != terminal.Unknown && res.Outcome != 0 {
			res.Amount = job.Amount // all of it, or nothing
			return s.sayCharged(ctx, job.Key, res)
		}
		s.o.Log.WarnContext(ctx, "reversal in doubt", "key", job.Key, "reason", string(res.Reason), "err", err)
		if !told {
			told = true
			if err := s.doubt(ctx, job.Key, res); err != nil {
				return err
			}
		} else if !s.doubted() {
			return nil // a person settled it
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
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
