package keeper

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/store/chain"
	"kassa/store/wire"
)

// journalOf is a lane's journal of n rows, as its lane would send it.
func journalOf(lane, epoch string, n int) []wire.Row {
	rows := make([]wire.Row, 0, n)
	prev := chain.Anchor(epoch, "0421", lane, "2026-11-21T08:00:00Z")
	for i := range n {
		c := chain.Record{
			Epoch: epoch, Seq: int64(i + 1), Run: "r", At: "2026-11-21T08:00:00Z", Mono: int64(i), Clock: "synced", Txn: int64(i/5 + 1),
			Kind: "scanned", Event: fmt.Sprintf(`{"code":"%d"}`, i), Prev: prev,
			Facts: fmt.Sprintf(`{"lines":[{"n":%d,"gtin":"%014d","qty":1,"amount_minor":%d}]}`, i%5+1, i, 100+i),
		}
		sum := c.Sum()
		rows = append(rows, wire.Row{
			Store: "0421", Lane: lane, Epoch: epoch, Seq: c.Seq, Run: c.Run, At: c.At, Mono: c.Mono, Clock: c.Clock, Txn: c.Txn, Kind: c.Kind,
			Event: c.Event, Facts: c.Facts, Prev: hex.EncodeToString(prev[:]), Hash: hex.EncodeToString(sum[:]),
		})
		prev = sum
	}
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
	c := chain.Record{Epoch: "e", Seq: 2, At: other[1].At, Kind: "x", Event: "{}"}
	sum := c.Sum()
	fork := wire.Row{Store: "0421", Lane: "1", Epoch: "e", Seq: 2, At: c.At, Kind: "x", Event: "{}", Prev: strings.Repeat("00", 32), Hash: hex.EncodeToString(sum[:])}
	if got := take(t, k, fork); got.Verdicts[0] != Refused || !strings.Contains(got.Alarms[0].Why, "another row") {
		t.Errorf("a second row 2: %+v", got)
	}
	c.Seq = 5
	sum = c.Sum()
	fork.Seq, fork.Hash = 5, hex.EncodeToString(sum[:])
	if got := take(t, k, fork); got.Verdicts[0] != Refused || !strings.Contains(got.Alarms[0].Why, "does not follow") {
		t.Errorf("a row of another chain: %+v", got)
	}
	take(t, k, rows[2], rows[4], rows[5])
	if m := mark(t, k, "1", "e"); m.Seq != 6 {
		t.Errorf("mark %+v", m)
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
	if err := k.Anchor(t.Context(), "0421", state); !errors.Is(err, ErrAnchor) {
		t.Errorf("another head: %v", err)
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
