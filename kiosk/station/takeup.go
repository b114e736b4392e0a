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
	if err := s.price(ctx); err != nil {
		return err
	}
	s.startKnowing(ctx)
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
	s.state = flow.Recover(s.rules, tail.Lane, last, current)
	return nil
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

// price makes the rules anew from the catalogue as it is.
func (s *Station) price(ctx context.Context) error {
	version, err := s.o.Catalogue.Version(ctx)
	if err != nil {
		return err
	}
	promotions, err := s.o.Catalogue.Promotions(ctx)
	if err != nil {
		return err
	}
	rules, err := s.o.Rules(promotions)
	if err != nil {
		return err
	}
	first, err := s.o.Catalogue.Produce(ctx, 1)
	if err != nil {
		return err
	}
	rules.NoFind = len(first) == 0
	s.rules, s.priced = rules, version
	s.readers.Store(rules)
	return nil
}
