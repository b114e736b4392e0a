package main

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"

	"kassa/kiosk/config/strict"
)

// callSettings are [call] of a kassa-hub.toml. The zero value: no calls.
type callSettings struct {
	on      bool
	turn    string // host:port the relay listens on; "": there is none
	address netip.Addr
	minPort uint16
	maxPort uint16
	relay   bool // everything goes through it
}

// defaultPorts are those of relayed packets, two for each call.
const defaultPorts = "49160-49259"

func (s *settings) checkCall(f *strict.File, raw rawCall) {
	s.call = callSettings{on: raw.On, turn: raw.Turn, relay: raw.Relay}
	if raw.Turn == "" {
		for key, set := range map[string]bool{"call.address": raw.Address != "", "call.ports": raw.Ports != "", "call.relay": raw.Relay} {
			if set {
				f.Bad(key, `is about the relay: add turn = "0.0.0.0:3478", or remove it`)
			}
		}
		return
	}
	checkAddr(f, "call.turn", raw.Turn)
	var err error
	if s.call.address, err = netip.ParseAddr(raw.Address); err != nil || s.call.address.IsUnspecified() {
		f.Bad("call.address", `is %q, want the address by which lanes and agents reach this machine, as in "192.0.2.1"`, strict.Short(raw.Address))
	}
	low, high, _ := strings.Cut(cmp.Or(raw.Ports, defaultPorts), "-")
	from, err1 := strconv.ParseUint(low, 10, 16)
	to, err2 := strconv.ParseUint(high, 10, 16)
	if err1 != nil || err2 != nil || from < 1024 || to < from+3 {
		f.Bad("call.ports", `is %q, want UDP ports as in %q`, strict.Short(raw.Ports), defaultPorts)
	}
	s.call.minPort, s.call.maxPort = uint16(from), uint16(to)
}
