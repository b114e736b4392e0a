package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/wire"
)

// commandWait is how long a lane may take to answer a command: it answers when
// the deed is on its disk.
const commandWait = 3 * time.Second

// lanes is how the desk reaches lanes.
type lanes Hub

// Command asks a lane for a deed; an answer that does not come is asked for once
// more under the same id, which the lane does not do twice.
func (l *lanes) Command(ctx context.Context, lane string, c wire.Command) (wire.Result, error) {
	h := (*Hub)(l)
	if own(c.Call) { // of the hub itself: no lane knows it
		return wire.Result{ID: c.ID, OK: true}, nil
	}
	h.count.commands.Add(1)
	var got wire.Result
	err := h.ask(ctx, lane, c, &got)
	if err != nil && ctx.Err() == nil && h.o.Now().Before(c.Expires) {
		err = h.ask(ctx, lane, c, &got)
	}
	if err != nil {
		h.count.unanswered.Add(1)
		return got, err
	}
	if got.ID != c.ID {
		return got, fmt.Errorf("lane %s: an answer to another command", lane)
	}
	return got, nil
}

// ask puts one question to a lane.
func (h *Hub) ask(ctx context.Context, lane string, c wire.Command, answer *wire.Result) error {
	data, err := wire.Encode(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, min(commandWait, c.Expires.Sub(h.o.Now())))
	defer cancel()
	m, err := h.live.RequestWithContext(ctx, wire.Down(h.o.Store, lane, wire.DownCommand), data)
	if errors.Is(err, nats.ErrNoResponders) {
		return fmt.Errorf("lane %s is not connected: %w", lane, err)
	}
	if err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	return wire.Decode(m.Data, answer)
}

// Tell tells a lane what became of its call.
func (l *lanes) Tell(lane string, c wire.CallDown) {
	if !own(c.ID) {
		(*Hub)(l).tell(lane, wire.DownCall, c)
	}
}

// tell says something to a lane. One that does not hear it asks, or is told
// again.
func (h *Hub) tell(lane string, t wire.Topic, body any) { h.say(h.live, lane, t, body) }

func (h *Hub) say(nc *nats.Conn, lane string, t wire.Topic, body any) {
	data, err := wire.Encode(body)
	if err == nil {
		err = nc.Publish(wire.Down(h.o.Store, lane, t), data)
	}
	if err != nil {
		h.o.Log.Warn("a lane was not told", "lane", lane, "topic", string(t), "err", err)
	}
}

// Command has a lane do something that belongs to no call, as its staff page
// would: open, close, lock. ID and expiry are the caller's.
func (h *Hub) Command(ctx context.Context, lane string, c wire.Command) (wire.Result, error) {
	return (*lanes)(h).Command(ctx, lane, c)
}

// Show asks a lane to send its screen for a while.
func (h *Hub) Show(lane string, d time.Duration) {
	h.tell(lane, wire.DownWatch, wire.Watch{Seconds: int(d / time.Second)})
}

// Talk says something to a shopper.
func (h *Hub) Talk(lane string, t wire.Talk) {
	if !own(t.Call) {
		h.tell(lane, wire.DownTalk, t)
	}
}

// FirstName is what a shopper may read of an agent's name, "" for nothing.
func (h *Hub) FirstName(agent string) string { return h.firstName(agent) }

// screen takes what a lane sent of its screen: any JSON.
func screen(data []byte) (json.RawMessage, error) {
	var body json.RawMessage
	err := wire.Decode(data, &body)
	return body, err
}
