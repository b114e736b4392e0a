package desk

import (
	"testing"
	"time"

	"kassa/kiosk/help"
	"kassa/store/wire"
)

// What was amiss with a sale's money stays at the desk when the sale leaves its
// lane, until somebody has looked; what was settled does not.
func TestMoneyOfASaleThatLeftIsKept(t *testing.T) {
	for name, tt := range map[string]struct {
		end    wire.CallUp
		raised bool // before it ended
		kept   bool
	}{
		"the lane says over":      {wire.CallUp{By: "lane", Outcome: "over"}, true, true},
		"the lane names it not":   {wire.CallUp{Outcome: "lane-says-over"}, true, true},
		"raised and over at once": {wire.CallUp{By: "lane", Outcome: "over"}, false, true},
		"settled at the lane":     {wire.CallUp{By: "a17", Outcome: "settled"}, true, false},
		"the terminal knew":       {wire.CallUp{By: "terminal", Outcome: "approved"}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := start(t, dir)
			up := wire.CallUp{
				ID: "1-000007/n1", Verb: wire.CallRaise, Reason: "payment.unsure", Language: "ar", RaisedAt: time.Now(),
				Context: wire.Context{Number: 7, Evidence: "terminal says approved"},
			}
			if tt.raised {
				_, err := b.Heard(t.Context(), "1", up)
				must(t, err)
			}
			up.Verb, up.By, up.Outcome = wire.CallEnd, tt.end.By, tt.end.Outcome
			for range 2 { // said again, it is kept once
				_, err := b.Heard(t.Context(), "1", up)
				must(t, err)
			}
			kept := b.openCalls(t)
			if !tt.kept {
				if len(kept) != 0 {
					t.Errorf("%+v", kept)
				}
				return
			}
			if len(kept) != 1 || kept[0].ID != "hub:payment:1-000007/n1" || kept[0].Reason != "after.card" || kept[0].Context.Evidence != "terminal says approved" ||
				kept[0].Context.Number != 7 || kept[0].Presence || !kept[0].House {
				t.Fatalf("%+v", kept)
			}
			b.stop()
			b = start(t, dir) // also when the hub begins anew
			w := b.openCalls(t)[0]
			c, err := b.Do(t.Context(), help.Deed{Call: w.ID, Version: w.Version, Verb: help.DoClaim, By: "amina"})
			must(t, err)
			_, err = b.Settle(t.Context(), Settlement{Call: w.ID, Version: c.Version, By: "amina", Reason: "explained"})
			must(t, err)
			_, err = b.Heard(t.Context(), "1", up)
			must(t, err)
			if again := b.openCalls(t); len(again) != 0 {
				t.Errorf("settled, and open again: %+v", again)
			}
		})
	}
}

func (b *bench) openCalls(t *testing.T) []Waiting {
	t.Helper()
	snapshots, leave, err := b.Watch(t.Context())
	must(t, err)
	defer leave()
	return (<-snapshots).Calls
}
