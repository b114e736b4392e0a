package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"kassa/kiosk/help"
	"kassa/store/hub/keeper"
	"kassa/store/wire"
)

// soundEvery is how often the keeper is asked what nobody has been told of.
const soundEvery = time.Second

// sound tells people, as calls of the house, that a lane's journal does not hold
// or that a parked basket was taken up twice, until ctx ends. The keeper knows what
// was told and what was not, so that a hub that is killed in between, or whose desk
// does not answer, says it again.
func (h *Hub) sound(ctx context.Context) error {
	last := map[string]sounded{} // by lane
	t := time.NewTicker(soundEvery)
	defer t.Stop()
	for ctx.Err() == nil {
		untold, err := h.keeper.Untold(ctx)
		if err != nil && ctx.Err() == nil {
			h.o.Log.ErrorContext(ctx, "quarantine not looked into", "err", err)
		}
		for _, u := range untold {
			if err := h.alarm(ctx, u, last); err != nil && ctx.Err() == nil {
				h.o.Log.WarnContext(ctx, "alarm not raised as a call", "lane", u.Lane.Lane, "err", err)
			}
		}
		if err := h.takenUp(ctx); err != nil && ctx.Err() == nil {
			h.o.Log.WarnContext(ctx, "a ticket's taking up not looked at", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
	return nil
}

// sounded is the call that was raised last for a lane.
type sounded struct {
	call string
	rows int64 // that it tells of
}

// alarm raises a call for what went to quarantine of one lane. While nobody has
// the last one, that one grows: a lane that talks nonsense for an hour is one call.
func (h *Hub) alarm(ctx context.Context, u keeper.Untold, last map[string]sounded) error {
	lane := u.Lane.Lane
	was := last[lane]
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	if was.call != "" {
		state, err := h.raiseJournal(ctx, was.call, u, was.rows+u.Rows)
		if err != nil {
			return err
		}
		if state == help.Raised || state == help.Seen {
			last[lane] = sounded{was.call, was.rows + u.Rows}
			return h.keeper.Told(ctx, u)
		}
	}
	// Said again after a crash it is the same call, even if it was settled since;
	// of other rows, or in a keeper that was made anew, it is another.
	id := fmt.Sprintf("%sjournal:%s/%d-%d-%s", ownCalls, lane, u.First, u.Last, mark(u))
	if _, err := h.raiseJournal(ctx, id, u, u.Rows); err != nil {
		return err
	}
	last[lane] = sounded{id, u.Rows}
	return h.keeper.Told(ctx, u)
}

// mark tells what lies in quarantine from what lay there under the same numbers.
func mark(u keeper.Untold) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s/%d %s", u.At, u.Newest.Key.Epoch, u.Newest.Key.Seq, u.Newest.Why))
	return hex.EncodeToString(sum[:4])
}

// raiseJournal says a call that tells of so many rows to the desk, and returns
// where it stands.
func (h *Hub) raiseJournal(ctx context.Context, id string, u keeper.Untold, rows int64) (help.State, error) {
	what := fmt.Sprintf("row %d: %s", u.Newest.Key.Seq, u.Newest.Why)
	if rows > 1 {
		what = fmt.Sprintf("%d rows in quarantine, the newest is %s", rows, what)
	}
	h.o.Log.ErrorContext(ctx, "a lane's journal does not hold: see kassa-hub verify", "lane", u.Lane.Lane, "call", id, "why", what)
	down, err := h.desk.Heard(ctx, u.Lane.Lane, wire.CallUp{
		ID: id, Verb: wire.CallRaise, Reason: string(help.AreaDevice) + ".journal", Channel: help.ChannelConsole, RaisedAt: h.o.Now(),
		Context: wire.Context{Evidence: strings.ToValidUTF8(what, "?")},
	})
	return help.State(down.State), err
}
