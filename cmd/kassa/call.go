//go:build !nocall

package main

import (
	"encoding/json"
	"time"

	"kassa/kiosk/call"
	"kassa/kiosk/web"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// laneCall is this lane's end of video and voice calls; nil: there are none. This
// file and its neighbour call_none.go are all that knows of them: built with
// -tags nocall the program contains nothing that could switch a camera on.
type laneCall struct{ *call.Lane }

// newLaneCall makes it if the lane's owner wants it.
func newLaneCall(on bool, say chan<- uplink.Said) (*laneCall, error) {
	if !on {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return &laneCall{call.NewLane(func(id string, signal json.RawMessage) {
		select {
		case say <- uplink.Said{Topic: wire.UpTalk, Body: wire.Talk{Call: id, From: "shopper", Signal: signal, At: time.Now()}}:
		default: // the hub is not heard: there will be no call
		}
	}, time.Now)}, nil
}

// open says which calls for help are open.
func (c *laneCall) open(ids []string) {
	if c != nil {
		c.Open(ids)
	}
}

// heard takes a signal of the hub's.
func (c *laneCall) heard(id string, open bool, signal []byte) error {
	if c == nil {
		return nil
	}
	return c.Down(id, open, signal)
}

// offer puts it on the lane's page.
func (c *laneCall) offer(o *web.Options) error {
	if c == nil {
		return nil
	}
	files, err := call.Files()
	o.Call, o.CallFiles = c.Lane, files
	return err
}
