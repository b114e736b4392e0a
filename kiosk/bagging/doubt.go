package bagging

import (
	"math"
	"time"
)

// A doubt is an event that may have brought something unpaid. How likely that
// is, the accounts tell together.
type doubt struct {
	id     int
	since  time.Duration
	p      float64 // how likely, now
	was    float64 // ... before the last scan
	top    float64 // the most it was while it could have called
	from   float64 // the load before the change and after it, grams
	to     float64
	line   int // as the basket numbers it
	key    string
	wrong  bool // something was waiting when it came
	ask    bool // a person is wanted, however likely it is: to confirm a new weight
	hinted bool
	called bool
	miss   int // which of the trip's it was that the shopper was told of; 0: none yet
}

const (
	maxDoubts = 12
	doubtful  = 1e-4 // a doubt below this is none
)

// raise opens a doubt for the event where the accounts have one.
func (c *Check) raise(d doubt) {
	if d.p = c.unpaid(d.id); d.p < doubtful {
		return
	}
	if len(c.doubts) == maxDoubts {
		c.lift(0)
	}
	d.since = c.now
	c.doubts = append(c.doubts, d)
}

// hinted reports whether the shopper was told of the doubt.
func (c *Check) hinted(id int) bool {
	for i := range c.doubts {
		if c.doubts[i].id == id {
			return c.doubts[i].hinted
		}
	}
	return false
}

// lift drops a doubt: the accounts that held it are given up.
func (c *Check) lift(i int) {
	id := c.doubts[i].id
	c.close(&c.doubts[i])
	c.doubts = append(c.doubts[:i], c.doubts[i+1:]...)
	for j := range c.beam {
		if c.beam[j].bad(id) {
			c.beam[j].w = 0
		}
	}
	c.tidy()
}

// fresh works out how likely each doubt is, and forgets those that no account
// holds any more.
func (c *Check) fresh() {
	c.pUnpaid = c.unpaid(0)
	n := 0
	for _, d := range c.doubts {
		d.p = c.unpaid(d.id)
		if d.p < doubtful {
			c.close(&d)
			continue
		}
		if d.p < c.set.HintAt/2 && !d.ask {
			d.hinted = false
		}
		c.doubts[n] = d
		n++
	}
	c.doubts = c.doubts[:n]
}

// fade lets time speak: what promised to end and did not grows less likely.
func (c *Check) fade() {
	dt := (c.now - c.faded).Seconds()
	if dt <= 0 {
		return
	}
	if len(c.beam) == 1 {
		c.faded = c.now
		return
	}
	c.stale = c.stale[:0]
	for i := range c.lines {
		c.stale = append(c.stale, 1)
		if l := &c.lines[i]; !l.free && c.faded-l.since < 40*time.Second {
			c.stale[i] = c.rate.waits(c.now-l.since) / c.rate.waits(c.faded-l.since)
		}
	}
	c.faded = c.now
	hand, early, void := math.Exp(-dt/c.rate.handSec), math.Exp(-dt/c.rate.earlySec), math.Exp(-dt/voidSeconds)
	sum, best := 0.0, 0
	for i := range c.beam {
		h := &c.beam[i]
		for _, l := range h.load[:h.loads] {
			switch l.kind {
			case isHand:
				h.w *= hand
			case isEarly:
				h.w *= early
			case isVoid:
				h.w *= void
			case isGone, isBad, isLeft:
			}
		}
		for k := range h.at {
			if h.at[k].left > 0 {
				h.w *= c.stale[k]
			}
		}
		sum += h.w
		if h.w > c.beam[best].w {
			best = i
		}
	}
	c.beam[0], c.beam[best] = c.beam[best], c.beam[0]
	c.share(sum)
}

// waits is the probability that an article is not bagged yet so long after its
// scan.
func (r *rates) waits(t time.Duration) float64 {
	return r.held + (1-r.held)*r.yet(t)
}

// yet is the same of one that will be.
func (r *rates) yet(t time.Duration) float64 {
	z := t.Seconds() / (r.waitSec * 0.83) // log-logistic: most at once, some after others
	if z <= 0 {
		return 1
	}
	return 1 / (1 + z*z*z)
}

// atPay is what an account is worth once nothing more is to come.
func (c *Check) atPay(h *hypo) float64 {
	w := h.w
	for _, l := range h.load[:h.loads] {
		if l.kind == isEarly || l.kind == isVoid {
			w *= lateScan
		}
	}
	for k := range h.at {
		if h.at[k].left > 0 && !c.lines[k].free {
			w *= c.rate.held / c.rate.waits(c.now-c.lines[k].since)
		}
	}
	return w
}

// unpaidAtPay is unpaid when the shopper says that all is done.
func (c *Check) unpaidAtPay(id int) float64 {
	bad, all := 0.0, 0.0
	for i := range c.beam {
		w := c.atPay(&c.beam[i])
		all += w
		if c.beam[i].bad(id) {
			bad += w
		}
	}
	if all <= 0 {
		return 0
	}
	return bad / all
}
