package hub

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// maxSignal is more than a video call needs to be set up, in bytes.
const maxSignal = 48 << 10

// Signals carries what sets up a video call, of which the hub understands
// nothing. A hub without it has no calls.
type Signals interface {
	// Up takes a lane's signal. The lane is the subject's, which the broker has
	// checked.
	Up(lane, call string, signal json.RawMessage)
}

// hearTalk takes what a shopper says, and hands signals on.
func (h *Hub) hearTalk(ctx context.Context, lane string, m *nats.Msg) error {
	if len(m.Data) > maxSignal {
		return fmt.Errorf("talk of %d bytes", len(m.Data))
	}
	var t wire.Talk
	if err := wire.Decode(m.Data, &t); err != nil {
		return err
	}
	if len(t.Signal) > 0 {
		if h.o.Signals != nil {
			h.o.Signals.Up(lane, t.Call, t.Signal)
		}
		return nil
	}
	return h.desk.Answered(ctx, lane, t)
}

// retell tells a lane what it missed of what was said.
func (h *Hub) retell(ctx context.Context, lane string, s wire.LaneState) error {
	if len(s.Talk) == 0 {
		return nil
	}
	return h.desk.Retell(ctx, lane, s.Talk)
}
