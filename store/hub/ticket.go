package hub

import (
	"context"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// hearTake gives a parked basket to the lane that asks, unless another has it. The
// answer goes out when that is on the disk.
func (h *Hub) hearTake(ctx context.Context, lane string, m *nats.Msg) error {
	var t wire.Take
	if err := wire.Decode(m.Data, &t); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	answer, err := h.ticket.Take(ctx, lane, t)
	if err != nil {
		return err
	}
	h.o.Log.InfoContext(ctx, "a ticket is asked for", "lane", lane, "parked_at", t.Lane, "number", t.Number, "why_not", answer.Why, "by", answer.By)
	return h.respond(lane, m, answer)
}
