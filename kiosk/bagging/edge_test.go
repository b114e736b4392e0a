package bagging

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// What a hand lasts is counted from when it was noticed to when it began to go: as
// long as the load needs to settle passes before either is seen.
func TestHandLastsUntilItGoes(t *testing.T) {
	c := oneOn(t)
	feed(c, 5*second, 7*second, 760)
	feed(c, 7*second, 9*second, 500)
	c.Step(Pay{T: 9 * second})
	c.Step(End{9 * second})
	s := c.habits.HandSec
	if s.N < 0.5 || math.Abs(s.Sec/s.N-1.7) > 0.11 {
		t.Errorf("%.2f hands of %.2f s together, want one of 1.7 s: 2 s, less 0.3 s until it was noticed", s.N, s.Sec)
	}
}

// Once staff found that all is well, the account that goes on is one by which it is.
func TestStaffFoundItWell(t *testing.T) {
	c := New(Settings{DivisionG: 5}, Weights{"a": well(500)})
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 500, SDG: 4, Price: 200})
	feed(c, 3*second, 12*second, 1000)
	e, ok := c.Explain()
	if h := c.best(); !ok || !h.bad(0) {
		t.Fatalf("a thousand grams for five hundred: %v, want something unpaid to be likeliest", e.Stories)
	}
	c.Step(Staff{T: 12 * second, OK: true})
	if s, ok := c.best().told(e.Event); !ok || !c.names[s.kind].Honest() {
		t.Errorf("staff found all well, and the check goes on with %q", c.names[s.kind])
	}
}

// A new packaging that could be the old one with a hand or a bag, each time when the
// shopper pays at once, is one all the same.
func TestWhatAlwaysComesIsNoBag(t *testing.T) {
	c := New(Settings{DivisionG: 5}, Weights{"a": well(530), "b": well(300)})
	now, until := time.Duration(0), 0
	for sale := 1; sale <= 10 && until == 0; sale++ {
		feed(c, now, now+2*second, 0)
		now += 2 * second
		c.Step(Start{now, fmt.Sprint("sale", sale)})
		c.Step(Scan{T: now, Line: 1, Key: "b", MeanG: 300, SDG: 4, Price: 400})
		feed(c, now+second, now+3*second, 300)
		c.Step(Scan{T: now + 3*second, Line: 2, Key: "a", MeanG: 530, SDG: 4, Price: 400})
		feed(c, now+4*second, now+6*second, 300+636)
		c.Step(Pay{T: now + 6*second})
		feed(c, now+6*second, now+8*second, 300+636)
		now += 8 * second
		c.Step(End{now})
		if w := c.weights["a"]; math.Abs(w.MeanG-636) < 5 {
			until = sale
		}
	}
	if until == 0 {
		t.Errorf("636 g for 530 g was not learned in ten sales: %+v", c.weights["a"])
	}
}

// Something heavy that comes with a scanned piece, and goes on lying there, is asked
// about; what a bag may weigh is not.
func TestHeavyWithAPiece(t *testing.T) {
	for _, more := range []float64{250, 400, 700} {
		c := oneOn(t)
		c.Step(Scan{T: 5 * second, Line: 2, Key: "b", MeanG: 730, SDG: 4, Price: 200})
		out := feed(c, 6*second, 26*second, 500+730+more)
		if !called(out) {
			t.Errorf("%.0f g with a piece: nobody was called, unpaid with %.3f", more, c.pUnpaid)
		}
	}
}
