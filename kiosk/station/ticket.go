package station

import (
	"context"
	"encoding/json"
	"errors"

	"kassa/kiosk/flow"
	"kassa/store/journal"
	"kassa/store/wire"
)

// ticket looks the parked basket of a ticket up, at whichever lane it was parked,
// once. It is called by the scanner's goroutine: the store's answer may take a while.
func (s *Station) ticket(ctx context.Context, number string) error {
	ev := flow.Scanned{Code: flow.Code{Raw: clean(number), Kind: "ticket", Number: clean(number)}}
	lane, n, ok := s.saleOf(number)
	if !ok {
		return s.say(ctx, func(at flow.At) flow.Event {
			ev.At = at
			return ev
		})
	}
	no, err := s.busy(ctx, ev.Code, lane, n)
	if err != nil {
		return err
	}
	if ev.NoTicket = no; no == nil {
		if ev.Parked, ev.NoTicket, err = s.parked(ctx, lane, n); err != nil {
			s.o.Log.WarnContext(ctx, "ticket", "lane", lane, "number", n, "err", err)
		}
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		if ev.Parked != nil { // it may be there by now, read twice faster than the disk, or something else is
			if no := s.inTheWay(at, ev.Code, lane, n); no != nil {
				ev.Parked, ev.NoTicket = nil, no
			}
		}
		return ev
	})
}

// busy says why this lane could not take the basket up if it had it; nil: it can.
// The store is not asked then: what it gives to one lane no other gets.
func (s *Station) busy(ctx context.Context, c flow.Code, lane string, number int64) (*flow.NoTicket, error) {
	answer := make(chan *flow.NoTicket, 1)
	if err := s.post(ctx, input{run: func(context.Context) error {
		answer <- s.inTheWay(s.at(), c, lane, number)
		return nil
	}}); err != nil {
		return nil, err
	}
	select {
	case no := <-answer:
		return no, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// inTheWay is busy, in the loop.
func (s *Station) inTheWay(at flow.At, c flow.Code, lane string, number int64) *flow.NoTicket {
	if sale := s.state.Sale; sale != nil && sale.Recalled != "" {
		if l, n, ok := s.saleOf(sale.Recalled); ok && l == lane && n == number {
			return &flow.NoTicket{Why: flow.TicketHere}
		}
	}
	if flow.TakesUp(s.rules, s.state, at, c) {
		return nil
	}
	return &flow.NoTicket{Why: flow.TicketBusy}
}

// parked returns the basket that a lane of the store has parked, or why it cannot
// be taken up here. The store is asked also of this lane's own: another may have
// it, and asked again where it may only be slow. While it is not heard, a lane gives
// its own, and no other's.
func (s *Station) parked(ctx context.Context, lane string, number int64) (*flow.Parked, *flow.NoTicket, error) {
	own := lane == s.book().Lane
	taken, err := s.askStore(ctx, wire.Take{Lane: lane, Number: number})
	if own && err != nil && !errors.Is(err, wire.ErrAway) && ctx.Err() == nil {
		s.o.Log.WarnContext(ctx, "the store did not say whose a ticket's basket is, and is asked again", "number", number, "err", err)
		taken, err = s.askStore(ctx, wire.Take{Lane: lane, Number: number})
	}
	switch {
	case err != nil && !own:
		return nil, there(flow.TicketElsewhere, lane), err
	case err == nil && taken.Why == wire.TakeTaken:
		s.o.Log.InfoContext(ctx, "a ticket's basket is another's", "lane", lane, "number", number, "by", taken.By)
		if taken.By == s.book().Lane {
			return nil, nil, nil // by a journal that this lane has no longer
		}
		return nil, there(flow.TicketTaken, taken.By), nil
	case err == nil && taken.Why != "" && !own:
		s.o.Log.InfoContext(ctx, "a ticket cannot be taken up here", "lane", lane, "number", number, "why", taken.Why)
		return nil, there(flow.TicketElsewhere, lane), nil
	}
	if len(taken.Rows) > 0 {
		own = false // as another lane's: it was parked by a journal that this one has no longer
	}
	var p *flow.Parked
	if own {
		p = flow.ParkedOf(s.book(), s.past(ctx, number))
	} else if p, err = s.elsewhere(lane, number, taken.Rows); err != nil {
		return nil, nil, err
	}
	if p == nil {
		return nil, nil, nil // it was not parked
	}
	if err := s.flushed(ctx); err != nil {
		return nil, nil, err
	}
	if here, err := s.o.Journal.Recalled(ctx, p.ID); here || err != nil {
		return nil, nil, err
	}
	if !own && p.Member != "" {
		p.Member = s.hers(ctx, wire.Whose{Lane: lane, Handle: p.Member})
	}
	return p, nil, nil
}

// hers is this lane's handle for the member of a basket that another lane parked: that
// lane's means nothing here. The number comes by way of the hub and is kept as if the
// card had been read here, beside the journal; it is on no ticket and in no record.
// Where nobody says it the handle is "": who comes is not told of a member, and the
// basket keeps its members' prices, which were quoted.
func (s *Station) hers(ctx context.Context, w wire.Whose) (handle string) {
	if s.o.Whose == nil {
		return ""
	}
	number, err := s.o.Whose(ctx, w)
	if err == nil && number != "" {
		handle, err = s.o.Journal.PutPersonal(ctx, memberClass, number)
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "the member of a ticket's basket", "lane", w.Lane, "err", err)
		return ""
	}
	return handle
}

// there names a lane, if it can be one: a ticket's text may come from anybody.
func there(why flow.TicketWhy, lane string) *flow.NoTicket {
	if !wire.Token(lane) {
		return nil
	}
	return &flow.NoTicket{Why: why, Lane: lane}
}

func (s *Station) askStore(ctx context.Context, t wire.Take) (wire.Taken, error) {
	if s.o.Tickets == nil {
		return wire.Taken{Why: wire.TakeUnknown}, nil
	}
	return s.o.Tickets(ctx, t)
}

// elsewhere makes the basket of another lane from the rows of its sale.
func (s *Station) elsewhere(lane string, number int64, packed []byte) (*flow.Parked, error) {
	rows, err := wire.UnpackRows(packed)
	if err != nil {
		return nil, err
	}
	records := make([]flow.Record, 0, len(rows))
	for _, row := range rows {
		rec, err := FlowRecord(journal.Record{Seq: row.Seq, Kind: row.Kind, Event: json.RawMessage(row.Event), Facts: json.RawMessage(row.Facts)})
		if err != nil {
			return nil, err
		}
		records = append(records, rec)
	}
	there := *s.book()
	there.Lane = lane // its number is that lane's
	st := flow.Recover(&there, flow.LaneFacts{LastNumber: number}, records, nil)
	if st.Last == nil || st.Last.Number != number {
		return nil, nil //nolint:nilnil // no such sale
	}
	return flow.ParkedOf(&there, st.Last), nil
}
