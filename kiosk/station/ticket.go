package station

import (
	"context"
	"encoding/json"

	"kassa/kiosk/flow"
	"kassa/store/journal"
	"kassa/store/wire"
)

// ticket looks the parked basket of a ticket up, at whichever lane it was parked,
// once. It is called by the scanner's goroutine: the store's answer may take a while.
func (s *Station) ticket(ctx context.Context, number string) error {
	ev := flow.Scanned{Code: flow.Code{Raw: clean(number), Kind: "ticket", Number: clean(number)}}
	if lane, n, ok := s.saleOf(number); ok {
		p, err := s.parked(ctx, lane, n)
		if err != nil {
			s.o.Log.WarnContext(ctx, "ticket", "lane", lane, "number", n, "err", err)
		}
		ev.Parked = p
	}
	return s.say(ctx, func(at flow.At) flow.Event {
		ev.At = at
		if sale := s.state.Sale; ev.Parked != nil && sale != nil && sale.Recalled == ev.Parked.ID {
			ev.Parked = nil // read twice, faster than the disk
		}
		return ev
	})
}

// parked returns the basket that a lane of the store has parked, nil if it cannot
// be taken up here. The store is asked also of this lane's own: another may have
// it. While the store is not heard, a lane gives its own, and no other's.
func (s *Station) parked(ctx context.Context, lane string, number int64) (*flow.Parked, error) {
	own := lane == s.book().Lane
	taken, err := s.askStore(ctx, wire.Take{Lane: lane, Number: number})
	switch {
	case err != nil && !own:
		return nil, err
	case err == nil && taken.Why != "" && (!own || taken.Why == wire.TakeTaken):
		s.o.Log.InfoContext(ctx, "a ticket cannot be taken up here", "lane", lane, "number", number, "why", taken.Why, "by", taken.By)
		return nil, nil //nolint:nilnil // the page says so
	}
	var p *flow.Parked
	if own {
		p = flow.ParkedOf(s.book(), s.past(ctx, number))
	} else if p, err = s.elsewhere(lane, number, taken.Rows); err != nil {
		return nil, err
	}
	if p == nil {
		return nil, nil //nolint:nilnil // it was not parked
	}
	if err := s.flushed(ctx); err != nil {
		return nil, err
	}
	if here, err := s.o.Journal.Recalled(ctx, p.ID); here || err != nil {
		return nil, err
	}
	return p, nil
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
