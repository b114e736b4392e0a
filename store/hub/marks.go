package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/hub/keeper"
	"kassa/store/wire"
)

// mark tells a lane how far its rows are here. Marks are read and sent under one
// lock: an older one after a newer would say that rows were lost.
func (h *Hub) mark(ctx context.Context, lane, epoch string) {
	if h.o.Keeper != "hub" {
		return
	}
	h.marking.Lock()
	defer h.marking.Unlock()
	m, err := h.keeper.Mark(ctx, h.o.Store, lane, epoch)
	if err != nil {
		h.o.Log.ErrorContext(ctx, "no mark", "lane", lane, "err", err)
		return
	}
	h.tell(lane, wire.DownMark, m)
	h.count.marks.Add(1)
}

// remind tells a lane its mark when it knows another: it missed one, or the
// keeper was put back to an older state.
func (h *Hub) remind(ctx context.Context, lane string, s wire.LaneState) error {
	if h.o.Keeper != "hub" {
		h.marking.Lock()
		defer h.marking.Unlock()
		if m, heard := h.hqMarks[markOf{lane, s.Epoch}]; heard && m.Seq != s.Marked {
			h.tell(lane, wire.DownMark, m)
		}
		return nil
	}
	m, err := h.keeper.Mark(ctx, h.o.Store, lane, s.Epoch)
	if err != nil {
		return err
	}
	if m.Seq != s.Marked {
		h.mark(ctx, lane, s.Epoch)
	}
	return nil
}

// hearMark remembers what head office has, to tell a lane that missed it. Its
// own repetition it hears too, which changes nothing.
func (h *Hub) hearMark(m *nats.Msg) {
	_, lane, _, _, ok := wire.Parse(m.Subject)
	var mark wire.Mark
	if !ok || wire.Decode(m.Data, &mark) != nil || mark.Keeper != "hq" {
		return
	}
	h.marking.Lock()
	defer h.marking.Unlock()
	mark.Behind = 1 // whether head office has read all, it says itself
	h.hqMarks[markOf{lane, mark.Epoch}] = mark
}

// markOf names a journal of this store.
type markOf struct{ lane, epoch string }

// keepEvery is how often what head office said is put on the disk: what a power
// cut takes of it is said again.
const keepEvery = 10 * time.Second

// recall reads what head office had said when the hub was last there.
func (h *Hub) recall(ctx context.Context) error {
	marks, err := h.keeper.HQMarks(ctx)
	for _, m := range marks {
		h.hqMarks[markOf{m.Lane, m.Epoch}] = m.Mark
	}
	return err
}

// keepMarks keeps what head office says, until ctx ends.
func (h *Hub) keepMarks(ctx context.Context) error {
	kept := map[markOf]wire.Mark{}
	t := time.NewTicker(keepEvery)
	defer t.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		var fresh []keeper.HQMark
		h.marking.Lock()
		for of, m := range h.hqMarks {
			if kept[of] != m {
				kept[of] = m
				fresh = append(fresh, keeper.HQMark{Lane: of.lane, Mark: m})
			}
		}
		h.marking.Unlock()
		if len(fresh) == 0 {
			continue
		}
		if err := h.keeper.HeardHQ(context.WithoutCancel(ctx), fresh); err != nil {
			h.o.Log.ErrorContext(ctx, "marks of head office not kept", "err", err)
		}
	}
	return nil
}

// gaps are the holes that were asked for: lane and beginning -> when again.
type gaps map[string]gap

type gap struct {
	next  time.Time
	pause time.Duration
}

const (
	gapEvery = time.Second // how often holes are looked for
	gapFirst = 2 * time.Second
	tailRest = 10 * time.Second // how long the newest rows of a lane may be under way
	gapMost  = 5 * time.Minute
	gapRows  = 10_000 // at most, in one question
)

// askForGaps asks lanes for rows that are missing, until ctx ends.
func (h *Hub) askForGaps(ctx context.Context) error {
	t := time.NewTicker(gapEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if h.o.Keeper != "hub" {
			continue // head office asks
		}
		holes, err := h.holes(ctx)
		if err != nil {
			if ctx.Err() == nil {
				h.o.Log.ErrorContext(ctx, "gaps not looked for", "err", err)
			}
			continue
		}
		for _, r := range h.gaps.due(holes, h.o.Now()) {
			h.o.Log.InfoContext(ctx, "rows are missing", "lane", r.Lane, "from", r.From, "to", r.To)
			h.tell(r.Lane, wire.DownResend, r.Resend)
			h.count.resends.Add(1)
		}
	}
}

// A hole is rows that are missing, and how long they may be under way.
type hole struct {
	keeper.Gap
	rest time.Duration
}

// holes are the rows that are missing between others, and those at the end that
// a lane says it has: JetStream may have taken and lost them. While rows still
// come out of the stream nothing is known of an end.
func (h *Hub) holes(ctx context.Context) ([]hole, error) {
	gaps, err := h.keeper.Gaps(ctx)
	if err != nil {
		return nil, err
	}
	var all []hole
	for _, g := range gaps {
		all = append(all, hole{g, gapFirst})
	}
	if !h.idle.Load() {
		return all, nil
	}
	for _, l := range h.fleet.Lanes() {
		s := l.State
		if l.Lost || s.Epoch == "" || s.Marked >= s.Head {
			continue
		}
		m, err := h.keeper.Mark(ctx, h.o.Store, l.ID, s.Epoch)
		if err != nil {
			return nil, err
		}
		if m.Seq < s.Head && !slices.ContainsFunc(gaps, func(g keeper.Gap) bool { return g.Lane == l.ID && g.Epoch == s.Epoch }) {
			all = append(all, hole{keeper.Gap{Store: h.o.Store, Lane: l.ID, Resend: wire.Resend{Epoch: s.Epoch, From: m.Seq + 1, To: s.Head}}, tailRest})
		}
	}
	return all, nil
}

// due are the holes to ask for now: one that is new after a moment, for rows may
// be under way, and one that stays after a pause that grows.
func (g gaps) due(holes []hole, now time.Time) (ask []keeper.Gap) {
	open := map[string]bool{}
	for _, hole := range holes {
		key := fmt.Sprintf("%s/%s/%d", hole.Lane, hole.Epoch, hole.From)
		open[key] = true
		known, ok := g[key]
		if !ok {
			g[key] = gap{now.Add(hole.rest), hole.rest}
			continue
		}
		if now.Before(known.next) {
			continue
		}
		known.pause = min(2*known.pause, gapMost)
		known.next = now.Add(known.pause/2 + rand.N(known.pause))
		g[key] = known
		hole.To = min(hole.To, hole.From+gapRows-1)
		ask = append(ask, hole.Gap)
	}
	for key := range g {
		if !open[key] {
			delete(g, key)
		}
	}
	return ask
}
