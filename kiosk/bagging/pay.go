package bagging

import "time"

// toPay is a wish to pay that waits for its answer.
type toPay struct {
	asked bool
	at    time.Duration
}

const (
	payWait   = 1500 * time.Millisecond // how long a moving load holds up the answer at pay
	payLook   = 250 * time.Millisecond  // how long the next sample may: longer, and nothing streams
	restless  = 4 * time.Second         // a load that moves longer than this is judged all the same
	streaming = 250 * time.Millisecond  // samples closer than this are a stream
)

// payAt returns when the wish to pay is answered, were nothing new to come. A
// load that moves is waited for; so is the next sample of a stream, which may
// be the first to tell of what happened in the moment of paying.
func (c *Check) payAt() time.Duration {
	switch at, moving := c.settleAt(); {
	case !c.up || !c.trip.on:
		return c.toPay.at
	case moving:
		return max(c.toPay.at, min(at, c.toPay.at+payWait))
	case c.run.n > 1 && c.run.last < c.toPay.at && c.toPay.at-c.run.last < streaming && c.run.every < streaming:
		return c.toPay.at + payLook
	default:
		return c.toPay.at
	}
}

// answerPay answers a wish to pay when its time has come, or now: from the load
// as it is, if that agrees with itself at all.
func (c *Check) answerPay(out []Decision, now bool) []Decision {
	if !c.toPay.asked || (!now && c.payAt() > c.now) {
		return out
	}
	alone := c.run.n == 1 && !c.run.steady && c.run.every < streaming // on its way in a stream: it may be anything
	if !c.run.done && c.run.n > 0 && (!now || !alone) {
		out = c.settled(out)
	}
	c.toPay.asked = false
	return append(out, c.pay())
}

// moving reports whether the load is on its way: nothing is judged on it.
func (c *Check) moving() bool {
	return c.up && c.run.n > 0 && !c.run.done && c.now-c.run.moved < restless
}

// pay judges what is open.
func (c *Check) pay() Decision {
	c.fade()
	c.trip.paying = true
	call := -1
	for i := range c.doubts {
		q := &c.doubts[i]
		p := c.unpaidAtPay(q.id)
		q.hinted = p >= c.set.HintAt || q.ask
		q.top = max(q.top, p)
		if (p >= c.set.CallAt || q.ask) && !q.called {
			q.called, call = true, i
		}
	}
	if c.missing < 0 {
		c.missing = c.oldestDue(true)
	}
	d := c.status()
	if call >= 0 {
		d = c.about(call)
		d.Verdict = Call
	}
	d.PUnpaid = c.unpaidAtPay(0)
	d.AtPay = true
	return c.show(d)
}
