package flow

import (
	"testing"
	"time"
)

// TestClosedWithoutBaggingScale checks the store's choice to sell only where
// the bagging scale works: no new sale starts, a running one goes on.
func TestClosedWithoutBaggingScale(t *testing.T) {
	r := testShop(t)
	r.BagOrClose = true
	at := func(s int) At {
		wall := time.Date(2026, 11, 23, 12, 0, s, 0, time.UTC)
		return At{Instant{Mono: time.Duration(s) * time.Second, Wall: wall}}
	}
	milk := shelf["milk"]
	scan := func(s int) Event {
		return Scanned{At: at(s), Code: Code{Raw: milk.GTIN, Kind: "article", GTIN: milk.GTIN}, Article: &milk}
	}
	var s State
	for i, step := range []struct {
		ev     Event
		screen Screen
		lamp   Lamp
	}{
		{Started{At: at(1)}, ScreenOutOfOrder, LampRed},
		{scan(2), ScreenOutOfOrder, LampRed},
		{DeviceChanged{At: at(3), Device: DeviceBagging, Up: true}, ScreenStart, LampGreen},
		{scan(4), ScreenBasket, LampWhite},
		{DeviceChanged{At: at(5), Device: DeviceBagging}, ScreenBasket, LampWhite},
		{scan(6), ScreenBasket, LampWhite},
	} {
		s, _ = Step(r, s, step.ev)
		if v := Look(r, s); v.Screen != step.screen || v.Lamp != step.lamp {
			t.Errorf("step %d: %s, lamp %s, want %s, lamp %s", i, v.Screen, v.Lamp, step.screen, step.lamp)
		}
	}
	if n := len(s.Sale.Basket.Lines); n != 1 || s.Sale.Basket.Lines[0].Qty != 2 {
		t.Errorf("%d lines, want one of two pieces", n)
	}
}
