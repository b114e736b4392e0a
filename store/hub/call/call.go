// Package call sets up video and voice calls between agents at the console and
// shoppers at their lanes: it hands the few signals on that their browsers need
// to find each other, and ends a call with the call for help that it belongs to.
// Picture and sound never come here. A hub built with the tag nocall does not
// contain it.
//
// Its one rule: a signal goes to the one lane and the one agent of its session,
// and to nobody else; whose it is says the subject it came on, or the session
// somebody is signed in with, never the signal itself.
package call

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kassa/kiosk/call"
	"kassa/kiosk/help"
	"kassa/store/hub/desk"
	"kassa/store/wire"
)

// A Desk is the store's help desk.
type Desk interface {
	Watch(ctx context.Context) (snapshots <-chan desk.Snapshot, leave func(), err error)
	Via(ctx context.Context, call, channel string) error
}

// Options are what calls need.
type Options struct {
	// ICE returns how the two get through, with credentials for a while; nil: on
	// the store's own network nothing is needed.
	ICE func(session string) []call.Server
	// Relay sends all through the TURN server.
	Relay bool
	Now   func() time.Time
	Log   *slog.Logger
}

// Bounds, so that no page can fill the hub.
const (
	perSession = 12 // signals each way; two are needed
	linger     = 30 * time.Second
	life       = 4 * time.Hour
)

// ErrUnfit says that there is no such call, or that it is not this agent's.
var ErrUnfit = errors.New("no such call")

// A session is one call, from the asking to its end.
type session struct {
	id      string
	call    string // for help
	lane    string
	agent   string
	video   bool
	yes     bool
	began   time.Time
	ended   time.Time // zero: it goes on
	signals int
	out     []json.RawMessage // to the agent, for a page that connects anew
}

// Calls are those of a store. Its Run must be running.
type Calls struct {
	o    Options
	desk Desk
	say  func(lane string, t wire.Talk)
	name func(agent string) string

	mu       sync.Mutex // guards what follows, held for no longer than a copy
	sessions map[string]*session
	open     map[string]desk.Waiting // calls for help
	agents   map[chan json.RawMessage]string
}

// New makes calls.
func New(o Options) *Calls {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Calls{o: o, sessions: map[string]*session{}, open: map[string]desk.Waiting{}, agents: map[chan json.RawMessage]string{}}
}

// Attach says whose calls for help these belong to, how lanes are told, and which
// name a shopper may read for an agent ("" for none). It must be called before
// all else.
func (c *Calls) Attach(d Desk, down func(lane string, t wire.Talk), name func(agent string) string) {
	c.desk, c.say, c.name = d, down, name
}

// Run follows the desk until ctx ends: a call ends with what it was for.
func (c *Calls) Run(ctx context.Context) error {
	snapshots, leave, err := c.desk.Watch(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("calls: %w", err)
	}
	defer leave()
	t := time.NewTicker(5 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-snapshots:
			if !ok {
				return nil // the desk says why
			}
			c.follow(s)
		case <-t.C:
			c.sweep()
		}
	}
}

// follow takes which calls for help are open, and who has them.
func (c *Calls) follow(s desk.Snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.open)
	for _, w := range s.Calls {
		c.open[w.ID] = w
	}
	for _, x := range c.sessions {
		if w, there := c.open[x.call]; x.ended.IsZero() && (!there || w.By != x.agent) {
			c.end(x, "over", true, true)
		}
	}
}

// sweep ends what nobody answered and forgets what is over.
func (c *Calls) sweep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Now()
	for id, x := range c.sessions {
		switch {
		case !x.ended.IsZero() && now.Sub(x.ended) > linger:
			delete(c.sessions, id)
		case x.ended.IsZero() && !x.yes && now.Sub(x.began) > call.AskFor+5*time.Second:
			c.end(x, "no-answer", true, true)
		case x.ended.IsZero() && now.Sub(x.began) > life:
			c.end(x, "lost", true, true)
		}
	}
}

// An Invited is what an agent's browser needs of a call that was asked for.
type Invited struct {
	Session string        `json:"session"`
	ICE     []call.Server `json:"ice"`
	Relay   bool          `json:"relay"`
}

// Invite asks the shopper of a call for help. Only the one who has it may, and
// one call goes on at a time.
func (c *Calls) Invite(agent, id string, video bool) (Invited, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, there := c.open[id]
	switch {
	case !there:
		return Invited{}, fmt.Errorf("call %s: %w", id, help.ErrGone)
	case w.By != agent:
		return Invited{}, fmt.Errorf("call %s: %w", id, ErrUnfit)
	}
	for _, x := range c.sessions { // a second try: the first is over
		if x.ended.IsZero() && (x.call == id || x.agent == agent) {
			c.end(x, "over", true, true)
		}
	}
	x := &session{id: rand.Text(), call: id, lane: w.Lane, agent: agent, video: video, began: c.o.Now()}
	c.sessions[x.id] = x
	invited := Invited{Session: x.id, ICE: c.ice(x.id), Relay: c.o.Relay}
	c.down(x, call.Signal{Kind: call.Invite, Video: video, Name: c.name(agent), ICE: c.ice(x.id), Relay: c.o.Relay})
	c.o.Log.Info("a shopper is asked for a call", "call", id, "lane", x.lane, "staff", agent, "video", video)
	return invited, nil
}

func (c *Calls) ice(session string) []call.Server {
	if c.o.ICE == nil {
		return nil
	}
	return c.o.ICE(session)
}

// Up takes a lane's signal.
func (c *Calls) Up(lane, id string, data json.RawMessage) {
	s, err := call.Parse(data, call.Offer, call.Bye)
	if err == nil {
		err = c.up(lane, id, s)
	}
	if err != nil {
		c.o.Log.Info("a lane's signal is not taken", "lane", lane, "call", id, "err", err)
	}
}

func (c *Calls) up(lane, id string, s call.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.sessions[s.Session]
	if x == nil || x.lane != lane || x.call != id || !x.ended.IsZero() || x.signals >= perSession {
		return ErrUnfit
	}
	x.signals++
	if s.Kind == call.Bye {
		c.end(x, s.Why, false, true)
		return nil
	}
	if x.yes {
		return ErrUnfit
	}
	x.yes = true
	c.out(x, call.Signal{Kind: call.Offer, SDP: s.SDP, Camera: s.Camera && x.video})
	return nil
}

// Take takes a signal of an agent's page.
func (c *Calls) Take(ctx context.Context, agent string, data []byte) error {
	s, err := call.Parse(data, call.Answer, call.Connected, call.Bye)
	if err != nil {
		return err
	}
	via, err := c.take(agent, s)
	if err != nil || via == "" {
		return err
	}
	channel := help.ChannelVoice
	c.mu.Lock()
	if x := c.sessions[s.Session]; x != nil && x.video {
		channel = help.ChannelVideo
	}
	c.mu.Unlock()
	return c.desk.Via(ctx, via, channel)
}

// take returns the call for help when its two now hear each other.
func (c *Calls) take(agent string, s call.Signal) (connected string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.sessions[s.Session]
	if x == nil || x.agent != agent || !x.ended.IsZero() || x.signals >= perSession {
		return "", ErrUnfit
	}
	x.signals++
	switch s.Kind {
	case call.Bye:
		c.end(x, s.Why, true, false)
		return "", nil
	case call.Connected:
		return x.call, nil
	default:
		c.down(x, call.Signal{Kind: call.Answer, SDP: s.SDP})
		return "", nil
	}
}

// end ends a call and says so to those who have not said it. The caller holds
// the lock.
func (c *Calls) end(x *session, why string, lane, agent bool) {
	x.ended = c.o.Now()
	if lane {
		c.down(x, call.Signal{Kind: call.Bye, Why: why})
	}
	if agent {
		c.out(x, call.Signal{Kind: call.Bye, Why: why})
	}
	c.o.Log.Info("a call ended", "call", x.call, "lane", x.lane, "staff", x.agent, "why", why, "seconds", int(x.ended.Sub(x.began)/time.Second))
}

func (c *Calls) down(x *session, s call.Signal) {
	s.Session = x.id
	if data, err := json.Marshal(s); err == nil { // it is made of texts
		c.say(x.lane, wire.Talk{Call: x.call, From: "agent", Signal: data, At: c.o.Now()})
	}
}

// out hands a signal to all pages of the agent; only the one that asked takes it.
func (c *Calls) out(x *session, s call.Signal) {
	s.Session, s.N = x.id, len(x.out)+1
	data, err := json.Marshal(s)
	if err != nil {
		return
	}
	x.out = append(x.out, data)
	for w, agent := range c.agents {
		if agent != x.agent {
			continue
		}
		select {
		case w <- data:
		default: // a page that takes nothing is gone
		}
	}
}

// Watch sends an agent's page its signals, first those it may have missed, until
// leave is called.
func (c *Calls) Watch(agent string) (signals <-chan json.RawMessage, leave func()) {
	w := make(chan json.RawMessage, 16)
	c.mu.Lock()
	defer c.mu.Unlock()
	var missed []json.RawMessage
	for _, x := range c.sessions {
		if x.agent == agent {
			missed = slices.Concat(missed, x.out)
		}
	}
	for _, data := range missed[max(0, len(missed)-8):] {
		w <- data
	}
	c.agents[w] = agent
	return w, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.agents, w)
	}
}
