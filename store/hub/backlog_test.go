package hub_test

import (
	"encoding/json"
	"flag"
	"testing"
	"time"

	"kassa/store/journal"
)

var backlogRows = flag.Int("backlog", 3000, "rows of the lane that was away; a week of a busy lane has 45000")

// A lane that was away for a week comes back with all its rows: a call for help
// raised meanwhile is on the desk at once, and every row arrives.
func TestBacklogDelaysNoCall(t *testing.T) {
	s := newSite(t, false)
	r := s.join("1")
	r.sell(1)
	r.marked(1)
	r.stop()
	var last *journal.Ticket
	for range *backlogRows {
		var err error
		last, err = r.journal.Append(t.Context(), journal.Entry{
			At: time.Now(), Clock: "synced", Txn: 1, Kind: "scanned", Event: json.RawMessage(`{"code":"4006381333931"}`),
			Facts: json.RawMessage(`{"lines":[{"n":1,"gtin":"04006381333931","qty":1,"amount_minor":129}]}`),
		})
		must(t, err)
	}
	must(t, last.Wait(t.Context()))
	head := int64(*backlogRows) + 1
	begin := time.Now()
	r.link()
	till(t, "rows are on their way", func() bool {
		m, err := s.h.Keeper().Mark(t.Context(), storeName, "1", r.journal.Epoch())
		return err == nil && m.Seq > 1
	})
	raised := time.Now()
	r.raise("1-7/1")
	till(t, "the call is known", func() bool { return r.last("1-7/1").State != "" })
	took := time.Since(raised)
	m, err := s.h.Keeper().Mark(t.Context(), storeName, "1", r.journal.Epoch())
	must(t, err)
	till(t, "all rows are kept", func() bool {
		m, err := s.h.Keeper().Mark(t.Context(), storeName, "1", r.journal.Epoch())
		return err == nil && m.Seq == head
	})
	t.Logf("the call was known after %v, with %d rows still to come; all %d were kept after %v",
		took.Round(time.Millisecond), head-m.Seq, head, time.Since(begin).Round(time.Millisecond))
	if m.Seq >= head {
		t.Error("all rows were kept before the call was known: they cannot have been in its way, so send more of them")
	}
	if took > 2*time.Second {
		t.Errorf("the call took %v", took)
	}
}
