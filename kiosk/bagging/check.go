package bagging

import "time"

// A Check watches one bagging area. One goroutine owns it; it keeps the Weights
// it was given and changes them as it learns.
type Check struct {
	set     Settings
	weights Weights
	now     time.Duration
	changed []string // keys learned since Learned was last asked
}

// New returns a check that knows the given weights; nil is none. It takes over
// the map.
func New(set Settings, known Weights) *Check {
	if known == nil {
		known = Weights{}
	}
	return &Check{set: set, weights: known}
}

// Step tells the check of one input and returns what it decided, mostly nothing.
func (c *Check) Step(in Input) []Decision {
	c.now = max(c.now, in.at())
	return nil
}

// Next returns the time at which a Tick is wanted, if any.
func (c *Check) Next() (time.Duration, bool) { return 0, false }

// Learned returns the weights that changed since it was last asked.
func (c *Check) Learned() []WeightUpdate {
	var out []WeightUpdate
	for _, k := range c.changed {
		out = append(out, WeightUpdate{k, c.weights[k]})
	}
	c.changed = c.changed[:0]
	return out
}
