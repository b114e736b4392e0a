package station

import "kassa/kiosk/flow"

// An Observer counts what the lane writes down. The loop calls it, so it must
// not block and must not call the station; it changes nothing.
type Observer interface {
	// Wrote is called with each event that goes into the journal and what was
	// decided by it.
	Wrote(ev flow.Event, decided flow.Facts)
}

// A Queue is one of the station's queues: how much waits in it, and how much
// may.
type Queue struct {
	Name       string
	Len, Limit int
}

// Queues says how full the station's queues are. A queue that stays full says
// that somebody cannot keep up.
func (s *Station) Queues() []Queue {
	return []Queue{
		{"inputs", len(s.inputs), cap(s.inputs)},
		{"samples", len(s.samples), cap(s.samples)},
		{"deeds", len(s.deeds), cap(s.deeds)},
		{"jobs", len(s.jobs), cap(s.jobs)},
		{"prints", len(s.prints), cap(s.prints)},
	}
}
