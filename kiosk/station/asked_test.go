package station_test

import (
	"testing"
	"time"

	"kassa/device/scale"
	"kassa/kiosk/bagging"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/station"
	"kassa/kiosk/weight"
)

// TestStaffSayWhatItWas: something that was not scanned lies in the bagging area.
// Staff see the curve and the stories; one touch settles it, teaches the check,
// and what it has learned is there after the lane has stopped.
func TestStaffSayWhatItWas(t *testing.T) {
	b := newBench(t)
	b.cfg.Bagging = &config.Bagging{CallAtPPM: 5_000}
	b.cfg.Timing.BagSettle, b.cfg.Timing.BagHint, b.cfg.Timing.BagCall = 60*time.Millisecond, 150*time.Millisecond, 400*time.Millisecond
	b.start()
	ctx := t.Context()
	if err := b.station.Device(ctx, flow.DeviceBagging, true, ""); err != nil {
		t.Fatal(err)
	}
	stop, fed, still := make(chan struct{}), make(chan struct{}), make(chan struct{})
	load := make(chan int64, 1)
	go func() { // a scale that reads fifty times a second
		defer close(fed)
		grams, n := int64(0), 0
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case grams = <-load:
			case <-tick.C:
				shown := weight.Shown{Digits: grams, Decimals: 3, Unit: weight.Kilogram}
				if b.station.Bag(ctx, scale.Reading{State: scale.Stable, Shown: shown}) != nil {
					return
				}
				if n++; n == 20 {
					close(still)
				}
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	<-still
	b.scan("4006381333931")
	b.until("scanned", func(v flow.View) bool { return v.Sale != nil && v.Sale.Count == 1 })
	load <- 1200
	b.until("called", func(v flow.View) bool { return v.Screen == flow.ScreenCheck && v.Lamp == flow.LampWhiteBlink })
	if q := b.station.Sale().Bag.Question; q == nil || q.ToG != 1200 {
		t.Errorf("the lane knows of the question %+v", q)
	}
	b.scan("17") // a badge
	v := b.screen(flow.ScreenStaff)
	bag := v.Staff.Bag
	if bag == nil || len(bag.Curve) < 5 || len(bag.Stories) < 3 || bag.ToG != 1200 {
		t.Fatalf("staff see %+v", bag)
	}
	if first, last := bag.Curve[0].Grams, bag.Curve[len(bag.Curve)-1].Grams; first != 0 || last != 1200 {
		t.Errorf("the curve goes from %.0f to %.0f g", first, last)
	}
	if err := b.station.Touch(ctx, flow.Touched{Act: flow.ActStaff, Value: string(flow.DeedBagStory), Code: string(bagging.Swapped)}); err != nil {
		t.Fatal(err)
	}
	b.screen(flow.ScreenBasket)
	needs := b.station.Sale().Needs
	if n := needs[len(needs)-1]; !n.Settled || n.Reason != "story swap" || n.By == "" {
		t.Errorf("on record is %+v", n)
	}
	close(stop)
	<-fed
	b.end()
	k, err := station.ReadKnowledge(b.cfg.Data)
	if err != nil || k.Habits.Verdicts.Right != 1 {
		t.Errorf("kept: %+v, %v, want one right call", k.Habits.Verdicts, err)
	}
}
