package console

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/kiosk/help"
	"kassa/store/hub/desk"
)

// linger is how long somebody counts as there after their page went: a phone
// that changes its network comes back and nobody was asked meanwhile.
const linger = 30 * time.Second

// crew is who has a console open.
type crew struct {
	mu      sync.Mutex
	there   map[string]*presence
	last    map[string]string // by person and area: the reason last settled with
	changed chan struct{}
}

type presence struct {
	agent help.Agent
	pages int
	left  time.Time // when the last page went
}

func (c *crew) init() {
	c.there, c.last, c.changed = map[string]*presence{}, map[string]string{}, make(chan struct{}, 1)
}

// used notes what somebody settled an area's call with.
func (c *crew) used(id string, area help.Reason, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last[id+" "+string(area)] = reason
}

// usual is what somebody settled an area's last call with.
func (c *crew) usual(id string, area help.Reason) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[id+" "+string(area)]
}

func (c *crew) tell() {
	select {
	case c.changed <- struct{}{}:
	default: // it is known already
	}
}

// arrive notes a page that somebody opened.
func (c *crew) arrive(a help.Agent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.OnDuty = true
	p := c.there[a.ID]
	if p == nil {
		p = &presence{}
		c.there[a.ID] = p
		c.tell()
	}
	p.agent = a
	p.pages++
}

// leave notes a page that went.
func (c *crew) leave(id string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.there[id]; p != nil {
		p.pages--
		p.left = now
	}
}

// gone notes somebody who said so.
func (c *crew) gone(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.there, id)
	c.tell()
}

// now returns who is there, in order of their ids, and drops who left long ago.
func (c *crew) now(now time.Time) []help.Agent {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []help.Agent{}
	for id, p := range c.there {
		if p.pages <= 0 && now.Sub(p.left) >= linger {
			delete(c.there, id)
			continue
		}
		all = append(all, p.agent)
	}
	slices.SortFunc(all, func(a, b help.Agent) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// A settlement that releases nothing waits until it can no longer be undone, and
// only then goes out. A hub that dies meanwhile settles nothing.
type held struct {
	mu      sync.Mutex
	waits   map[string]heldDeed // by call
	fell    map[string]string   // by call: why it was not done, a message id
	changed map[chan struct{}]bool
}

type heldDeed struct {
	desk.Settlement
	due     time.Time
	verdict string // of whoever settled it, said before it went out
}

func (h *held) init() {
	h.waits, h.fell, h.changed = map[string]heldDeed{}, map[string]string{}, map[chan struct{}]bool{}
}

func (h *held) put(s desk.Settlement, due time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waits[s.Call] = heldDeed{Settlement: s, due: due}
	h.tell()
}

// take takes back what somebody settled.
func (h *held) take(call, by string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.waits[call]
	if !ok || w.By != by {
		return false
	}
	delete(h.waits, call)
	h.tell()
	return true
}

// judge keeps what somebody said of a call whose settlement has not gone out.
func (h *held) judge(call, by, verdict string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.waits[call]
	if !ok || w.By != by {
		return false
	}
	w.verdict = verdict
	h.waits[call] = w
	return true
}

func (h *held) get(call string) (heldDeed, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.waits[call]
	return w, ok
}

// due takes out what can no longer be undone.
func (h *held) due(now time.Time) []heldDeed {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []heldDeed
	for id, w := range h.waits {
		if !now.Before(w.due) {
			out = append(out, w)
			delete(h.waits, id)
		}
	}
	return out
}

// fall notes why a settlement was not done, for whoever made it.
func (h *held) fall(call, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.fell) > 100 {
		clear(h.fell)
	}
	h.fell[call] = why
	h.tell()
}

func (h *held) fault(call string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fell[call]
}

// forgive forgets a fault once the call is touched anew.
func (h *held) forgive(call string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.fell, call)
}

func (h *held) tell() {
	for c := range h.changed {
		select {
		case c <- struct{}{}:
		default: // it is known already
		}
	}
}

func (h *held) watch() (changed <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changed[c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.changed, c)
	}
}

// Run tells the desk who is there and sends out settlements once they can no
// longer be undone, until ctx ends.
func (c *Console) Run(ctx context.Context) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	sweep := time.NewTicker(time.Hour)
	defer sweep.Stop()
	var work sync.WaitGroup
	defer work.Wait()
	var told []help.Agent
	for {
		for _, d := range c.held.due(c.o.Now()) {
			work.Go(func() { c.settleHeld(ctx, d) }) // a lane may take seconds to answer
		}
		if now := c.crew.now(c.o.Now()); told == nil || !slices.EqualFunc(told, now, sameAgent) {
			if err := c.o.Desk.Crew(ctx, now); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			told = now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-c.crew.changed:
		case <-sweep.C:
			if err := c.o.Book.sweep(ctx); err != nil && ctx.Err() == nil {
				c.o.Log.WarnContext(ctx, "old sessions not swept", "err", err)
			}
		}
	}
}

func sameAgent(a, b help.Agent) bool {
	return a.ID == b.ID && a.Role == b.Role && a.Site == b.Site && slices.Equal(a.Languages, b.Languages) && slices.Equal(a.Skills, b.Skills)
}

func (c *Console) settleHeld(ctx context.Context, s heldDeed) {
	_, err := c.o.Desk.Settle(ctx, s.Settlement)
	if err == nil && s.verdict != "" {
		err = c.o.Desk.Judge(ctx, s.Call, s.By, s.verdict)
	}
	if err == nil || errors.Is(err, help.ErrGone) {
		return
	}
	c.o.Log.WarnContext(ctx, "settlement not done", "call", s.Call, "staff", s.By, "err", err)
	c.held.fall(s.Call, sentence(err))
}
