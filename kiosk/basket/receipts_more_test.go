package basket

import (
	"testing"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

// setups plays several changes, one after the other.
func setups(all ...func(*testing.T, Basket, *Rules) Basket) func(*testing.T, Basket, *Rules) Basket {
	return func(t *testing.T, b Basket, r *Rules) Basket {
		t.Helper()
		for _, f := range all {
			b = f(t, b, r)
		}
		return b
	}
}

func coupon(id string) func(*testing.T, Basket, *Rules) Basket {
	return func(t *testing.T, b Basket, r *Rules) Basket {
		t.Helper()
		b, err := b.AddCoupon(r, Coupon{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func sticker(m Mark) func(*testing.T, Basket, *Rules) Basket {
	return func(t *testing.T, b Basket, r *Rules) Basket {
		t.Helper()
		b, err := b.MarkDown(r, 1, m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func priced(n int, price money.Amount) func(*testing.T, Basket, *Rules) Basket {
	return func(t *testing.T, b Basket, r *Rules) Basket {
		t.Helper()
		b, err := b.SetPrice(r, n, Set{Price: price, By: "s02", Reason: "shelf"})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func wholeReceipts() []receipt {
	off := func(id string, amount, least money.Amount, items ...string) Promotion {
		return Promotion{ID: id, Kind: Whole, Amount: amount, Least: least, Items: items}
	}
	return []receipt{
		{
			name: "five off from fifty", why: "5200 is enough: 500 shared over A 2000 and B 3200: 500 x 2000/5200 = 192.31, 307.69 -> 192, 308; 1808 x 7/107 = 118.28, 2892 x 19/119 = 461.75",
			rules:   Rules{Tax: vat(false), Promotions: []Promotion{off("five", 500, 5000)}},
			lines:   []NewLine{each(a, 2000, 1), taxed(each(b, 3200, 1), "B")},
			amounts: []money.Amount{1808, 2892}, taxes: []money.Amount{1690, 118, 1808, 2430, 462, 2892}, total: 4700,
		},
		{
			name: "not quite fifty", why: "4999 is less than 5000",
			rules: untaxed(off("five", 500, 5000)), lines: []NewLine{each(a, 4999, 1)},
			amounts: []money.Amount{4999}, taxes: []money.Amount{4999, 0, 4999}, total: 4999,
		},
		{
			name: "what counts is the price before discounts", why: "3 x 1700 = 5100 is enough; 3 for 2 leaves 3400, less 500",
			rules:   untaxed(off("five", 500, 5000), Promotion{ID: "3", Kind: NForM, Items: []string{a}, Buy: 3, Pay: 2}),
			lines:   []NewLine{each(a, 1700, 3)},
			amounts: []money.Amount{2900}, taxes: []money.Amount{2900, 0, 2900}, total: 2900,
		},
		{
			name: "ten per cent off the basket, rounded once", why: "129 + 129 + 77 = 335: 33.5 -> 34; shared 13.09, 13.09, 7.81: 13, 13, 8",
			rules:   untaxed(Promotion{ID: "x", Kind: Whole, PercentPPM: 100_000}),
			lines:   []NewLine{each(a, 129, 1), each(b, 129, 1), each(c, 77, 1)},
			amounts: []money.Amount{116, 116, 69}, taxes: []money.Amount{301, 0, 301}, total: 301,
		},
		{
			name: "off a group only, deposit left alone", why: "wine 2 x 600 = 1200 less 300; 50 deposit and 99 stay",
			rules: untaxed(off("w", 300, 1000, "group:wine")),
			lines: []NewLine{func() NewLine {
				l := grouped(each(a, 600, 2), "wine")
				l.Article.Deposit = 25
				return l
			}(), each(b, 99, 1)},
			amounts: []money.Amount{900, 50, 99}, taxes: []money.Amount{1049, 0, 1049}, total: 1049,
		},
		{
			name: "never more than there is", why: "a coupon for 500 on 300 leaves nought",
			rules:   untaxed(Promotion{ID: "x", Kind: Whole, Amount: 500, Coupon: "C"}),
			lines:   []NewLine{each(a, 300, 1)},
			setup:   coupon("C"),
			amounts: []money.Amount{0}, taxes: []money.Amount{0, 0, 0}, total: 0,
		},
		{
			name: "the best of two", why: "5 % of 8000 = 400, 500 off from 5000: only the 500",
			rules:   untaxed(Promotion{ID: "a", Kind: Whole, PercentPPM: 50_000}, off("b", 500, 5000)),
			lines:   []NewLine{each(a, 8000, 1)},
			amounts: []money.Amount{7500}, taxes: []money.Amount{7500, 0, 7500}, total: 7500,
		},
		{
			name: "two groups, two rules", why: "wine 1000 - 100 and cheese 2000 - 300; the rule for all saves only 350",
			rules:   untaxed(off("all", 350, 0), off("c", 300, 0, "group:cheese"), off("w", 100, 0, "group:wine")),
			lines:   []NewLine{grouped(each(a, 1000, 1), "wine"), grouped(each(b, 2000, 1), "cheese")},
			amounts: []money.Amount{900, 1700}, taxes: []money.Amount{2600, 0, 2600}, total: 2600,
		},
		{
			name: "stacked on the best", why: "1000 - 200 = 800, then 10 % for members: 80",
			rules: untaxed(off("x", 200, 0),
				Promotion{ID: "m", Kind: Whole, PercentPPM: 100_000, Members: true, Stack: true}),
			lines: []NewLine{each(a, 1000, 1)}, setup: member,
			amounts: []money.Amount{720}, taxes: []money.Amount{720, 0, 720}, total: 720,
		},
	}
}

func stickerReceipts() []receipt {
	three := Promotion{ID: "3for2", Kind: NForM, Items: []string{a}, Buy: 3, Pay: 2}
	return []receipt{
		{
			name: "thirty per cent sticker", why: "one of two: 30 % of 249 = 74.7 -> 75; 498 - 75",
			rules: untaxed(), lines: []NewLine{each(a, 249, 2)}, setup: sticker(Mark{PercentPPM: 300_000}),
			amounts: []money.Amount{423}, taxes: []money.Amount{423, 0, 423}, total: 423,
		},
		{
			name: "sticker with a price", why: "199 instead of 349 on one of three: 1047 - 150; x 7/107 = 58.68",
			rules: Rules{Tax: vat(false)}, lines: []NewLine{each(a, 349, 3)}, setup: sticker(Mark{Price: 199}),
			amounts: []money.Amount{897}, taxes: []money.Amount{838, 59, 897}, total: 897,
		},
		{
			name: "sticker against three for two", why: "free piece 100, or 10 off one: the bundle takes all three, a sticker of 10 % on a fourth stays",
			rules: untaxed(three), lines: []NewLine{each(a, 100, 4)}, setup: sticker(Mark{PercentPPM: 100_000}),
			amounts: []money.Amount{290}, taxes: []money.Amount{290, 0, 290}, total: 290,
		},
		{
			name: "sticker on weighed", why: "0.500 kg x 2000/kg = 1000, half off",
			rules: untaxed(), lines: []NewLine{produce("1", 2000, PerKilogram, 500, 3, weight.Kilogram)},
			setup:   sticker(Mark{PercentPPM: 500_000}),
			amounts: []money.Amount{500}, taxes: []money.Amount{500, 0, 500}, total: 500,
		},
		{
			name: "sticker on a label with a price", why: "312 on the label, 20 % = 62.4 -> 62; no other rule",
			rules: untaxed(Promotion{ID: "p", Kind: Percent, PercentPPM: 900_000}),
			lines: []NewLine{func() NewLine {
				l := produce("9", 312, PerKilogram, 0, 3, weight.Kilogram)
				l.Labelled = true
				return l
			}()},
			setup:   sticker(Mark{PercentPPM: 200_000}),
			amounts: []money.Amount{250}, taxes: []money.Amount{250, 0, 250}, total: 250,
		},
		{
			name: "sticker on a pack", why: "one of two six-packs at 600 for 450: 1200 - 150; the other pack is six pieces: 3 for 2 twice, 200 off",
			rules: untaxed(three),
			lines: []NewLine{func() NewLine {
				l := each("00000000000055", 600, 2)
				l.Article.Item, l.Article.Pack = a, 6
				return l
			}()},
			setup:   sticker(Mark{Price: 450}),
			amounts: []money.Amount{850}, taxes: []money.Amount{850, 0, 850}, total: 850,
		},
		{
			name: "two stickers and a basket rule", why: "500 + 500 - 250 - 100 = 650, 10 % of it 65",
			rules: untaxed(Promotion{ID: "x", Kind: Whole, PercentPPM: 100_000}), lines: []NewLine{each(a, 500, 2)},
			setup:   setups(sticker(Mark{PercentPPM: 500_000}), sticker(Mark{Price: 400})),
			amounts: []money.Amount{585}, taxes: []money.Amount{585, 0, 585}, total: 585,
		},
		{
			name: "price by staff, lower", why: "3 x 129 at 99: 297, and no three for two; x 7/107 = 19.43",
			rules: Rules{Tax: vat(false), Promotions: []Promotion{three}}, lines: []NewLine{each(a, 129, 3)}, setup: priced(1, 99),
			amounts: []money.Amount{297}, taxes: []money.Amount{278, 19, 297}, total: 297,
		},
		{
			name: "price by staff, higher", why: "2 x 150 = 300 instead of 2 x 129",
			rules: untaxed(), lines: []NewLine{each(a, 129, 2)}, setup: priced(1, 150),
			amounts: []money.Amount{300}, taxes: []money.Amount{300, 0, 300}, total: 300,
		},
		{
			name: "price by staff for a kilogram", why: "1.250 kg x 299 = 373.75 -> 374; at 199 248.75 -> 249",
			rules: untaxed(), lines: []NewLine{produce("1", 299, PerKilogram, 1250, 3, weight.Kilogram)}, setup: priced(1, 199),
			amounts: []money.Amount{249}, taxes: []money.Amount{249, 0, 249}, total: 249,
		},
	}
}

// worldReceipts are of other currencies and taxes.
func worldReceipts() []receipt {
	gst := Tax{Classes: []Class{{"G", "federal 5 %, provincial 9.975 %", []int64{50_000, 99_750}}}}
	return []receipt{
		{
			name: "two stacked taxes on a price without", why: "1999: 5 % = 99.95 -> 100, 9.975 % = 199.40 -> 199",
			rules: Rules{Tax: gst}, lines: []NewLine{each(a, 1999, 1)},
			amounts: []money.Amount{1999}, taxes: []money.Amount{1999, 299, 2298}, total: 2298,
		},
		{
			name: "stacked taxes, per receipt, with a discount", why: "3 x 333 = 999 less 10 % a piece (33.3 -> 33): 900; 5 % = 45, 9.975 % = 89.775 -> 90",
			rules: Rules{
				Tax:        Tax{PerReceipt: true, Classes: gst.Classes},
				Promotions: []Promotion{{ID: "x", Kind: Percent, PercentPPM: 100_000}},
			},
			lines:   []NewLine{each(a, 333, 3)},
			amounts: []money.Amount{900}, taxes: []money.Amount{900, 135, 1035}, total: 1035,
		},
		{
			name: "cash after tax", why: "425 + 5 % 21.25 -> 21 + 9.975 % 42.39 -> 42 = 488, in coins of 5: 490",
			rules: Rules{Tax: gst, CashStep: 5}, lines: []NewLine{each(a, 425, 1)}, setup: cash,
			amounts: []money.Amount{425}, taxes: []money.Amount{425, 63, 488}, round: 2, total: 490,
		},
		{
			name: "rupiah", why: "no minor unit in use: 11 % in 27750 = 2750; cash to hundreds: 27750 -> 27800",
			rules: Rules{Tax: Tax{Inclusive: true, Classes: []Class{{"P", "11 %", []int64{110_000}}}}, CashStep: 100},
			lines: []NewLine{each(a, 9250, 3)}, setup: cash,
			amounts: []money.Amount{27750}, taxes: []money.Amount{25000, 2750, 27750}, round: 50, total: 27800,
		},
		{
			name: "yen, two rates on each line, mix", why: "two for 500: 358 + 248 - 106, shared 62.62, 43.38 -> 63, 43; 295 x 8/108 = 21.85 -> 22, 205 x 10/110 = 18.64 -> 19",
			rules: Rules{
				Tax: Tax{Inclusive: true, Classes: []Class{
					{"8", "8 %", []int64{80_000}}, {"10", "10 %", []int64{100_000}},
				}},
				Promotions: []Promotion{{ID: "x", Kind: Mix, Items: []string{a, b}, Buy: 2, Price: 500}},
			},
			lines:   []NewLine{each(a, 358, 1), taxed(each(b, 248, 1), "10")},
			amounts: []money.Amount{295, 205}, taxes: []money.Amount{273, 22, 295, 186, 19, 205}, total: 500,
		},
		{
			name: "dinar by the kilogram, cash to five fils", why: "0.735 kg x 2750 = 2021.25 -> 2021; 5 % on top 101.05 -> 101; 2122 -> 2120",
			rules: Rules{Tax: Tax{Classes: []Class{{"V", "VAT", []int64{50_000}}}}, CashStep: 5},
			lines: []NewLine{produce("1", 2750, PerKilogram, 735, 3, weight.Kilogram)}, setup: cash,
			amounts: []money.Amount{2021}, taxes: []money.Amount{2021, 101, 2122}, round: -2, total: 2120,
		},
		{
			name: "Bahraini dinar, ten per cent in the price, per receipt", why: "1.100 + 0.455 + 0.455 = 2010 fils: x 10/110 = 182.73 -> 183, shared 100.15, 41.43, 41.43",
			rules:   Rules{Tax: Tax{Inclusive: true, PerReceipt: true, Classes: []Class{{"S", "10 %", []int64{100_000}}}}},
			lines:   []NewLine{each(a, 1100, 1), each(b, 455, 1), each(c, 455, 1)},
			amounts: []money.Amount{1100, 455, 455}, taxes: []money.Amount{1827, 183, 2010}, total: 2010,
		},
		{
			name: "pounds with tare and sales tax", why: "2.50 lb less 23 g = 0.05 lb: 2.45 lb x 499 = 1222.55 -> 1223; 6.25 % = 76.44 -> 76, 1 % = 12.23 -> 12",
			rules: Rules{Tax: salesTax(false)},
			lines: []NewLine{func() NewLine {
				l := produce("1", 499, PerPound, 250, 2, weight.Pound)
				l.Article.Tare = 23
				return l
			}()},
			amounts: []money.Amount{1223}, taxes: []money.Amount{1223, 88, 1311}, total: 1311,
		},
		{
			name: "Swiss coins", why: "17.83: 2.6 % in it = 1783 x 26/1026 = 45.18 -> 45; in coins of 5: 1785",
			rules: Rules{Tax: Tax{Inclusive: true, Classes: []Class{{"R", "2.6 %", []int64{26_000}}}}, CashStep: 5},
			lines: []NewLine{each(a, 1783, 1)}, setup: cash,
			amounts: []money.Amount{1783}, taxes: []money.Amount{1738, 45, 1783}, round: 2, total: 1785,
		},
		{
			name: "a half coin, to the even", why: "10.05 in coins of 10: a half, to 1000 as 100 is even",
			rules: Rules{CashStep: 10, CashRound: money.HalfEven}, lines: []NewLine{each(a, 1005, 1)}, setup: cash,
			amounts: []money.Amount{1005}, taxes: []money.Amount{1005, 0, 1005}, round: -5, total: 1000,
		},
		{
			name: "coupon and five off the basket, per line and per class", why: "A 1070: 200 off with the coupon -> 870; B 1190; 2060 less 100: 100 x 870/2060 = 42.23, 57.77 -> 42, 58; 828 x 7/107 = 54.17, 1132 x 19/119 = 180.74",
			rules: Rules{Tax: vat(true), Promotions: []Promotion{
				{ID: "c", Kind: Off, Items: []string{a}, Amount: 200, Coupon: "99"},
				{ID: "w", Kind: Whole, Amount: 100, Least: 2000},
			}},
			lines: []NewLine{each(a, 1070, 1), taxed(each(b, 1190, 1), "B")}, setup: coupon("99"),
			amounts: []money.Amount{828, 1132}, taxes: []money.Amount{774, 54, 828, 951, 181, 1132}, total: 1960,
		},
	}
}
