package basket

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/cockroachdb/apd/v3"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

var (
	longBaskets = flag.Int("long-baskets", 1500, "how many random baskets to hold against the decimal library")
	longSeed    = flag.Uint64("long-seed", 1, "the first of their seeds")
)

// The oracle works in decimals of 60 digits and rounds where the rules say so;
// it shares no arithmetic with the basket.
type decimals struct {
	t     testing.TB
	exact apd.Context
}

func newDecimals(t testing.TB) *decimals {
	ctx := apd.BaseContext.WithPrecision(60)
	ctx.Rounding = apd.RoundHalfUp
	return &decimals{t, *ctx}
}

func whole[T ~int64](n T) *apd.Decimal { return apd.New(int64(n), 0) }

func (d *decimals) mul(x, y *apd.Decimal) *apd.Decimal {
	z := new(apd.Decimal)
	if _, err := d.exact.Mul(z, x, y); err != nil {
		d.t.Fatal(err)
	}
	return z
}

func (d *decimals) quo(x, y *apd.Decimal) *apd.Decimal {
	z := new(apd.Decimal)
	if _, err := d.exact.Quo(z, x, y); err != nil {
		d.t.Fatal(err)
	}
	return z
}

// round rounds to whole minor units.
func (d *decimals) round(x *apd.Decimal, how apd.Rounder) money.Amount {
	ctx := d.exact
	ctx.Rounding = how
	z := new(apd.Decimal)
	quantize := func(z, x *apd.Decimal) (apd.Condition, error) { return ctx.Quantize(z, x, 0) }
	if how == apd.RoundUp { // for sums of nought and above; Quantize makes 0.06 nought
		quantize = ctx.Ceil
	}
	if _, err := quantize(z, x); err != nil {
		d.t.Fatal(err)
	}
	n, err := z.Int64()
	if err != nil {
		d.t.Fatal(err)
	}
	return money.Amount(n)
}

// gross is what a line costs before discounts.
func (d *decimals) gross(l Line) money.Amount {
	if !l.ByWeight() {
		return d.round(d.mul(whole(l.Unit), whole(l.Qty)), apd.RoundHalfUp)
	}
	pound := apd.New(45359237, -8) // kilograms
	shown := apd.New(l.Weight.Digits, -int32(l.Weight.Decimals))
	if l.Weight.Unit == weight.Pound {
		shown = d.mul(shown, pound)
	}
	sum := d.mul(whole(l.Unit), shown)
	switch l.Article.Per {
	case Per100Grams:
		sum = d.mul(sum, apd.New(10, 0))
	case PerPound:
		if l.Weight.Unit == weight.Pound {
			sum = d.mul(whole(l.Unit), apd.New(l.Weight.Digits, -int32(l.Weight.Decimals)))
		} else {
			sum = d.quo(sum, pound)
		}
	case Each, PerKilogram:
	}
	return d.round(sum, apd.RoundHalfUp)
}

// tax is the tax of a class on an amount.
func (d *decimals) tax(t Tax, c Class, amount money.Amount) money.Amount {
	var all int64
	var sum money.Amount
	for _, rate := range c.RatesPPM {
		all += rate
		sum += d.round(d.mul(whole(amount), apd.New(rate, -6)), apd.RoundHalfUp)
	}
	if !t.Inclusive {
		return sum
	}
	return d.round(d.quo(d.mul(whole(amount), whole(all)), whole(million+all)), apd.RoundHalfUp)
}

// hold compares a basket with what the oracle makes of its lines.
func (d *decimals) hold(r *Rules, b Basket) {
	t := d.t
	var lines, added, groups, tax money.Amount
	byClass := map[string]money.Amount{}
	sums := map[string]money.Amount{}
	for _, l := range b.Lines {
		if want := d.gross(l); l.Gross != want {
			t.Errorf("line %d costs %d, the oracle says %d: %+v", l.N, l.Gross, want, l)
		}
		off := money.Amount(0)
		for _, cut := range l.Discounts {
			if cut.Amount >= 0 {
				t.Errorf("line %d: %s takes off %d", l.N, cut.Rule, cut.Amount)
			}
			off += cut.Amount
		}
		if l.Amount < 0 || l.Amount != l.Gross+off {
			t.Errorf("line %d: %d and %d off is %d", l.N, l.Gross, off, l.Amount)
		}
		if l.Voided {
			continue
		}
		lines += l.Amount
		sums[l.Tax] += l.Amount
		class, _ := r.Tax.class(l.Tax)
		if !r.Tax.PerReceipt {
			own := d.tax(r.Tax, class, l.Amount)
			byClass[l.Tax] += own
			if l.TaxAmount != own {
				t.Errorf("line %d has %d tax, the oracle says %d", l.N, l.TaxAmount, own)
			}
		}
		tax += l.TaxAmount
	}
	for _, g := range b.Taxes {
		class, _ := r.Tax.class(g.Class)
		want := byClass[g.Class]
		if r.Tax.PerReceipt {
			want = d.tax(r.Tax, class, sums[g.Class])
		}
		if g.Tax != want || g.Net+g.Tax != g.Gross {
			t.Errorf("class %s has %d + %d = %d, the oracle says %d tax", g.Class, g.Net, g.Tax, g.Gross, want)
		}
		groups += g.Gross
		tax -= g.Tax
		if !r.Tax.Inclusive {
			added += want
		}
	}
	if b.Total != lines+added+b.Rounding || b.Total != groups+b.Rounding || tax != 0 {
		t.Errorf("total %d, lines %d, added tax %d, groups %d, rounding %d, %d tax on no line", b.Total, lines, added, groups, b.Rounding, tax)
	}
	if lines < 0 || b.Savings < 0 {
		t.Errorf("lines are %d, savings %d", lines, b.Savings)
	}
}

// coins compares a total paid in coins.
func (d *decimals) coins(r *Rules, card, cash Basket) {
	how := map[money.Rounding]apd.Rounder{
		money.HalfUp: apd.RoundHalfUp, money.HalfEven: apd.RoundHalfEven, money.Down: apd.RoundDown, money.Up: apd.RoundUp,
	}[r.CashRound]
	want := card.Total
	if r.CashStep > 1 {
		want = d.round(d.quo(whole(card.Total), whole(r.CashStep)), how) * r.CashStep
	}
	if cash.Total != want || cash.Rounding != want-card.Total {
		d.t.Errorf("in coins of %d the total %d is %d with %d rounding, the oracle says %d", r.CashStep, card.Total, cash.Total, cash.Rounding, want)
	}
}

// A scanned is a line as it comes in, and what is done to it at once.
type scanned struct {
	line  NewLine
	marks []Mark
	set   *Set
}

func (s scanned) into(t testing.TB, r *Rules, b Basket) (Basket, int) {
	next, n, err := b.Add(r, s.line)
	for _, m := range s.marks {
		if err == nil {
			next, err = next.MarkDown(r, n, m)
		}
	}
	if err == nil && s.set != nil {
		next, err = next.SetPrice(r, n, *s.set)
	}
	if err != nil {
		t.Fatal(err)
	}
	return next, n
}

// A dealer deals rules and lines from few articles and prices, so that rules
// meet and ties happen.
type dealer struct{ *rand.Rand }

func (d dealer) one(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d dealer, from ...T) T { return from[d.IntN(len(from))] }

func (d dealer) rules(t testing.TB) *Rules {
	r := Rules{
		CashStep: pick[money.Amount](d, 0, 5, 10, 50), CashRound: pick(d, money.HalfUp, money.HalfEven, money.Down, money.Up),
		Tax: Tax{Inclusive: d.one(2), PerReceipt: d.one(2), Classes: []Class{
			{"A", "", []int64{pick[int64](d, 70_000, 190_000, 55_000, 81_000)}}, {"B", "", []int64{50_000, 99_750}}, {"C", "", nil},
		}},
	}
	for i := range d.IntN(5) {
		r.Promotions = append(r.Promotions, d.promotion(fmt.Sprintf("%c", 'a'+i)))
	}
	made, err := NewRules(r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (d dealer) promotion(id string) Promotion {
	p := Promotion{
		ID: id, Kind: pick(d, Percent, Off, AtPrice, NForM, NForPrice, Mix, Mix, Whole), Stack: d.one(5), Members: d.one(6),
		Items: []string{pick(d, a, b, c, "group:g", "plu:1")},
	}
	if d.one(2) {
		p.Items = append(p.Items, pick(d, a, b, "group:g"))
	}
	if d.one(8) {
		p.Coupon = "K"
	}
	if p.bundle() {
		p.Buy = 2 + d.Int64N(3)
	} else if p.Kind != Whole && d.one(4) {
		p.Limit = 1 + d.Int64N(2)
	}
	way := p.Kind
	switch way {
	case Mix:
		way = pick(d, NForM, NForPrice, Percent, Off)
	case Whole:
		way, p.Least = pick(d, Percent, Off), pick[money.Amount](d, 0, 300, 1000)
		if d.one(2) {
			p.Items = nil
		}
	default:
	}
	switch way {
	case NForM:
		p.Pay = 1 + d.Int64N(p.Buy-1)
	case Percent:
		p.PercentPPM = pick[int64](d, 100_000, 333_333, 500_000, 1_000_000)
	case Off:
		p.Amount = 1 + money.Amount(d.IntN(150))
	default:
		p.Price = 1 + money.Amount(d.IntN(250))
	}
	return p
}

func (d dealer) line() scanned {
	var s scanned
	switch d.IntN(6) {
	case 0:
		per, unit := pick(d, PerKilogram, PerPound, Per100Grams), pick(d, weight.Kilogram, weight.Pound)
		s.line = taxed(produce("1", pick[money.Amount](d, 199, 2750, 99), per, 1+d.Int64N(4000), 3, unit), "A")
	case 1:
		s.line = taxed(grouped(each(c, 149, 1+d.Int64N(3)), "g"), "C")
		s.line.Article.Member = 99
	case 2:
		s.line = taxed(each(b, 100, 1+d.Int64N(3)), "B")
		s.line.Article.Deposit = 25
	case 3:
		s.line = taxed(grouped(each(d4, 120, 1+d.Int64N(2)), "g"), "A")
		s.line.Article.Item, s.line.Article.Pack = a, pick[int64](d, 1, 4, 6)
	case 4:
		s.line = taxed(each(c, pick[money.Amount](d, 1, 49, 12345), 1), "B")
		s.line.Labelled = d.one(2)
	default:
		s.line = taxed(each(a, 100, 1+d.Int64N(4)), "A")
	}
	if d.one(8) {
		s.marks = append(s.marks, Mark{PercentPPM: pick[int64](d, 300_000, 500_000)})
	}
	if d.one(8) && int64(len(s.marks)) < max(1, s.line.Qty) {
		s.marks = append(s.marks, Mark{Price: 1 + money.Amount(d.IntN(120))})
	}
	if len(s.marks) == 0 && d.one(12) {
		s.set = &Set{Price: money.Amount(d.IntN(200)), By: "s02", Reason: "shelf"}
	}
	return s
}

const d4 = "00000000000055"

// one plays the basket of a seed and holds it against everything that must be
// true of any basket.
func playSeed(t testing.TB, seed uint64) {
	d := dealer{rand.New(rand.NewPCG(seed, 4))}
	o := newDecimals(t)
	r := d.rules(t)
	lines := make([]scanned, d.IntN(9))
	for i := range lines {
		lines[i] = d.line()
	}
	member, coupon := d.one(2), d.one(2)
	fill := func() Basket {
		var b Basket
		for _, l := range lines {
			b, _ = l.into(t, r, b)
		}
		return extras(t, r, b, member, coupon)
	}
	first := fill()
	o.hold(r, first)
	cash, err := first.SetCash(r, true)
	if err != nil {
		t.Fatal(err)
	}
	o.hold(r, cash)
	o.coins(r, first, cash)
	tenders(t, d, first.Total)
	tenders(t, d, cash.Total)

	d.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if second := fill(); second.Total != first.Total || second.Savings != first.Savings || !reflect.DeepEqual(second.Taxes, first.Taxes) {
		t.Errorf("%d, %d, %v\nin another order %d, %d, %v", first.Total, first.Savings, first.Taxes, second.Total, second.Savings, second.Taxes)
	}
	more, n := d.line().into(t, r, first)
	o.hold(r, more)
	back, err := more.Void(r, n)
	if err != nil {
		t.Fatal(err)
	}
	o.hold(r, back)
	back.Lines = back.Lines[:len(first.Lines):len(first.Lines)]
	if len(back.Lines) == 0 {
		back.Lines = nil
	}
	if !reflect.DeepEqual(back, first) {
		t.Errorf("scanned and voided: %+v\nbefore: %+v", back, first)
	}
}

func extras(t testing.TB, r *Rules, b Basket, member, coupon bool) Basket {
	var err error
	if coupon {
		if b, err = b.AddCoupon(r, Coupon{ID: "K"}); err != nil {
			t.Fatal(err)
		}
	}
	if b, err = b.SetMember(r, member); err != nil {
		t.Fatal(err)
	}
	return b
}

// tenders pays a total in parts, the last in notes with change.
func tenders(t testing.TB, d dealer, total money.Amount) {
	due := total
	var paid, change money.Amount
	for range d.IntN(3) {
		part := money.Amount(d.Int64N(int64(due) + 1))
		paid += part
		due -= part
	}
	given := (due + 4999) / 5000 * 5000
	paid, change = paid+given, given-due
	if paid-change != total || change < 0 {
		t.Errorf("tenders are %d less %d, the total %d", paid, change, total)
	}
}

// TestDecimalOracle plays random baskets on all processors.
func TestDecimalOracle(t *testing.T) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < *longBaskets && !t.Failed(); i += workers {
				seed := *longSeed + uint64(i)
				playSeed(seedTB{t, seed}, seed)
			}
		})
	}
	wg.Wait()
}

// A seedTB names the seed of what went amiss.
type seedTB struct {
	*testing.T
	seed uint64
}

func (s seedTB) Errorf(format string, args ...any) {
	s.T.Errorf("-long-seed %d -long-baskets 1: %s", s.seed, fmt.Sprintf(format, args...))
}

// Fatal ends the worker that plays the seed.
func (s seedTB) Fatal(args ...any) {
	s.T.Errorf("-long-seed %d -long-baskets 1: %s", s.seed, fmt.Sprint(args...))
	runtime.Goexit()
}
