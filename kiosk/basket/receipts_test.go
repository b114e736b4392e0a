package basket

import (
	"slices"
	"testing"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// A receipt is a basket worked out by hand; why shows the working.
type receipt struct {
	name  string
	why   string
	rules Rules
	lines []NewLine
	setup func(t *testing.T, b Basket, r *Rules) Basket // after the lines

	amounts []money.Amount // by line
	taxes   []money.Amount // by class: net, tax, gross, ...
	round   money.Amount
	total   money.Amount
}

// leastReceipts is how many receipts worked out by hand there must be: a table
// that is lost or left out fails the test.
const leastReceipts = 60

func TestReceipts(t *testing.T) {
	all := slices.Concat(taxReceipts(), promotionReceipts(), wholeReceipts(), stickerReceipts(), worldReceipts())
	if len(all) < leastReceipts {
		t.Errorf("%d receipts, want %d at least", len(all), leastReceipts)
	}
	for _, tt := range all {
		t.Run(tt.name, func(t *testing.T) {
			r, err := NewRules(tt.rules)
			if err != nil {
				t.Fatal(err)
			}
			var b Basket
			for _, l := range tt.lines {
				if b, _, err = b.Add(r, l); err != nil {
					t.Fatal(err)
				}
			}
			if tt.setup != nil {
				b = tt.setup(t, b, r)
			}
			checkSums(t, r, b)
			if b.Greedy {
				t.Error("the greedy way was taken")
			}
			tt.compare(t, b)
		})
	}
}

func (tt receipt) compare(t *testing.T, b Basket) {
	t.Helper()
	if len(b.Lines) != len(tt.amounts) {
		t.Fatalf("%d lines, want %d", len(b.Lines), len(tt.amounts))
	}
	for i, l := range b.Lines {
		if l.Amount != tt.amounts[i] {
			t.Errorf("line %d is %d, want %d\n%s", l.N, l.Amount, tt.amounts[i], tt.why)
		}
	}
	var taxes []money.Amount
	for _, g := range b.Taxes {
		taxes = append(taxes, g.Net, g.Tax, g.Gross)
	}
	if len(taxes) != len(tt.taxes) {
		t.Fatalf("taxes are %v, want %v\n%s", taxes, tt.taxes, tt.why)
	}
	for i := range taxes {
		if taxes[i] != tt.taxes[i] {
			t.Errorf("taxes are %v, want %v\n%s", taxes, tt.taxes, tt.why)
			break
		}
	}
	if b.Total != tt.total || b.Rounding != tt.round {
		t.Errorf("total is %d with %d rounding, want %d and %d\n%s", b.Total, b.Rounding, tt.total, tt.round, tt.why)
	}
}

// checkSums checks what must hold in every basket.
func checkSums(t testing.TB, r *Rules, b Basket) {
	t.Helper()
	var lines, added, groups, savings, shares money.Amount
	for _, l := range b.Lines {
		amount := l.Gross
		for _, d := range l.Discounts {
			if d.Amount >= 0 {
				t.Errorf("line %d: discount %s is %d", l.N, d.Rule, d.Amount)
			}
			amount += d.Amount
			savings -= d.Amount
		}
		if amount != l.Amount || amount < 0 {
			t.Errorf("line %d: gross and discounts are %d, amount is %d", l.N, amount, l.Amount)
		}
		if l.Voided && (l.TaxAmount != 0 || l.Discounts != nil) {
			t.Errorf("line %d is voided and has tax %d, discounts %v", l.N, l.TaxAmount, l.Discounts)
		}
		if !l.Voided {
			lines += l.Amount
			shares += l.TaxAmount
		}
	}
	for _, g := range b.Taxes {
		groups += g.Gross
		if !r.Tax.Inclusive {
			added += g.Tax
		}
		shares -= g.Tax
		if g.Net+g.Tax != g.Gross {
			t.Errorf("class %s: %d + %d is not %d", g.Class, g.Net, g.Tax, g.Gross)
		}
		parts := g.Tax
		for _, p := range g.Parts {
			parts -= p.Tax
		}
		if len(g.Parts) > 0 && parts != 0 {
			t.Errorf("class %s: parts %v do not add up to %d", g.Class, g.Parts, g.Tax)
		}
	}
	if b.Total != lines+added+b.Rounding || b.Total != groups+b.Rounding || b.Savings != savings || shares != 0 {
		t.Errorf("total %d, lines %d, added tax %d, rounding %d, groups %d, savings %d of %d, tax not shared %d",
			b.Total, lines, added, b.Rounding, groups, b.Savings, savings, shares)
	}
}

func each(gtin string, price money.Amount, qty int64) NewLine {
	return NewLine{Article: Article{GTIN: gtin, Name: gtin, Price: price}, Code: gtin, Qty: qty}
}

func taxed(l NewLine, class string) NewLine { l.Article.Tax = class; return l }

func grouped(l NewLine, group string) NewLine { l.Article.Group = group; return l }

func produce(plu string, price money.Amount, per Per, digits int64, decimals uint8, u weight.Unit) NewLine {
	return NewLine{
		Article: Article{PLU: plu, Name: plu, Price: price, Per: per}, Code: plu,
		Weight: weight.Shown{Digits: digits, Decimals: decimals, Unit: u},
	}
}

func vat(perReceipt bool) Tax {
	return Tax{Inclusive: true, PerReceipt: perReceipt, Classes: []Class{
		{"A", "7 %", []int64{70_000}}, {"B", "19 %", []int64{190_000}}, {"0", "free", nil},
	}}
}

func salesTax(perReceipt bool) Tax {
	return Tax{PerReceipt: perReceipt, Classes: []Class{
		{"T", "state and county", []int64{62_500, 10_000}}, {"F", "food", nil},
	}}
}

const (
	a, b, c, d = "00000000000017", "00000000000024", "00000000000031", "00000000000048"
)

func taxReceipts() []receipt {
	return []receipt{
		{
			name: "one article", why: "129 with 7 % in it: 129 x 7/107 = 8.44",
			rules: Rules{Tax: vat(false)}, lines: []NewLine{each(a, 129, 1)},
			amounts: []money.Amount{129}, taxes: []money.Amount{121, 8, 129}, total: 129,
		},
		{
			name: "per line", why: "three times 99 x 7/107 = 6.477 -> 6, so 18",
			rules:   Rules{Tax: vat(false)},
			lines:   []NewLine{each(a, 99, 1), each(b, 99, 1), each(c, 99, 1)},
			amounts: []money.Amount{99, 99, 99}, taxes: []money.Amount{279, 18, 297}, total: 297,
		},
		{
			name: "per receipt", why: "297 x 7/107 = 19.43 -> 19, shared 7, 6, 6",
			rules:   Rules{Tax: vat(true)},
			lines:   []NewLine{each(a, 99, 1), each(b, 99, 1), each(c, 99, 1)},
			amounts: []money.Amount{99, 99, 99}, taxes: []money.Amount{278, 19, 297}, total: 297,
		},
		{
			name: "two rates and a free article", why: "A 200 x 7/107 = 13.08; B 500 x 19/119 = 79.83; 0: none",
			rules:   Rules{Tax: vat(false)},
			lines:   []NewLine{taxed(each(b, 500, 1), "B"), each(a, 200, 1), taxed(each(c, 350, 1), "0")},
			amounts: []money.Amount{500, 200, 350},
			taxes:   []money.Amount{187, 13, 200, 420, 80, 500, 350, 0, 350}, total: 1050,
		},
		{
			name: "sales tax per line", why: "199: 6.25 % = 12.44 -> 12, 1 % = 1.99 -> 2; twice; food untaxed",
			rules:   Rules{Tax: salesTax(false)},
			lines:   []NewLine{each(a, 199, 1), each(b, 199, 1), taxed(each(c, 500, 1), "F")},
			amounts: []money.Amount{199, 199, 500}, taxes: []money.Amount{398, 28, 426, 500, 0, 500}, total: 926,
		},
		{
			name: "sales tax per receipt", why: "398: 6.25 % = 24.875 -> 25, 1 % = 3.98 -> 4; 29 shared 15, 14",
			rules:   Rules{Tax: salesTax(true)},
			lines:   []NewLine{each(a, 199, 1), each(b, 199, 1)},
			amounts: []money.Amount{199, 199}, taxes: []money.Amount{398, 29, 427}, total: 427,
		},
		{
			name: "half a unit of tax goes up", why: "exclusive 5 % of 250 = 12.5 -> 13",
			rules:   Rules{Tax: Tax{Classes: []Class{{"G", "GST", []int64{50_000}}}}},
			lines:   []NewLine{each(a, 250, 1)},
			amounts: []money.Amount{250}, taxes: []money.Amount{250, 13, 263}, total: 263,
		},
		{
			name: "kilograms", why: "0.734 kg x 199/kg = 146.066; tax 146 x 7/107 = 9.55",
			rules:   Rules{Tax: vat(false)},
			lines:   []NewLine{produce("4011", 199, PerKilogram, 734, 3, weight.Kilogram)},
			amounts: []money.Amount{146}, taxes: []money.Amount{136, 10, 146}, total: 146,
		},
		{
			name: "kilograms with tare, half up", why: "1.255 - 0.005 = 1.250 kg x 198/kg = 247.5 -> 248; x 7/107 = 16.22",
			rules: Rules{Tax: vat(false)},
			lines: []NewLine{func() NewLine {
				l := produce("4011", 198, PerKilogram, 1255, 3, weight.Kilogram)
				l.Article.Tare = 5
				return l
			}()},
			amounts: []money.Amount{248}, taxes: []money.Amount{232, 16, 248}, total: 248,
		},
		{
			name: "hundred grams", why: "0.215 kg = 2.15 x 249/100 g = 535.35; x 7/107 = 35.0",
			rules:   Rules{Tax: vat(false)},
			lines:   []NewLine{produce("77", 249, Per100Grams, 215, 3, weight.Kilogram)},
			amounts: []money.Amount{535}, taxes: []money.Amount{500, 35, 535}, total: 535,
		},
		{
			name: "pounds", why: "1.37 lb x 69/lb = 94.53, food untaxed",
			rules:   Rules{Tax: salesTax(false)},
			lines:   []NewLine{taxed(produce("4011", 69, PerPound, 137, 2, weight.Pound), "F")},
			amounts: []money.Amount{95}, taxes: []money.Amount{95, 0, 95}, total: 95,
		},
		{
			name: "price a pound, scale in kg", why: "1.000 kg = 2.20462 lb x 100 = 220.46; no tax classes",
			lines:   []NewLine{produce("1", 100, PerPound, 1000, 3, weight.Kilogram)},
			amounts: []money.Amount{220}, taxes: []money.Amount{220, 0, 220}, total: 220,
		},
		{
			name: "price a kg, scale in lb", why: "10.00 lb = 4.5359237 kg x 200 = 907.18",
			lines:   []NewLine{produce("1", 200, PerKilogram, 1000, 2, weight.Pound)},
			amounts: []money.Amount{907}, taxes: []money.Amount{907, 0, 907}, total: 907,
		},
		{
			name: "price for 100 g, scale in lb", why: "0.50 lb = 226.796 g = 2.26796 x 300 = 680.39",
			lines:   []NewLine{produce("1", 300, Per100Grams, 50, 2, weight.Pound)},
			amounts: []money.Amount{680}, taxes: []money.Amount{680, 0, 680}, total: 680,
		},
		{
			name: "deposit", why: "6 x 89 = 534 and 6 x 25 = 150, both 19 %: 85.26 -> 85, 23.95 -> 24",
			rules: Rules{Tax: vat(false)},
			lines: []NewLine{func() NewLine {
				l := taxed(each(a, 89, 6), "B")
				l.Article.Deposit = 25
				return l
			}()},
			amounts: []money.Amount{534, 150}, taxes: []money.Amount{575, 109, 684}, total: 684,
		},
		{
			name: "price on the label", why: "the label says 312, whatever a kilogram costs; x 7/107 = 20.41",
			rules: Rules{Tax: vat(false), Promotions: []Promotion{{ID: "p", Kind: Percent, PercentPPM: 500_000}}},
			lines: []NewLine{func() NewLine {
				l := produce("9", 312, PerKilogram, 0, 3, weight.Kilogram)
				l.Labelled = true
				return l
			}()},
			amounts: []money.Amount{312}, taxes: []money.Amount{292, 20, 312}, total: 312,
		},
		{
			name: "cash to five", why: "1298 x 7/107 = 84.92; 1298 -> 1300",
			rules: Rules{Tax: vat(false), CashStep: 5}, lines: []NewLine{each(a, 1298, 1)}, setup: cash,
			amounts: []money.Amount{1298}, taxes: []money.Amount{1213, 85, 1298}, round: 2, total: 1300,
		},
		{
			name: "cash to ten, down", why: "1298 -> 1290",
			rules: Rules{Tax: vat(false), CashStep: 10, CashRound: money.Down}, lines: []NewLine{each(a, 1298, 1)}, setup: cash,
			amounts: []money.Amount{1298}, taxes: []money.Amount{1213, 85, 1298}, round: -8, total: 1290,
		},
		{
			name: "yen", why: "no minor unit: 8 % in 108 = 8, 10 % in 550 = 50",
			rules: Rules{Tax: Tax{Inclusive: true, PerReceipt: true, Classes: []Class{
				{"8", "8 %", []int64{80_000}}, {"10", "10 %", []int64{100_000}},
			}}},
			lines:   []NewLine{each(a, 108, 1), taxed(each(b, 550, 1), "10")},
			amounts: []money.Amount{108, 550}, taxes: []money.Amount{100, 8, 108, 500, 50, 550}, total: 658,
		},
		{
			name: "dinar", why: "three decimals: 5 % on 1.255 = 0.06275 -> 0.063",
			rules:   Rules{Tax: Tax{Classes: []Class{{"V", "VAT", []int64{50_000}}}}},
			lines:   []NewLine{each(a, 1255, 1)},
			amounts: []money.Amount{1255}, taxes: []money.Amount{1255, 63, 1318}, total: 1318,
		},
		{
			name: "stacked rates in the price", why: "1180 with 18 % in it: 180, shared 9 to 9",
			rules: Rules{Tax: Tax{Inclusive: true, Classes: []Class{{"S", "CGST and SGST", []int64{90_000, 90_000}}}}},
			lines: []NewLine{each(a, 1180, 1)}, amounts: []money.Amount{1180},
			taxes: []money.Amount{1000, 180, 1180}, total: 1180,
		},
	}
}

func cash(t *testing.T, b Basket, r *Rules) Basket {
	t.Helper()
	b, err := b.SetCash(r, true)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
