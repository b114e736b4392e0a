package flow

import "time"

// ordered opens or closes the lane by a command from outside.
func (l *lane) ordered(ev Ordered) { l.order(ev.Open, ev.By) }

// order opens or closes the lane. A running sale ends first.
func (l *lane) order(open bool, by string) {
	switch {
	case open:
		l.Mode = LaneOpen
	case l.Sale != nil:
		l.Mode = LaneClosing
	default:
		l.Mode = LaneClosed
		l.Choose = 0
	}
	l.ModeBy = by
}

// checkHours follows the opening hours at their edges only, so that what staff
// ordered in between stands until the next edge.
func (l *lane) checkHours() {
	if l.rules.Hours.Always() {
		return
	}
	open := l.rules.Hours.Open(l.Now.Wall)
	if open == l.InHours {
		return
	}
	l.InHours = open
	l.order(open, "hours")
}

// nextHours is when the opening hours change next.
func (s State) nextHours(r *Rules) (time.Duration, bool) {
	edge, ok := r.Hours.Next(s.Now.Wall)
	if !ok {
		return 0, false
	}
	return s.Now.Mono + edge.Sub(s.Now.Wall), true
}

// diskChecked notes that the disk is below its reserve: a running sale ends, a
// new one does not start.
func (l *lane) diskChecked(ev DiskChecked) { l.DiskLow = ev.Low }

// businessDay is the day a moment belongs to: until the day's end, it is still
// yesterday.
func businessDay(wall time.Time, ends time.Duration) string {
	return wall.Add(-ends).Format(time.DateOnly)
}
