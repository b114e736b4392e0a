package bagging

import (
	"math"
	"testing"
)

// What is bagged in place of something scanned costs more: its weight counts by
// what is dearer alone, and more for a cheap label than for a dear one.
func TestInsteadIsDearer(t *testing.T) {
	ws := Weights{
		"cheap":  {N: 500, MeanG: 200, Kappa: 40, Alpha: 30, Beta: 120, Price: 99},
		"middle": {N: 500, MeanG: 400, Kappa: 40, Alpha: 30, Beta: 120, Price: 299},
		"dear":   {N: 500, MeanG: 600, Kappa: 40, Alpha: 30, Beta: 120, Price: 1299},
	}
	c := New(Settings{}, ws)
	any := c.any(600)
	if got := c.instead(600, 99); got < 2*any {
		t.Errorf("the dear weight with a cheap label: %g, any article's: %g, want twice that at least", got, any)
	}
	if dear, middle := c.instead(600, 99), c.instead(400, 99); dear < 1.5*middle {
		t.Errorf("with a cheap label the dear weight: %g, the one in the middle: %g, want much more for what is much dearer", dear, middle)
	}
	if got := c.instead(200, 299); got > any/20 {
		t.Errorf("the cheap weight with a label in the middle: %g, want hardly anything beside %g", got, any)
	}
	if got := c.instead(600, 1299); got > any/20 {
		t.Errorf("the dear weight with its own label: %g, want hardly anything beside %g", got, any)
	}
	if got := c.instead(600, 0); got != any {
		t.Errorf("a label without a price: %g, want any article's %g", got, any)
	}
	for _, x := range []float64{-5, 0, 5999, 6000, 1e6} {
		if got := c.instead(x, 99); !(got >= 0) {
			t.Errorf("%g g: %g", x, got)
		}
	}
	c.stock.add(ws["dear"], -1)
	c.stock.weighPrices()
	if got := c.instead(600, 99); got > any/20 {
		t.Errorf("after the dear article is taken out: %g", got)
	}
}

// What somebody would bag in place of a cheaper article weighs what it does now,
// also before staff have seen it, and is bought as often as before.
func TestStockWeighsAsSold(t *testing.T) {
	s := newStock(Weights{"a": soldTwice(343, 305)})
	if s.at[305] < 10*s.at[343] {
		t.Errorf("%.3f pieces at 305 g, %.3f at 343 g, want most where the last 60 were", s.at[305], s.at[343])
	}
	if math.Abs(s.all-160) > 1 {
		t.Errorf("%.0f pieces, want the 160 that were sold", s.all)
	}
	w := soldTwice(343, 305).learn(sight{grams: 305, noise: 2, sure: 1, trip: "x", staff: true})
	if got := newStock(Weights{"a": w}).all; math.Abs(got-160) > 1 {
		t.Errorf("%.0f pieces once it is believed in, want as many as before", got)
	}
}
