package keeper

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/store/retain/ages"
	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// years is a journal with rows of one transaction, five rows, a month.
func years(n int) []wire.Row {
	rows := journalOf("1", "e", n)
	for i := range rows {
		r := &rows[i]
		r.At = time.Date(2030, time.Month(1+i/5), 2, 10, 0, 0, 0, time.UTC).Format(time.RFC3339)
		if i == 7 {
			r.At = "1970-01-01T00:00:00Z" // the clock had not been set
		}
	}
	wiretest.Chain(rows)
	return rows
}

func prune(t *testing.T, k *Keeper, p Pruning) []Pruned {
	t.Helper()
	k.now = func() time.Time { return time.Date(2046, 11, 22, 3, 0, 0, 0, time.UTC) }
	all, err := k.Prune(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What has reached its age goes, whole transactions of it, once; the chain still
// verifies, and what then comes goes on behind it.
func TestPruneLeavesAnAnchor(t *testing.T) {
	k := open(t, t.TempDir())
	rows := years(1000) // 2030 to the middle of 2046
	take(t, k, rows[:980]...)
	ten := Pruning{Policy: ages.Policy{Sale: ages.Age{Years: 10}}, Dry: true}
	if got := prune(t, k, ten); len(got) != 1 || got[0].From != 1 || got[0].To != 360 { // all of 2030 to 2035
		t.Fatalf("would take %+v", got)
	}
	var n int
	if err := k.DB().QueryRow(`SELECT count(*) FROM journal`).Scan(&n); err != nil || n != 980 {
		t.Fatalf("a dry run leaves %d rows, %v", n, err)
	}
	ten.Dry = false
	prune(t, k, ten)
	if again := prune(t, k, ten); len(again) != 0 {
		t.Errorf("the second time: %+v", again)
	}
	if bad := findings(t, k); bad != nil {
		t.Fatalf("after pruning: %v", bad)
	}
	if got := take(t, k, rows[3], rows[359]); !slices.Equal(got.Verdicts, []Verdict{Known, Known}) {
		t.Errorf("rows that went come again: %v", got.Verdicts)
	}
	take(t, k, rows[980:]...)
	if m := mark(t, k, "1", "e"); m.Seq != 1000 || findings(t, k) != nil {
		t.Errorf("mark %+v, %v", m, findings(t, k))
	}
	for _, table := range []string{"journal", "txn_line"} {
		if err := k.DB().QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil || n != 640 {
			t.Errorf("%s has %d rows, %v", table, n, err)
		}
	}
	twelve := ten
	twelve.Policy.Sale = ages.Age{Years: 5}
	prune(t, k, twelve)
	if err := k.DB().QueryRow(`SELECT count(*) FROM gone`).Scan(&n); err != nil || n != 1 || findings(t, k) != nil {
		t.Errorf("%d pieces are gone, %v, %v", n, err, findings(t, k))
	}
}

// All of a journal may be old: its mark still says how far it came.
func TestPruneAll(t *testing.T) {
	k := open(t, t.TempDir())
	take(t, k, years(20)...)
	prune(t, k, Pruning{Policy: ages.Policy{Sale: ages.Age{Years: 10}}})
	if m := mark(t, k, "1", "e"); m.Seq != 20 || findings(t, k) != nil {
		t.Errorf("%+v, %v", m, findings(t, k))
	}
	if gaps, err := k.Gaps(t.Context()); err != nil || len(gaps) != 0 {
		t.Errorf("gaps %v, %v", gaps, err)
	}
}

// A row that was changed is found after pruning as before, and so is one that
// somebody takes away behind what has gone, or a beginning that was moved.
func TestVerifyAfterPruning(t *testing.T) {
	for name, tt := range map[string]struct{ sql, want string }{
		"flipped":   {`UPDATE journal SET event = '{}' WHERE seq = 400`, "400: its hash"},
		"beginning": {`DELETE FROM journal WHERE seq = 361`, "362: rows 361 to 361 are missing"},
		"moved":     {`UPDATE gone SET "to" = 361; DELETE FROM journal WHERE seq = 361`, "362: it does not follow row 361"},
		"hash":      {`UPDATE gone SET hash = replace(hash, 'a', 'b')`, "361: it does not follow row 360"},
		"truncated": {`DELETE FROM journal WHERE seq > 900`, "980: it is missing"},
		"emptied":   {`DELETE FROM journal`, "980: it is missing"},
		"forgotten": {`DELETE FROM gone`, "361: rows 1 to 360 are missing"},
	} {
		k := open(t, t.TempDir())
		take(t, k, years(980)...)
		prune(t, k, Pruning{Policy: ages.Policy{Sale: ages.Age{Years: 10}}})
		if _, err := k.db.Writer().Exec(tt.sql); err != nil {
			t.Fatal(name, err)
		}
		if got := findings(t, k); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
			t.Errorf("%s: %v, want %q", name, got, tt.want)
		}
	}
}

// Where head office is the last keeper, nothing goes that it was not heard to have,
// also after a restart; nor does what stands behind a hole.
func TestUnconfirmedNeverGoes(t *testing.T) {
	dir := t.TempDir()
	k := open(t, dir)
	rows := years(900)
	take(t, k, slices.Concat(rows[:200], rows[210:])...)
	p := Pruning{Policy: ages.Policy{Sale: ages.Age{Years: 10}}, HQ: true}
	if got := prune(t, k, p); len(got) != 1 || got[0].To != 0 || got[0].Unsaid != 200 {
		t.Fatalf("head office has nothing: %+v", got)
	}
	if err := k.HeardHQ(t.Context(), []HQMark{{"1", wire.Mark{Epoch: "e", Seq: 103, Hash: rows[102].Hash, Keeper: "hq"}}, {"1", wire.Mark{Epoch: "x", Seq: 900}}}); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	k = open(t, dir)
	if got := prune(t, k, p); len(got) != 1 || got[0].To != 100 || got[0].Unsaid != 97 { // transactions are of five rows
		t.Fatalf("%+v", got)
	}
	p.HQ = false
	if got := prune(t, k, p); len(got) != 1 || got[0].To != 200 { // the hole ends what the mark covers
		t.Fatalf("%+v", got)
	}
}
