package console

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"kassa/kiosk/help"
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
