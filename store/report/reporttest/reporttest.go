// Package reporttest makes the rows that reports are tested with: a day that a
// person can follow, and random days for whatever nobody thought of, as a lane's
// journal and as the rows it sends. It is for tests alone.
//
// Its one rule: the rows go through the lane's own journal, so that their hashes
// and tables are the real ones.
package reporttest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/journal"
	"kassa/store/wire"
)

// A Happening is one record of a day.
type Happening struct {
	Kind, Event string
	Txn         int64
	Facts       flow.Facts
}

// opened is when the days begin, in a store east of Greenwich.
func opened() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("", 3600)) }

func txn(number int64, state flow.SaleState, total money.Amount, took time.Duration) *flow.TxnFacts {
	at := opened().Add(time.Duration(number) * 20 * time.Minute)
	f := &flow.TxnFacts{
		ID: fmt.Sprintf("0421-1-%06d", number), Store: "0421", Lane: "1", Number: number, State: state, OpenedAt: at,
		Clock: "synced", BusinessDay: "2026-11-22", Currency: "EUR", Language: "fr", Total: total,
	}
	if number > 4 {
		f.BusinessDay = "2026-11-23"
	}
	if took > 0 {
		f.ClosedAt = at.Add(took)
	}
	return f
}

// bagCall is a call of the bagging check about the first line, staff's answer
// after so long; 0: none yet.
func bagCall(settled time.Duration) []flow.InterventionFacts {
	i := flow.InterventionFacts{N: 1, Kind: flow.NeedBagging, RaisedAt: opened(), Line: 1, Detail: "unexpected: expected 10 g, seen 90 g, p 0.400"}
	if settled > 0 {
		i.SettledAt, i.By, i.Reason, i.From = opened().Add(settled), "a17", "accepted as it is", "lane"
	}
	return []flow.InterventionFacts{i}
}

// Day is five trips of lane 1: two paid, one of them with a call of the bagging
// check that was false and a price set by hand; one voided by staff, one refund,
// one the next day that was left at the tender.
func Day() []Happening {
	milk := flow.LineFacts{N: 1, GTIN: "04006381333931", Name: "=Milk", Qty: 2, Unit: 119, Amount: 208, Tax: "A", Discounts: []flow.DiscountFacts{{Rule: "r", Amount: -30}}}
	plums := flow.LineFacts{N: 2, PLU: "4040", Name: "Plums", Qty: 1, WeightG: 734, Unit: 200, Amount: 147, Tax: "A", Set: &flow.SetFacts{Was: 299, Price: 200, By: "a17", Reason: "bruised"}}
	gone := flow.LineFacts{N: 3, GTIN: "04006381333931", Name: "=Milk", Qty: 1, Unit: 119, Amount: 119, Tax: "A", Voided: true}
	one := flow.LineFacts{N: 1, GTIN: "04006381333931", Name: "=Milk", Qty: 1, Unit: 119, Amount: 119, Tax: "A"}
	back := one
	back.Qty, back.Amount = -1, -119
	tax := []flow.TaxFacts{{Tax: "A", RatePPM: 70000, Net: 332, TaxPart: 23, Gross: 355}}
	card := func(n int, amount money.Amount, result string) flow.TenderFacts {
		return flow.TenderFacts{N: n, Kind: flow.TenderCard, Amount: amount, Result: result, Terminal: "29001006"}
	}
	called := flow.ContactFacts{
		N: 1, Reason: "scale/stuck", Channel: "lane", State: flow.CallDone, RaisedAt: opened(), SeenAt: opened().Add(4 * time.Second),
		EndedAt: opened().Add(31500 * time.Millisecond), By: "a17", Language: "fr",
	}
	voided := flow.InterventionFacts{N: 1, Kind: flow.NeedAudit, RaisedAt: opened(), SettledAt: opened(), By: "a17", Reason: "sale voided"}
	done := txn(1, flow.SalePaid, 355, 90*time.Second)
	done.Rating = 3
	return []Happening{
		{"device", `{"device":"scanner","up":true}`, 0, flow.Facts{}},
		{"badged", `{"staff":{"id":"a17","role":"supervisor","may":[]}}`, 0, flow.Facts{}},
		{"touched", `{"act":"start"}`, 1, flow.Facts{Txn: txn(1, flow.SaleOpen, 0, 0)}},
		{"scanned", `{}`, 1, flow.Facts{Txn: txn(1, flow.SaleOpen, 355, 0), Lines: []flow.LineFacts{milk, plums, gone}, Taxes: tax, Interventions: bagCall(0)}},
		{"touched", `{"act":"pay"}`, 1, flow.Facts{Interventions: bagCall(20 * time.Second), Contacts: []flow.ContactFacts{called}}},
		{"charge-prepared", `{}`, 1, flow.Facts{Tenders: []flow.TenderFacts{card(1, 355, "declined")}}},
		{"charged", `{}`, 1, flow.Facts{Txn: done, Taxes: tax, Tenders: []flow.TenderFacts{card(2, 355, "approved")}}},
		{"scanned", `{}`, 2, flow.Facts{Txn: txn(2, flow.SaleOpen, 119, 0), Lines: []flow.LineFacts{one}}},
		{"touched", `{"act":"pay"}`, 2, flow.Facts{}},
		{"device", `{"device":"scanner","up":false,"why":"unplugged"}`, 0, flow.Facts{}},
		{"device", `{"device":"scanner","up":true}`, 0, flow.Facts{}},
		{"charged", `{}`, 2, flow.Facts{Txn: txn(2, flow.SalePaid, 119, 30*time.Second), Tenders: []flow.TenderFacts{{N: 1, Kind: flow.TenderVoucher, Amount: 119, Result: "approved"}}}},
		{"touched", `{"act":"staff"}`, 3, flow.Facts{Txn: txn(3, flow.SaleVoided, 500, time.Minute), Lines: []flow.LineFacts{{N: 1, GTIN: "1", Name: "Wine", Qty: 1, Unit: 500, Amount: 500, Tax: "A"}}, Interventions: []flow.InterventionFacts{voided}}},
		{"charged", `{}`, 4, flow.Facts{Txn: txn(4, flow.SaleRefund, -119, time.Minute), Lines: []flow.LineFacts{back}, Tenders: []flow.TenderFacts{card(1, -119, "approved")}}},
		{"touched", `{"act":"pay"}`, 5, flow.Facts{Txn: txn(5, flow.SaleAbandoned, 119, time.Minute), Lines: []flow.LineFacts{one}, Tenders: []flow.TenderFacts{card(1, 119, "aborted")}}},
	}
}

// Lived writes a day into the journal of a lane of store 0421, and opens it to
// be read. A record is written 1.5 s after the one before it.
func Lived(t testing.TB, lane string, day []Happening) (r *journal.Reader, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := Write(t.Context(), dir, lane, day); err != nil {
		t.Fatal(err)
	}
	r, err := journal.OpenReader(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, dir
}

// Write makes a lane's journal of a day.
func Write(ctx context.Context, dir, lane string, day []Happening) (err error) {
	j, err := journal.Open(ctx, dir, journal.Options{Store: "0421", Lane: lane})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended, j.Close())
	}()
	var last *journal.Ticket
	for i := range day {
		h := &day[i]
		var facts []byte
		if !h.Facts.Empty() {
			if facts, err = json.Marshal(h.Facts); err != nil {
				return err
			}
		}
		at := opened().Add(time.Duration(i) * 1500 * time.Millisecond)
		if last, err = j.Append(ctx, journal.Entry{At: at, Kind: h.Kind, Txn: h.Txn, Event: []byte(h.Event), Facts: facts}); err != nil {
			return err
		}
	}
	if last == nil {
		return nil
	}
	return last.Wait(ctx)
}

// Rows are a journal's records as its lane would send them.
func Rows(t testing.TB, r *journal.Reader) []wire.Row {
	t.Helper()
	rows, err := Sent(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Sent is Rows where no test runs.
func Sent(ctx context.Context, r *journal.Reader) ([]wire.Row, error) {
	var rows []wire.Row
	for rec, err := range r.Since(ctx, 0) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, wire.Row{
			Store: r.Store(), Lane: r.Lane(), Epoch: r.Epoch(), Seq: rec.Seq, Run: rec.Run, At: rec.At.Format(time.RFC3339Nano),
			Mono: int64(rec.Mono), Clock: rec.Clock, Txn: rec.Txn, Kind: rec.Kind, Event: string(rec.Event), Facts: string(rec.Facts),
			Prev: hex.EncodeToString(rec.Prev[:]), Hash: hex.EncodeToString(rec.Hash[:]),
		})
	}
	return rows, nil
}
