package web

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kassa/kiosk/bagging"
	"kassa/kiosk/flow"
	"kassa/kiosk/weight"
)

// storyView is one explanation of a bagging question, ready to be chosen.
type storyView struct {
	ID    string
	Label string
	Names []string // of the scanned articles it is about
	Odds  string   // how likely it is, in words
}

// BagStories are the explanations that staff can choose from, the likeliest
// first; none where there is no question or this person may not settle one.
func (p *page) BagStories() []storyView {
	s := p.V.Staff
	if s == nil || s.Bag == nil {
		return nil
	}
	var all []storyView
	for _, d := range s.Deeds {
		if d != flow.DeedBagStory {
			continue
		}
		for _, st := range s.Bag.Stories {
			v := storyView{ID: st.ID, Label: p.T("story." + string(st.Kind)), Odds: p.odds(st.P)}
			for _, n := range st.Names {
				v.Names = append(v.Names, p.W.Name(n.Name, n.Names))
			}
			all = append(all, v)
		}
	}
	return all
}

// odds says how likely something is in words that need no arithmetic.
func (p *page) odds(likely float64) string {
	switch n := int64(math.Round(10 * likely)); {
	case likely >= 0.95:
		return p.T("odds.sure")
	case n < 1:
		return p.T("odds.rare")
	default:
		return p.T("odds.tenths", "Tenths", min(n, 9))
	}
}

// Pending is what waits for staff. The bagging question says itself what it is
// about.
func (p *page) Pending() []flow.ViewNeed {
	s := p.V.Staff
	if s.Bag == nil {
		return s.Pending
	}
	return slices.DeleteFunc(slices.Clone(s.Pending), func(n flow.ViewNeed) bool { return n.Kind == flow.NeedBagging })
}

// BagNumbers are what the scale showed before and after, and what was expected.
func (p *page) BagNumbers() string {
	b := p.V.Staff.Bag
	return p.T("staff.bag-numbers", "From", p.grams(b.FromG), "To", p.grams(b.ToG), "Expected", p.grams(b.ExpectedG))
}

func (p *page) grams(g float64) string { return p.W.Grams(weight.Grams(math.Round(g))) }

// The curve's drawing, in the units of its view box.
const (
	curveWide   = 240
	curveHigh   = 112
	curveTop    = 18
	curveBottom = 90
	curveLabel  = 16 // below the lowest line
)

// curve is the load of the last seconds as a drawing: a line of what the scale
// showed, and a dashed one where it should have ended.
type curve struct {
	Wide, High     int
	Path           string
	ExpectedY      string
	Expected, Seen string // labels with their units
	SeenY          string
	Ago            string // how far back it begins
	LabelY         int
}

// BagCurve draws the curve; nil where there is none.
func (p *page) BagCurve() *curve {
	if p.V.Staff == nil || p.V.Staff.Bag == nil || len(p.V.Staff.Bag.Curve) < 2 {
		return nil
	}
	b := p.V.Staff.Bag
	low, high := b.ExpectedG, b.ExpectedG
	for _, pt := range b.Curve {
		low, high = min(low, pt.Grams), max(high, pt.Grams)
	}
	first, last := b.Curve[0].T, b.Curve[len(b.Curve)-1].T
	y := func(g float64) float64 {
		return curveBottom - (g-low)/max(high-low, 1)*(curveBottom-curveTop)
	}
	seen := b.Curve[len(b.Curve)-1].Grams
	c := &curve{
		Wide: curveWide, High: curveHigh, Path: curvePath(b.Curve, y), LabelY: curveBottom + curveLabel,
		ExpectedY: fmt.Sprintf("%.1f", y(b.ExpectedG)), Expected: p.T("staff.bag-expected", "Weight", p.grams(b.ExpectedG)),
		Seen: p.grams(seen), SeenY: fmt.Sprintf("%.1f", y(seen)-6),
		Ago: p.T("staff.bag-ago", "Seconds", int64((last-first+time.Second/2)/time.Second)),
	}
	return c
}

// curvePath draws points as steps: a scale shows one weight until it shows
// another.
func curvePath(points []bagging.Point, y func(float64) float64) string {
	first, last := points[0].T, points[len(points)-1].T
	wide := float64(max(last-first, 1))
	var d strings.Builder
	for i, pt := range points {
		x := float64(pt.T-first) / wide * curveWide
		if i == 0 {
			fmt.Fprintf(&d, "M%.1f %.1f", x, y(pt.Grams))
			continue
		}
		fmt.Fprintf(&d, "H%.1fV%.1f", x, y(pt.Grams))
	}
	return d.String()
}
