package journal

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/flow"
	"kassa/store/retain/ages"
)

// days is a journal of n sales, one a day, each day closed with a Z.
func days(t *testing.T, j *Journal, from, n int64) {
	t.Helper()
	for i := from; i < from+n; i++ {
		at := monday.AddDate(0, 0, int(i))
		all := append(sale(i), entry(0, "day-closing", flow.Facts{}), entry(0, "day-z", flow.Facts{}))
		for k := range all {
			all[k].At = at
		}
		put(t, j, all...)
	}
}

const perDay = 9 // records: a sale's seven, and two at the day's end

func pruning(confirmed int64) Pruning {
	return Pruning{Policy: ages.Lane(), Confirmed: confirmed, Now: monday.AddDate(0, 0, 100)}
}

// What is older than 35 days and confirmed goes; what stays is as it was, still
// verifies, and the lane goes on behind it.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	days(t, j, 1, 90)
	handle, err := j.PutPersonal(t.Context(), "member", "4711")
	if err != nil {
		t.Fatal(err)
	}
	before := tables(t, &j.Reader)
	p := pruning(90 * perDay)
	done, err := j.Prune(t.Context(), p)
	if err != nil || done.From != 1 || done.To != 64*perDay { // days 65 to 100 stay
		t.Fatalf("%+v, %v", done, err)
	}
	if _, err := j.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	begin, err := j.Begin(t.Context())
	if err != nil || begin.Seq != 64*perDay {
		t.Errorf("begins after %v, %v", begin, err)
	}
	if got := tables(t, &j.Reader); !strings.Contains(before, "0421-1-000064") || strings.Contains(got, "0421-1-000064") || !strings.Contains(got, "0421-1-000065") {
		t.Error("the tables are not those of what stays")
	}
	if again, err := j.Prune(t.Context(), p); err != nil || again.To >= again.From {
		t.Errorf("the second time: %+v, %v", again, err)
	}
	if _, _, err := j.Personal(t.Context(), handle); err == nil {
		// it was put just now, and so is younger than what the test's clock says
		p.Now = time.Now().AddDate(0, 0, 31)
		p.Confirmed = 0
		if done, err := j.Prune(t.Context(), p); err != nil || done.Personal != 1 {
			t.Errorf("%+v, %v", done, err)
		}
	}
	if _, _, err := j.Personal(t.Context(), handle); !errors.Is(err, ErrNoValue) {
		t.Errorf("a value older than 30 days: %v", err)
	}
	days(t, j, 91, 1)
	old := tables(t, &j.Reader)
	if err := j.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tables(t, &j.Reader); got != old {
		t.Error("made anew the tables differ")
	}
	if _, err := j.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// Nothing that the keeper has not confirmed goes, nor what the lane needs.
func TestPruneSpares(t *testing.T) {
	for name, tt := range map[string]struct {
		confirmed int64
		after     func(*testing.T, *Journal)
		to        int64
		why       string
	}{
		"nothing confirmed":    {0, nil, 0, "not confirmed"},
		"half of a sale":       {5*perDay + 3, nil, 5 * perDay, "cut in two"},
		"days that are open":   {1e6, func(t *testing.T, j *Journal) { put(t, j, sale(91)...) }, 64 * perDay, ""},
		"an old open sale":     {1e6, func(t *testing.T, j *Journal) { put(t, j, reopened(3)) }, 2 * perDay, "not ended"},
		"a clock that was not": {1e6, unset, 64 * perDay, ""},
	} {
		j := opened(t, t.TempDir())
		days(t, j, 1, 90)
		if tt.after != nil {
			tt.after(t, j)
		}
		got, err := j.Prunable(t.Context(), pruning(tt.confirmed))
		if err != nil || got.To != tt.to || !strings.Contains(got.Why, tt.why) {
			t.Errorf("%s: %+v, %v, want up to %d", name, got, err, tt.to)
		}
	}
	j := opened(t, t.TempDir()) // no day was ever closed
	for i := range int64(9) {
		put(t, j, sale(i+1)...)
	}
	if got, err := j.Prunable(t.Context(), pruning(1e6)); err != nil || got.To != 0 {
		t.Errorf("days that no Z has counted: %+v, %v", got, err)
	}
}

func reopened(txn int64) Entry {
	e := entry(txn, "Touched", flow.Facts{Txn: header(txn, flow.SaleInDoubt, 258)})
	e.At = monday.AddDate(0, 0, 95)
	return e
}

// unset writes as a board does whose clock has not been set.
func unset(t *testing.T, j *Journal) {
	t.Helper()
	e := sale(92)
	for i := range e {
		e[i].At = time.Unix(100, 0)
	}
	put(t, j, e...)
}

// What was changed before or after pruning is found, whichever row.
func TestPrunedJournalStillTells(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), dir, lane1)
	if err != nil {
		t.Fatal(err)
	}
	stop := running(t, j)
	days(t, j, 1, 90)
	if _, err := j.Prune(t.Context(), pruning(1e6)); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	const first = 64*perDay + 1
	for sql, want := range map[string]int64{
		`UPDATE record SET event = '{}' WHERE seq = 700`:        700,
		fmt.Sprintf(`DELETE FROM record WHERE seq = %d`, first): first,
		`UPDATE anchor SET hash = zeroblob(32)`:                 first,
		`DELETE FROM record WHERE seq > 800`:                    801,
		fmt.Sprintf(swap, 650, 651):                             650,
		`INSERT INTO record SELECT 9, run, at, mono, clock, txn, kind, event, facts, prev, hash FROM record WHERE seq = 700`: 9,
	} {
		broken, ok := errors.AsType[*BrokenError](verify(t, tampered(t, dir, sql)))
		if !ok || broken.Seq != want {
			t.Errorf("after %s: %v, want record %d named", sql, broken, want)
		}
	}
}
