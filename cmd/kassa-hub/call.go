//go:build !nocall

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"

	scripts "kassa/kiosk/call"
	"kassa/kiosk/help"
	"kassa/store/hub"
	"kassa/store/hub/call"
	"kassa/store/hub/console"
	"kassa/store/hub/turn"
)

// calls are a hub's video and voice calls; nil: there are none. This file and
// its neighbour call_none.go are all that knows of them: built with -tags nocall
// the program contains nothing that could switch a camera on.
type calls struct {
	calls *call.Calls
	relay *turn.Server // nil: none is needed
	files fs.FS
}

// openCalls prepares calls if the store wants them. The hub is attached once it
// is there.
func openCalls(ctx context.Context, s *settings, log *slog.Logger) (*calls, error) {
	if !s.call.on {
		return nil, nil //nolint:nilnil // none is an answer
	}
	c := &calls{}
	var err error
	if c.files, err = scripts.Files(); err != nil {
		return nil, err
	}
	o := call.Options{Relay: s.call.relay, Log: log}
	if s.call.turn != "" {
		if c.relay, err = turn.Start(ctx, turn.Options{
			Listen: s.call.turn, Address: s.call.address, MinPort: s.call.minPort, MaxPort: s.call.maxPort, Realm: s.store, Log: log,
		}); err != nil {
			return nil, err
		}
		o.ICE = c.servers(log)
	}
	c.calls = call.New(o)
	return c, nil
}

// servers are how a call's browsers get through the relay.
func (c *calls) servers(log *slog.Logger) func(string) []scripts.Server {
	return func(session string) []scripts.Server {
		urls, user, password, err := c.relay.Credentials(session)
		if err != nil {
			log.Error("no credentials for the relay", "err", err)
			return nil
		}
		return []scripts.Server{{URLs: urls, Username: user, Credential: password}}
	}
}

// signals is what lanes' signals go to.
func (c *calls) signals() hub.Signals {
	if c == nil {
		return nil
	}
	return c.calls
}

// attach says whose calls they are.
func (c *calls) attach(h *hub.Hub) {
	if c != nil {
		c.calls.Attach(h.Desk(), h.Talk, h.FirstName)
	}
}

// offer puts them on the console.
func (c *calls) offer(o *console.Options) {
	if c != nil {
		o.Call, o.CallFiles = caller{c.calls}, c.files
	}
}

// run runs them until ctx ends.
func (c *calls) run(ctx context.Context) error {
	if c == nil {
		return nil
	}
	err := c.calls.Run(ctx)
	if c.relay != nil {
		err = errors.Join(err, c.relay.Close())
	}
	return err
}

// caller is calls as the console asks for them.
type caller struct{ *call.Calls }

// Invite asks a shopper.
func (c caller) Invite(agent, id string, video bool) (any, error) {
	invited, err := c.Calls.Invite(agent, id, video)
	if err != nil {
		return nil, err
	}
	return invited, nil
}

// Take takes a signal of the agent's page.
func (c caller) Take(ctx context.Context, agent string, signal []byte) error {
	err := c.Calls.Take(ctx, agent, signal)
	if errors.Is(err, help.ErrGone) {
		return nil
	}
	return err
}

// Watch sends signals to the agent's pages.
func (c caller) Watch(agent string) (<-chan json.RawMessage, func()) { return c.Calls.Watch(agent) }
