package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
)

var lane1 = Options{Store: "0421", Lane: "1", Run: "run-a"}

// opened is a journal with its Run going, stopped at the end of the test.
func opened(t testing.TB, dir string) *Journal {
	t.Helper()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	running(t, j)
	return j
}

// running runs j until the test ends, or stop is called, and then closes it.
func running(t testing.TB, j *Journal) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return errors.Join(<-ended, j.Close())
	}
	t.Cleanup(func() {
		if err := stop(); err != nil && errors.Is(j.failure(), ErrClosed) {
			t.Error(err)
		}
	})
	return stop
}

// put appends entries and waits for the last.
func put(t testing.TB, j *Journal, entries ...Entry) {
	t.Helper()
	var last *Ticket
	for _, e := range entries {
		ticket, err := j.Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		last = ticket
	}
	if err := last.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("", 3600))

// entry is a record of transaction txn that decided f.
func entry(txn int64, kind string, f flow.Facts) Entry {
	e := Entry{At: monday, Mono: 5 * time.Second, Clock: "synced", Txn: txn, Kind: kind, Event: json.RawMessage(`{"at":{}}`)}
	if !f.Empty() {
		e.Facts, _ = json.Marshal(f)
	}
	return e
}

func header(txn int64, state flow.SaleState, total money.Amount) *flow.TxnFacts {
	t := &flow.TxnFacts{
		ID: fmt.Sprintf("0421-1-%06d", txn), Store: "0421", Lane: "1", Number: txn, State: state, OpenedAt: monday,
		Clock: flow.ClockSynced, BusinessDay: "2026-11-23", Currency: "EUR", Language: "fr", Total: total,
	}
	if state != flow.SaleOpen {
		t.ClosedAt = monday.Add(time.Minute)
	}
	return t
}

func line(n int, amount money.Amount) flow.LineFacts {
	return flow.LineFacts{
		N: n, GTIN: "04006381333931", Name: "Crème \"brûlée\" <b>\x00", Qty: 1, Unit: amount, Amount: amount,
		Discounts: []flow.DiscountFacts{{Rule: "3for2", Name: "3 for 2", Amount: -1}}, Tax: "A", Code: "4006381333931",
	}
}

// sale is one whole shop: begun, two lines, one voided, an age check, paid.
func sale(txn int64) []Entry {
	lane := func(on int64) *flow.LaneFacts {
		return &flow.LaneFacts{Mode: flow.LaneOpen, LastNumber: txn, Sale: on}
	}
	taxes := []flow.TaxFacts{{Tax: "A", RatePPM: 70000, Net: 241, TaxPart: 17, Gross: 258}}
	void := line(2, 99)
	void.Voided = true
	need := flow.InterventionFacts{N: 1, Kind: flow.NeedAge, RaisedAt: monday}
	settled := need
	settled.SettledAt, settled.By, settled.From = monday.Add(time.Second), "a17", "lane"
	paid := flow.TenderFacts{N: 1, Kind: flow.TenderCard, Amount: 258, Result: "approved", Receipt: "0022", Card: "************5726"}
	call := flow.ContactFacts{N: 1, Reason: "produce", Channel: "lane", State: flow.CallCalled, RaisedAt: monday}
	return []Entry{
		entry(txn, "Scanned", flow.Facts{Lane: lane(txn), Txn: header(txn, flow.SaleOpen, 258), Taxes: taxes, Lines: []flow.LineFacts{line(1, 258)}}),
		entry(txn, "Scanned", flow.Facts{Txn: header(txn, flow.SaleOpen, 357), Lines: []flow.LineFacts{line(2, 99)}, Interventions: []flow.InterventionFacts{need}}),
		entry(0, "DeviceChanged", flow.Facts{}),
		entry(txn, "Touched", flow.Facts{Txn: header(txn, flow.SaleOpen, 258), Taxes: taxes, Lines: []flow.LineFacts{void}, Contacts: []flow.ContactFacts{call}}),
		entry(txn, "Badged", flow.Facts{Interventions: []flow.InterventionFacts{settled}}),
		entry(txn, "Charged", flow.Facts{Lane: lane(0), Txn: header(txn, flow.SalePaid, 258), Taxes: taxes, Tenders: []flow.TenderFacts{paid}}),
		entry(txn, "Printed", flow.Facts{}),
	}
}

// tables dumps the derived tables and the head, for comparing.
func tables(t testing.TB, r *Reader) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{"derived_txn", "derived_line", "derived_tender", "derived_intervention", "derived_contact", "head"} {
		rows, err := r.db.Reader().QueryContext(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		}()
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(any)
		}
		for rows.Next() {
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			b.WriteString(table)
			for _, c := range cells {
				fmt.Fprintf(&b, " %v", reflect.ValueOf(c).Elem())
			}
			b.WriteByte('\n')
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// check opens the journal in dir and holds every invariant: the chain verifies,
// records up to acked are there, and the derived tables are what the facts say.
// It returns how many records there are.
func check(t testing.TB, dir string, acked int64) int64 {
	t.Helper()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	head, err := j.Verify(t.Context(), nil)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	if head.Seq < acked {
		t.Fatalf("%d records, but %d were acknowledged", head.Seq, acked)
	}
	if told, err := j.Head(t.Context()); err != nil || told != head {
		t.Fatalf("Head() = %v, %v, want %v", told, err, head)
	}
	tail, err := j.Tail(t.Context())
	if err != nil {
		t.Fatalf("tail: %v", err)
	}
	if tail.Head != head {
		t.Fatalf("the tail ends at %v, want %v", tail.Head, head)
	}
	before := tables(t, &j.Reader)
	if err := j.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := tables(t, &j.Reader); after != before {
		t.Fatalf("the tables are not what the facts say:\n%s\nrebuilt:\n%s", before, after)
	}
	return head.Seq
}
