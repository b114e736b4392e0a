package basket

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

func mustRules(t testing.TB, r Rules) *Rules {
	t.Helper()
	made, err := NewRules(r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func mustAdd(t testing.TB, r *Rules, b Basket, l NewLine) (Basket, int) {
	t.Helper()
	b, n, err := b.Add(r, l)
	if err != nil {
		t.Fatal(err)
	}
	return b, n
}

func TestAddRefuses(t *testing.T) {
	kilo := produce("1", 100, PerKilogram, 500, 3, weight.Kilogram)
	with := func(l NewLine, f func(*NewLine)) NewLine { f(&l); return l }
	tests := []struct {
		name string
		line NewLine
		want error
	}{
		{"negative quantity", each(a, 1, -1), ErrQuantity},
		{"too many", each(a, 1, 1000), ErrQuantity},
		{"negative price", each(a, -1, 1), ErrPrice},
		{"price beyond all", each(a, MaxPrice+1, 1), ErrPrice},
		{"negative deposit", with(each(a, 1, 1), func(l *NewLine) { l.Article.Deposit = -1 }), ErrPrice},
		{"total beyond all", each(a, MaxPrice, 101), ErrTooMuch},
		{"tax class", taxed(each(a, 1, 1), "Z"), ErrTaxClass},
		{"no weight", with(kilo, func(l *NewLine) { l.Weight.Digits = 0 }), ErrWeight},
		{"no unit", with(kilo, func(l *NewLine) { l.Weight.Unit = 0 }), ErrWeight},
		{"unknown unit", with(kilo, func(l *NewLine) { l.Weight.Unit = 7 }), ErrWeight},
		{"too many decimals", with(kilo, func(l *NewLine) { l.Weight.Decimals = 200 }), ErrWeight},
		{"only tare", with(kilo, func(l *NewLine) { l.Tare = 500 }), ErrWeight},
		{"negative tare", with(kilo, func(l *NewLine) { l.Tare = -5 }), ErrWeight},
		{"negative weight", with(kilo, func(l *NewLine) { l.Weight.Digits = -5 }), ErrWeight},
		{"huge weight", with(kilo, func(l *NewLine) { l.Weight.Digits = 1 << 60 }), ErrWeight},
		{"weighed twice", with(kilo, func(l *NewLine) { l.Qty = 2 }), ErrWeighed},
		{"weight for a piece", with(kilo, func(l *NewLine) { l.Article.Per = Each }), ErrWeight},
	}
	r := mustRules(t, Rules{Tax: vat(false)})
	before, _ := mustAdd(t, r, Basket{}, each(b, 100, 1))
	for _, tt := range tests {
		got, n, err := before.Add(r, tt.line)
		if !errors.Is(err, tt.want) || n != 0 || !reflect.DeepEqual(got, before) {
			t.Errorf("%s: line %d, %v, want %v and the basket unchanged", tt.name, n, err, tt.want)
		}
	}
}

func TestFull(t *testing.T) {
	r := mustRules(t, Rules{})
	var full Basket
	full.Lines = make([]Line, MaxLines-1)
	for i := range full.Lines {
		full.Lines[i] = Line{N: i + 1, Qty: 1, Unit: 1}
	}
	l := each(a, 1, 1)
	l.Article.Deposit = 1
	if _, _, err := full.Add(r, l); !errors.Is(err, ErrFull) {
		t.Errorf("with a deposit: %v, want ErrFull", err)
	}
	if _, n, err := full.Add(r, each(a, 1, 1)); err != nil || n != MaxLines {
		t.Errorf("the last line is %d, %v", n, err)
	}
}

func TestVoidAndRestore(t *testing.T) {
	r := mustRules(t, Rules{Tax: vat(false), Promotions: []Promotion{{ID: "2for1", Kind: Mix, Items: []string{a, b}, Buy: 2, Pay: 1}}})
	bottle := each(a, 100, 1)
	bottle.Article.Deposit = 25
	var before Basket
	before, first := mustAdd(t, r, before, bottle)
	before, second := mustAdd(t, r, before, each(b, 80, 1))
	if first != 1 || second != 3 || before.Total != 125 || before.Savings != 80 || before.Count() != 2 {
		t.Fatalf("lines %d, %d, total %d, savings %d, count %d", first, second, before.Total, before.Savings, before.Count())
	}
	voided, err := before.Void(r, first)
	if err != nil || voided.Total != 80 || voided.Count() != 1 || len(voided.Open()) != 1 || !voided.Lines[1].Voided {
		t.Fatalf("after the void: %+v, %v", voided, err)
	}
	if before.Total != 125 || before.Lines[0].Voided {
		t.Error("the old basket changed")
	}
	restored, err := voided.Restore(r, first)
	if err != nil || !reflect.DeepEqual(restored, before) {
		t.Errorf("restored is %+v, %v", restored, err)
	}
	for name, call := range map[string]func() (Basket, error){
		"twice":   func() (Basket, error) { return voided.Void(r, first) },
		"deposit": func() (Basket, error) { return before.Void(r, 2) },
		"nowhere": func() (Basket, error) { return before.Void(r, 4) },
		"nought":  func() (Basket, error) { return before.Void(r, 0) },
		"restore": func() (Basket, error) { return before.Restore(r, 9) },
		"qty":     func() (Basket, error) { return before.SetQty(r, first, 0) },
		"qty 2":   func() (Basket, error) { return before.SetQty(r, 2, 5) },
		"qty 3":   func() (Basket, error) { return voided.SetQty(r, first, 5) },
		"qty 4":   func() (Basket, error) { return before.SetQty(r, -1, 5) },
	} {
		if _, err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSetQtyTakesDepositAlong(t *testing.T) {
	r := mustRules(t, Rules{})
	bottle := each(a, 100, 1)
	bottle.Article.Deposit = 25
	basket, n := mustAdd(t, r, Basket{}, bottle)
	basket, err := basket.SetQty(r, n, 3)
	if err != nil || basket.Total != 375 || basket.Lines[1].Qty != 3 || basket.Lines[1].Of != n {
		t.Errorf("basket is %+v, %v", basket, err)
	}
	if _, err := basket.SetQty(r, n, 1000); !errors.Is(err, ErrQuantity) {
		t.Errorf("1000 pieces: %v", err)
	}
}

func TestFindOpen(t *testing.T) {
	r := mustRules(t, Rules{})
	lot := each(a, 100, 1)
	lot.Lot = "X"
	var basket Basket
	basket, _ = mustAdd(t, r, basket, each(a, 100, 1))
	basket, _ = mustAdd(t, r, basket, each(a, 100, 999))
	basket, _ = mustAdd(t, r, basket, lot)
	basket, _ = mustAdd(t, r, basket, each(b, 100, 1))
	basket, _ = mustAdd(t, r, basket, produce("4011", 100, PerKilogram, 100, 3, weight.Kilogram))
	basket, err := basket.Void(r, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code string
		unit money.Amount
		want int
	}{{a, 100, 1}, {a, 99, 0}, {b, 100, 0}, {"4011", 100, 0}, {"", 100, 0}} {
		if got := basket.FindOpen(tt.code, tt.unit); got != tt.want {
			t.Errorf("FindOpen(%q, %d) = %d, want %d", tt.code, tt.unit, got, tt.want)
		}
	}
}

func TestJSONComesBack(t *testing.T) {
	r := mustRules(t, Rules{Tax: salesTax(true), Promotions: []Promotion{{ID: "x", Name: "X", Kind: Percent, PercentPPM: 100_000, Days: 1}}})
	basket, _ := mustAdd(t, r, Basket{}, at(taxed(produce("4011", 199, PerKilogram, 734, 3, weight.Kilogram), "T"), 22, 12, 0))
	basket, _ = mustAdd(t, r, basket, each(a, 100, 2))
	text, err := json.Marshal(basket)
	if err != nil {
		t.Fatal(err)
	}
	var again Basket
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, basket) {
		t.Errorf("%s comes back as %+v, %v", text, again, err)
	}
}

func TestRulesRefused(t *testing.T) {
	good := Promotion{ID: "x", Kind: Percent, PercentPPM: 1}
	bad := func(f func(*Promotion)) Promotion { p := good; f(&p); return p }
	for i, p := range []Promotion{
		bad(func(p *Promotion) { p.ID = "" }),
		bad(func(p *Promotion) { p.ID = MemberRule }),
		bad(func(p *Promotion) { p.Kind = "half" }),
		bad(func(p *Promotion) { p.PercentPPM = 1_000_001 }),
		bad(func(p *Promotion) { p.PercentPPM = 0 }),
		bad(func(p *Promotion) { p.Limit = -1 }),
		bad(func(p *Promotion) { p.Buy = 100 }),
		bad(func(p *Promotion) { p.Price = -1 }),
		bad(func(p *Promotion) { p.Amount = MaxPrice + 1 }),
		bad(func(p *Promotion) { p.From, p.Until = 2, 1 }),
		{ID: "x", Kind: Off, Items: []string{a}},
		{ID: "x", Kind: Off, Amount: 1},
		{ID: "x", Kind: NForM, Items: []string{a}, Buy: 2, Pay: 2},
		{ID: "x", Kind: NForPrice, Items: []string{a}, Buy: 2},
		{ID: "x", Kind: Mix, Items: []string{a}, Buy: 2},
		{ID: "x", Kind: Mix, Items: []string{a}, Buy: 2, Pay: 1, Price: 5},
		{ID: "x", Kind: Mix, Items: []string{a}, Buy: 2, Pay: 3, Price: 5},
	} {
		if _, err := NewRules(Rules{Promotions: []Promotion{p}}); err == nil {
			t.Errorf("rule %d %+v passes", i, p)
		}
	}
	for _, r := range []Rules{
		{Promotions: []Promotion{good, good}},
		{CashStep: -1},
		{Tax: Tax{Classes: []Class{{ID: "A"}, {ID: "A"}}}},
		{Tax: Tax{Classes: []Class{{ID: "A", RatesPPM: []int64{-1}}}}},
		{Tax: Tax{Classes: []Class{{ID: "A", RatesPPM: []int64{9_000_000, 9_000_000}}}}},
	} {
		if _, err := NewRules(r); err == nil {
			t.Errorf("rules %+v pass", r)
		}
	}
}

// Rules that were not made by NewRules work the same, only slower.
func TestRulesAsTheyStand(t *testing.T) {
	rules := Rules{Promotions: []Promotion{{ID: "x", Kind: Off, Items: []string{"group:g", a}, Amount: 10}}}
	one, _ := mustAdd(t, mustRules(t, rules), Basket{}, grouped(each(a, 100, 1), "g"))
	two, _ := mustAdd(t, &rules, Basket{}, grouped(each(a, 100, 1), "g"))
	if !reflect.DeepEqual(one, two) || one.Total != 90 {
		t.Errorf("%+v and %+v", one, two)
	}
}

func TestItemOf(t *testing.T) {
	for s, want := range map[string]string{
		"4006381333931": "04006381333931", "96385074": "00000096385074", "012345678905": "00012345678905",
		"14006381333938": "14006381333938", "4011": "plu:4011", "plu:4011": "plu:4011", "group:a b": "group:a b",
	} {
		if got, err := ItemOf(s); err != nil || got != want {
			t.Errorf("ItemOf(%q) = %q, %v, want %q", s, got, err, want)
		}
	}
	for _, s := range []string{"", "group:", "plu:", "12345678901", "x", "plu:4006381333931", "4011 "} {
		if got, err := ItemOf(s); err == nil {
			t.Errorf("ItemOf(%q) = %q, want an error", s, got)
		}
	}
}

func TestDuring(t *testing.T) {
	friday := WallOf(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	hour := func(days, hours, minutes int) Wall { return friday + Wall(days*secondsPerDay+hours*3600+minutes*60) }
	tests := []struct {
		days, hours string
		at          Wall
		want        bool
	}{
		{"", "", 0, true},
		{"fri", "", 0, false},
		{"fri", "", hour(0, 23, 59), true},
		{"fri", "", hour(1, 0, 0), false},
		{"sat-mon", "", hour(2, 0, 0), true},
		{"", "17:00-19:00", hour(0, 17, 0), true},
		{"", "17:00-19:00", hour(0, 19, 0), false},
		{"", "17:00-24:00", hour(0, 23, 59), true},
		{"fri", "22:00-02:00", hour(1, 1, 59), true},
		{"fri", "22:00-02:00", hour(1, 2, 0), false},
		{"fri", "22:00-02:00", hour(0, 1, 0), false},
		{"", "07:00-09:00, 17:00-19:00", hour(0, 18, 0), true},
	}
	for _, tt := range tests {
		days, err1 := ParseDays(tt.days)
		hours, err2 := ParseHours(tt.hours)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if got := During(tt.at, days, hours); got != tt.want {
			t.Errorf("%v during %q %q = %v", tt.at, tt.days, tt.hours, got)
		}
	}
	for _, s := range []string{"monday", "mon-", "x", ","} {
		if _, err := ParseDays(s); err == nil {
			t.Errorf("ParseDays(%q) passes", s)
		}
	}
	for _, s := range []string{"7-9", "17:00", "24:00-25:00", "10:00-10:00", "24:00-01:00", "1:5-2:00"} {
		if _, err := ParseHours(s); err == nil {
			t.Errorf("ParseHours(%q) passes", s)
		}
	}
}

func TestWall(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	w := WallOf(time.Date(2026, 11, 22, 17, 5, 9, 0, berlin))
	if w.String() != "2026-11-22T17:05:09" || w.Weekday() != time.Sunday {
		t.Errorf("it is %v, a %v", w, w.Weekday())
	}
	for s, want := range map[string]string{"2026-11-22": "2026-11-22T00:00:00", "2026-11-22T17:05": "2026-11-22T17:05:00"} {
		if got, err := ParseWall(s); err != nil || got.String() != want {
			t.Errorf("ParseWall(%q) = %v, %v", s, got, err)
		}
	}
	if _, err := ParseWall("tomorrow"); err == nil {
		t.Error("tomorrow passes")
	}
	if WallOf(time.Time{}) != 0 {
		t.Error("no time is a time")
	}
}
