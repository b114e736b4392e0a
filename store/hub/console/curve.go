package console

import (
	"fmt"
	"strings"

	"kassa/kiosk/weight"
	"kassa/store/wire"
)

// A curve is what the bagging scale saw in the last seconds, ready to be drawn
// in a box of curveWide by curveHigh.
type curve struct {
	Points    string // of a polyline
	Expected  int    // height of the line that says what was expected
	Top, Base string // weights at the upper and lower edge
	Says      string // the same in words
	Seconds   int64
}

const (
	curveWide = 320
	curveHigh = 96
)

// newCurve draws the curve of a call; nil if there is none.
func newCurve(b base, about wire.Context) *curve {
	all := about.Curve
	if len(all) < 2 || len(all) > 2000 {
		return nil
	}
	low, high := min(all[0], about.ExpectedG), max(all[0], about.ExpectedG)
	for _, g := range all {
		low, high = min(low, g), max(high, g)
	}
	low = min(low, 0)
	span := max(high-low, 50) // noise of a few grams is not blown up
	y := func(g int64) int { return curveHigh - 4 - int((g-low)*(curveHigh-8)/span) }
	var points strings.Builder
	for i, g := range all {
		fmt.Fprintf(&points, "%d,%d ", i*curveWide/(len(all)-1), y(g))
	}
	grams := func(g int64) string { return b.W.Grams(weight.Grams(g)) }
	c := &curve{
		Points: strings.TrimSpace(points.String()), Expected: y(about.ExpectedG), Top: grams(low + span), Base: grams(low),
		Seconds: (int64(len(all)-1)*about.CurveStep + 500) / 1000,
	}
	c.Says = b.T("console.curve", "Seconds", c.Seconds, "Expected", grams(about.ExpectedG), "Seen", grams(about.SeenG))
	return c
}
