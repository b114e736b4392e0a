package bagging

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// A TraceLine is one line of a recorded trace (JSON Lines, in time order).
// Exactly one of its acts is set.
type TraceLine struct {
	T       float64  `json:"t"`              // milliseconds since the trip began
	Trip    *string  `json:"trip,omitempty"` // a trip begins
	Bag     *float64 `json:"bag,omitempty"`  // a raw sample, in grams
	Stable  bool     `json:"stable,omitempty"`
	Scan    *string  `json:"scan,omitempty"` // a GTIN
	PLU     *string  `json:"plu,omitempty"`
	Qty     int64    `json:"qty,omitempty"` // of scan, plu and void
	WeightG float64  `json:"weight_g,omitempty"`
	Void    *string  `json:"void,omitempty"`
	OwnBag  bool     `json:"own_bag,omitempty"`
	Keep    *string  `json:"keep,omitempty"`
	Staff   *string  `json:"staff,omitempty"` // "ok" or "wrong"
	Told    *string  `json:"told,omitempty"`  // a StoryKind: what staff found it was
	Event   int      `json:"event,omitempty"` // ... and of which change
	Scale   *string  `json:"scale,omitempty"` // "lost" or "back"
	Pay     bool     `json:"pay,omitempty"`
	End     bool     `json:"end,omitempty"`
}

// maxTraceMS is the longest time a trace may count to: about three years.
const maxTraceMS = 1e11

// ParseTraceLine reads one line. Members it does not know are ignored, so that
// a newer trace can be read.
func ParseTraceLine(line []byte) (TraceLine, error) {
	var l TraceLine
	if err := json.Unmarshal(line, &l); err != nil {
		return TraceLine{}, fmt.Errorf("not a trace object: %w", err)
	}
	if !(l.T >= 0 && l.T <= maxTraceMS) {
		return TraceLine{}, fmt.Errorf("t is %g, want milliseconds since the trip began", l.T)
	}
	names := storyNames()
	acts := 0
	for _, set := range []bool{
		l.Trip != nil, l.Bag != nil, l.Scan != nil, l.PLU != nil, l.Void != nil, l.OwnBag,
		l.Keep != nil, l.Staff != nil, l.Told != nil, l.Scale != nil, l.Pay, l.End,
	} {
		if set {
			acts++
		}
	}
	switch {
	case acts == 0:
		return TraceLine{}, errors.New("says nothing: want one of trip, bag, scan, plu, void, own_bag, keep, staff, told, scale, pay, end")
	case acts > 1:
		return TraceLine{}, errors.New("says several things: want one of trip, bag, scan, plu, void, own_bag, keep, staff, told, scale, pay, end")
	case l.Bag != nil && math.Abs(*l.Bag) > 1e9:
		return TraceLine{}, fmt.Errorf("bag is %g, want grams", *l.Bag)
	case l.Qty < 0 || l.Qty > maxQty:
		return TraceLine{}, fmt.Errorf("qty is %d, want 1 to %d", l.Qty, maxQty)
	case l.WeightG < 0 || l.WeightG > maxGrams:
		return TraceLine{}, fmt.Errorf("weight_g is %g, want grams", l.WeightG)
	case l.Staff != nil && *l.Staff != "ok" && *l.Staff != "wrong":
		return TraceLine{}, fmt.Errorf("staff is %q, want ok or wrong", *l.Staff)
	case l.Told != nil && !slices.Contains(names[:], StoryKind(*l.Told)):
		return TraceLine{}, fmt.Errorf("told is %q, want a kind of story", *l.Told)
	case l.Scale != nil && *l.Scale != "lost" && *l.Scale != "back":
		return TraceLine{}, fmt.Errorf("scale is %q, want lost or back", *l.Scale)
	}
	return l, nil
}

// Input returns what the line tells a check, with at as its time. Of a scan it
// fills in what the trace knows; weights of the catalogue are the caller's.
func (l TraceLine) Input(at time.Duration) Input {
	switch {
	case l.Trip != nil:
		return Start{at, *l.Trip}
	case l.Bag != nil:
		return Sample{at, *l.Bag, l.Stable}
	case l.Scan != nil:
		return Scan{T: at, Key: *l.Scan, Qty: l.Qty, WeightG: l.WeightG}
	case l.PLU != nil:
		return Scan{T: at, Key: *l.PLU, Qty: l.Qty, WeightG: l.WeightG}
	case l.Void != nil:
		return Void{T: at, Key: *l.Void, Qty: l.Qty}
	case l.OwnBag:
		return OwnBag{at}
	case l.Keep != nil:
		return Keep{T: at, Key: *l.Keep}
	case l.Staff != nil:
		return Staff{at, *l.Staff == "ok"}
	case l.Told != nil:
		return Told{at, l.Event, StoryKind(*l.Told)}
	case l.Scale != nil:
		return Scale{at, *l.Scale == "back"}
	case l.Pay:
		return Pay{T: at}
	case l.End:
		return End{at}
	default:
		return Tick{at}
	}
}

// TraceOf returns the line that records in, at so long after its trip began. It
// reports false for what a trace does not hold: a Tick, and a Quantity (record
// it as a scan or a void of the difference).
func TraceOf(in Input, since time.Duration) (TraceLine, bool) {
	l := TraceLine{T: float64(since.Milliseconds())}
	word := func(yes bool, a, b string) *string {
		if yes {
			return &a
		}
		return &b
	}
	switch in := in.(type) {
	case Start:
		l.Trip = &in.Trip
	case Sample:
		l.Bag, l.Stable = &in.Grams, in.Stable
	case Scan:
		l.Qty, l.WeightG = in.Qty, in.WeightG
		if len(in.Key) < 8 {
			l.PLU = &in.Key
		} else {
			l.Scan = &in.Key
		}
	case Void:
		l.Void, l.Qty = &in.Key, in.Qty
	case Keep:
		l.Keep = &in.Key
	case OwnBag:
		l.OwnBag = true
	case Staff:
		l.Staff = word(in.OK, "ok", "wrong")
	case Told:
		kind := string(in.Kind)
		l.Told, l.Event = &kind, in.Event
	case Scale:
		l.Scale = word(in.Up, "back", "lost")
	case Pay:
		l.Pay = true
	case End:
		l.End = true
	case Quantity, Tick:
		return TraceLine{}, false
	}
	return l, true
}
