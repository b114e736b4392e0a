package basket

import (
	"reflect"
	"testing"

	"kassa/kiosk/money"
)

// A coupon's own value counts where a rule says so, up to what the rule says,
// and once.
func TestCouponValue(t *testing.T) {
	const amount, percent, sale, plain = "9501101020917", "9501101020924", "9501101020931", "9501101020948"
	r := mustRules(t, Rules{Promotions: []Promotion{
		{ID: "amount", Kind: Off, Items: []string{a}, Amount: 150, Coupon: amount, Claimed: true},
		{ID: "percent", Kind: Percent, Items: []string{b}, PercentPPM: 300_000, Coupon: percent, Claimed: true},
		{ID: "sale", Kind: Whole, Amount: 1000, Least: 500, Coupon: sale, Claimed: true},
		{ID: "plain", Kind: Off, Items: []string{c}, Amount: 10, Coupon: plain},
	}})
	tests := []struct {
		name  string
		c     Coupon
		takes bool
		off   money.Amount // of 2 x 400, 2 x 200, 1 x 100 = 1300
	}{
		{"its value", Coupon{amount, 100, 0}, true, 100},
		{"no more than the rule's", Coupon{amount, 99_999, 0}, true, 150},
		{"of the wrong kind", Coupon{amount, 0, 500_000}, false, 0},
		{"without a value", Coupon{amount, 0, 0}, false, 0},
		{"below nought", Coupon{amount, -100, -1}, false, 0},
		{"per cent", Coupon{percent, 0, 125_000}, true, 50},
		{"no more per cent than the rule's", Coupon{percent, 0, 1_000_000}, true, 120},
		{"off the sale", Coupon{sale, 333, 0}, true, 333},
		{"a rule that does not ask the coupon", Coupon{plain, 99_999, 1_000_000}, true, 10},
		{"nobody's", Coupon{"9501101020900", 99_999, 1_000_000}, false, 0},
	}
	for _, tt := range tests {
		if got := r.HasCoupon(tt.c); got != tt.takes {
			t.Errorf("%s: HasCoupon is %v", tt.name, got)
		}
		var first, second Basket
		var err error
		lines := []NewLine{each(a, 400, 2), each(b, 200, 2), each(c, 100, 1)}
		for _, l := range lines {
			first, _ = mustAdd(t, r, first, l)
		}
		if first, err = first.AddCoupon(r, tt.c); err != nil {
			t.Fatal(err)
		}
		if first.Total != 1300-tt.off {
			t.Errorf("%s: the total is %d, want %d off 1300", tt.name, first.Total, tt.off)
		}
		if second, err = second.AddCoupon(r, tt.c); err != nil { // before the articles
			t.Fatal(err)
		}
		for _, l := range lines {
			second, _ = mustAdd(t, r, second, l)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: before its articles it makes %+v, after them %+v", tt.name, second, first)
		}
		again, err := first.AddCoupon(r, tt.c)
		if err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("%s: a second time it changes something: %+v, %v", tt.name, again, err)
		}
	}
	for _, bad := range []Promotion{
		{ID: "x", Kind: Off, Items: []string{a}, Amount: 1, Claimed: true},
		{ID: "x", Kind: Mix, Items: []string{a}, Buy: 2, Amount: 1, Coupon: amount, Claimed: true},
		{ID: "x", Kind: Off, Items: []string{a}, Coupon: amount, Claimed: true}, // of what at most?
	} {
		if bad.Check() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
