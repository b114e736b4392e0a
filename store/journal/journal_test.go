package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"kassa/kiosk/flow"
)

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	want := sale(1)
	put(t, j, want...)
	var got []Record
	for rec, err := range j.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, rec)
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i, rec := range got {
		w := want[i]
		if rec.Seq != int64(i+1) || rec.Run != "run-a" || !rec.At.Equal(w.At) || rec.Mono != w.Mono || rec.Clock != w.Clock ||
			rec.Txn != w.Txn || rec.Kind != w.Kind || string(rec.Event) != string(w.Event) || string(rec.Facts) != string(w.Facts) {
			t.Errorf("record %d = %+v, want %+v", i+1, rec, w)
		}
		if _, offset := rec.At.Zone(); offset != 3600 {
			t.Errorf("record %d lost its offset: %v", i+1, rec.At)
		}
	}
	var n int
	for rec, err := range j.Records(t.Context(), 1) {
		if err != nil || rec.Txn != 1 {
			t.Errorf("Records(1) yields %+v, %v", rec, err)
		}
		n++
	}
	if n != 6 {
		t.Errorf("Records(1) yields %d, want 6", n)
	}
}

func TestTail(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	if tail, err := j.Tail(t.Context()); err != nil || tail.Head.Seq != 0 || tail.Sale != nil || tail.Last != nil || tail.Lane.LastNumber != 0 {
		t.Errorf("tail of a new journal = %+v, %v", tail, err)
	}
	put(t, j, sale(1)...)
	put(t, j, sale(2)...)
	tail, err := j.Tail(t.Context())
	if err != nil || tail.Sale != nil || len(tail.Last) != 6 || tail.Last[0].Txn != 2 || tail.Lane.LastNumber != 2 {
		t.Errorf("tail between sales = %+v, %v", tail, err)
	}
	put(t, j, sale(3)[:4]...)
	tail, err = j.Tail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tail.Lane.Sale != 3 || len(tail.Sale) != 4 || tail.Sale[2].Kind != "DeviceChanged" {
		t.Errorf("tail in a sale has %d records of sale %d, want 4 of 3", len(tail.Sale), tail.Lane.Sale)
	}
	if len(tail.Last) != 6 || tail.Last[0].Txn != 2 {
		t.Errorf("last finished sale has %d records, want 6 of sale 2", len(tail.Last))
	}
}

func TestViewsHaveTheExportsNames(t *testing.T) {
	j := opened(t, t.TempDir())
	put(t, j, sale(1)...)
	for view, columns := range map[string]string{
		"txn":          `id, store, lane, epoch, number, state, opened_at, closed_at, clock, business_day, currency, language, rounding_minor, total_minor, journal_first, journal_last, journal_hash`,
		"txn_line":     `id, n, gtin, plu, name, qty, weight_g, unit_minor, amount_minor, discounts, tax, voided, code, "of"`,
		"txn_tax":      `id, tax, rate_ppm, net_minor, tax_minor, gross_minor`,
		"txn_tender":   `id, kind, amount_minor, result, terminal, receipt, trace, card`,
		"intervention": `id, kind, raised_at, settled_at, "by", reason, "from"`,
		"contact":      `id, reason, state, raised_at, ended_at, "by", outcome, language`,
		"event":        `seq, run, at, mono, clock, number, kind, event, facts, prev, hash`,
	} {
		var rows int
		if err := j.db.Reader().QueryRow(`SELECT count(*) FROM (SELECT ` + columns + ` FROM ` + view + `)`).Scan(&rows); err != nil || rows == 0 {
			t.Errorf("view %s: %d rows, %v", view, rows, err)
		}
	}
	var first, last, voided int
	var hash string
	err := j.db.Reader().QueryRow(`SELECT journal_first, journal_last, journal_hash, (SELECT count(*) FROM txn_line WHERE voided) FROM txn`).
		Scan(&first, &last, &hash, &voided)
	head, herr := j.Head(t.Context())
	if err != nil || herr != nil || first != 1 || last != 7 || fmt.Sprintf("%x", head.Hash) != hash || voided != 1 {
		t.Errorf("txn says %d to %d %s, %d voided, %v", first, last, hash, voided, err)
	}
}

func TestASecondLaneOnTheFolder(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	_, err := Open(t.Context(), dir, lane1)
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second Open() = %v, want ErrInUse", err)
	}
	for _, s := range []string{dir, fmt.Sprint("process ", os.Getpid())} {
		if !strings.Contains(err.Error(), s) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q does not name %q in one line", err, s)
		}
	}
	put(t, j, sale(1)...)
	r, err := OpenReader(t.Context(), dir)
	if err != nil {
		t.Fatalf("a reader beside the lane: %v", err)
	}
	if head, err := r.Verify(t.Context(), nil); err != nil || head.Seq != 7 {
		t.Errorf("Verify() beside the lane = %v, %v", head, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestAJournalBelongsToOneLane(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Store: "0421", Lane: "2"}); err == nil || !strings.Contains(err.Error(), `lane "1"`) {
		t.Errorf("Open() for another lane = %v, want an error naming lane 1", err)
	}
	check(t, dir, 0)
}

func TestAppendRefuses(t *testing.T) {
	j := opened(t, t.TempDir())
	good := sale(1)[0]
	for name, spoil := range map[string]func(*Entry){
		"no kind":       func(e *Entry) { e.Kind = "" },
		"no JSON":       func(e *Entry) { e.Event = json.RawMessage(`{`) },
		"no event":      func(e *Entry) { e.Event = nil },
		"facts no JSON": func(e *Entry) { e.Facts = json.RawMessage(`[]`) },
		"negative txn":  func(e *Entry) { e.Txn = -1 },
		"too long":      func(e *Entry) { e.Event = json.RawMessage(`"` + strings.Repeat("x", maxEntry) + `"`) },
	} {
		e := good
		spoil(&e)
		if _, err := j.Append(t.Context(), e); !errors.Is(err, ErrEntry) {
			t.Errorf("%s: Append() = %v, want ErrEntry", name, err)
		}
	}
	put(t, j, good) // and it goes on
}

func TestARecordBelongsToWhatItDecides(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, j)
	put(t, j, sale(1)...)
	late := entry(1, "Charged", flow.Facts{Txn: header(1, flow.SaleVoided, 0)})
	late.Txn = 0 // the lane has no sale any more
	put(t, j, sale(2)[0], late)
	var last Record
	for rec, err := range j.Records(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		last = rec
	}
	if last.Seq != 9 {
		t.Errorf("the late record of sale 1 is not found: its last is %d, want 9", last.Seq)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	check(t, dir, 9)
}

func TestAppendWaitsWhenFull(t *testing.T) {
	o := lane1
	o.Queue = 2
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	e := entry(0, "Ticked", flow.Facts{})
	for range 2 {
		if _, err := j.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	third := make(chan error, 1)
	go func() {
		_, err := j.Append(ctx, e)
		third <- err
	}()
	cancel()
	if err := <-third; !errors.Is(err, context.Canceled) {
		t.Errorf("Append() to a full queue = %v, want it to wait until cancelled", err)
	}
	stop := running(t, j)
	put(t, j, e)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if n := check(t, dir, 3); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
	if _, err := j.Append(t.Context(), e); !errors.Is(err, ErrClosed) {
		t.Errorf("Append() after Close = %v, want ErrClosed", err)
	}
}

func TestStoppingWritesWhatWaits(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	var tickets []*Ticket
	for range 100 {
		ticket, err := j.Append(t.Context(), entry(0, "Ticked", flow.Facts{}))
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, ticket := range tickets {
		if err := ticket.Wait(t.Context()); err != nil {
			t.Errorf("record %d: %v", ticket.Seq, err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, dir, 100)
}

func TestCloseWithoutRunTellsThoseThatWait(t *testing.T) {
	j, err := Open(t.Context(), t.TempDir(), lane1)
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := j.Append(t.Context(), entry(0, "Ticked", flow.Facts{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ticket.Wait(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Wait() = %v, want ErrClosed", err)
	}
}

func TestManyProducers(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	var wg sync.WaitGroup
	for p := range 16 {
		wg.Go(func() {
			last := int64(0)
			for i := range 50 {
				e := entry(0, "Ticked", flow.Facts{})
				e.Event = fmt.Appendf(nil, `{"p":%d,"i":%d}`, p, i)
				ticket, err := j.Append(t.Context(), e)
				if err != nil {
					t.Error(err)
					return
				}
				if ticket.Seq <= last {
					t.Errorf("producer %d: record %d after %d", p, ticket.Seq, last)
				}
				last = ticket.Seq
				if i%7 == 0 {
					if err := ticket.Wait(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	put(t, j, entry(0, "Ticked", flow.Facts{}))
	if head, err := j.Verify(t.Context(), nil); err != nil || head.Seq != 801 {
		t.Errorf("Verify() = %v, %v, want 801 records", head, err)
	}
	next := make([]int, 16)
	for rec, err := range j.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		var who struct{ P, I int }
		if rec.Seq == 801 {
			break
		}
		if err := json.Unmarshal(rec.Event, &who); err != nil || who.I != next[who.P] {
			t.Fatalf("record %d is %s, want number %d of its producer", rec.Seq, rec.Event, next[who.P])
		}
		next[who.P]++
	}
}

func TestReserve(t *testing.T) {
	free, want, err := Reserve(t.TempDir())
	if err != nil || free <= 0 || want <= 0 {
		t.Errorf("Reserve() = %d, %d, %v", free, want, err)
	}
	for size, want := range map[int64]int64{
		100 << 20: 50 << 20, 1 << 30: 64 << 20, 16 << 30: 16 << 30 / 20, 4 << 40: 2 << 30,
	} {
		if got := reserveOf(size); got != want {
			t.Errorf("reserveOf(%d) = %d, want %d", size, got, want)
		}
	}
	if _, _, err := Reserve("/nowhere/at/all"); err == nil {
		t.Error("Reserve() of nothing succeeds")
	}
}
