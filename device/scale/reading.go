package scale

import (
	"encoding/json"
	"time"

	"kassa/kiosk/weight"
)

// A State is what one question to a scale came to.
type State uint8

// The states. The zero State is none of them.
const (
	Stable State = iota + 1 // a settled weight above zero
	Motion                  // the load moves
	Zero                    // settled, and nothing to sell
	Under                   // below zero: something was lifted off that was tared or zeroed
	Over                    // more than the scale may weigh
	Fault                   // an answer that cannot be used; Err says why
	Silent                  // no answer, or no connection; Err says why
)

// String returns the state as files and `kassa weigh` name it.
func (s State) String() string {
	switch s {
	case Stable:
		return "stable"
	case Motion:
		return "motion"
	case Zero:
		return "zero"
	case Under:
		return "under"
	case Over:
		return "over"
	case Fault:
		return "fault"
	case Silent:
		return "silent"
	default:
		return "none"
	}
}

// A Reading is the outcome of one question, never of an older one.
type Reading struct {
	State State
	Shown weight.Shown // with Stable and Zero
	Net   bool         // the scale says that it subtracts a tare of its own
	Light bool         // with Stable and Zero: less than may be sold by weight (Config.Min)
	At    time.Time    // when the answer was complete
	Frame string       // the answer as it came, without its frame marks; for the record
	Err   error        // with Fault and Silent
}

// MarshalJSON writes the reading as `kassa weigh` shows it: value and grams
// only with Stable and Zero, an error only with Fault and Silent.
func (r Reading) MarshalJSON() ([]byte, error) {
	type weighed struct {
		State string       `json:"state"`
		Value string       `json:"value"`
		Unit  string       `json:"unit"`
		Grams weight.Grams `json:"grams"`
		Net   bool         `json:"net"`
	}
	type other struct {
		State string `json:"state"`
		Error string `json:"error,omitempty"`
	}
	if r.State == Stable || r.State == Zero {
		return json.Marshal(weighed{r.State.String(), r.Shown.String(), r.Shown.Unit.String(), r.Shown.Grams(), r.Net})
	}
	o := other{State: r.State.String()}
	if r.Err != nil {
		o.Error = r.Err.Error()
	}
	return json.Marshal(o)
}
