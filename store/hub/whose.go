package hub

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// whoseWait is how long a lane may take to say a member's number; the lane that
// asked waits a little longer.
const whoseWait = time.Second

// hearWhose passes on what a lane asks another: the number of the member whose
// parked basket it was given. It is in no log and on no disk here. Where that lane is
// away, or does not know it any more, the answer is that nobody knows.
func (h *Hub) hearWhose(ctx context.Context, lane string, m *nats.Msg) error {
	var w wire.Whose
	if err := wire.Decode(m.Data, &w); err != nil {
		return err
	}
	if !wire.Token(w.Lane) {
		return fmt.Errorf("%.40q is no lane", w.Lane)
	}
	var owner wire.Owner
	data, err := wire.Encode(w)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, whoseWait)
	defer cancel()
	answer, err := h.live.RequestWithContext(ctx, wire.Down(h.o.Store, w.Lane, wire.DownWhose), data)
	if err == nil {
		err = wire.Decode(answer.Data, &owner)
	}
	if err != nil {
		h.o.Log.InfoContext(ctx, "a lane did not say whose basket it parked", "lane", w.Lane, "for", lane, "err", err)
	}
	return h.respond(lane, m, owner)
}
