package hub

import (
	"context"
	"time"
)

// Stats are what a monitor asks of a hub, counted since it began.
type Stats struct {
	Rows, Known, Refused, Strays int64 // rows of lanes: kept, here already, in quarantine, no rows at all
	Marks, Resends               int64 // told to lanes
	Calls                        int64 // words of lanes on calls
	Commands, Unanswered         int64
	Lanes, Lost                  int   // heard since it began; silent
	Open, Waiting                int   // calls; nobody has them
	Quarantine                   int64 // rows in it, ever
	Still                        time.Duration
}

// Stats returns them as they are.
func (h *Hub) Stats() Stats {
	ctx, cancel := context.WithTimeout(context.Background(), deskWait)
	defer cancel()
	c := &h.count
	s := Stats{
		Rows: c.rows.Load(), Known: c.known.Load(), Refused: c.refused.Load(), Strays: c.strays.Load(), Marks: c.marks.Load(),
		Resends: c.resends.Load(), Calls: c.calls.Load(), Commands: c.commands.Load(), Unanswered: c.unanswered.Load(),
		Still: h.o.Now().Sub(time.Unix(0, h.beat.Load())),
	}
	for _, l := range h.fleet.Lanes() {
		s.Lanes++
		if l.Lost {
			s.Lost++
		}
	}
	s.Open, s.Waiting = h.fleet.Open()
	n, err := h.keeper.Quarantined(ctx)
	if err != nil {
		h.o.Log.WarnContext(ctx, "quarantine not counted", "err", err)
	}
	s.Quarantine = n
	return s
}
