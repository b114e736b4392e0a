//go:build nocall

package main

import (
	"errors"

	"kassa/kiosk/web"
	"kassa/store/uplink"
)

// laneCall is left out of this build.
type laneCall struct{}

func newLaneCall(on bool, _ chan<- uplink.Said) (*laneCall, error) {
	if on {
		return nil, errors.New("call.on: is true, but this kassa was built without calls: remove it, or install the one with")
	}
	return nil, nil //nolint:nilnil // none is an answer
}

func (*laneCall) open([]string)                    {}
func (*laneCall) heard(string, bool, []byte) error { return nil }
func (*laneCall) offer(*web.Options) error         { return nil }
