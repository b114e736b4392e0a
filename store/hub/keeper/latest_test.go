package keeper

import (
	"testing"
	"time"

	"kassa/store/report/reporttest"
)

// The rows of one transaction are proved without those of the others, and one
// that was changed in the file is named.
func TestProof(t *testing.T) {
	k, err := Open(t.Context(), t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	empty, err := k.Stamp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lane, _ := reporttest.Lived(t, "1", reporttest.Day())
	if _, err := k.Take(t.Context(), reporttest.Rows(t, lane)); err != nil {
		t.Fatal(err)
	}
	if full, err := k.Stamp(t.Context()); err != nil || full == empty {
		t.Errorf("the stamp is %q before and %q after rows came, %v", empty, full, err)
	}
	proof := func(number int64) []Checked {
		t.Helper()
		rows, err := k.Proof(t.Context(), "0421", "1", number)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for number, want := range map[int64]int{1: 5, 2: 3, 3: 1, 9: 0} {
		rows := proof(number)
		if len(rows) != want {
			t.Errorf("transaction %d has %d rows, want %d", number, len(rows), want)
		}
		for _, r := range rows {
			if r.Why != "" || r.Txn != number {
				t.Errorf("transaction %d, row %d of %d: %s", number, r.Seq, r.Txn, r.Why)
			}
		}
	}
	if _, err := k.db.Writer().Exec(`UPDATE journal SET facts = replace(facts, '355', '35') WHERE seq = 7`); err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, r := range proof(1) {
		if r.Why != "" {
			bad++
			if r.Seq != 7 {
				t.Errorf("row %d: %s", r.Seq, r.Why)
			}
		}
	}
	if bad != 1 {
		t.Errorf("%d rows do not hold, want the one that was changed", bad)
	}
}
