package help

import (
	"fmt"
	"slices"
	"time"
)

// An Evening is a store's evening to be simulated: what would this policy do to
// these people? The same seed is the same evening under every policy.
type Evening struct {
	Seed     uint64
	Lanes    int
	From     time.Time
	Length   time.Duration
	Crew     []Agent
	PerHour  int // wishes for help for each lane and hour
	SelfHelp bool
	// InOrder asks everybody about the oldest call, as shops without a policy do.
	InOrder bool
}

// A Tally is what came of an evening.
type Tally struct {
	Wishes     int // times somebody wanted help
	ByArticle  int // solved by self-help, nobody was called
	Calls      int
	Settled    int
	Remote     int   // settled from afar
	Returned   int   // somebody took it and did not come
	Tiers      []int // calls by the highest tier asked
	ToClaim    []time.Duration
	ToSettle   []time.Duration
	UrgentWait []time.Duration // to the claim, of the urgent ones
	Waiting    int             // still open when the evening ended, none older than the last tier
	Forgotten  int             // open at the end for longer than half an hour
}

// Median and High are the middle and the 95th percentile of some durations.
func Median(d []time.Duration) time.Duration { return quantile(d, 50) }

// High is the 95th percentile.
func High(d []time.Duration) time.Duration { return quantile(d, 95) }

func quantile(d []time.Duration, percent int) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Clone(d)
	slices.Sort(sorted)
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// wish is a kind of trouble, how often it is the one, how often an article
// solves it, how long a person needs for it, and how often it can be settled
// from afar, all as assumptions: shares in per cent.
type wish struct {
	reason               Reason
	share, solved, afar  int
	handleFrom, handleTo int // seconds
}

func wishes() []wish {
	return []wish{
		{"bagging.too-much", 32, 35, 60, 8, 30},
		{"age", 20, 0, 0, 6, 15},
		{"article.scan", 14, 45, 40, 10, 40},
		{"price", 10, 20, 50, 15, 60},
		{"how", 10, 60, 40, 20, 90},
		{"device.paper", 6, 0, 0, 40, 90},
		{"payment.unsure", 4, 0, 0, 30, 120},
		{"buy", 4, 10, 50, 20, 90},
	}
}

// helper is an agent in the simulation.
type helper struct {
	Agent
	busyUntil time.Time
	call      string
	settles   bool // comes, in the end
}

type night struct {
	Evening
	policy Policy
	board  Board
	crew   []helper
	wants  dice // of the shoppers, the same whoever works
	luck   dice // of those who work
	tally  Tally
	serial int
}

// Run plays the evening under a policy, second by second.
func (e Evening) Run(p Policy) Tally {
	n := &night{Evening: e, policy: p, wants: dice(2*e.Seed + 1), luck: dice(2*e.Seed + 2)}
	n.tally.Tiers = make([]int, len(p.Tiers))
	for _, a := range e.Crew {
		n.crew = append(n.crew, helper{Agent: a})
	}
	end := e.From.Add(e.Length)
	for now := e.From; now.Before(end); now = now.Add(time.Second) {
		n.shoppers(now)
		var changes []Change
		n.board, changes, _ = n.board.Tick(p, e.Crew, now)
		for _, c := range changes {
			if c.Returned {
				n.tally.Returned++
			}
		}
		for i := range n.crew {
			n.work(&n.crew[i], now)
		}
	}
	for _, c := range n.board.Queue() {
		n.tally.Waiting++
		n.tally.Tiers[c.Tier]++
		if end.Sub(c.RaisedAt) > 30*time.Minute {
			n.tally.Forgotten++
		}
	}
	return n.tally
}

// dice are a small generator of their own: the same numbers everywhere, for good.
type dice uint64

// roll returns a number from 0 to below n.
func (d *dice) roll(n int) int {
	*d += 0x9E3779B97F4A7C15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) % uint64(n)) //nolint:gosec // n is a small positive number
}

// shoppers want help now and then, with and without self-help at the same
// moments.
func (n *night) shoppers(now time.Time) {
	for lane := range n.Lanes {
		if n.wants.roll(3600) >= n.PerHour {
			continue
		}
		kind, solved := n.wants.roll(100), n.wants.roll(100)
		n.tally.Wishes++
		w := wishOf(kind)
		if n.SelfHelp && solved < w.solved && !w.reason.SkipsArticles() {
			n.tally.ByArticle++
			continue
		}
		n.serial++
		n.tally.Calls++
		c := Call{ID: fmt.Sprintf("%d/%d", lane+1, n.serial), Lane: fmt.Sprint(lane + 1), Reason: w.reason, Language: "en", RaisedAt: now}
		n.board, _, _ = n.board.Raise(n.policy, c, now)
	}
}

func wishOf(percent int) wish {
	all := wishes()
	for _, w := range all {
		if percent < w.share {
			return w
		}
		percent -= w.share
	}
	return all[0]
}

func (n *night) work(h *helper, now time.Time) {
	if now.Before(h.busyUntil) || !h.here(now) {
		return
	}
	if h.call != "" {
		n.finish(h, now)
	}
	for _, c := range n.line() {
		if c.State == Claimed || !n.InOrder && !slices.Contains(n.policy.Ask(c, n.Crew, now).Agents, h.ID) {
			continue
		}
		n.take(h, c, now)
		return
	}
}

// line is the queue as this evening's people see it.
func (n *night) line() []Call {
	queue := n.board.Queue()
	if n.InOrder {
		slices.SortStableFunc(queue, func(a, b Call) int { return a.RaisedAt.Compare(b.RaisedAt) })
	}
	return queue
}

func (n *night) take(h *helper, c Call, now time.Time) {
	board, claimed, err := n.board.Apply(n.policy, Deed{Call: c.ID, Version: c.Version, Verb: DoClaim, By: h.ID}, now)
	if err != nil {
		return
	}
	n.board, h.call = board, c.ID
	h.settles = n.luck.roll(100) >= 3 // somebody else wanted something on the way
	for _, w := range wishes() {
		if w.reason != c.Reason {
			continue
		}
		busy := w.handleFrom + n.luck.roll(w.handleTo-w.handleFrom)
		walk := 8 + n.luck.roll(18)
		if n.luck.roll(100) < w.afar && !c.Presence && !n.InOrder {
			busy, walk = busy/2, 0
		}
		h.busyUntil = now.Add(time.Duration(busy+walk) * time.Second)
		n.tally.ToClaim = append(n.tally.ToClaim, claimed.Wait(now))
		if claimed.Priority == Urgent {
			n.tally.UrgentWait = append(n.tally.UrgentWait, claimed.Wait(now))
		}
		if walk == 0 && h.settles {
			n.tally.Remote++
		}
	}
}

func (n *night) finish(h *helper, now time.Time) {
	c, ok := n.board.Call(h.call)
	h.call = ""
	if !ok || c.By != h.ID || !h.settles {
		return // the clock gives it back
	}
	board, c, err := n.board.Apply(n.policy, Deed{Call: c.ID, Version: c.Version, Verb: DoSettle, By: h.ID, Reason: "done", AtLane: true}, now)
	if err != nil {
		return
	}
	n.board = board
	n.tally.Settled++
	n.tally.Tiers[c.Tier]++
	n.tally.ToSettle = append(n.tally.ToSettle, now.Sub(c.RaisedAt))
}
