package uplink

import (
	"log/slog"
	"testing"
	"time"

	"kassa/store/wire"
)

// Rows are sent again where a keeper that has read all there is lacks them for
// longer than a minute; never while it is silent, or behind: a day without head
// office would else fill the hub's stream with the same rows.
func TestOnlyALackIsALoss(t *testing.T) {
	var now time.Time
	s := &sender{log: slog.New(slog.DiscardHandler), now: func() time.Time { return now }, sent: 100}
	for i, step := range []struct {
		after        time.Duration
		seq, behind  int64
		sends, round int64
	}{
		{0, 40, 0, 100, 0},
		{24 * time.Hour, 40, 500, 100, 0}, // nothing was heard for a day, then it is behind
		{time.Hour, 40, 500, 100, 0},
		{time.Second, 60, 0, 100, 0}, // a doubt
		{50 * time.Second, 60, 0, 100, 0},
		{20 * time.Second, 60, 0, 60, 1}, // a loss
		{time.Second, 60, 0, 60, 1},
	} {
		now = now.Add(step.after)
		s.marked = wire.Mark{Seq: step.seq, Behind: step.behind}
		s.wonder(t.Context())
		if s.sent != step.sends || int64(s.round) != step.round {
			t.Errorf("step %d: sent %d, round %d", i, s.sent, s.round)
		}
	}
}

func TestFits(t *testing.T) {
	small, large := wire.Row{Event: "{}"}, wire.Row{Event: string(make([]byte, wire.MaxSize/2))} // escaped, NULs are six bytes
	if !fits(small) || fits(large) {
		t.Error("what fits?")
	}
}
