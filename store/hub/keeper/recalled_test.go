package keeper

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kassa/store/retain/ages"
	"kassa/store/sqlite"
	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// recalls are the rows of a journal in which sale 2 takes a parked basket up, and
// says so with each of its rows; some rows have no facts at all.
func recalls() []wire.Row {
	rows := journalOf("1", "e", 6)
	for i := range rows {
		r := &rows[i]
		r.Txn = int64(1 + i/2)
		r.Facts = ""
		if r.Txn == 2 {
			r.Facts = `{"txn":{"id":"0421-1-000002","number":2,"state":"open","recalled":"0421-7-000009"}}`
		}
	}
	wiretest.Chain(rows)
	return rows
}

// parking are the rows of lane 7 in which it parks some baskets, from this one on.
func parking(number int64, n int) []wire.Row {
	rows := journalOf("7", "p", n)
	for i := range rows {
		rows[i].Txn = number + int64(i)
		rows[i].Facts = fmt.Sprintf(`{"txn":{"id":"0421-7-%06d","number":%d,"state":"parked","opened_at":"2026-11-21T08:00:00Z"}}`, rows[i].Txn, rows[i].Txn)
	}
	wiretest.Chain(rows)
	return rows
}

// The rows of who took a basket up may come before those of who parked it, as to a hub
// with a new disk: it is looked at when the parked one is here, or cannot come. Then
// the journal that has it is known, whichever lane's it is.
func TestRecalledBeforeItWasParked(t *testing.T) {
	k := open(t, t.TempDir())
	is := func(what, want string) {
		t.Helper()
		all, err := k.Recalled(t.Context())
		if got := fmt.Sprint(all); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", what, got, err, want)
		}
	}
	take(t, k, recalls()...) // of 9
	is("nothing of who parked it", "[]")
	before := parking(7, 5)
	take(t, k, before[:2]...)
	is("its rows are under way", "[]")
	take(t, k, before[3]) // behind a hole
	is("a hole where it may be", "[]")
	if rows, takers, err := k.Parked(t.Context(), "0421", "7", 9); err != nil || len(rows) != 0 || len(takers) != 0 {
		t.Errorf("not here: %v, %v, %v", rows, takers, err)
	}
	take(t, k, before[2])
	is("it is here", "[{{0421 1} e 2 0421-7-000009}]")
	if _, takers, err := k.Parked(t.Context(), "0421", "7", 9); err != nil || fmt.Sprint(takers) != "[{0421 1 e}]" {
		t.Errorf("who has it: %v, %v", takers, err)
	}
	k = open(t, t.TempDir())
	take(t, k, recalls()...)
	take(t, k, parking(10, 1)...) // the journal begins behind it
	is("it never comes", "[{{0421 1} e 2 0421-7-000009}]")
}

// A basket can be given to nobody any more once its rows were here and are not.
func TestGone(t *testing.T) {
	k := open(t, t.TempDir())
	gone := func(want bool) {
		t.Helper()
		if got, err := k.Gone(t.Context(), "0421", "7", "p", 9); err != nil || got != want {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
	gone(false)
	take(t, k, parking(7, 5)...)
	gone(false)
	prune(t, k, Pruning{Policy: ages.Policy{Sale: ages.Age{Days: 30}}})
	gone(true)
}

// A sale that took a parked basket up is looked at once, and forgotten with its rows.
func TestRecalledUntilLooked(t *testing.T) {
	k := open(t, t.TempDir())
	take(t, k, parking(9, 2)...)
	take(t, k, recalls()...)
	take(t, k, recalls()...) // comes again
	all, err := k.Recalled(t.Context())
	want := Recalled{Lane: Lane{"0421", "1"}, Epoch: "e", Txn: 2, ID: "0421-7-000009"}
	if err != nil || !slices.Equal(all, []Recalled{want}) {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := k.Looked(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	take(t, k, recalls()...)
	if all, err = k.Recalled(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after it was looked at: %+v, %v", all, err)
	}
	prune(t, k, Pruning{Policy: ages.Policy{Sale: ages.Age{Days: 30}}})
	var n int
	if err := k.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM recalled`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d left when the rows are gone, %v", n, err)
	}
}

// swapped are rows of a sale that takes a basket up, puts all of it away and takes
// another up.
func swapped(lane string) []wire.Row {
	rows := journalOf(lane, "e", 3)
	for i, id := range []string{"0421-7-000009", "0421-7-000009", "0421-7-000010"} {
		rows[i].Txn, rows[i].Facts = 2, `{"txn":{"id":"0421-1-000002","number":2,"state":"open","recalled":"`+id+`"}}`
	}
	wiretest.Chain(rows)
	return rows
}

// Each basket that a sale took up is somebody's to look at, also the second.
func TestRecalledOneAfterAnother(t *testing.T) {
	k := open(t, t.TempDir())
	take(t, k, parking(9, 2)...)
	take(t, k, swapped("1")...)
	first := Recalled{Lane: Lane{"0421", "1"}, Epoch: "e", Txn: 2, ID: "0421-7-000009"}
	second := first
	second.ID = "0421-7-000010"
	all, err := k.Recalled(t.Context())
	if err != nil || !slices.Equal(all, []Recalled{first, second}) {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := k.Looked(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if all, err = k.Recalled(t.Context()); err != nil || !slices.Equal(all, []Recalled{second}) {
		t.Errorf("after the first was looked at: %+v, %v", all, err)
	}
}

// older leaves a keeper of an older version in a folder, with some rows.
func older(t *testing.T, dir string, version int, rows []wire.Row, more ...string) {
	t.Helper()
	old := schema()
	old.Migrations, old.Views = old.Migrations[:version], nil
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, FileName), old)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if _, err := db.Writer().ExecContext(t.Context(), `INSERT INTO journal (store, lane, epoch, seq, run, at, mono, clock, txn, kind, event, facts, prev, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.Store, r.Lane, r.Epoch, r.Seq, r.Run, r.At, r.Mono, r.Clock, r.Txn, r.Kind,
			r.Event, r.Facts, r.Prev, r.Hash); err != nil {
			t.Fatal(err)
		}
	}
	for _, do := range more {
		if _, err := db.Writer().ExecContext(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// A keeper of a version before finds them in the rows that it has; one that knew the
// first basket of each sale alone finds the others, and what it had looked at stays so.
func TestRecalledInAnOlderKeeper(t *testing.T) {
	dir := t.TempDir()
	older(t, dir, 5, recalls())
	found := func() ([]Recalled, error) {
		k := open(t, dir)
		take(t, k, parking(9, 2)...)
		return k.Recalled(t.Context())
	}
	all, err := found()
	if err != nil || fmt.Sprint(all) != "[{{0421 1} e 2 0421-7-000009}]" {
		t.Errorf("%+v, %v", all, err)
	}
	dir = t.TempDir()
	older(t, dir, 6, swapped("1"), `INSERT INTO recalled (store, lane, epoch, txn, seq, id, looked) VALUES ('0421', '1', 'e', 2, 1, '0421-7-000009', 1)`)
	if all, err = found(); err != nil || fmt.Sprint(all) != "[{{0421 1} e 2 0421-7-000010}]" {
		t.Errorf("of the version before: %+v, %v", all, err)
	}
}

// A lane left a parked basket alone if it was heard after the time it had, all that
// it had written until then is here, and nothing of it took that basket up.
func TestLeftAlone(t *testing.T) {
	now := time.Now()
	given := now
	k, err := Open(t.Context(), t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	parked := journalOf("7", "p", 1)[0]
	parked.Txn, parked.Facts = 9, `{"txn":{"id":"0421-7-000009","number":9,"state":"parked"}}`
	parked = wiretest.Seal(parked)
	take(t, k, parked)
	takes, other := recalls(), journalOf("2", "e", 6)
	for _, l := range []struct {
		lane string
		rows []wire.Row
		want bool // once it was heard late enough and its rows are here
	}{{"1", takes, false}, {"2", other, true}} {
		alone := func(what string, want bool) {
			t.Helper()
			if got, err := k.LeftAlone(t.Context(), parked, l.lane, "e", given.Add(time.Minute)); err != nil || got != want {
				t.Errorf("lane %s, %s: %v, %v, want %v", l.lane, what, got, err, want)
			}
		}
		heard := func(r wire.Row, after time.Duration) {
			t.Helper()
			now = given.Add(after)
			if err := k.Anchor(t.Context(), "0421", wire.LaneState{Lane: l.lane, Epoch: "e", Head: r.Seq, HeadHash: r.Hash}); err != nil {
				t.Fatal(err)
			}
		}
		alone("never heard", false)
		take(t, k, l.rows[0])
		heard(l.rows[0], time.Second)
		alone("heard too soon", false)
		heard(l.rows[4], 2*time.Minute)
		alone("its rows are not here", false)
		take(t, k, l.rows[1:4]...)
		alone("its last row is not here", false)
		take(t, k, l.rows[4:]...)
		alone("all is here", l.want)
	}
	idle(t, k, &now, parked)
	if got, err := k.LeftAlone(t.Context(), parked, "2", "new", given); err != nil || got {
		t.Errorf("another journal of it: %v, %v", got, err)
	}
}

// idle is a lane that was given a basket and writes no further row: it says each minute
// where its journal ends, and once that was after its time it left the basket alone.
func idle(t *testing.T, k *Keeper, now *time.Time, parked wire.Row) {
	t.Helper()
	rows := journalOf("3", "e", 7)
	take(t, k, rows[:6]...)
	given := *now
	heard := func(r wire.Row, after time.Duration, want bool) {
		t.Helper()
		*now = given.Add(after)
		if err := k.Anchor(t.Context(), "0421", wire.LaneState{Lane: "3", Epoch: "e", Head: r.Seq, HeadHash: r.Hash}); err != nil {
			t.Fatal(err)
		}
		if got, err := k.LeftAlone(t.Context(), parked, "3", "e", given.Add(5*time.Minute)); err != nil || got != want {
			t.Errorf("heard %s after: %v, %v, want %v", after, got, err, want)
		}
	}
	for m := range 5 {
		heard(rows[5], time.Duration(m)*time.Minute, false)
	}
	heard(rows[5], 24*365*time.Hour, true) // or by a clock that is wrong for a moment:
	*now = given.Add(10 * time.Second)
	if got, err := k.LeftAlone(t.Context(), parked, "3", "e", given.Add(5*time.Minute)); err != nil || got {
		t.Errorf("heard in the future: %v, %v", got, err)
	}
	heard(rows[5], 6*time.Minute, true)
	heard(rows[6], 7*time.Minute, false) // it has written since, and the row is not here
	take(t, k, rows[6])
	heard(rows[6], 8*time.Minute, true)
}
