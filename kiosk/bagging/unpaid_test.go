package bagging

import (
	"fmt"
	"math"
	"testing"
)

// well is what is known of an article of which many were sold.
func well(grams float64) Weight {
	return Weight{N: 40, MeanG: grams, Kappa: 40, Alpha: 30, Beta: 30 * 9, Price: 200, ListedG: grams, ListedSD: 4}
}

// oneOn is a lane at which one piece of article a, of 500 g, was scanned and bagged,
// five seconds after zero.
func oneOn(t *testing.T) *Check {
	t.Helper()
	c := New(Settings{DivisionG: 5}, Weights{"a": well(500), "b": well(730)})
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 500, SDG: 4, Price: 200})
	feed(c, 2*second, 3*second, 0)
	feed(c, 3*second, 5*second, 500)
	if h := c.best(); h.at[0].on != 1 || c.pUnpaid > 0.01 {
		t.Fatalf("%d pieces on the scale, unpaid with %.3f; want one, and hardly", h.at[0].on, c.pUnpaid)
	}
	return c
}

func called(out []Decision) bool {
	for _, d := range out {
		if d.Verdict == Call {
			return true
		}
	}
	return false
}

// What nobody paid for is no less unpaid in a bag that leaves the scale with paid
// pieces in it; alone it was put back.
func TestUnpaidLeavesWithTheBag(t *testing.T) {
	c := oneOn(t)
	out := feed(c, 5*second, 8*second, 830)
	out = append(out, feed(c, 8*second, 14*second, 0)...)
	if !called(out) {
		t.Errorf("nobody was called when a bag left with something unpaid: unpaid with %.3f", c.pUnpaid)
	}
	if d := c.decision(); d.ExpectedG > 200 {
		t.Errorf("the empty scale should show %.0f g", d.ExpectedG)
	}
	if c.Step(Staff{T: 14 * second, OK: true}); c.pUnpaid > 0 {
		t.Errorf("unpaid with %.3f after staff found all well", c.pUnpaid)
	}

	c = New(Settings{DivisionG: 5}, nil)
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	out = feed(c, 3*second, 6*second, 330)
	out = append(out, feed(c, 6*second, 14*second, 0)...)
	if called(out) {
		t.Error("a person was called to what was taken off again")
	}
}

// Who takes the bag off, finds what was not scanned and puts the bag back without it
// has put it right.
func TestBagBackWithoutTheUnpaid(t *testing.T) {
	c := oneOn(t)
	out := feed(c, 5*second, 8*second, 830)
	out = append(out, feed(c, 8*second, 10*second, 0)...)
	if c.pUnpaid < 0.1 {
		t.Errorf("unpaid with %.3f in the bag that left, want more", c.pUnpaid)
	}
	out = append(out, feed(c, 10*second, 16*second, 500)...)
	if called(out) || c.pUnpaid > 0.01 {
		t.Errorf("called %v, unpaid with %.3f, once the bag is back without it", called(out), c.pUnpaid)
	}
}

// Who scans it once the bag has left has put it right as well.
func TestScannedOnceTheBagLeft(t *testing.T) {
	c := oneOn(t)
	out := feed(c, 5*second, 8*second, 1230)
	out = append(out, feed(c, 8*second, 10*second, 0)...)
	before := c.pUnpaid
	c.Step(Scan{T: 10 * second, Line: 2, Key: "b", MeanG: 730, SDG: 4, Price: 200})
	out = append(out, feed(c, 10*second, 18*second, 0)...)
	if before < 0.1 || called(out) || c.pUnpaid > before/4 {
		t.Errorf("called %v, unpaid with %.3f once it was scanned, %.3f before; want no, a quarter of that at most, and more than 0.1", called(out), c.pUnpaid, before)
	}
}

// A few grams that come and go on a restless scale are not remembered as something
// that was taken out.
func TestFlickerIsNotRemembered(t *testing.T) {
	c := oneOn(t)
	feed(c, 5*second, 6*second, 515)
	feed(c, 6*second, 7*second, 500)
	for i := range c.beam {
		for _, l := range c.beam[i].load[:c.beam[i].loads] {
			if l.kind == isGone && l.with > 0 {
				t.Errorf("an account remembers %.0f g that came and went", l.with)
			}
		}
	}
}

// Taking an unpaid thing out and putting it back leaves it as doubtful as it was,
// alone or hidden with a scanned piece.
func TestUnpaidOutAndBack(t *testing.T) {
	for _, tc := range []struct {
		name   string
		scan   bool
		brings float64
	}{
		{"alone", false, 330},
		{"hidden with a scanned piece", true, 757},
	} {
		c := oneOn(t)
		if tc.scan {
			c.Step(Scan{T: 5 * second, Line: 2, Key: "b", MeanG: 730, SDG: 4, Price: 200})
		}
		with := 500 + tc.brings
		feed(c, 5*second, 8*second, with)
		before := c.pUnpaid
		feed(c, 8*second, 10*second, 500)
		out := c.pUnpaid
		feed(c, 10*second, 11*second, with)
		if c.pUnpaid < before/3 || out > before/3 {
			t.Errorf("%s: unpaid with %.3f, %.3f while it was out, %.3f once it was back; want the last about as the first", tc.name, before, out, c.pUnpaid)
		}
	}
}

// A piece that rests on the frame, is taken out and put back is no likelier unpaid
// than before.
func TestFrameOutAndBack(t *testing.T) {
	c := oneOn(t)
	c.Step(Scan{T: 5 * second, Line: 2, Key: "b", MeanG: 730, SDG: 4, Price: 200})
	feed(c, 5*second, 8*second, 800)
	before := c.pUnpaid
	feed(c, 8*second, 10*second, 500)
	feed(c, 10*second, 12*second, 800)
	if c.pUnpaid > 2*before {
		t.Errorf("unpaid with %.4f before it was out and back, %.4f after that", before, c.pUnpaid)
	}
}

// Of an article that was scanned, kept in hand and scanned again, the piece that
// comes is the one scanned last: the other is not due any more.
func TestScannedLastComesFirst(t *testing.T) {
	c := oneOn(t)
	c.Step(Scan{T: 5 * second, Line: 2, Key: "b", MeanG: 730, SDG: 4, Price: 200})
	feed(c, 5*second, 20*second, 500)
	c.Step(Scan{T: 20 * second, Line: 3, Key: "b", MeanG: 730, SDG: 4, Price: 200})
	feed(c, 20*second, 24*second, 1230)
	if h := c.best(); h.at[1].left != 1 || h.at[2].on != 1 {
		t.Errorf("of the first %d wait, of the second %d are on the scale; want one and one", h.at[1].left, h.at[2].on)
	}
}

// What an unknown article of a pair weighs is learned once both are bagged: the
// first change may have been the other.
func TestPairTeachesAfterBoth(t *testing.T) {
	c := New(Settings{DivisionG: 5}, Weights{"a": well(725)})
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 725, SDG: 4})
	c.Step(Scan{T: 3 * second, Line: 2, Key: "b", MeanG: 770, SDG: 18})
	feed(c, 3*second, 5*second, 0)
	feed(c, 5*second, 7*second, 735)
	feed(c, 7*second, 10*second, 735+800)
	c.Step(End{10 * second})
	if w := c.Knowledge().Weights["b"]; w.N != 1 || w.MeanG < 770 {
		t.Errorf("b was learned from %d pieces as %.1f g, want one of 800 g", w.N, w.MeanG)
	}
}

// A packaging that waits for staff is given up when the believed one turns out to
// weigh that, or nobody has it any more.
func TestNextThatWasNone(t *testing.T) {
	dear := func(float64) bool { return true }
	w := well(300)
	w.Next, w.NextAt = &Mode{N: 5, MeanG: 304, Kappa: 5, Alpha: 10, Beta: 90}, 40
	w = w.learn(sight{grams: 301, noise: 2, sure: 1, trip: "1", dear: dear})
	if w.Next != nil {
		t.Errorf("next is %+v beside %.1f g, want none", w.Next, w.MeanG)
	}
	w.Next, w.NextAt = &Mode{N: 5, MeanG: 350, Kappa: 5, Alpha: 10, Beta: 90}, 40
	for k := range 700 {
		if k == 30 && w.Next == nil {
			t.Fatal("next is gone after thirty pieces as before")
		}
		w = w.learn(sight{grams: 300, noise: 2, sure: 1, trip: fmt.Sprint(k), dear: dear})
	}
	if w.Next != nil {
		t.Errorf("next is %+v after 700 pieces as before, want none", w.Next)
	}
}

// An old packaging that is sold out does not come back with a piece at the edge of
// what the new one weighs.
func TestSoldOutStaysOut(t *testing.T) {
	w := well(212)
	w.N, w.Beta, w.Second = 1500, 30*5, &Mode{MeanG: 228, Kappa: 40, Alpha: 30, Beta: 30 * 5}
	edge := w.learn(sight{grams: 225, noise: 2, sure: 1, trip: "1"})
	if edge.Second.N != 0 || edge.N != w.N {
		t.Errorf("a piece of 225 g counts for the old packaging %d times, for the new one %d times, want neither", edge.Second.N, edge.N-w.N)
	}
	old := w.learn(sight{grams: 235, noise: 2, sure: 1, trip: "2"})
	if old.Second.N != 1 {
		t.Errorf("a piece of 235 g counts %d times, want once", old.Second.N)
	}
}

// The longer none had it, the less the next piece is of the old packaging; while they
// come mixed it is as often as they did.
func TestOldShare(t *testing.T) {
	if got := oldShare(30, 69, 0); math.Abs(got-0.31) > 0.02 {
		t.Errorf("30 of 100 pieces, the last among them: %.3f, want about 0.31", got)
	}
	last := 1.0
	for _, run := range []float64{1, 3, 10, 30, 100, 300} {
		got := oldShare(2, 3, run)
		if got >= last/2 {
			t.Errorf("after %.0f pieces without it %.2g, %.2g before; want less than half", run, got, last)
		}
		last = got
	}
	if last > 1e-6 {
		t.Errorf("after 300 pieces without it %.2g, want nothing to speak of", last)
	}
}
