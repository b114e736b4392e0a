package wire

import "kassa/kiosk/bagging"

// MaxLessons is how many articles stand in one Learned or Lessons: some 300
// bytes each.
const MaxLessons = 400

// A Learned is what a lane has learned of weights since the hub last answered,
// and which lessons of others it has heard. Saying it twice is saying it once.
type Learned struct {
	// Boot is the hub's run that Since is of; of another, the hub begins anew.
	Boot    string   `json:"boot"`
	Since   int64    `json:"since"`
	Weights []Lesson `json:"weights"`
}

// Lessons is the hub's answer: what other lanes have learned since.
type Lessons struct {
	Boot    string   `json:"boot"`
	Serial  int64    `json:"serial"`
	More    bool     `json:"more"` // ask again at once
	Weights []Lesson `json:"weights"`
}

// A Lesson is what is known of one article: GTIN or PLU as in [bagging.Weights].
type Lesson struct {
	Key    string         `json:"key"`
	Weight bagging.Weight `json:"weight"`
}
