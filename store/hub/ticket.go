package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"kassa/kiosk/help"
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

// takenUp sees in a row that has been kept that its lane took a parked basket up,
// and tells people where another lane has the same one: two may have paid for it.
func (h *Hub) takenUp(ctx context.Context, r wire.Row) error {
	if !strings.Contains(r.Facts, `"recalled":"`) {
		return nil
	}
	var facts struct {
		Txn struct {
			Recalled string `json:"recalled"`
		} `json:"txn"`
	}
	if err := json.Unmarshal([]byte(r.Facts), &facts); err != nil {
		return fmt.Errorf("row %s: facts: %w", r.MsgID(), err)
	}
	parkedAt, number, ok := tickets.SaleOf(h.o.Store, facts.Txn.Recalled)
	if !ok {
		return nil
	}
	other, err := h.ticket.Seen(ctx, r.Lane, r.Epoch, parkedAt, number)
	if err != nil || other == "" {
		return err
	}
	h.o.Log.ErrorContext(ctx, "a parked basket was taken up twice", "ticket", facts.Txn.Recalled, "lane", r.Lane, "txn", r.Txn, "other", other)
	ctx, cancel := context.WithTimeout(ctx, deskWait)
	defer cancel()
	_, err = h.desk.Heard(ctx, r.Lane, wire.CallUp{
		ID: ownCalls + "ticket:" + facts.Txn.Recalled, Verb: wire.CallRaise, Reason: string(help.AreaAfter) + ".twice",
		Channel: help.ChannelConsole, RaisedAt: h.o.Now(),
		Context: wire.Context{Number: r.Txn, Evidence: fmt.Sprintf("basket %s was taken up here and at lane %s", facts.Txn.Recalled, other)},
	})
	return err
}
