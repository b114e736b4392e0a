package fiscal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/store/journal"
)

const refund = flow.SaleState("refund")

// A till writes a journal as a lane does, and keeps a book of its own to compare.
type till struct {
	t    *testing.T
	dir  string
	j    *journal.Journal
	stop func()
	rng  *rand.Rand

	number  int64
	now     time.Time
	receipt int64
	book    Grand // all
	day     Grand // since the last Z
	card    OurSum
	zs      []Z
}

func newTill(t *testing.T, seed uint64) *till {
	l := &till{t: t, dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 6)), now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	l.open()
	t.Cleanup(func() { l.stop() })
	return l
}

func (l *till) open() {
	l.t.Helper()
	j, err := journal.Open(context.Background(), l.dir, journal.Options{Store: "0421", Lane: "1"})
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	l.j = j
	l.stop = func() {
		cancel()
		if err := errors.Join(<-ended, j.Close()); err != nil {
			l.t.Error(err)
		}
	}
}

// again ends the program and starts it.
func (l *till) again() {
	l.stop()
	l.open()
}

func (l *till) writing() Writing {
	return Writing{Journal: l.j, At: l.now, Clock: "synced"}
}

func (l *till) put(kind string, f flow.Facts) {
	l.t.Helper()
	l.now = l.now.Add(time.Second)
	facts, err := json.Marshal(f)
	if err != nil {
		l.t.Fatal(err)
	}
	e := journal.Entry{At: l.now, Clock: "synced", Txn: l.number, Kind: kind, Event: json.RawMessage("{}"), Facts: facts}
	ticket, err := l.j.Append(l.t.Context(), e)
	if err == nil {
		err = ticket.Wait(l.t.Context())
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// trade is one transaction that ends as state.
func (l *till) trade(state flow.SaleState) {
	l.number++
	sum := money.Amount(1 + l.rng.IntN(5000))
	if state == refund {
		sum = -sum
	}
	class, ppm := "A", int64(70000)
	if l.rng.IntN(3) == 0 {
		class, ppm = "B", 190000
	}
	tax := sum / 10
	head := flow.TxnFacts{
		ID: fmt.Sprintf("0421-1-%06d", l.number), Number: l.number, State: flow.SaleOpen, OpenedAt: l.now,
		BusinessDay: BusinessDay(l.now, 4*time.Hour), Currency: "EUR", Total: sum,
	}
	open := head
	l.put("scanned", flow.Facts{Txn: &open, Lines: []flow.LineFacts{{N: 1, Qty: 1, Amount: sum, Tax: class}}})
	tender := flow.TenderFacts{N: 1, Kind: flow.TenderCard, Amount: sum, Result: "asked", Key: fmt.Sprint("k", l.number)}
	if l.rng.IntN(4) == 0 {
		tender.Kind = flow.TenderVoucher
	}
	l.put("touched", flow.Facts{Tenders: []flow.TenderFacts{tender}})
	if tender.Result = "declined"; state == flow.SalePaid || state == refund {
		tender.Result = "approved"
		if tender.Kind == flow.TenderCard {
			l.receipt++
			tender.Receipt = fmt.Sprintf("%04d", l.receipt)
			l.card.Count++
			l.card.Amount += sum
		}
		taxes := TaxSum{Tax: class, RatePPM: ppm, Net: sum - tax, TaxPart: tax, Gross: sum}
		g := Grand{Net: sum, Taxes: []TaxSum{taxes}}
		if state == flow.SalePaid {
			g.Receipts, g.Sales = 1, sum
		} else {
			g.Reverts, g.Refunds = 1, sum
			u := &g.Taxes[0]
			u.RefundNet, u.RefundTax, u.RefundGross = u.Net, u.TaxPart, u.Gross
		}
		l.book, l.day = l.book.Plus(g), l.day.Plus(g)
	}
	end := head
	end.State, end.ClosedAt = state, l.now
	l.put("charged", flow.Facts{
		Txn: &end, Tenders: []flow.TenderFacts{tender},
		Taxes: []flow.TaxFacts{{Tax: class, RatePPM: ppm, Net: sum - tax, TaxPart: tax, Gross: sum}},
	})
	if l.rng.IntN(5) == 0 { // said again later, as a rating is
		end.Rating = 3
		l.put("touched", flow.Facts{Txn: &end, Taxes: []flow.TaxFacts{{Tax: class, RatePPM: ppm, Net: sum - tax, TaxPart: tax, Gross: sum}}})
	}
}

func (l *till) random() {
	states := []flow.SaleState{flow.SalePaid, flow.SalePaid, flow.SalePaid, refund, flow.SaleVoided, flow.SaleAbandoned, flow.SaleParked}
	l.trade(states[l.rng.IntN(len(states))])
}

func (l *till) close() Z {
	l.t.Helper()
	z, err := Close(l.t.Context(), l.writing(), Order{Wish: Wish{By: "it", Day: BusinessDay(l.now, 4*time.Hour)}, Currency: "EUR", Asks: true})
	if err != nil {
		l.t.Fatal(err)
	}
	if !z.Totals.Equal(l.day) || !z.After.Equal(l.book) {
		l.t.Fatalf("day %d = %+v, %+v, want %+v, %+v", z.Number, z.Totals, z.After, l.day, l.book)
	}
	l.day = Grand{}
	l.zs = append(l.zs, z)
	return z
}

// Whatever is sold, given back, voided, closed and started again: each
// transaction is in one Z, numbers have no gap, and the sums of a lane's life
// are those of all its transactions. A rebuild of the tables changes nothing.
func TestRandomDays(t *testing.T) {
	for seed := range uint64(6) {
		l := newTill(t, seed)
		for range 60 {
			switch l.rng.IntN(12) {
			case 0:
				l.close()
			case 1:
				l.again()
			case 2:
				l.now = l.now.Add(20 * time.Hour)
			default:
				l.random()
			}
		}
		l.close()
		if seed%3 == 0 {
			if err := l.j.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var receipts, transactions int64
		for i, z := range l.zs {
			if z.Number != int64(i+1) || z.Documents.Receipts.First != receipts+1 || z.Transactions.First != transactions+1 {
				t.Fatalf("seed %d: day %d does not follow the one before: %+v", seed, i+1, z)
			}
			receipts, transactions = z.Documents.Receipts.Last, z.Transactions.Last
			if c := z.Counts; c.Paid+c.Refunds+c.Voided+c.Abandoned+c.Parked != z.Transactions.Count() {
				t.Errorf("seed %d: day %d has %d transactions and counts %+v", seed, z.Number, z.Transactions.Count(), c)
			}
		}
		if transactions != l.number || receipts != l.book.Receipts {
			t.Errorf("seed %d: days hold %d transactions and %d receipts, want %d, %d", seed, transactions, receipts, l.number, l.book.Receipts)
		}
		if n, err := Prove(t.Context(), &l.j.Reader); err != nil || n != len(l.zs) {
			t.Errorf("seed %d: Prove() = %d, %v", seed, n, err)
		}
		if _, err := l.j.Verify(t.Context(), nil); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// While a sale is on the screen no day ends.
func TestOpenSale(t *testing.T) {
	l := newTill(t, 1)
	l.trade(flow.SalePaid)
	l.number++
	l.put("scanned", flow.Facts{Txn: &flow.TxnFacts{Number: l.number, State: flow.SaleOpen, OpenedAt: l.now, BusinessDay: "2026-11-22"}})
	if _, err := Close(t.Context(), l.writing(), Order{}); !errors.Is(err, ErrSale) {
		t.Errorf("Close() = %v, want ErrSale", err)
	}
	if _, err := Last(t.Context(), &l.j.Reader); !errors.Is(err, ErrNone) {
		t.Errorf("Last() = %v, want ErrNone", err)
	}
}

// Who changes a sum after the day is closed is found out by the Z, too.
func TestProveFindsChanges(t *testing.T) {
	for name, change := range map[string]string{
		"total":  `UPDATE derived_txn SET total_minor = total_minor + 1 WHERE number = 2`,
		"state":  `UPDATE derived_txn SET state = 'voided' WHERE number = 2`,
		"tax":    `UPDATE derived_txn SET taxes = replace(taxes, '"gross_minor":', '"gross_minor":1') WHERE number = 2`,
		"tender": `UPDATE derived_tender SET amount_minor = 1 WHERE number = 2`,
		"z":      `UPDATE record SET event = replace(event, '"z":1,', '"z":3,') WHERE kind = 'day-z'`,
		"hash":   `UPDATE record SET hash = zeroblob(32) WHERE kind = 'day-closing'`,
	} {
		t.Run(name, func(t *testing.T) {
			l := newTill(t, 2)
			for range 3 {
				l.trade(flow.SalePaid)
			}
			l.close()
			tamper(t, l.dir, change)
			if n, err := Prove(t.Context(), &l.j.Reader); err == nil {
				t.Errorf("Prove() = %d days hold", n)
			}
		})
	}
}

func tamper(t *testing.T, dir, change string) {
	t.Helper()
	db, err := sql.Open("sqlite3", dir+"/"+journal.FileName)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if res, err := db.Exec(change); err != nil {
		t.Fatal(err)
	} else if n, _ := res.RowsAffected(); n == 0 {
		t.Fatalf("%s changed nothing", change)
	}
}

func TestPayments(t *testing.T) {
	approved := func(a Answer) Answer {
		a.Outcome, a.Count, a.Amount, a.First, a.Last = "approved", a.Ours.Count, a.Ours.Amount, "0001", fmt.Sprintf("%04d", a.Ours.Count)
		return a
	}
	tests := []struct {
		name   string
		answer func(Answer) Answer
		want   Verdict
		note   string
	}{
		{"the same", approved, Matched, ""},
		{"one more there", func(a Answer) Answer {
			a = approved(a)
			a.Count++
			a.Amount += 700
			a.Last = fmt.Sprintf("%04d", a.Ours.Count+1)
			return a
		}, Differs, "only there: the terminal's receipt"},
		{"one less there", func(a Answer) Answer {
			a = approved(a)
			a.Count--
			a.Amount -= 700
			a.Last = fmt.Sprintf("%04d", a.Ours.Count-1)
			return a
		}, Differs, "outside the terminal's day"},
		{"another sum", func(a Answer) Answer {
			a = approved(a)
			a.Amount++
			return a
		}, Differs, "difference +1"},
		{"no answer", func(a Answer) Answer {
			a.Outcome, a.Why = "unknown", "line lost"
			return a
		}, Waiting, "line lost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newTill(t, 7)
			for range 8 {
				l.trade(flow.SalePaid)
			}
			z := l.close()
			if owed, err := Owed(t.Context(), &l.j.Reader); err != nil || owed.Number != z.Number {
				t.Errorf("Owed() = %d, %v", owed.Number, err)
			}
			a, err := Ask(t.Context(), l.writing(), z.Number)
			if err != nil || a.Ours.Count != l.card.Count || a.Ours.Amount != l.card.Amount || a.Again {
				t.Fatalf("Ask() = %+v, %v, want %+v", a, err, l.card)
			}
			a = tt.answer(a)
			if err := Answered(t.Context(), l.writing(), a); err != nil {
				t.Fatal(err)
			}
			if _, err := Owed(t.Context(), &l.j.Reader); errors.Is(err, ErrNone) == (a.Outcome == "unknown") {
				t.Errorf("Owed() after %s = %v", a.Outcome, err)
			}
			l.trade(flow.SalePaid)
			all, err := Batches(t.Context(), &l.j.Reader, time.Time{}, time.Time{})
			if err != nil || len(all) == 0 || all[0].Verdict != tt.want {
				t.Fatalf("Batches() = %+v, %v, want %s", all, err, tt.want)
			}
			if notes := strings.Join(all[0].Notes, "; "); !strings.Contains(notes, tt.note) {
				t.Errorf("notes are %q, want %q", notes, tt.note)
			}
			if tt.want != Waiting && len(all) == 2 && len(all[1].Payments) != 1 {
				t.Errorf("the open day has %+v", all[1].Payments)
			}
		})
	}
}

// Asked, and then the power went: it is asked again, and the answer says so.
func TestAskedTwice(t *testing.T) {
	l := newTill(t, 9)
	l.trade(flow.SalePaid)
	z := l.close()
	if _, err := Ask(t.Context(), l.writing(), z.Number); err != nil {
		t.Fatal(err)
	}
	l.again()
	a, err := Ask(t.Context(), l.writing(), z.Number)
	if err != nil || !a.Again || a.Ours.From != 0 {
		t.Errorf("Ask() = %+v, %v, want again", a, err)
	}
	a.Outcome = "approved"
	if err := Answered(t.Context(), l.writing(), a); err != nil {
		t.Fatal(err)
	}
	z = l.close()
	if a, err = Ask(t.Context(), l.writing(), z.Number); err != nil || a.Again || a.Ours.Count != 0 {
		t.Errorf("Ask() of the next day = %+v, %v", a, err)
	}
}

// What the terminal says of a day that it closed by itself is laid beside the
// records up to then, once; it is no end of day of a Z that came after.
func TestForced(t *testing.T) {
	l := newTill(t, 11)
	r := &l.j.Reader
	for range 5 {
		l.trade(flow.SalePaid)
	}
	head, err := r.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := Answer{Outcome: "approved", Count: l.card.Count, Amount: l.card.Amount, Ours: OurSum{To: head.Seq}}
	for range 3 {
		l.trade(flow.SalePaid)
	}
	for range 2 { // as after a crash
		if err := Forced(t.Context(), l.writing(), a); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Batches(t.Context(), r, time.Time{}, time.Time{})
	if err != nil || len(all) != 2 || all[0].Verdict != Matched || !all[0].Answer.Forced || all[0].Answer.Z != 1 || all[1].Answer != nil {
		t.Fatalf("Batches() = %+v, %v", all, err)
	}
	z := l.close()
	if owed, err := Owed(t.Context(), r); err != nil || owed.Number != z.Number {
		t.Errorf("Owed() = %d, %v, want the rest of the day", owed.Number, err)
	}
	early := a
	early.Ours.To = z.Seq - 1 // before the Z, written down late
	if err := Forced(t.Context(), l.writing(), early); err != nil {
		t.Fatal(err)
	}
	if _, err := Owed(t.Context(), r); err != nil {
		t.Errorf("Owed() = %v, want it owed still", err)
	}
	late := a
	late.Ours.To = z.Seq + 1
	if err := Forced(t.Context(), l.writing(), late); err != nil {
		t.Fatal(err)
	}
	if _, err := Owed(t.Context(), r); !errors.Is(err, ErrNone) {
		t.Errorf("Owed() = %v, want that it is done", err)
	}
	if all, err = Batches(t.Context(), r, time.Time{}, time.Time{}); err != nil || all[len(all)-1].Answer.Z != z.Number {
		t.Errorf("Batches() = %+v, %v", all, err)
	}
}

// An answer is on record once, whatever it was, and however often it is written down
// with its key; another one of the same moment is another.
func TestForcedOnce(t *testing.T) {
	for _, outcome := range []string{"approved", "aborted", "unknown"} {
		t.Run(outcome, func(t *testing.T) {
			l := newTill(t, 13)
			r := &l.j.Reader
			l.trade(flow.SalePaid)
			head, err := r.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			keys := func() (all []string) {
				t.Helper()
				answers, err := answersOf(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				for _, b := range answers {
					all = append(all, b.Answer.Key)
				}
				return all
			}
			for _, key := range []string{"a", "a", "b", "a", "b"} {
				a := Answer{Key: key, Outcome: outcome, Ours: OurSum{To: head.Seq}}
				if err := Forced(t.Context(), l.writing(), a); err != nil {
					t.Fatal(err)
				}
				l.again()
				r = &l.j.Reader
			}
			if got := keys(); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("on record: %q", got)
			}
			old := Answer{Outcome: outcome, Why: "kept by an older program", Ours: OurSum{To: head.Seq}}
			for range 2 {
				if err := Forced(t.Context(), l.writing(), old); err != nil {
					t.Fatal(err)
				}
			}
			want := 3
			if outcome == "approved" {
				want = 2 // one that closed this day is on record
			}
			if got := keys(); len(got) != want {
				t.Errorf("on record: %q, want %d", got, want)
			}
			all, err := Batches(t.Context(), r, time.Time{}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range all {
				if b.Ours.To < b.Ours.From {
					t.Errorf("%+v ends before it begins", b.Ours)
				}
			}
		})
	}
}

// Each copy of a day has a number of its own.
func TestCopies(t *testing.T) {
	l := newTill(t, 12)
	l.trade(flow.SalePaid)
	z := l.close()
	for want := int64(1); want < 4; want++ {
		if n, err := Copy(t.Context(), l.writing(), z.Number); n != want || err != nil {
			t.Errorf("Copy() = %d, %v, want %d", n, err, want)
		}
	}
	if n, err := Copies(t.Context(), &l.j.Reader, z.Number+1); n != 0 || err != nil {
		t.Errorf("Copies() of another day = %d, %v", n, err)
	}
}

// A day is due once it is over: with sales that no Z holds, or without any since
// the day before was closed. A lane that never sold owes nothing.
func TestDue(t *testing.T) {
	l := newTill(t, 3)
	var last Z
	due := func(today string, want bool) {
		t.Helper()
		if got, err := Due(t.Context(), &l.j.Reader, last, today); err != nil || got != want {
			t.Errorf("Due(%s) after day %q = %v, %v, want %v", today, last.Day, got, err, want)
		}
	}
	due("2026-11-23", false)
	l.trade(flow.SalePaid) // on the 22nd
	due("2026-11-22", false)
	due("2026-11-23", true)
	var err error
	auto := func(day string) {
		t.Helper()
		last, err = Close(t.Context(), l.writing(), Order{Wish: Wish{By: "lane", Auto: true, Day: day}})
		if err != nil || last.Day != day || !last.Auto {
			t.Fatalf("Close() = %+v, %v", last, err)
		}
	}
	auto("2026-11-22")
	due("2026-11-23", false)
	due("2026-11-24", true) // nothing was sold on the 23rd: a day with noughts
	auto("2026-11-23")
	due("2026-11-24", false)
	l.trade(flow.SalePaid) // by a clock that is behind
	due("2026-11-24", true)
	if _, err := Due(t.Context(), &l.j.Reader, last, "today"); err == nil {
		t.Error("Due(today) is no day")
	}
}

// The drawer counts when the PIN asked for it was right, and only then.
func TestDrawerCount(t *testing.T) {
	l := newTill(t, 4)
	say := func(kind, event string) {
		ticket, err := l.j.Append(t.Context(), journal.Entry{At: l.now, Clock: "synced", Kind: kind, Event: json.RawMessage(event)})
		if err == nil {
			err = ticket.Wait(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	drawer, right, wrong := `{"act":"staff","value":"drawer"}`, `{"staff":"a1","ok":true}`, `{"staff":"a1","ok":false}`
	say("touched", drawer)
	say("pin", right)
	say("touched", drawer) // the PIN was right before
	say("badged", `{}`)
	say("touched", drawer)
	say("pin", wrong)
	say("touched", `{"act":"staff","value":"leave"}`)
	say("badged", `{}`)
	say("touched", `{"act":"staff","value":"void-sale"}`)
	say("pin", right)
	say("badged", `{}`)
	say("touched", drawer)
	say("pin", wrong)
	say("pin", right)
	if z := l.close(); z.Counts.Drawer != 3 {
		t.Errorf("drawer opened %d times, want 3", z.Counts.Drawer)
	}
}
