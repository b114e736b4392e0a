package basket

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// Random rules and lines are drawn from few articles and prices, so that rules
// meet, and ties happen.

func drawRules(t *rapid.T) *Rules {
	r := Rules{CashStep: money.Amount(rapid.SampledFrom([]int{0, 5, 10}).Draw(t, "cash step"))}
	r.Tax = Tax{
		Inclusive:  rapid.Bool().Draw(t, "inclusive"),
		PerReceipt: rapid.Bool().Draw(t, "per receipt"),
		Classes:    []Class{{"A", "", []int64{70_000}}, {"B", "", []int64{62_500, 10_000}}, {"C", "", nil}},
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "rules") {
		r.Promotions = append(r.Promotions, drawPromotion(t, i))
	}
	made, err := NewRules(r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func drawPromotion(t *rapid.T, i int) Promotion {
	p := Promotion{
		ID:    fmt.Sprintf("%c", 'a'+i),
		Items: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{a, b, c, "group:g", "plu:1"}), 1, 3, rapid.ID).Draw(t, "items"),
		Limit: rapid.SampledFrom([]int64{0, 0, 0, 1, 2}).Draw(t, "limit"),
		Stack: rapid.IntRange(0, 4).Draw(t, "stack") == 0,
		Kind:  rapid.SampledFrom([]Kind{Percent, Off, AtPrice, NForM, NForPrice, Mix, Mix}).Draw(t, "kind"),
	}
	if p.bundle() {
		p.Buy = rapid.Int64Range(2, 3).Draw(t, "buy")
	}
	way := p.Kind
	if way == Mix {
		way = rapid.SampledFrom([]Kind{NForM, NForPrice, Percent, Off}).Draw(t, "way")
	}
	switch way {
	case NForM:
		p.Pay = rapid.Int64Range(1, p.Buy-1).Draw(t, "pay")
	case Percent:
		p.PercentPPM = rapid.SampledFrom([]int64{100_000, 333_333, 500_000, 1_000_000}).Draw(t, "percent")
	case Off:
		p.Amount = money.Amount(rapid.IntRange(1, 120).Draw(t, "amount"))
	default:
		p.Price = money.Amount(rapid.IntRange(1, 250).Draw(t, "price"))
	}
	return p
}

func drawLine(t *rapid.T) NewLine {
	if rapid.IntRange(0, 4).Draw(t, "weighed") == 0 {
		l := produce("1", 199, PerKilogram, rapid.Int64Range(1, 3000).Draw(t, "grams"), 3, weight.Kilogram)
		return taxed(l, "A")
	}
	articles := []NewLine{
		taxed(each(a, 100, 1), "A"), taxed(each(b, 100, 1), "B"),
		taxed(grouped(each(c, 149, 1), "g"), "A"), taxed(grouped(each(d, 33, 1), "g"), "C"),
	}
	l := rapid.SampledFrom(articles).Draw(t, "article")
	l.Qty = rapid.Int64Range(1, 3).Draw(t, "qty")
	if l.Article.GTIN == b {
		l.Article.Deposit = 25
	}
	return l
}

func drawBasket(t *rapid.T, r *Rules, most int) (Basket, []NewLine) {
	var basket Basket
	lines := rapid.SliceOfN(rapid.Custom(drawLine), 0, most).Draw(t, "lines")
	for _, l := range lines {
		var err error
		if basket, _, err = basket.Add(r, l); err != nil {
			t.Fatal(err)
		}
	}
	return basket, lines
}

// asTB lets checkSums report to rapid.
type asTB struct {
	testing.TB
	t *rapid.T
}

func (a asTB) Helper()                        {}
func (a asTB) Errorf(format string, v ...any) { a.t.Fatalf(format, v...) }

// The total is that of the lines, of the groups, and no line is negative.
func TestSumsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		basket, _ := drawBasket(t, r, 8)
		checkSums(asTB{t: t}, r, basket)
		paid, err := basket.SetCash(r, true)
		if err != nil {
			t.Fatal(err)
		}
		checkSums(asTB{t: t}, r, paid)
		if r.CashStep > 0 && paid.Total%r.CashStep != 0 {
			t.Fatalf("%d cannot be paid in coins of %d", paid.Total, r.CashStep)
		}
		back, err := paid.SetCash(r, false)
		if err != nil || !reflect.DeepEqual(back, basket) {
			t.Fatalf("paid by card after all: %+v, %v", back, err)
		}
	})
}

// Whatever numbers come in, a line is refused and changes nothing, or all sums
// hold.
func TestAnyNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		before, _ := drawBasket(t, r, 3)
		wild := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1, 1_000_000), rapid.Int64Range(0, int64(MaxPrice)))
		l := NewLine{
			Article: Article{
				GTIN: rapid.SampledFrom([]string{a, b, c, "", "x"}).Draw(t, "gtin"), Tax: rapid.SampledFrom([]string{"A", "B", "", "Z"}).Draw(t, "tax"),
				Price: money.Amount(wild.Draw(t, "price")), Deposit: money.Amount(wild.Draw(t, "deposit")), Member: money.Amount(wild.Draw(t, "member")),
				Pack: wild.Draw(t, "pack"), Per: Per(rapid.Uint8Range(0, 5).Draw(t, "per")), Tare: weight.Grams(wild.Draw(t, "tare")),
			},
			Qty: rapid.OneOf(wild, rapid.Int64Range(0, 1000)).Draw(t, "qty"), Tare: weight.Grams(wild.Draw(t, "own tare")),
			Weight: weight.Shown{
				Digits: wild.Draw(t, "digits"), Decimals: rapid.Uint8().Draw(t, "decimals"), Unit: weight.Unit(rapid.Uint8Range(0, 3).Draw(t, "unit")),
			},
			Labelled: rapid.Bool().Draw(t, "labelled"), At: Wall(wild.Draw(t, "at")),
		}
		if rapid.Bool().Draw(t, "sane weight") {
			l.Weight = weight.Shown{Digits: rapid.Int64Range(0, maxDigits).Draw(t, "sane digits"), Decimals: 3, Unit: weight.Pound}
		}
		after, n, err := before.Add(r, l)
		if err != nil {
			if n != 0 || !reflect.DeepEqual(after, before) {
				t.Fatalf("refused with %v, but changed", err)
			}
			return
		}
		member, err := after.SetMember(r, true)
		if err != nil {
			t.Fatal(err)
		}
		checkSums(asTB{t: t}, r, after)
		checkSums(asTB{t: t}, r, member)
	})
}

// A line scanned and voided leaves everything else as it was, a void undone
// too, and no operation changes the basket it began with.
func TestScanThenVoidIsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		before, _ := drawBasket(t, r, 6)
		kept := deepCopy(before)
		after, n, err := before.Add(r, drawLine(t))
		if err != nil {
			t.Fatal(err)
		}
		voided, err := after.Void(r, n)
		if err != nil {
			t.Fatal(err)
		}
		restored, err := voided.Restore(r, n)
		if err != nil || !reflect.DeepEqual(restored, after) {
			t.Fatalf("restored: %+v, %v\nwant %+v", restored, err, after)
		}
		if !reflect.DeepEqual(before, kept) {
			t.Fatalf("the old basket changed from %+v to %+v", kept, before)
		}
		voided.Lines = voided.Lines[:len(before.Lines)]
		if len(voided.Lines) == 0 {
			voided.Lines = nil
		}
		if !reflect.DeepEqual(voided, before) {
			t.Fatalf("voided: %+v\nbefore: %+v", voided, before)
		}
	})
}

func deepCopy(b Basket) Basket {
	b.Lines = slices.Clone(b.Lines)
	for i := range b.Lines {
		b.Lines[i].Discounts = slices.Clone(b.Lines[i].Discounts)
	}
	b.Taxes = slices.Clone(b.Taxes)
	for i := range b.Taxes {
		b.Taxes[i].Parts = slices.Clone(b.Taxes[i].Parts)
	}
	return b
}

// The order of scanning changes no total and no tax group, nor does it matter
// whether pieces stand on one line, where tax is rounded per receipt.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		first, lines := drawBasket(t, r, 7)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		split := rapid.Bool().Draw(t, "split") && r.Tax.PerReceipt
		var second Basket
		for _, l := range lines {
			times := int64(1)
			if split && !l.Article.Per.ByWeight() {
				times, l.Qty = l.Qty, 1
			}
			for range times {
				var err error
				if second, _, err = second.Add(r, l); err != nil {
					t.Fatal(err)
				}
			}
		}
		if first.Total != second.Total || first.Savings != second.Savings || !reflect.DeepEqual(first.Taxes, second.Taxes) {
			t.Fatalf("%d, %d, %v\nin the other order %d, %d, %v",
				first.Total, first.Savings, first.Taxes, second.Total, second.Savings, second.Taxes)
		}
	})
}

// Where too many rules compete the greedy way is taken, says so, and is still the
// same in any order and no worse than no rule.
func TestGreedy(t *testing.T) {
	rules := []Promotion{{ID: "p", Kind: Percent, PercentPPM: 50_000}}
	for i := range 7 {
		rules = append(rules, Promotion{ID: fmt.Sprint(i), Kind: Mix, Items: []string{"group:g"}, Buy: int64(3 + i), Pay: 2})
	}
	r := mustRules(t, Rules{Tax: vat(false), Promotions: rules})
	var lines []NewLine
	for i := range 60 {
		lines = append(lines, grouped(each(fmt.Sprintf("%014d", i), money.Amount(100+7*i), 1), "g"))
	}
	var want Basket
	for try := range uint64(3) {
		var basket Basket
		for _, l := range lines {
			basket, _ = mustAdd(t, r, basket, l)
		}
		checkSums(t, r, basket)
		if !basket.Greedy || basket.Savings <= 0 {
			t.Errorf("greedy is %v, savings are %d", basket.Greedy, basket.Savings)
		}
		if try > 0 && (basket.Total != want.Total || !reflect.DeepEqual(basket.Taxes, want.Taxes)) {
			t.Errorf("total is %d, was %d", basket.Total, want.Total)
		}
		want = basket
		rand.New(rand.NewPCG(try, 0)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	}
}

// A dozen applications of a few rules over many equal pieces are searched
// exactly.
func TestDozenIsExact(t *testing.T) {
	r := mustRules(t, Rules{Promotions: []Promotion{
		{ID: "1", Kind: NForM, Items: []string{a, b}, Buy: 3, Pay: 2},
		{ID: "2", Kind: Mix, Items: []string{a, b, c}, Buy: 4, Price: 310},
		{ID: "3", Kind: Mix, Items: []string{b, c, d}, Buy: 2, PercentPPM: 150_000},
		{ID: "4", Kind: Percent, Items: []string{d}, PercentPPM: 120_000},
	}})
	var basket Basket
	for i, gtin := range []string{a, b, c, d} {
		basket, _ = mustAdd(t, r, basket, each(gtin, money.Amount(100+10*i), 9))
	}
	checkSums(t, r, basket)
	if basket.Greedy {
		t.Error("the greedy way was taken")
	}
}

// The oracle tries every set of applications of the rules that do not stack,
// piece by piece, and compares savings, applications and ids.
func TestBestOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRules(t)
		for i := range r.Promotions {
			r.Promotions[i].Stack = false
		}
		basket, _ := drawBasket(t, r, 5)
		if basket.Count() > 7 {
			t.Skip("too many for the oracle")
		}
		o := newOracle(r, basket)
		if want := o.best(0); basket.Greedy || basket.Savings != want.saving {
			t.Fatalf("saved %d (greedy %v), the best is %d with %v", basket.Savings, basket.Greedy, want.saving, want.ids)
		}
	})
}

// A piece is one piece as the oracle sees it.
type piece struct {
	line  Line
	price money.Amount
	used  bool
}

type oracle struct {
	rules  []Promotion
	pieces []piece
	uses   map[string]int64
}

type outcome struct {
	saving money.Amount
	ids    []string
}

func newOracle(r *Rules, b Basket) *oracle {
	o := &oracle{rules: r.Promotions, uses: map[string]int64{}}
	for _, l := range b.Lines {
		if l.Of != 0 {
			continue
		}
		if l.ByWeight() {
			o.pieces = append(o.pieces, piece{line: l, price: l.Gross})
			continue
		}
		for range l.Qty {
			o.pieces = append(o.pieces, piece{line: l, price: l.Unit})
		}
	}
	return o
}

// best tries for the first free piece from i on: nothing, and each rule with
// each set of later pieces.
func (o *oracle) best(i int) outcome {
	for i < len(o.pieces) && o.pieces[i].used {
		i++
	}
	if i == len(o.pieces) {
		return outcome{}
	}
	best := o.best(i + 1)
	for k, rule := range o.rules {
		if rule.Limit > 0 && o.uses[rule.ID] >= rule.Limit {
			continue
		}
		size := max(rule.Buy, 1)
		o.sets(rule, i, int(size), nil, func(set []int) {
			saving := o.saving(rule, set)
			for _, at := range set {
				o.pieces[at].used = true
			}
			o.uses[rule.ID]++
			rest := o.best(i + 1)
			o.uses[rule.ID]--
			for _, at := range set {
				o.pieces[at].used = false
			}
			if rest.saving+saving > best.saving {
				best = outcome{rest.saving + saving, append(slices.Clone(rest.ids), o.rules[k].ID)}
			}
		})
	}
	return best
}

func (o *oracle) fits(rule Promotion, at int) bool {
	l := o.pieces[at].line
	if rule.bundle() && l.ByWeight() {
		return false
	}
	for _, item := range rule.Items {
		if item == l.Article.GTIN || item == "plu:"+l.Article.PLU || item == "group:"+l.Article.Group {
			return true
		}
	}
	return false
}

// sets yields each set of size pieces that fit, the first of which is i.
func (o *oracle) sets(rule Promotion, i, size int, set []int, yield func([]int)) {
	same := func() bool {
		return len(set) == 0 || rule.Kind == Mix || o.pieces[i].line.Article.GTIN == o.pieces[set[0]].line.Article.GTIN
	}
	if i < len(o.pieces) && !o.pieces[i].used && o.fits(rule, i) && same() {
		with := append(slices.Clone(set), i)
		if len(with) == size {
			yield(with)
		} else {
			for next := i + 1; next < len(o.pieces); next++ {
				o.sets(rule, next, size, with, yield)
			}
		}
	}
}

func (o *oracle) saving(rule Promotion, set []int) money.Amount {
	var sum, percent money.Amount
	var prices []money.Amount
	for _, at := range set {
		price := o.pieces[at].price
		prices = append(prices, price)
		sum += price
		percent += (price*money.Amount(rule.PercentPPM) + 500_000) / 1_000_000
	}
	slices.SortFunc(prices, func(x, y money.Amount) int { return cmp.Compare(y, x) })
	switch {
	case rule.PercentPPM > 0:
		return percent
	case rule.Amount > 0:
		return min(sum, rule.Amount)
	case rule.Pay > 0:
		var free money.Amount
		for _, price := range prices[rule.Pay:] {
			free += price
		}
		return free
	case rule.Kind == AtPrice && o.pieces[set[0]].line.ByWeight():
		grams := money.Amount(o.pieces[set[0]].line.Weight.Digits)
		return max(0, sum-(rule.Price*grams+500)/1000)
	default:
		return max(0, sum-rule.Price)
	}
}
