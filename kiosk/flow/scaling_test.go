package flow

import (
	"testing"
	"time"

	"kassa/kiosk/basket"
	"kassa/kiosk/weight"
)

// TestSoldWeight checks what a sold weight leaves on record: the scale's answer
// as it came, and a tare that is taken off once, by the scale or by the lane.
func TestSoldWeight(t *testing.T) {
	apple := shelf["apple"]
	apple.Tare = 10
	grams := func(n int64) weight.Shown { return weight.Shown{Digits: n, Decimals: 3, Unit: weight.Kilogram} }
	tests := []struct {
		name   string
		tares  bool
		min    weight.Grams
		ev     Weighed
		amount int64 // 0: nothing is sold
		tare   int64
	}{
		{"gross", false, 0, Weighed{Shown: grams(510), Frame: "00.510"}, 150, 10},
		{"gross, before the scale has taken the tare", true, 0, Weighed{Shown: grams(510), Frame: "00.510"}, 150, 10},
		{"net, by the scale that was told", true, 0, Weighed{Shown: grams(500), Net: true, Frame: "00.500"}, 150, 0},
		{"net, by a key of the scale", false, 0, Weighed{Shown: grams(510), Net: true, Frame: "00.510N"}, 150, 10},
		{"too light by the scale", false, 0, Weighed{Shown: grams(510), Light: true}, 0, 0},
		{"too light without the tare", false, 40, Weighed{Shown: grams(45)}, 0, 0},
	}
	for _, tt := range tests {
		r := testShop(t)
		r.ScaleTares, r.MinWeight = tt.tares, tt.min
		at := At{Instant{Mono: time.Second, Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
		s, _ := Step(r, State{}, Started{At: at, Rev: Rev})
		for _, d := range r.Devices {
			s, _ = Step(r, s, DeviceChanged{At: at, Device: d, Up: true})
		}
		s, _ = Step(r, s, Weighed{At: at, Shown: grams(0)})
		s, _ = Step(r, s, Touched{At: at, Act: ActLanguage, Value: "en"})
		s, effects := Step(r, s, Touched{At: at, Act: ActAdd, Code: "4011", Article: &apple})
		if want := (PriceScale{Unit: apple.Price, Per: basket.PerKilogram, Tare: 10}); len(effects) == 0 || effects[0] != Effect(want) {
			t.Errorf("%s: effects %v, want %v", tt.name, effects, want)
		}
		tt.ev.At = at
		after, _ := Step(r, s, tt.ev)
		lines := Decided(r, s, after).Lines
		if tt.amount == 0 {
			if v := Look(r, after); len(lines) != 0 || v.Weigh == nil || !v.Weigh.TooLight {
				t.Errorf("%s: sold %+v, shown %+v", tt.name, lines, v.Weigh)
			}
			continue
		}
		if len(lines) != 1 || int64(lines[0].Amount) != tt.amount || lines[0].TareG != tt.tare || lines[0].Frame != tt.ev.Frame {
			t.Errorf("%s: sold %+v, want %d, tare %d g", tt.name, lines, tt.amount, tt.tare)
		}
	}
}

// TestPricePerWhole checks that a scale gets its price for a kilogram or pound.
func TestPricePerWhole(t *testing.T) {
	for per, want := range map[basket.Per]struct {
		price int64
		unit  weight.Unit
	}{
		basket.PerKilogram: {299, weight.Kilogram}, basket.Per100Grams: {2990, weight.Kilogram}, basket.PerPound: {299, weight.Pound},
	} {
		if got, unit := (PriceScale{Unit: 299, Per: per}).PerWhole(); int64(got) != want.price || unit != want.unit {
			t.Errorf("%v: %d per %s", per, got, unit)
		}
	}
}
