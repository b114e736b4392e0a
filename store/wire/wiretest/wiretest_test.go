package wiretest_test

import (
	"testing"

	"kassa/store/wire"
	"kassa/store/wire/wiretest"
)

// Rows from here are what a keeper takes.
func TestChainIsSound(t *testing.T) {
	const at = "2026-11-21T08:00:00Z"
	rows := make([]wire.Row, 3)
	for i := range rows {
		rows[i] = wire.Row{Store: "0421", Lane: "1", Epoch: "e", Seq: int64(i + 1), Run: "r", At: at, Kind: "x", Event: "{}", Prev: wiretest.Anchor("e", "0421", "1", at)}
	}
	wiretest.Chain(rows)
	for i, r := range rows {
		if err := r.Check(); err != nil || !r.Sound() {
			t.Errorf("row %d: %v, sound %v", r.Seq, err, r.Sound())
		}
		if i > 0 {
			if why := r.Follows(rows[i-1]); why != "" {
				t.Errorf("row %d: %s", r.Seq, why)
			}
		}
	}
}
