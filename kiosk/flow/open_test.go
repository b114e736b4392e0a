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
		{DeviceChanged{At: at(3), Device: DeviceScanner, Up: true}, ScreenOutOfOrder, LampRed},
		{DeviceChanged{At: at(3), Device: DeviceTerminal, Up: true}, ScreenOutOfOrder, LampRed},
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

// TestRecoverWithMoreDevices checks that a sale which was opened without a
// scanner is taken up again after IT has added one that does not answer.
func TestRecoverWithMoreDevices(t *testing.T) {
	r := testShop(t)
	r.Devices = nil
	at := At{Instant{Mono: time.Second, Wall: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
	milk := shelf["milk"]
	s, _ := Step(r, State{}, Started{At: at, Rev: Rev})
	ev := Scanned{At: at, Code: Code{Raw: milk.GTIN, Kind: "article", GTIN: milk.GTIN}, Article: &milk}
	after, _ := Step(r, s, ev)
	facts := Decided(r, s, after)
	r.Devices = []Device{DeviceScanner, DeviceTerminal}
	r.NoFind, r.BagOrClose = true, true
	got := Recover(r, *facts.Lane, nil, []Record{{ev, facts}})
	if got.Sale == nil || got.Sale.Basket.Total != milk.Price || got.serves(r) {
		t.Errorf("taken up as %+v, serves %t", got.Sale, got.serves(r))
	}
}
