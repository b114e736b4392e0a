package hub

import (
	"context"
	"time"

	"kassa/store/wire"
)

// forgetEvery is how often lanes are held against the list of people who asked to
// be erased.
const forgetEvery = 2 * time.Second

// shareForgotten tells every lane whom to forget, until the lane says that it
// has, until ctx ends.
func (h *Hub) shareForgotten(ctx context.Context) error {
	t := time.NewTicker(forgetEvery)
	defer t.Stop()
	for {
		for _, l := range h.fleet.Lanes() {
			if l.Lost || l.State.Boot == "" {
				continue // it is told when it is back
			}
			if err := h.forget(ctx, l.ID, l.State.Forgot); err != nil && ctx.Err() == nil {
				h.o.Log.ErrorContext(ctx, "a lane was not told whom to forget", "lane", l.ID, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// forget tells one lane the next people it has to forget. Where it stands counts
// in this run of the hub alone: a hub restored from a backup counts anew.
func (h *Hub) forget(ctx context.Context, lane string, at wire.Forgot) error {
	if at.Boot != h.boot {
		at = wire.Forgot{Boot: h.boot}
	}
	whom, serial, err := h.member.Forgotten(ctx, at.Serial)
	if err != nil || len(whom) == 0 {
		return err
	}
	h.tell(lane, wire.DownForget, wire.Forget{Forgot: wire.Forgot{Boot: h.boot, Serial: serial}, Whom: whom})
	return nil
}
