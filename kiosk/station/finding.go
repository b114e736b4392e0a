package station

import (
	"context"
	"strconv"
	"strings"

	"kassa/kiosk/flow"
)

// saleNumber reads the number of one of this lane's sales out of its id, in
// letters of either size, or out of digits alone.
func (s *Station) saleNumber(text string) (int64, bool) {
	lane, n, ok := s.saleOf(text)
	return n, ok && lane == s.book().Lane
}

// saleOf reads lane and number of a sale of the store out of its id; digits alone
// are this lane's.
func (s *Station) saleOf(text string) (lane string, number int64, ok bool) {
	r := s.book()
	text = strings.ToLower(strings.TrimSpace(text))
	lane, digits := r.Lane, text
	if rest, ours := strings.CutPrefix(text, strings.ToLower(r.Store)+"-"); ours {
		if i := strings.LastIndexByte(rest, '-'); i > 0 {
			lane, digits = rest[:i], rest[i+1:]
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return lane, n, err == nil && n > 0
}

// book are the rules by which past sales are read.
func (s *Station) book() *flow.Rules { return s.readers.Load() }

// past returns a sale as the journal has it; nil: it has none.
func (s *Station) past(ctx context.Context, number int64) *flow.Sale {
	if err := s.flushed(ctx); err != nil {
		return nil
	}
	var records []flow.Record
	for row, err := range s.o.Journal.Records(ctx, number) {
		if err != nil {
			s.o.Log.ErrorContext(ctx, "past sale", "number", number, "err", err)
			return nil
		}
		rec, err := FlowRecord(row)
		if err != nil {
			s.o.Log.ErrorContext(ctx, "past sale", "number", number, "err", err)
			return nil
		}
		records = append(records, rec)
	}
	if len(records) == 0 {
		return nil
	}
	st := flow.Recover(s.book(), flow.LaneFacts{LastNumber: number}, records, nil)
	if st.Last == nil || st.Last.Number != number {
		return nil
	}
	return st.Last
}

// flushed returns when all that has happened so far is on the disk, where past
// sales are read.
func (s *Station) flushed(ctx context.Context) error {
	answer := make(chan error, 1)
	err := s.post(ctx, input{run: func(ctx context.Context) error {
		if s.newest == nil {
			answer <- nil
			return nil
		}
		return s.queue(ctx, s.newest, nil, answer)
	}})
	if err != nil {
		return err
	}
	return await(ctx, answer)
}

// refunding reports whether staff are about to find a sale for a refund.
func (s *Station) refunding() bool {
	v, ok := s.views.last()
	return ok && v.Staff != nil && v.Staff.Refund != nil && v.Sale == nil
}

// receiptRead takes what was scanned as a receipt's code: its id stands in the
// code of a printed receipt, or in the text of the one that a phone kept.
func (s *Station) receiptRead(ctx context.Context, text string) error {
	o := s.original(ctx, text)
	c := flow.Code{Raw: clean(text), Kind: "receipt"}
	return s.say(ctx, func(at flow.At) flow.Event { return flow.Scanned{At: at, Code: c, Original: o} })
}

// original returns what can be given back of the sale whose receipt this is, with
// what has been given back, as the journal says; nil: there is no such sale here.
func (s *Station) original(ctx context.Context, text string) *flow.Original {
	number, ok := s.saleNumber(text)
	if !ok {
		return nil
	}
	sale := s.past(ctx, number)
	if sale == nil {
		return nil
	}
	later, err := s.o.Journal.Refunds(ctx, number)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "refunds", "number", number, "err", err)
		return nil
	}
	var refunds []*flow.Sale
	for _, n := range later {
		refund := s.past(ctx, n)
		if refund == nil {
			return nil // what cannot be read may have given back: nothing more is
		}
		refunds = append(refunds, refund)
	}
	return flow.OriginalOf(s.book(), sale, refunds)
}
