package sim

import "time"

// A Clock gives simulated devices their time, Speed times as fast as a wall
// clock. It only ever goes forward.
type Clock struct {
	start time.Time
	speed int
}

// NewClock starts a clock at 0. A speed below 1 counts as 1.
func NewClock(speed int) *Clock {
	return &Clock{start: time.Now(), speed: max(1, speed)}
}

// Now returns the simulated time since the clock was made.
func (c *Clock) Now() time.Duration {
	return time.Since(c.start) * time.Duration(c.speed)
}

// Real returns how long a simulated stretch takes on a wall clock.
func (c *Clock) Real(d time.Duration) time.Duration {
	return d / time.Duration(c.speed)
}
