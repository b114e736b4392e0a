package bagging

import "math"

// Weights is what was learned, by GTIN or PLU. It can be kept as JSON.
type Weights map[string]Weight

// A Weight is what is known of the weight of one piece: a normal-inverse-gamma
// posterior that forgets (Kappa and Alpha are capped), and a short list of
// weights that did not fit.
type Weight struct {
	N     int64   `json:"n"`      // pieces learned from
	MeanG float64 `json:"mean_g"` // grams
	Kappa float64 `json:"kappa"`
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	// Odd are the last weights that did not fit, oldest first.
	Odd []Odd `json:"odd,omitempty"`
}

// Odd is a weight that did not fit, and the trip it was seen in.
type Odd struct {
	Grams float64 `json:"g"`
	Trip  string  `json:"trip"`
}

// A WeightUpdate is a Weight that changed.
type WeightUpdate struct {
	Key    string `json:"key"`
	Weight Weight `json:"weight"`
}

const (
	maxKappa = 40 // about how many sales the mean remembers
	maxAlpha = 30 // the same for the spread
)

// SDG returns the expected spread of one piece in grams, not counting that the
// mean itself is uncertain.
func (w Weight) SDG() float64 {
	if w.Alpha <= 0 {
		return 0
	}
	return math.Sqrt(w.Beta / w.Alpha)
}
