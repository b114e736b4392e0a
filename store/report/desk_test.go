package report

import (
	"fmt"
	"testing"

	"kassa/store/report/reporttest"
)

func TestDeskCounts(t *testing.T) {
	db, err := reporttest.Desk(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, c := range []struct {
		id, state          string
		number, before     int
		claim, settle, sol any
	}{
		{"a", "done", 7, 0, 4000, 20000, 1}, {"b", "done", 7, 1, 6000, 40000, 0}, {"c", "done", 8, 0, 2000, 30000, nil}, {"d", "cancelled", 9, 0, nil, 1000, nil},
	} {
		if _, err := db.Writer().Exec(`INSERT INTO contact VALUES (?, '1', ?, 'scale', 'scale/stuck', 'during', 'lane', 'fr', 2, '2026-11-22T12:00:00+01:00',
			NULL, ?, ?, '[{"Tier":0},{"Tier":1}]', 'a17', 0, 'helped', ?, ?, 3, ?, '', '', '', '')`, c.id, c.number, c.claim, c.settle, c.state, c.before, c.sol); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"help":    "[[scale/stuck lane 2 4 1 0 333 4000 20000 40000]]",
		"ratings": "[[scale/stuck 4 4 0 0 1 1 0]]",
	} {
		if got := fmt.Sprint(answer(t, Desk(db.Reader()), name, Query{}).Rows); got != want {
			t.Errorf("%s says %s, want %s", name, got, want)
		}
	}
}

// Every call of random ones is in a report once.
func TestDeskOfManyCalls(t *testing.T) {
	db, err := reporttest.Calls(t.Context(), t.TempDir(), 1, 200)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for name, column := range map[string]int{"help": 3, "ratings": 1} {
		for lane, want := range map[string]bool{"": true, "2": false} {
			var sum int64
			for _, row := range answer(t, Desk(db.Reader()), name, Query{Lane: lane}).Rows {
				n, _ := row[column].(int64)
				sum += n
			}
			if (sum == 200) != want || sum == 0 {
				t.Errorf("%s of lane %q tells of %d calls", name, lane, sum)
			}
		}
	}
}
