package bagging

import (
	"cmp"
	"math"
	"slices"
)

// A Report is what a store wants to know of what was learned at a lane.
type Report struct {
	Trips    float64         `json:"trips"` // about so many are counted; older ones are forgotten
	Articles []ArticleReport `json:"articles"`
	Scale    ScaleReport     `json:"scale"`
	// Thresholds say what calling at another probability would have brought.
	Thresholds []ThresholdReport `json:"thresholds"`
	Right      float64           `json:"right"` // calls where something was unpaid
	Wrong      float64           `json:"wrong"` // ... where nothing was
	Habits     HabitReport       `json:"habits"`
}

// An ArticleReport is an article that somebody should look at.
type ArticleReport struct {
	Key     string  `json:"key"`
	Sold    int64   `json:"sold"` // pieces learned from
	MeanG   float64 `json:"mean_g"`
	SDG     float64 `json:"sd_g"`
	ListedG float64 `json:"listed_g,omitempty"`
	SecondG float64 `json:"second_g,omitempty"` // of another packaging that is sold too
	NextG   float64 `json:"next_g,omitempty"`   // of a new packaging that waits for staff to see it
	Calls   int64   `json:"calls"`
	False   int64   `json:"false"`
	// Why it is in the list.
	Drifted    bool `json:"drifted,omitempty"`     // its weight is no longer what the catalogue says
	Changed    bool `json:"changed,omitempty"`     // a new packaging was believed
	WeighAgain bool `json:"weigh_again,omitempty"` // odd weights agree, or false calls go on
}

// A ScaleReport is what ordinary sales tell of the scale.
type ScaleReport struct {
	ZeroG   float64 `json:"zero_g"`   // shown when empty
	SpanPct float64 `json:"span_pct"` // per cent by which well-known articles weigh too much
	Spread  float64 `json:"spread"`   // of their deviations; 1 is as learned
	Lost    float64 `json:"lost"`     // times it went away
	// NeedsZero and NeedsService are the advice.
	NeedsZero    bool `json:"needs_zero"`
	NeedsService bool `json:"needs_service"`
}

// A ThresholdReport is what a threshold would have brought, per 1,000 trips.
type ThresholdReport struct {
	CallAt float64 `json:"call_at"`
	Calls  float64 `json:"calls"`
	False  float64 `json:"false"`  // expected, of the calls
	Caught float64 `json:"caught"` // expected
	Missed float64 `json:"missed"` // expected, of what was in doubt at all
	// Cost in false alarms, with a miss as dear as the threshold in use says.
	Cost float64 `json:"cost"`
	Used bool    `json:"used,omitempty"`
}

// A HabitReport is how often things happen, as rates from 0 to 1 and seconds.
type HabitReport struct {
	Hand     float64 `json:"hand"`  // per settled change
	Early    float64 `json:"early"` // ...
	Frame    float64 `json:"frame"` // per article bagged
	Held     float64 `json:"held"`  // per scan
	Together float64 `json:"together"`
	WaitSec  float64 `json:"wait_s"`
	HandSec  float64 `json:"hand_s"`
	EarlySec float64 `json:"early_s"`
}

// When an article or a scale is worth a look.
const (
	driftSD      = 3    // standard deviations of a piece that the mean is off the list
	driftPart    = 0.02 // ... and at least this part of it
	driftSales   = 8    // sales before drift is spoken of
	againOdd     = 2    // odd weights that agree
	againFalse   = 3    // false calls
	zeroSteps    = 3    // steps of the scale that its zero may be off
	zeroTrips    = 10   // trips before its zero is spoken of
	servicePart  = 0.01 // of the weight that the span may be off
	serviceWide  = 1.6  // times as wide as learned
	serviceCases = 200  // pieces before service is spoken of
	serviceLost  = 20   // times a scale may go away
)

// Report says what the knowledge means for a store that calls at set.CallAt.
func (k Knowledge) Report(set Settings) Report {
	set = set.filled()
	division := set.DivisionG
	if division <= 0 {
		division = 5
	}
	r := k.Habits.rates()
	out := Report{
		Trips: k.Habits.Trips, Articles: k.Weights.report(), Scale: k.Health.report(division),
		Thresholds: k.Habits.thresholds(set.CallAt), Right: k.Habits.Verdicts.Right, Wrong: k.Habits.Verdicts.Wrong,
		Habits: HabitReport{
			Hand: r.hand, Early: r.early, Frame: r.frame, Held: r.held, Together: r.two,
			WaitSec: r.waitSec, HandSec: r.handSec, EarlySec: r.earlySec,
		},
	}
	return out
}

// report lists the articles worth a look, those with most false calls first.
func (ws Weights) report() []ArticleReport {
	out := []ArticleReport{}
	for key, w := range ws {
		a := ArticleReport{
			Key: key, Sold: w.N, MeanG: w.MeanG, SDG: w.SDG(), ListedG: w.ListedG, Calls: w.Calls, False: w.False,
			Changed: w.Changed > 0,
		}
		if w.Second != nil {
			a.SecondG = w.Second.MeanG
		}
		if w.Next != nil {
			a.NextG = w.Next.MeanG
		}
		off := math.Abs(w.MeanG - w.ListedG)
		a.Drifted = w.ListedG > 0 && w.N >= driftSales && off > driftSD*w.SDG() && off > driftPart*w.ListedG
		a.WeighAgain = w.False >= againFalse || w.Next != nil
		for _, o := range w.Odd {
			a.WeighAgain = a.WeighAgain || w.agreed(o.Grams, 0).people >= againOdd
		}
		if a.Drifted || a.Changed || a.WeighAgain || a.Calls > 0 {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b ArticleReport) int {
		return cmp.Or(cmp.Compare(b.False, a.False), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// report judges a scale with so many grams a step.
func (h Health) report(division float64) ScaleReport {
	r := ScaleReport{ZeroG: h.ZeroG, Lost: h.Lost, Spread: 1}
	r.NeedsZero = h.Trips >= zeroTrips && math.Abs(h.ZeroG) > zeroSteps*division
	if h.N > 0 {
		r.SpanPct, r.Spread = 100*h.Part/h.N, math.Sqrt(h.ZZ/h.N)
	}
	wrong := h.N >= serviceCases && (math.Abs(h.Part/h.N) > servicePart || r.Spread > serviceWide)
	r.NeedsService = wrong || h.Lost > serviceLost
	return r
}

// thresholds reckons what calling at other probabilities would have brought:
// the probabilities are taken at their word.
func (h *Habits) thresholds(used float64) []ThresholdReport {
	var out []ThresholdReport
	if h.Trips <= 0 {
		return out
	}
	k, miss := 1000/h.Trips, (1-used)/used
	all := 0.0
	for _, d := range h.Doubts {
		all += d.P
	}
	for i := 3; i < doubtBins; i++ {
		r := ThresholdReport{CallAt: math.Exp2(float64(i - doubtBins))}
		for _, d := range h.Doubts[i:] {
			r.Calls += k * d.N
			r.Caught += k * d.P
		}
		r.False, r.Missed = r.Calls-r.Caught, k*all-r.Caught
		r.Cost = r.False + miss*r.Missed
		r.Used = r.CallAt <= used && used < 2*r.CallAt
		out = append(out, r)
	}
	return out
}
