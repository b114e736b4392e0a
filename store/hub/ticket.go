package hub

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"kassa/kiosk/help"
	"kassa/store/hub/keeper"
	"kassa/store/hub/tickets"
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

// takenUp looks at the sales that took a parked basket up, as their rows say, and
// tells people where another has the same one: two may have paid for it. What was
// not looked at when the hub ended is looked at when it is back.
func (h *Hub) takenUp(ctx context.Context) error {
	all, err := h.keeper.Recalled(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, r := range all {
		err := h.takenTwice(ctx, r)
		if err == nil {
			err = h.keeper.Looked(ctx, r)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("lane %s, transaction %d: %w", r.Lane.Lane, r.Txn, err))
		}
	}
	return errors.Join(failed...)
}

// takenTwice tells people if another lane has the same basket. Said again it is
// the same call.
func (h *Hub) takenTwice(ctx context.Context, r keeper.Recalled) error {
	parkedAt, number, ok := tickets.SaleOf(h.o.Store, r.ID)
	if !ok {
		return nil
	}
	lane := r.Lane.Lane
	other, err := h.ticket.Seen(ctx, lane, r.Epoch, parkedAt, number)
	if err != nil || other == "" {
		return err
	}
	// An older version named such a call by the ticket alone.
	if old, was, err := h.desk.Known(ctx, ownCalls+"ticket:"+r.ID); err != nil || was && old.Lane == lane {
		return err
	}
	h.o.Log.ErrorContext(ctx, "a parked basket was taken up twice", "ticket", r.ID, "lane", lane, "txn", r.Txn, "other", other)
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	_, err = h.desk.Heard(ctx, lane, wire.CallUp{
		ID: fmt.Sprintf("%sticket:%s/%s", ownCalls, r.ID, lane), Verb: wire.CallRaise, Reason: string(help.AreaAfter) + ".twice",
		Channel: help.ChannelConsole, RaisedAt: h.o.Now(),
		Context: wire.Context{Number: r.Txn, Evidence: fmt.Sprintf("basket %s was taken up here and at lane %s", r.ID, other)},
	})
	return err
}
