package station

import (
	"context"
	"encoding/json"
	"fmt"

	"kassa/kiosk/flow"
	"kassa/store/journal"
)

// recover takes up the lane where its journal says it stood.
func (s *Station) recover(ctx context.Context) error {
	tail, err := s.o.Journal.Tail(ctx)
	if err != nil {
		return err
	}
	last, err := flowRecords(tail.Last)
	if err != nil {
		return err
	}
	current, err := flowRecords(tail.Sale)
	if err != nil {
		return err
	}
	if err := s.price(ctx, quotedBy(current)); err != nil {
		return err
	}
	s.startKnowing(ctx)
	s.state = flow.Recover(s.rules, tail.Lane, last, current)
	if s.state.Sale == nil {
		return nil
	}
	return s.o.Catalogue.Hold(ctx) // from here on as if it had never stopped
}

// quotedBy returns the version of the catalogue by which the sale that was on
// the screen began, 0: not known.
func quotedBy(current []flow.Record) int64 {
	if len(current) == 0 || current[0].Facts.Lane == nil {
		return 0
	}
	return current[0].Facts.Lane.Prices
}

// flowRecords reads the flow's part of journal records.
func flowRecords(rows []journal.Record) ([]flow.Record, error) {
	out := make([]flow.Record, 0, len(rows))
	for _, row := range rows {
		rec, err := FlowRecord(row)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// FlowRecord reads the flow's part of a journal record.
func FlowRecord(row journal.Record) (flow.Record, error) {
	ev, err := flow.Decode(row.Kind, row.Event)
	if err != nil {
		return flow.Record{}, fmt.Errorf("journal record %d: %w", row.Seq, err)
	}
	rec := flow.Record{Event: ev}
	if len(row.Facts) > 0 {
		if err := json.Unmarshal(row.Facts, &rec.Facts); err != nil {
			return flow.Record{}, fmt.Errorf("journal record %d: facts: %w", row.Seq, err)
		}
	}
	return rec, nil
}

// price makes the rules anew from the catalogue as it is, or, for a basket that
// was begun by an older version, with the promotions of then.
func (s *Station) price(ctx context.Context, quoted int64) error {
	version, err := s.o.Catalogue.Version(ctx)
	if err != nil {
		return err
	}
	promotions, err := s.o.Catalogue.Promotions(ctx)
	if err != nil {
		return err
	}
	if quoted != 0 && quoted != version {
		past, known, err := s.o.Catalogue.PromotionsOf(ctx, quoted)
		switch {
		case err != nil:
			return err
		case known:
			promotions, version = past, quoted
		default:
			s.o.Log.WarnContext(ctx, "the promotions that the basket began with are gone", "version", quoted, "newest", version)
		}
	}
	rules, err := s.o.Rules(promotions)
	if err != nil {
		return err
	}
	rules.Prices = version
	first, err := s.o.Catalogue.Produce(ctx, 1)
	if err != nil {
		return err
	}
	rules.NoFind = len(first) == 0
	s.rules, s.priced = rules, version
	s.readers.Store(rules)
	return nil
}
