package station

import (
	"context"
	"errors"
	"time"

	"kassa/kiosk/flow"
)

// A printJob is a document on its way to the printer, with the sale as it stood
// when the paper was asked for.
type printJob struct {
	key  string
	what flow.Document
	sale *flow.Sale
	copy int

	voucher string // key it was issued under
}

// paper makes the print job of an effect.
func (s *Station) paper(p flow.Print) printJob {
	sale := s.state.Sale
	if sale == nil || sale.Number != p.Number {
		sale = s.state.Last
	}
	return printJob{key: p.Key, what: p.What, sale: sale, copy: p.Copy, voucher: p.Voucher}
}

// printWait is how long a document may take; then the shopper is offered the
// code instead.
const printWait = 20 * time.Second

// print puts documents on paper, one after the other. A job that was under way
// when the lane went dark is not done again: the flow offers the shopper a
// duplicate, as only she can see what is in the tray, and the printer may have
// gone dark too and forgotten its half. Doing a job twice in one run is harmless,
// as the printer knows the keys of those that came out.
func (s *Station) print(ctx context.Context) error {
	for {
		var job printJob
		select {
		case job = <-s.prints:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		ev := flow.Printed{Key: job.key, OK: true}
		if err := s.printOne(ctx, job); err != nil {
			ev.OK, ev.Why = false, clean(err.Error())
			ev.Partly = errors.Is(err, ErrPartly)
			s.o.Log.WarnContext(ctx, "not printed", "key", job.key, "partly", ev.Partly, "err", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := s.say(ctx, func(at flow.At) flow.Event {
			ev.At = at
			return ev
		})
		if err != nil {
			return err
		}
	}
}

func (s *Station) printOne(ctx context.Context, job printJob) error {
	if s.o.Printer == nil || job.sale == nil {
		return errNoPrinter
	}
	pctx, cancel := context.WithTimeout(ctx, printWait)
	defer cancel()
	paper := Paper{Key: job.key, What: job.what, Sale: job.sale, Copy: job.copy, Training: s.o.Training}
	if job.what != flow.DocVoucher {
		return s.o.Printer.Print(pctx, paper)
	}
	return s.printVoucher(ctx, pctx, paper, job.voucher)
}
