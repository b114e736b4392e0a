package devicetest

import (
	"context"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/scale"
	"kassa/device/sim"
	"kassa/kiosk/weight"
)

// A Scale is a scale driver under test.
type Scale interface {
	Run(ctx context.Context, deliver func(scale.Reading)) error
}

// NewScale opens the driver under test on a port, for a scale with a division
// of 5 g and a capacity of 15 kg. It must pass o on to link.Keep.
type NewScale func(t *testing.T, port string, o link.Options) Scale

// A FarScale is the simulated scale that a driver is tested against.
type FarScale interface {
	Path() string
	Put(id string, g weight.Grams)
	Clear()
	Lean(g weight.Grams, d time.Duration)
	SetTare(g weight.Grams)
	SetFault(f sim.ScaleFault)
	Asked() int
	Unplug() error
	Plug() error
	Close() error
}

// hidesNet says that a far scale's protocol does not tell net from gross.
func hidesNet(far FarScale) bool {
	h, ok := far.(interface{ HidesNet() bool })
	return ok && h.HidesNet()
}

// NewFarScale makes the simulated scale that speaks the driver's protocol.
type NewFarScale func(path string, clock *sim.Clock, division, capacity weight.Grams) (FarScale, error)

// scaleSpeed shortens the time that a simulated plate takes to settle.
const scaleSpeed = 8

type scaleTest struct {
	harness[scale.Reading]
	far FarScale
}

func startScale(t *testing.T, open NewScale, far NewFarScale) *scaleTest {
	t.Helper()
	f, err := far(portPath(t, "scale"), sim.NewClock(scaleSpeed), 5, 15_000)
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	s := &scaleTest{far: f}
	s.t = t
	s.run(open(t, f.Path(), s.quick()).Run)
	s.untilUp()
	return s
}

// load changes the plate to one article and waits for its weight. From the
// first sign of the change on no other weight may be delivered.
func (s *scaleTest) load(g weight.Grams) {
	s.t.Helper()
	s.far.Clear()
	s.far.Put("article", g)
	s.take()
	s.weight(g)
}

// weight waits for g, and after a sign of motion for nothing else.
func (s *scaleTest) weight(g weight.Grams) {
	s.t.Helper()
	s.until("the weight has come", func() bool {
		for _, r := range s.got {
			s.sound(r)
			if (r.State == scale.Stable || r.State == scale.Zero) && r.Shown.Grams() == g {
				return true
			}
		}
		return false
	})
	moved := false
	for _, r := range s.take() {
		moved = moved || r.State == scale.Motion
		if moved && r.State == scale.Stable && r.Shown.Grams() != g {
			s.t.Errorf("%s %s after motion, want only %d g", r.Shown, r.Shown.Unit, g)
		}
	}
}

// sound checks what must hold for every reading.
func (s *scaleTest) sound(r scale.Reading) {
	s.t.Helper()
	weighed := r.State == scale.Stable || r.State == scale.Zero
	failed := r.State == scale.Fault || r.State == scale.Silent
	switch {
	case r.State == 0 || r.At.IsZero():
		s.t.Errorf("reading %+v without state or time", r)
	case !weighed && r.Shown != (weight.Shown{}):
		s.t.Errorf("reading %+v carries a weight", r)
	case failed != (r.Err != nil):
		s.t.Errorf("reading %+v: error is %v", r, r.Err)
	case r.State == scale.Stable && r.Shown.Zero(), r.State == scale.Zero && !r.Shown.Zero():
		s.t.Errorf("reading %+v: zero is not stable, stable not zero", r)
	}
}

// state waits for a reading of this kind.
func (s *scaleTest) state(want scale.State) {
	s.t.Helper()
	s.take()
	s.until("a reading is "+want.String(), func() bool {
		for _, r := range s.got {
			s.sound(r)
			if r.State == want {
				return true
			}
		}
		return false
	})
}

// last returns the newest reading. It needs the lock.
func (s *scaleTest) last() scale.Reading {
	if len(s.got) == 0 {
		return scale.Reading{}
	}
	return s.got[len(s.got)-1]
}

// never watches until n more readings have come, none of which may be Stable.
func (s *scaleTest) never(n int) {
	s.t.Helper()
	s.take()
	s.until("more readings have come", func() bool { return len(s.got) >= n })
	for _, r := range s.take() {
		s.sound(r)
		if r.State == scale.Stable || r.State == scale.Zero {
			s.t.Errorf("weight %s delivered, want none", r.Shown)
		}
	}
}

// TestScale checks a driver against a simulated scale of its protocol.
func TestScale(t *testing.T, open NewScale, far NewFarScale) {
	t.Run("normal use", func(t *testing.T) {
		t.Parallel()
		s := startScale(t, open, far)
		s.state(scale.Zero)
		for _, g := range []weight.Grams{5, 240, 735, 1250, 15_000} {
			s.load(g)
		}
		s.far.Put("too much", 10)
		s.state(scale.Over)
		s.load(500)
		s.far.Lean(300, 4*time.Second)
		s.state(scale.Motion)
		s.weight(500)
		s.far.SetTare(100)
		s.until("a net weight has come", func() bool {
			r := s.last()
			return r.State == scale.Stable && (r.Net || hidesNet(s.far)) && r.Shown.Grams() == 400
		})
		s.far.Clear()
		s.state(scale.Under)
		s.far.SetTare(0)
		s.state(scale.Zero)
	})
	t.Run("at most twenty questions a second", func(t *testing.T) {
		t.Parallel()
		s := startScale(t, open, far)
		before, start := s.far.Asked(), time.Now()
		s.until("thirty answers have come", func() bool { return len(s.got) > 30 })
		asked, took := s.far.Asked()-before, time.Since(start)
		if limit := int(took/(50*time.Millisecond)) + 2; asked > limit {
			t.Errorf("%d questions in %v, want at most %d", asked, took, limit)
		}
	})
	t.Run("faults", func(t *testing.T) {
		t.Parallel()
		testScaleFaults(t, open, far)
	})
	t.Run("late answers", func(t *testing.T) {
		t.Parallel()
		s := startScale(t, open, far)
		s.load(735)
		s.far.SetFault(sim.ScaleLate)
		s.state(scale.Silent)
		s.far.Clear()
		s.far.Put("article", 240)
		// An answer may come just in time when the machine is busy, but none
		// may tell of the load from before the silence.
		s.take()
		s.until("more readings have come", func() bool { return len(s.got) >= 3 })
		for _, r := range s.take() {
			s.sound(r)
			if r.State == scale.Stable && r.Shown.Grams() == 735 {
				t.Errorf("weight %s delivered, which is gone", r.Shown)
			}
		}
		s.far.SetFault(sim.ScaleHealthy)
		s.take()
		s.weight(240)
	})
	t.Run("unplugged at every moment", func(t *testing.T) { testScaleUnplug(t, open, far) })
}

func testScaleFaults(t *testing.T, open NewScale, far NewFarScale) {
	tests := []struct {
		name  string
		fault sim.ScaleFault
		want  scale.State // 0: goes on as if nothing were
		down  bool
	}{
		{"silent", sim.ScaleSilent, scale.Silent, true},
		{"garbage", sim.ScaleGarbage, scale.Fault, false},
		{"split frames", sim.ScaleSplit, 0, false},
		{"stuttered frames", sim.ScaleStuttered, 0, false},
		{"half frames", sim.ScaleHalf, scale.Fault, false},
		{"a digit damaged", sim.ScaleBitFlip, scale.Fault, false},
		{"chatter", sim.ScaleChatter, scale.Fault, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startScale(t, open, far)
			s.load(735)
			s.far.SetFault(tt.fault)
			if tt.want == 0 {
				s.load(240)
				return
			}
			s.state(tt.want)
			s.never(1)
			if tt.down {
				s.untilDown()
			}
			s.far.SetFault(sim.ScaleHealthy)
			s.take()
			s.weight(735)
			s.untilUp()
		})
	}
}

// testScaleUnplug pulls the cable right after a question, some time after one,
// and when nobody asks, and changes the load meanwhile.
func testScaleUnplug(t *testing.T, open NewScale, far NewFarScale) {
	t.Parallel()
	s := startScale(t, open, far)
	g := weight.Grams(735)
	for _, after := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 45 * time.Millisecond} {
		s.load(g)
		asked := s.far.Asked()
		waitFor(t, "the scale is asked", func() bool { return s.far.Asked() != asked })
		time.Sleep(after)
		must(t, s.far.Unplug())
		s.untilDown()
		s.far.Clear()
		g += 100
		s.far.Put("article", g)
		s.never(2)
		s.take()
		must(t, s.far.Plug())
		s.untilUp()
		s.until("the new weight has come", func() bool {
			for _, r := range s.got {
				if r.State == scale.Stable && r.Shown.Grams() != g {
					t.Errorf("%s delivered after the cable was back, want %d g", r.Shown, g)
				}
			}
			return s.last().State == scale.Stable && s.last().Shown.Grams() == g
		})
	}
}

// BenchScale shows twenty readings of a real scale on port; none may be a
// fault.
func BenchScale(t *testing.T, open NewScale, port string) {
	t.Helper()
	s := &scaleTest{}
	s.t = t
	s.run(open(t, port, s.quick()).Run)
	s.untilUp()
	s.until("twenty readings have come", func() bool { return len(s.got) >= 20 })
	for _, r := range s.take() {
		s.sound(r)
		t.Logf("%s %s %q", r.State, r.Shown, r.Frame)
		if r.State == scale.Fault || r.State == scale.Silent {
			t.Errorf("reading is %s: %v", r.State, r.Err)
		}
	}
}
