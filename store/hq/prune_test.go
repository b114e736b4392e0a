package hq

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/store/retain/ages"
	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// years is a journal with one transaction, five rows, each half year from 2030 on.
func years(n int) []wire.Row {
	all := journalOf("1", "e", n)
	for i := range all {
		r := &all[i]
		r.At = time.Date(2030, time.Month(1+i/5*6), 2, 10, 0, 0, 0, time.UTC).Format(time.RFC3339)
		if i == 7 {
			r.At = "1970-01-01T00:00:00Z" // the clock had not been set
		}
	}
	wiretest.Chain(all)
	return all
}

func prune(t *testing.T, h *HQ, p ages.Policy, dry bool) []Pruned {
	t.Helper()
	h.now = func() time.Time { return time.Date(2046, 11, 22, 3, 0, 0, 0, time.UTC) }
	all, err := h.Prune(t.Context(), p, dry)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var ten = ages.Policy{Sale: ages.Age{Years: 10}}

func TestPruneLeavesAnAnchor(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	all := years(165)
	take(t, h, all[:150]...)
	if got := prune(t, h, ten, false); len(got) != 0 {
		t.Fatalf("rows that the ledger has not worked in: %+v", got)
	}
	if _, err := h.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := prune(t, h, ten, true); len(got) != 1 || got[0].From != 1 || got[0].To != 60 { // all of 2030 to 2035
		t.Fatalf("would take %+v", got)
	}
	prune(t, h, ten, false)
	if again := prune(t, h, ten, false); len(again) != 0 {
		t.Errorf("the second time: %+v", again)
	}
	if bad := findings(t, h); bad != nil {
		t.Fatalf("after pruning: %v", bad)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = open(t, dsn)
	if got := take(t, h, all[3], all[59]); got.Known != 2 {
		t.Errorf("rows that went come again: %+v", got)
	}
	take(t, h, all[150:]...)
	if seqOf(h, "1") != 165 || findings(t, h) != nil {
		t.Errorf("mark %d, %v", seqOf(h, "1"), findings(t, h))
	}
	if got := rows(t, h, `SELECT count(*), (SELECT count(*) FROM txn) FROM journal`); got != "105 18" { // the ledger is behind
		t.Errorf("left: %s", got)
	}
	if got := rows(t, h, `SELECT count(*) FROM pg_inherits WHERE inhparent = 'kassa.journal'::regclass`); got != "21" {
		t.Errorf("%s months have a table", got)
	}
}

// Nothing that is not confirmed goes: what stands behind a hole.
func TestUnconfirmedNeverGoes(t *testing.T) {
	h := open(t, newDatabase(t))
	all := years(150)
	take(t, h, slices.Concat(all[:33], all[40:])...)
	if _, err := h.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := prune(t, h, ten, false); len(got) != 1 || got[0].To != 33 {
		t.Fatalf("%+v", got)
	}
	if bad := findings(t, h); len(bad) != 1 || !strings.Contains(bad[0], "rows 34 to 40") {
		t.Error(bad)
	}
}

func TestVerifyAfterPruning(t *testing.T) {
	for name, tt := range map[string]struct{ sql, want string }{
		"flipped":   {`UPDATE journal SET event = '{}' WHERE seq = 70`, "70: its hash"},
		"beginning": {`DELETE FROM journal WHERE seq = 61`, "62: rows 61 to 61 are missing"},
		"hash":      {`UPDATE gone SET hash = repeat('0', 64)`, "61: it does not follow row 60"},
		"truncated": {`DELETE FROM journal WHERE seq > 90`, "130: it is missing"},
		"forgotten": {`DELETE FROM gone`, "61: rows 1 to 60 are missing"},
	} {
		h := open(t, newDatabase(t))
		take(t, h, years(130)...)
		if _, err := h.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		prune(t, h, ten, false)
		if _, err := h.pool.Exec(t.Context(), tt.sql); err != nil {
			t.Fatal(name, err)
		}
		if got := findings(t, h); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
			t.Errorf("%s: %v, want %q", name, got, tt.want)
		}
	}
}

// A lane that had let rows go when an earlier keeper had them says so: what comes
// behind is confirmed, and what never came is told of.
func TestBegins(t *testing.T) {
	dsn := newDatabase(t)
	h := open(t, dsn)
	all := years(50)
	j := all[0].Journal()
	take(t, h, slices.Concat(all[:20], all[40:])...)
	if done, err := h.Begins(t.Context(), j, 15, all[14].Hash); done || err != nil {
		t.Errorf("what is here: %v, %v", done, err)
	}
	if done, err := h.Begins(t.Context(), j, 35, all[34].Hash); !done || err != nil {
		t.Fatal(done, err)
	}
	if seqOf(h, "1") != 35 {
		t.Errorf("mark %d", seqOf(h, "1"))
	}
	take(t, h, all[35:40]...)
	if seqOf(h, "1") != 50 || findings(t, h) != nil {
		t.Errorf("mark %d, %v", seqOf(h, "1"), findings(t, h))
	}
	missing, err := h.Missing(t.Context())
	if err != nil || fmt.Sprint(missing) != fmt.Sprintf("[{{0421 1 e} {21 35 %s}}]", all[34].Hash) {
		t.Errorf("%v, %v", missing, err)
	}
	if _, err := h.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	prune(t, h, ten, false) // 50 rows of five years: all
	if bad := findings(t, h); bad != nil || seqOf(h, "1") != 50 {
		t.Error(bad)
	}
}
