package bagging

import (
	"math"
	"testing"
)

// soldTwice is a known article with its present weight waiting for staff.
func soldTwice(was, now float64) Weight {
	return Weight{
		N: 100, MeanG: was, Kappa: 40, Alpha: 30, Beta: 30 * 9, Price: 200, ListedG: was, ListedSD: 4, Sold: 160,
		Next: &Mode{N: 60, MeanG: now, Kappa: 40, Alpha: 30, Beta: 30 * 9}, NextAt: 100,
	}
}

// Two articles that both wait for staff to confirm their new packaging may come
// together: it is nothing odd that neither weighs what it did.
func TestTwoThatWaitForStaff(t *testing.T) {
	c := New(Settings{DivisionG: 5}, Weights{"a": soldTwice(343, 305), "b": soldTwice(509, 410)})
	feed(c, 0, 2*second, 0)
	c.Step(Start{2 * second, "1"})
	c.Step(Scan{T: 2 * second, Line: 1, Key: "a", MeanG: 343, SDG: 4, Price: 200})
	c.Step(Scan{T: 3 * second, Line: 2, Key: "b", MeanG: 509, SDG: 4, Price: 200})
	feed(c, 3*second, 4*second, 0)
	feed(c, 4*second, 12*second, 715)
	if c.pUnpaid > 0.01 {
		t.Errorf("something is unpaid with %.3f when both weigh what they do now, want hardly", c.pUnpaid)
	}
	h := c.best()
	if math.Abs(h.at[0].grams-305) > 5 || math.Abs(h.at[1].grams-410) > 5 {
		t.Errorf("on the scale %.0f g and %.0f g, want 305 g and 410 g", h.at[0].grams, h.at[1].grams)
	}
}

// Store IT finds what waits for staff on the list of what to weigh again.
func TestWhatWaitsIsToBeWeighed(t *testing.T) {
	got := Weights{"a": soldTwice(343, 305), "b": {N: 40, MeanG: 500, Kappa: 40, Alpha: 30, Beta: 30 * 9}}.report()
	if len(got) != 1 || got[0].Key != "a" || !got[0].WeighAgain || got[0].NextG != 305 {
		t.Errorf("the report is %+v, want a to be weighed again, at 305 g", got)
	}
}

// What waits for staff is kept with what was learned, and makes sense.
func TestNextIsKept(t *testing.T) {
	w := soldTwice(343, 305)
	if err := w.Check("a"); err != nil {
		t.Error(err)
	}
	w.Next = &Mode{MeanG: 305}
	if err := w.Check("a"); err == nil {
		t.Error("a weight that waits for staff and is none passes")
	}
}

// What waits for this lane's staff waits on when another lane has learned more of the
// old weight, as likely as before; where that lane believes in it, it is believed.
func TestNextOutlivesOthersWeights(t *testing.T) {
	mine := soldTwice(343, 305)
	theirs := Weight{N: 900, MeanG: 343.5, Kappa: 40, Alpha: 30, Beta: 30 * 9, Sold: 900}
	got := MergeWeight(mine, theirs)
	if got.N != 900 || got.Next == nil || got.Next.MeanG != 305 || math.Abs(got.nextShare()-mine.nextShare()) > 1e-9 {
		t.Errorf("merged %+v, want theirs with 305 g waiting as before", got)
	}
	if out := MergeWeight(theirs, mine.Share()); out.Next != nil {
		t.Errorf("another lane took %+v over, which no staff have seen", out.Next)
	}
	mine.Price, theirs.Price = 0, 0
	mine.Second = &Mode{N: 1, MeanG: 305, Kappa: 40, Alpha: 30, Beta: 30 * 9} // believed here too by now
	theirs.Second = &Mode{N: 40, MeanG: 305, Kappa: 40, Alpha: 30, Beta: 30 * 9}
	if got := MergeWeight(mine, theirs); got.Next != nil || got.Second == nil {
		t.Errorf("merged %+v, want 305 g believed, and nothing that waits", got)
	}
}
