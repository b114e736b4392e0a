package bagging

import "time"

// Settings are the store's choices. The zero value of a field takes the default.
type Settings struct {
	// CallAt is the probability of an unpaid article on the scale at which a
	// person is called, 0 < CallAt <= 1. It states two costs: with c the cost of
	// a false alarm (a person's minute, a shopper who waits) and m that of a miss
	// (what an unpaid article costs the store, times the part of them that a
	// call brings back), calling pays above c/(c+m). Default 0.1: a miss costs
	// nine times a false alarm.
	CallAt float64
	// HintAt is the probability at which the shopper gets a hint. Default: a
	// quarter of CallAt.
	HintAt float64
	// DivisionG is the scale's smallest step in grams. 0: found from the
	// samples, 5 g to begin with.
	DivisionG float64
	// Settle is how long the load must stay put to count. Default 300 ms.
	Settle time.Duration
	// Hint is how long a disagreement stands before the shopper sees a hint.
	// Default 3 s.
	Hint time.Duration
	// CallAfter is how long a doubt stands, hint included, before it may call.
	// Default 6 s; the second doubt of a trip that hints waits no longer than that.
	CallAfter time.Duration
	// WriteOff is how long a doubt that was never strong enough to call is
	// kept before the load is taken as it is. Default 20 s.
	WriteOff time.Duration
}

// An Input is something the check is told. Only this package can add one, and
// Step handles every one.
//
//sumtype:decl
type Input interface {
	isInput()
	at() time.Duration
}

// Sample is one raw reading of the bagging scale in grams, tare of the platform
// taken off. Stable is the scale's own opinion, one clue among others.
type Sample struct {
	T      time.Duration
	Grams  float64
	Stable bool
}

// Scale says that the scale was lost (unplugged, silent, at fault) or is back.
// The first settled load after that is taken as it is, without blame.
type Scale struct {
	T  time.Duration
	Up bool
}

// Start begins a trip: one shopper. What lies on the scale was there before.
type Start struct {
	T    time.Duration
	Trip string
}

// End ends the trip. Until the next Start no load is questioned.
type End struct{ T time.Duration }

// Scan says that a line was added to the basket, or pieces to a line that is
// there already.
type Scan struct {
	T    time.Duration
	Line int    // the basket's line number; 0 when there is none
	Key  string // GTIN or PLU: what weights are learned by
	Qty  int64  // pieces; 0 counts as 1
	// MeanG and SDG are the catalogue's weight of one piece and its spread, in
	// grams; 0: not known.
	MeanG, SDG float64
	// WeightG is the sold weight of this line, for what is sold by weight.
	WeightG float64
	// Price of one piece in the till's smallest unit; 0: not known. Only the order
	// of prices counts: a new weight that fits a dearer article needs a person to
	// be believed.
	Price int64
	// NoBag says that the article need not come to the bagging area.
	NoBag bool
	// Bagged says that the line was dealt with before: a basket taken up again
	// after a restart.
	Bagged bool
}

// Quantity says that a line now has Qty pieces.
type Quantity struct {
	T    time.Duration
	Line int
	Qty  int64
}

// Void says that Qty pieces of a line were taken off the basket (0: all of it).
// Without a Line the newest line with Key is meant.
type Void struct {
	T    time.Duration
	Line int
	Key  string
	Qty  int64
}

// Keep says that the shopper keeps what is not bagged yet in hand or trolley:
// the line, else the lines with Key, else (both empty) all that is waiting.
type Keep struct {
	T    time.Duration
	Line int
	Key  string
}

// OwnBag says that the shopper puts an own bag on the scale.
type OwnBag struct{ T time.Duration }

// Staff says that a person looked. OK: it is fine as it lies. Otherwise it was
// put right, and what is on the scale now is what was scanned. Both close all
// questions and take the load as it is.
type Staff struct {
	T  time.Duration
	OK bool
}

// Told says what a person saw when they looked: which of the stories of
// [Check.Explain] it was. It closes all questions as Staff does, and teaches.
type Told struct {
	T     time.Duration
	Event int // as in the Explanation
	Kind  StoryKind
}

// Pay says that the shopper wants to pay: what is open is judged, once the load
// has settled, at most payWait later. The answer has AtPay.
type Pay struct {
	T time.Duration
	// Now wants the answer in the same Step, from the load as it is: for who
	// cannot read on before it has the answer.
	Now bool
}

// Tick only says that time has passed. See [Check.Next].
type Tick struct{ T time.Duration }

func (Sample) isInput()   {}
func (Scale) isInput()    {}
func (Start) isInput()    {}
func (End) isInput()      {}
func (Scan) isInput()     {}
func (Quantity) isInput() {}
func (Void) isInput()     {}
func (Keep) isInput()     {}
func (OwnBag) isInput()   {}
func (Staff) isInput()    {}
func (Told) isInput()     {}
func (Pay) isInput()      {}
func (Tick) isInput()     {}

func (i Sample) at() time.Duration   { return i.T }
func (i Scale) at() time.Duration    { return i.T }
func (i Start) at() time.Duration    { return i.T }
func (i End) at() time.Duration      { return i.T }
func (i Scan) at() time.Duration     { return i.T }
func (i Quantity) at() time.Duration { return i.T }
func (i Void) at() time.Duration     { return i.T }
func (i Keep) at() time.Duration     { return i.T }
func (i OwnBag) at() time.Duration   { return i.T }
func (i Staff) at() time.Duration    { return i.T }
func (i Told) at() time.Duration     { return i.T }
func (i Pay) at() time.Duration      { return i.T }
func (i Tick) at() time.Duration     { return i.T }

// A Verdict is how far a decision goes.
type Verdict string

// The verdicts. OK means that nothing is asked of anybody now; it also closes
// an earlier hint.
const (
	OK   Verdict = "ok"
	Hint Verdict = "hint"
	Call Verdict = "call"
)

// A Kind says what a hint or a call is about.
type Kind string

// The kinds. None goes with OK. Only Unexpected and Wrong can call.
const (
	None       Kind = ""
	Unexpected Kind = "unexpected" // weight that nothing scanned explains
	Missing    Kind = "missing"    // scanned, and not on the scale
	Wrong      Kind = "wrong"      // not the weight of what was scanned
	Removed    Kind = "removed"    // taken out again
	ScaleFault Kind = "scale"      // the scale does not answer
)

// A Decision is what the check thinks now, with the numbers it was made from.
type Decision struct {
	T       time.Duration `json:"t"`
	Trip    string        `json:"trip,omitempty"` // as on the last Start
	Verdict Verdict       `json:"verdict"`
	Kind    Kind          `json:"kind,omitempty"`
	Line    int           `json:"line,omitempty"` // the line it is about, 0 if none
	Key     string        `json:"key,omitempty"`
	// ExpectedG is what the scale should show, SeenG what it shows, in grams.
	ExpectedG float64 `json:"expected_g"`
	SeenG     float64 `json:"seen_g"`
	// PUnpaid is the probability that something unpaid is on the scale.
	PUnpaid float64 `json:"p_unpaid"`
	AtPay   bool    `json:"at_pay,omitempty"`
	// Settled marks the answer to a settled change of the load.
	Settled bool `json:"settled,omitempty"`
	// Voided marks the answer to a Void.
	Voided bool `json:"voided,omitempty"`
}
