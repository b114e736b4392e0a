package station

import (
	"context"
	"strconv"
	"strings"

	"kassa/kiosk/flow"
)

// ticket looks the parked basket of a ticket up: on this lane's journal, once.
func (s *Station) ticket(ctx context.Context, number string) error {
	ev := flow.Scanned{Code: flow.Code{Raw: clean(number), Kind: "ticket", Number: clean(number)}}
	if n, ok := s.saleNumber(number); ok {
		sale, last := s.past(ctx, n)
		if p := flow.ParkedOf(s.book(), sale); p != nil {
			taken, err := s.o.Journal.Recalled(ctx, p.ID, last)
			if err != nil {
				s.o.Log.ErrorContext(ctx, "ticket", "err", err)
			} else if !taken {
				ev.Parked = p
			}
		}
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		if sale := s.state.Sale; ev.Parked != nil && sale != nil && sale.Recalled == ev.Parked.ID {
			ev.Parked = nil // read twice, faster than the disk
		}
		return ev
	})
}

// saleNumber reads the number of one of this lane's sales out of its id, in
// letters of either size, or out of digits alone.
func (s *Station) saleNumber(text string) (int64, bool) {
	r := s.book()
	text = strings.ToUpper(strings.TrimSpace(text))
	digits, own := strings.CutPrefix(text, strings.ToUpper(r.Store+"-"+r.Lane+"-"))
	if !own && strings.Contains(text, "-") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0
}

// book are the rules by which past sales are read.
func (s *Station) book() *flow.Rules { return s.readers.Load() }

// past returns a sale as the journal has it and its last record; nil: it has none.
func (s *Station) past(ctx context.Context, number int64) (*flow.Sale, int64) {
	if err := s.flushed(ctx); err != nil {
		return nil, 0
	}
	var records []flow.Record
	var last int64
	for row, err := range s.o.Journal.Records(ctx, number) {
		if err != nil {
			s.o.Log.ErrorContext(ctx, "past sale", "number", number, "err", err)
			return nil, 0
		}
		rec, err := FlowRecord(row)
		if err != nil {
			s.o.Log.ErrorContext(ctx, "past sale", "number", number, "err", err)
			return nil, 0
		}
		records, last = append(records, rec), row.Seq
	}
	if len(records) == 0 {
		return nil, 0
	}
	st := flow.Recover(s.book(), flow.LaneFacts{LastNumber: number}, records, nil)
	if st.Last == nil || st.Last.Number != number {
		return nil, 0
	}
	return st.Last, last
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
	sale, _ := s.past(ctx, number)
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
		refund, _ := s.past(ctx, n)
		if refund == nil {
			return nil // what cannot be read may have given back: nothing more is
		}
		refunds = append(refunds, refund)
	}
	return flow.OriginalOf(s.book(), sale, refunds)
}
