package tickets

import (
	"context"
	"sync"
	"testing"
	"time"

	"kassa/store/wire"
)

// parked are two baskets that lane 1 parked under numbers 7 and 8.
type parked struct {
	takers []wire.Journal
	clock  string
	gone   bool
	alone  func(lane string, at time.Time) bool // nil: nobody knows
}

func (p parked) Gone(context.Context, string, string, string, int64) (bool, error) {
	return p.gone, nil
}

func (p parked) LeftAlone(_ context.Context, _ wire.Row, lane, _ string, at time.Time) (bool, error) {
	return p.alone != nil && p.alone(lane, at), nil
}

func (p parked) Parked(_ context.Context, _, lane string, number int64) ([]wire.Row, []wire.Journal, error) {
	if lane != "1" || number < 7 || number > 8 {
		return nil, nil, nil
	}
	return []wire.Row{{Lane: "1", Epoch: "e1", Seq: 3, At: time.Now().Format(time.RFC3339Nano), Clock: p.clock, Txn: number, Kind: "touched", Event: "{}"}}, p.takers, nil
}

func open(t *testing.T, dir string, s Sales) *Book {
	t.Helper()
	b, err := Open(t.Context(), dir, "0421", s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func take(t *testing.T, b *Book, lane, epoch string, number int64) wire.Taken {
	t.Helper()
	got, err := b.Take(t.Context(), lane, wire.Take{Lane: "1", Number: number, Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The first lane that asks has the basket: asked again, after a restart too. A lane
// with a new journal is another: nobody can say whether the old one had taken it.
func TestOneLaneHasIt(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, parked{})
	for range 2 {
		got := take(t, b, "2", "e2", 7)
		rows, err := wire.UnpackRows(got.Rows)
		if got.Why != "" || err != nil || len(rows) != 1 || rows[0].Txn != 7 {
			t.Fatalf("%+v, %v", got, err)
		}
		_ = b.Close()
		b = open(t, dir, parked{})
	}
	for _, other := range []struct{ lane, epoch string }{{"3", "e3"}, {"1", "e1"}, {"2", "new"}} {
		if got := take(t, b, other.lane, other.epoch, 7); got.Why != wire.TakeTaken || got.By != "2" || got.Rows != nil {
			t.Errorf("lane %s: %+v", other.lane, got)
		}
	}
	if got := take(t, b, "2", "e2", 9); got.Why != wire.TakeUnknown {
		t.Errorf("never parked: %+v", got)
	}
}

// The lane that parked it has its own rows, and may have it back; what it took up
// without asking is nobody else's.
func TestTheLaneThatParkedIt(t *testing.T) {
	b := open(t, t.TempDir(), parked{clock: "synced"})
	if got := take(t, b, "1", "e1", 7); got.Why != "" || got.Rows != nil {
		t.Errorf("%+v", got)
	}
	if other, err := b.Seen(t.Context(), "3", "e3", "1", 7); err != nil || other != "1" {
		t.Errorf("a second lane has it: %q, %v", other, err)
	}
	if other, err := b.Seen(t.Context(), "1", "e1", "1", 7); err != nil || other != "" {
		t.Errorf("the one that has it: %q, %v", other, err)
	}
	b.now = func() time.Time { return time.Now().Add(2 * Kept) }
	if got := take(t, b, "1", "e1", 7); got.Why != wire.TakeUnknown {
		t.Errorf("an old ticket: %+v", got)
	}
	b = open(t, t.TempDir(), parked{clock: "unsynced"})
	b.now = func() time.Time { return time.Now().Add(2 * Kept) }
	if got := take(t, b, "2", "e2", 7); got.Why != "" {
		t.Errorf("parked by a lane without a clock: %+v", got)
	}
	b = open(t, t.TempDir(), parked{takers: []wire.Journal{{Store: "0421", Lane: "1", Epoch: "e1"}}})
	if got := take(t, b, "2", "e2", 7); got.Why != wire.TakeTaken || got.By != "1" {
		t.Errorf("taken up while the hub was away: %+v", got)
	}
	if got := take(t, b, "1", "e1", 7); got.Why != "" || got.Rows != nil {
		t.Errorf("who has it asks again: %+v", got)
	}
	b = open(t, t.TempDir(), parked{})
	if got := take(t, b, "1", "new", 7); got.Why != "" || got.Rows == nil {
		t.Errorf("the lane with a new journal has no rows of its own: %+v", got)
	}
}

// A lane that was given a basket and left it alone does not keep it from others:
// once its journal is known past the time it had, the next one that asks has it. Who
// asks again has its time anew, and what its rows have shown stays its own.
func TestLeftAloneGoesToTheNext(t *testing.T) {
	now := time.Now()
	var heard time.Time // how far the journal of lane 2 is known
	b := open(t, t.TempDir(), parked{alone: func(lane string, at time.Time) bool { return lane == "2" && heard.After(at) }})
	b.now = func() time.Time { return now }
	give := func(lane, by string) {
		t.Helper()
		switch got := take(t, b, lane, "e"+lane, 7); {
		case by == lane && got.Why != "":
			t.Fatalf("lane %s: %+v", lane, got)
		case by != lane && (got.Why != wire.TakeTaken || got.By != by):
			t.Fatalf("lane %s: %+v, want lane %s to have it", lane, got, by)
		}
	}
	give("2", "2")
	heard = now.Add(rest - time.Second)
	give("3", "2")
	now = now.Add(2 * rest)
	give("2", "2") // asks again
	heard = now.Add(rest - time.Second)
	give("3", "2")
	heard = now.Add(rest + time.Second)
	give("3", "3")
	give("2", "3")
	if other, err := b.Seen(t.Context(), "2", "e2", "1", 7); err != nil || other != "3" {
		t.Errorf("it took it up all the same: %q, %v", other, err)
	}

	b = open(t, t.TempDir(), parked{alone: func(_ string, at time.Time) bool { return heard.After(at) }})
	now, heard = now.AddDate(10, 0, 0), time.Time{}
	b.now = func() time.Time { return now }
	give("2", "2")
	now = now.AddDate(-10, 0, 0)
	heard = now.Add(rest + time.Second)
	give("3", "2") // the clock was ahead: its time is from now on
	now = now.Add(2 * time.Second)
	give("3", "3")

	b = open(t, t.TempDir(), parked{alone: func(string, time.Time) bool { return true }})
	give("2", "2")
	if other, err := b.Seen(t.Context(), "2", "e2", "1", 7); err != nil || other != "" {
		t.Errorf("%q, %v", other, err)
	}
	give("3", "2") // also when those rows have reached their age
}

// What the rows say counts, whichever lane's and whatever the book has: it may have
// been lost with the disk.
func TestTheRowsSayWhoHasIt(t *testing.T) {
	b := open(t, t.TempDir(), parked{takers: []wire.Journal{{Store: "0421", Lane: "2", Epoch: "e2"}}})
	for _, other := range []struct{ lane, epoch string }{{"3", "e3"}, {"1", "e1"}, {"2", "new"}} {
		if got := take(t, b, other.lane, other.epoch, 7); got.Why != wire.TakeTaken || got.By != "2" || got.Rows != nil {
			t.Errorf("lane %s: %+v", other.lane, got)
		}
	}
	if got := take(t, b, "2", "e2", 7); got.Why != "" {
		t.Errorf("who has it: %+v", got)
	}
}

// A hub whose clock was wrong for a moment, far back or far ahead, forgets nothing of
// what it gave; what no lane can be given any more goes when it starts.
func TestClockThatJumps(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, parked{})
	b.now = func() time.Time { return time.Unix(100, 0) }
	take(t, b, "2", "e2", 7)
	for _, now := range []time.Time{time.Now(), time.Now().AddDate(30, 0, 0)} {
		b.now = func() time.Time { return now }
		take(t, b, "3", "e3", 8)
	}
	_ = b.Close()
	b = open(t, dir, parked{})
	if got := take(t, b, "3", "e3", 7); got.Why != wire.TakeTaken || got.By != "2" {
		t.Errorf("%+v", got)
	}
	b.now = func() time.Time { return time.Now().AddDate(30, 0, 0) }
	if other, err := b.Seen(t.Context(), "3", "e3", "1", 7); err != nil || other != "2" {
		t.Errorf("while the clock is ahead: %q, %v", other, err)
	}
	_ = b.Close()
	b = open(t, dir, parked{gone: true})
	var n int
	if err := b.db.Reader().QueryRowContext(t.Context(), `SELECT count(*) FROM taken`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d are left, %v", n, err)
	}
}

func TestOneOfManyAtOnce(t *testing.T) {
	b := open(t, t.TempDir(), parked{})
	var mu sync.Mutex
	var all sync.WaitGroup
	winners := 0
	for _, lane := range []string{"1", "2", "3", "4", "5", "6"} {
		all.Go(func() {
			got, err := b.Take(t.Context(), lane, wire.Take{Lane: "1", Number: 7, Epoch: "e" + lane})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if got.Why == "" {
				winners++
			}
		})
	}
	all.Wait()
	if winners != 1 {
		t.Errorf("%d lanes have the basket", winners)
	}
}

func TestUnpackRowsRefuses(t *testing.T) {
	packed, err := wire.PackRows([]wire.Row{{Seq: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{nil, []byte("x"), packed[:len(packed)-4]} {
		if rows, err := wire.UnpackRows(data); err == nil {
			t.Errorf("%q: %+v", data, rows)
		}
	}
}
