package hq

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/store/wire"
)

// anchors waits until a head is kept, and returns it.
func anchors(t *testing.T, h *HQ) string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		if got := rows(t, h, `SELECT lane, epoch, seq, hash FROM anchor ORDER BY 1, 2, 3`); got != "" {
			return got
		}
	}
	t.Fatal("no head was kept")
	return ""
}

// What lanes say of their heads is kept, by either way; what is no head is not.
func TestHeadsAreKept(t *testing.T) {
	t.Run("behind a hub", func(t *testing.T) {
		r := newRig(t)
		h, _ := r.headOffice()
		all := journalOf("1", "e", 10)
		told := r.marks()
		r.send(all[:5]...)
		r.until(told, 5) // it runs, and listens
		for _, s := range []wire.LaneState{
			{Lane: "2", Epoch: "e", Head: 7, HeadHash: all[6].Hash},
			{Lane: "1", Epoch: "e", Head: 7, HeadHash: "none"},
			{Lane: "1", Epoch: "e", Head: 8, HeadHash: all[7].Hash},
		} {
			data, err := wire.Encode(s)
			ok(t, err)
			ok(t, r.nc.Publish(wire.Up("0421", "1", wire.UpState), data))
		}
		if got := anchors(t, h); got != "1 e 8 "+all[7].Hash {
			t.Errorf("kept: %s", got)
		}
	})
	t.Run("without one", func(t *testing.T) {
		o := newOffice(t)
		l := o.join("1")
		l.sell()
		l.flush()
		head, err := l.journal.Head(t.Context())
		ok(t, err)
		o.carry(l)
		if got := anchors(t, o.h); got != "1 "+l.journal.Epoch()+" 3 "+head.Hex() {
			t.Errorf("kept: %s", got)
		}
	})
}

// A head that does not fit what is kept goes to quarantine, once.
func TestHeadThatDoesNotFit(t *testing.T) {
	all := journalOf("1", "e", 10)
	other := strings.Repeat("ab", 32)
	for name, tt := range map[string]struct {
		head int64
		hash string
		age  string // of the newest row that came
		why  string // "": it fits
		seq  int64  // under which it is noted
	}{
		"the newest row":         {10, all[9].Hash, "1 hour", "", 0},
		"rows that are to come":  {12, other, "1 hour", "", 0},
		"just overtaken":         {8, all[7].Hash, "1 second", "", 0},
		"cut, or put back":       {8, all[7].Hash, "1 hour", "ends before row 10", 10},
		"another newest row":     {10, other, "1 second", "another hash", 10},
		"another row before":     {8, other, "1 second", "another hash", 8},
		"none of its own making": {8, "x", "1 hour", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, newDatabase(t))
			take(t, h, all...)
			_, err := h.pool.Exec(t.Context(), `UPDATE mark SET at = now() - $1::text::interval`, tt.age)
			ok(t, err)
			for range 2 {
				ok(t, h.Anchor(t.Context(), all[0].Journal(), tt.head, tt.hash))
			}
			got := rows(t, h, `SELECT seq, why FROM quarantine`)
			switch seq, why, _ := strings.Cut(got, " "); {
			case tt.why == "" && got != "":
				t.Errorf("in quarantine: %s", got)
			case tt.why != "" && (!strings.Contains(why, tt.why) || seq != strconv.FormatInt(tt.seq, 10) || strings.Contains(got, "\n")):
				t.Errorf("in quarantine: %q, want %q under %d", got, tt.why, tt.seq)
			}
		})
	}
}
