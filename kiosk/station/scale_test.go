package station_test

import (
	"context"
	"fmt"
	"testing"

	"kassa/device/scale"
	"kassa/kiosk/flow"
	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// board is a checkout scale that is asked to do things.
type board struct {
	prices chan string
	why    chan error
}

func (b *board) SetPrice(unit money.Amount, tare weight.Grams) error {
	b.prices <- fmt.Sprint(unit, " ", tare)
	return nil
}

func (b *board) Zero(context.Context) error { return <-b.why }

func (b *board) Tare(context.Context) error { return scale.ErrOwnKey }

// TestScaleIsServed checks that a scale hears the price of what is weighed on it,
// that its answer stands beside the sold weight, and that staff hear what became
// of their deeds on it.
func TestScaleIsServed(t *testing.T) {
	b := newBench(t)
	b.scale = &board{prices: make(chan string, 9), why: make(chan error, 1)}
	b.start()
	defer b.end()
	ctx := t.Context()
	say := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	grams := func(n int64) weight.Shown { return weight.Shown{Digits: n, Decimals: 3, Unit: weight.Kilogram} }
	say(b.station.Device(ctx, flow.DeviceScale, true, ""))
	say(b.station.Weigh(ctx, scale.Reading{State: scale.Zero, Shown: grams(0)}))
	say(b.station.Touch(ctx, flow.Touched{Act: flow.ActLanguage, Value: "en"}))
	say(b.station.Touch(ctx, flow.Touched{Act: flow.ActAdd, Code: "4011"}))
	if got := <-b.scale.prices; got != "299 0" {
		t.Errorf("the scale was told %q", got)
	}
	say(b.station.Weigh(ctx, scale.Reading{State: scale.Stable, Shown: grams(10), Light: true}))
	b.until("too light", func(v flow.View) bool { return v.Weigh != nil && v.Weigh.TooLight })
	say(b.station.Weigh(ctx, scale.Reading{State: scale.Stable, Shown: grams(500), Frame: "00.500\x01"}))
	b.until("sold", func(v flow.View) bool { return v.Screen == flow.ScreenBasket && v.Sale.Total == 150 })
	if got := <-b.scale.prices; got != "1 0" {
		t.Errorf("after the weighing the scale was told %q", got)
	}
	if p := b.station.Sale().Proofs; len(p) != 1 || p[0].Frame != "00.500·" {
		t.Errorf("the scale's answer is kept as %+v", p)
	}
	say(b.station.Scan(ctx, []byte("17")))
	b.screen(flow.ScreenStaff)
	for _, tt := range []struct {
		deed flow.StaffDeed
		why  error
		said string
	}{
		{flow.DeedZero, scale.ErrMoving, flow.ScaleMoving},
		{flow.DeedZero, scale.ErrRange, flow.ScaleRange},
		{flow.DeedTare, nil, flow.ScaleOwnKey},
		{flow.DeedZero, context.DeadlineExceeded, flow.ScaleGone},
		{flow.DeedZero, nil, "done"},
	} {
		if tt.deed == flow.DeedZero {
			b.scale.why <- tt.why
		}
		say(b.station.Touch(ctx, flow.Touched{Act: flow.ActStaff, Value: string(tt.deed)}))
		b.until(tt.said, func(v flow.View) bool { return v.Staff != nil && v.Staff.Said == tt.said && v.Staff.SaidOf == tt.deed })
	}
}
