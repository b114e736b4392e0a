package keeper

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// journalOf is a lane's journal of n rows, as its lane would send it.
func journalOf(lane, epoch string, n int) []wire.Row {
	rows := make([]wire.Row, 0, n)
	for i := range n {
		rows = append(rows, wire.Row{
			Store: "0421", Lane: lane, Epoch: epoch, Seq: int64(i + 1), Run: "r", At: "2026-11-21T08:00:00Z", Mono: int64(i), Clock: "synced", Txn: int64(i/5 + 1),
			Kind: "scanned", Event: fmt.Sprintf(`{"code":"%d"}`, i), Prev: wiretest.Anchor(epoch, "0421", lane, "2026-11-21T08:00:00Z"),
			Facts: fmt.Sprintf(`{"lines":[{"n":%d,"gtin":"%014d","qty":1,"amount_minor":%d}]}`, i%5+1, i, 100+i),
		})
	}
	wiretest.Chain(rows)
	return rows
}

func open(t *testing.T, dir string) *Keeper {
	t.Helper()
	k, err := Open(t.Context(), dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func take(t *testing.T, k *Keeper, rows ...wire.Row) Taken {
	t.Helper()
	got, err := k.Take(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func mark(t *testing.T, k *Keeper, lane, epoch string) wire.Mark {
	t.Helper()
	m, err := k.Mark(t.Context(), "0421", lane, epoch)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func findings(t *testing.T, k *Keeper) []string {
	t.Helper()
	var all []string
	if _, err := k.Verify(t.Context(), func(f Finding) { all = append(all, fmt.Sprintf("%d: %s", f.Key.Seq, f.Why)) }, nil); err != nil {
		t.Fatal(err)
	}
	return all
}

// Rows come late, twice, in any order and in any portions: in the end each is
// here once and the mark covers all.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(10) {
		k := open(t, t.TempDir())
		r := rand.New(rand.NewPCG(seed, 3))
		rows := slices.Concat(journalOf("1", "e", 40), journalOf("2", "f", 30), journalOf("1", "e", 40))
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for len(rows) > 0 {
			n := min(1+r.IntN(9), len(rows))
			take(t, k, rows[:n]...)
			rows = rows[n:]
		}
		if a, b := mark(t, k, "1", "e"), mark(t, k, "2", "f"); a.Seq != 40 || a.Number != 8 || b.Seq != 30 {
			t.Fatalf("seed %d: marks %+v, %+v", seed, a, b)
		}
		var lines int
		if err := k.DB().QueryRow(`SELECT count(*) FROM txn_line`).Scan(&lines); err != nil || lines != 70 {
			t.Fatalf("seed %d: %d lines, %v", seed, lines, err)
		}
		if bad := findings(t, k); bad != nil {
			t.Fatalf("seed %d: %v", seed, bad)
		}
	}
}

func TestGapIsSeenAndClosed(t *testing.T) {
	k := open(t, t.TempDir())
	rows := journalOf("1", "e", 10)
	take(t, k, slices.Concat(rows[:3], rows[6:])...)
	gaps, err := k.Gaps(t.Context())
	if err != nil || len(gaps) != 1 || gaps[0].From != 4 || gaps[0].To != 6 {
		t.Fatalf("gaps %+v, %v", gaps, err)
	}
	if m := mark(t, k, "1", "e"); m.Seq != 3 {
		t.Errorf("mark %+v", m)
	}
	take(t, k, rows[3:6]...)
	if m := mark(t, k, "1", "e"); m.Seq != 10 || m.Hash != rows[9].Hash {
		t.Errorf("mark %+v", m)
	}
}

// A row that was tampered with on its way, one that says something else under
// the same number, and one of another chain: each goes to quarantine, once, and
// those behind it are kept.
func TestQuarantine(t *testing.T) {
	k := open(t, t.TempDir())
	rows, other := journalOf("1", "e", 6), journalOf("1", "e", 6)
	bent := rows[2]
	bent.Event = `{"code":"cheaper"}`
	got := take(t, k, rows[0], rows[1], bent, rows[3])
	if !slices.Equal(got.Verdicts, []Verdict{Kept, Kept, Refused, Kept}) || len(got.Alarms) != 1 {
		t.Fatalf("%+v", got)
	}
	if again := take(t, k, bent); len(again.Alarms) != 0 {
		t.Error("the same row raised a second alarm")
	}
	fork := wiretest.Seal(wire.Row{Store: "0421", Lane: "1", Epoch: "e", Seq: 2, At: other[1].At, Kind: "x", Event: "{}", Prev: strings.Repeat("00", 32)})
	if got := take(t, k, fork); got.Verdicts[0] != Refused || !strings.Contains(got.Alarms[0].Why, "another row") {
		t.Errorf("a second row 2: %+v", got)
	}
	fork.Seq = 5
	fork = wiretest.Seal(fork)
	if got := take(t, k, fork); got.Verdicts[0] != Refused || !strings.Contains(got.Alarms[0].Why, "does not follow") {
		t.Errorf("a row of another chain: %+v", got)
	}
	take(t, k, rows[2], rows[4], rows[5])
	if m := mark(t, k, "1", "e"); m.Seq != 6 {
		t.Errorf("mark %+v", m)
	}
}

// Nobody is told by what stands in memory alone: what was not heard is there
// after a restart, and what comes meanwhile is told of too.
func TestUntoldUntilTold(t *testing.T) {
	dir := t.TempDir()
	k := open(t, dir)
	rows := journalOf("1", "e", 6)
	bent := func(i int) wire.Row {
		r := rows[i]
		r.Event = `{}`
		return r
	}
	take(t, k, bent(1), bent(2))
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	k = open(t, dir)
	first := untold(t, k)
	if len(first) != 1 || first[0].Rows != 2 || first[0].Newest.Key.Seq != 3 || first[0].Lane != (Lane{"0421", "1"}) {
		t.Fatalf("after the restart: %+v", first)
	}
	take(t, k, bent(4), bent(1)) // a new one, and one that is known
	if err := k.Told(t.Context(), first[0]); err != nil {
		t.Fatal(err)
	}
	if next := untold(t, k); len(next) != 1 || next[0].Rows != 1 || next[0].First <= first[0].Last || next[0].Newest.Key.Seq != 5 {
		t.Errorf("what came meanwhile: %+v", next)
	}
}

// What a full quarantine cannot take raises an alarm of its own, once a day.
func TestFullQuarantineIsAnAlarm(t *testing.T) {
	k := open(t, t.TempDir())
	k.room = 3
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	k.now = func() time.Time { return now }
	stray := func(i int) Taken {
		got, err := k.TakeLoad(t.Context(), Load{Strays: []Stray{{"0421", "1", "nonsense", fmt.Append(nil, i)}}})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	var why []string
	for i := range 6 {
		for _, a := range stray(i).Alarms {
			why = append(why, a.Why)
		}
	}
	if len(why) != 4 || !strings.HasPrefix(why[3], "its quarantine is full at 3") {
		t.Errorf("alarms: %q", why)
	}
	if again := stray(1); len(again.Alarms) != 0 {
		t.Errorf("what lies there already: %+v", again.Alarms)
	}
	now = now.Add(24 * time.Hour)
	if next := stray(9); len(next.Alarms) != 1 {
		t.Errorf("the next day: %+v", next.Alarms)
	}
	if all := untold(t, k); len(all) != 1 || all[0].Rows != 5 {
		t.Errorf("to be told: %+v", all)
	}
}

// Whoever changes the hub's file is found out.
func TestVerifyNamesWhatWasDone(t *testing.T) {
	for name, tt := range map[string]struct{ sql, want string }{
		"flipped":   {`UPDATE journal SET event = '{"code":"x"}' WHERE seq = 4`, "4: its hash does not fit"},
		"deleted":   {`DELETE FROM journal WHERE seq = 4`, "5: rows 4 to 4 are missing"},
		"truncated": {`DELETE FROM journal WHERE seq > 8`, "10: it is missing, and was here"},
		"swapped":   {`UPDATE journal SET seq = CASE seq WHEN 4 THEN 5000 ELSE seq END WHERE seq = 4`, "5: rows 4 to 4"},
		"inserted":  {`INSERT INTO journal SELECT store, lane, epoch, 11, run, at, mono, clock, txn, kind, event, facts, prev, hash FROM journal WHERE seq = 10`, "11: its hash"},
		"beginning": {`DELETE FROM journal WHERE seq < 3`, "3: rows 1 to 2 are missing"},
	} {
		k := open(t, t.TempDir())
		take(t, k, journalOf("1", "e", 10)...)
		if _, err := k.db.Writer().Exec(tt.sql); err != nil {
			t.Fatal(name, err)
		}
		got := findings(t, k)
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
			t.Errorf("%s: %v, want %q", name, got, tt.want)
		}
	}
}

func TestAnchor(t *testing.T) {
	k := open(t, t.TempDir())
	rows := journalOf("1", "e", 10)
	take(t, k, rows...)
	state := wire.LaneState{Lane: "1", Epoch: "e", Head: 10, HeadHash: rows[9].Hash}
	if err := k.Anchor(t.Context(), "0421", state); err != nil {
		t.Error(err)
	}
	state.HeadHash = rows[8].Hash
	for range 2 { // the lane says it each minute
		if err := k.Anchor(t.Context(), "0421", state); !errors.Is(err, ErrAnchor) {
			t.Errorf("another head: %v", err)
		}
	}
	if all := untold(t, k); len(all) != 1 || all[0].Rows != 1 {
		t.Errorf("to be told: %+v", all)
	}
}

func untold(t *testing.T, k *Keeper) []Untold {
	t.Helper()
	all, err := k.Untold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A lane that was put back to an older state of the same journal, and sells
// nothing, shows by its head. One whose word was overtaken by its rows does not.
func TestAnchorBelowTheMark(t *testing.T) {
	k := open(t, t.TempDir())
	rows := journalOf("1", "e", 10)
	now := time.Now()
	k.now = func() time.Time { return now }
	take(t, k, rows...)
	early := wire.LaneState{Lane: "1", Epoch: "e", Head: 6, HeadHash: rows[5].Hash}
	if err := k.Anchor(t.Context(), "0421", early); err != nil {
		t.Errorf("a word that was overtaken: %v", err)
	}
	now = now.Add(2 * time.Minute)
	for head := range 3 {
		early.Head, early.HeadHash = int64(6+head), rows[5+head].Hash
		if err := k.Anchor(t.Context(), "0421", early); !errors.Is(err, ErrAnchor) {
			t.Errorf("head %d below row 10: %v", early.Head, err)
		}
	}
	if all := untold(t, k); len(all) != 1 || all[0].Rows != 1 || all[0].Newest.Key.Seq != 10 {
		t.Errorf("to be told: %+v", all)
	}
	other := wire.LaneState{Lane: "1", Epoch: "f", Head: 2, HeadHash: "anything"}
	if err := k.Anchor(t.Context(), "0421", other); err != nil {
		t.Errorf("a journal that began anew: %v", err)
	}
}

// Whoever cuts the end of a journal and sets the mark back to it is found out by
// what the lane said an hour ago; what it said a moment ago may be on its way.
func TestVerifyFindsAnEndCutWithItsMark(t *testing.T) {
	for _, cut := range []string{`UPDATE mark SET seq = 8, hash = (SELECT hash FROM journal WHERE seq = 8)`, `DELETE FROM mark`} {
		k := open(t, t.TempDir())
		now := time.Now()
		k.now = func() time.Time { return now }
		rows := journalOf("1", "e", 10)
		take(t, k, rows...)
		if err := k.Anchor(t.Context(), "0421", wire.LaneState{Lane: "1", Epoch: "e", Head: 10, HeadHash: rows[9].Hash}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.db.Writer().Exec(`DELETE FROM journal WHERE seq > 8; ` + cut); err != nil {
			t.Fatal(err)
		}
		if got := findings(t, k); got != nil {
			t.Errorf("%s: within the hour: %v", cut, got)
		}
		now = now.Add(lateAfter)
		if got := findings(t, k); len(got) != 1 || !strings.HasPrefix(got[0], "10: it is not here, though its lane said") {
			t.Errorf("%s: %v", cut, got)
		}
	}
}

// A hub restored from an old backup says a lower mark and is filled again.
func TestRestoredFromBackup(t *testing.T) {
	dir := t.TempDir()
	k := open(t, dir)
	rows := journalOf("1", "e", 30)
	take(t, k, rows[:10]...)
	if err := k.db.Backup(t.Context(), dir+"/old"); err != nil {
		t.Fatal(err)
	}
	take(t, k, rows[10:]...)
	restored := t.TempDir()
	if err := os.Rename(dir+"/old", restored+"/"+FileName); err != nil {
		t.Fatal(err)
	}
	k2 := open(t, restored)
	if m := mark(t, k2, "1", "e"); m.Seq != 10 {
		t.Fatalf("mark %+v", m)
	}
	take(t, k2, rows[10:]...)
	if m := mark(t, k2, "1", "e"); m.Seq != 30 || findings(t, k2) != nil {
		t.Errorf("mark %+v", m)
	}
}

func BenchmarkTake(b *testing.B) {
	k, err := Open(b.Context(), b.TempDir(), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	rows := journalOf("1", "e", b.N)
	b.ResetTimer()
	for len(rows) > 0 {
		n := min(len(rows), 500)
		if _, err := k.Take(b.Context(), rows[:n]); err != nil {
			b.Fatal(err)
		}
		rows = rows[n:]
	}
}
