package station

import (
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
)

// asked is the curve of the load around the change that the bagging check asks
// about. It is for the staff page alone, and on no record.
type asked struct {
	event int
	curve []bagging.Point
}

// beforeChange is how much of the curve before the load had settled shows the
// change itself.
const beforeChange = 400 * time.Millisecond

// question returns what the flow keeps of what the check asks, for a decision
// that asks something; nil for one that does not.
func (s *Station) question(d bagging.Decision) *flow.Question {
	if d.Verdict == bagging.OK || !doubts(d.Kind) {
		return nil
	}
	return s.explain()
}

// doubts reports whether a question is about what may be unpaid: what is missing
// or was taken out needs no story.
func doubts(k bagging.Kind) bool { return k == bagging.Unexpected || k == bagging.Wrong }

// explain asks the check for its question, and keeps the curve while the change
// is still on it: who comes a minute later sees what happened, not a flat line.
func (s *Station) explain() *flow.Question {
	e, ok := s.check.Explain()
	if !ok {
		return nil
	}
	holds := len(e.Curve) > 0 && e.Curve[0].T <= e.T-beforeChange
	if holds || e.Event != s.asked.event {
		s.asked = asked{e.Event, e.Curve}
	}
	return flow.QuestionOf(e, ok)
}

// drawn adds the curve to a view that shows the question.
func (s *Station) drawn(v *flow.View) {
	if v.Staff != nil && v.Staff.Bag != nil && v.Staff.Bag.Event == s.asked.event {
		v.Staff.Bag.Curve = s.asked.curve
	}
}

// badged is the event of a badge, with what the check asks by now.
func (s *Station) badged(at flow.At, who *flow.Staff) flow.Event {
	ev := flow.Badged{At: at, Staff: who}
	if sale := s.state.Sale; who != nil && sale != nil && sale.Bag.Since != 0 && doubts(sale.Bag.Decision.Kind) {
		ev.Question = s.explain()
	}
	return ev
}
