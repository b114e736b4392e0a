package basket

import (
	"testing"
	"time"

	"kassa/kiosk/money"
	"kassa/kiosk/weight"
)

func untaxed(p ...Promotion) Rules { return Rules{Promotions: p} }

func at(l NewLine, day, hour, minute int) NewLine {
	l.At = WallOf(time.Date(2026, time.November, day, hour, minute, 0, 0, time.UTC))
	return l
}

func member(t *testing.T, b Basket, r *Rules) Basket {
	t.Helper()
	b, err := b.SetMember(r, true)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func promotionReceipts() []receipt {
	three := Promotion{ID: "3for2", Kind: NForM, Items: []string{a}, Buy: 3, Pay: 2}
	return []receipt{
		{
			name: "three for two", why: "3 x 129 - 129 = 258; x 7/107 = 16.88",
			rules: Rules{Tax: vat(false), Promotions: []Promotion{three}}, lines: []NewLine{each(a, 129, 3)},
			amounts: []money.Amount{258}, taxes: []money.Amount{241, 17, 258}, total: 258,
		},
		{
			name: "three for two, on two lines", why: "7 pieces: two free, from the line with most: 4 - 2",
			rules: untaxed(three), lines: []NewLine{each(a, 100, 3), each(a, 100, 4)},
			amounts: []money.Amount{300, 200}, taxes: []money.Amount{500, 0, 500}, total: 500,
		},
		{
			name: "three for two does not mix", why: "n-for-m wants the same article: 2 and 2 get nothing",
			rules: untaxed(Promotion{ID: "x", Kind: NForM, Items: []string{a, b}, Buy: 3, Pay: 2}),
			lines: []NewLine{each(a, 100, 2), each(b, 100, 2)}, amounts: []money.Amount{200, 200},
			taxes: []money.Amount{400, 0, 400}, total: 400,
		},
		{
			name: "mix three for two", why: "dearest first: 300 250 [200], 150 100 [50]: 250 off",
			rules: untaxed(Promotion{ID: "x", Kind: Mix, Items: []string{"group:g"}, Buy: 3, Pay: 2}),
			lines: []NewLine{
				grouped(each(a, 50, 1), "g"), grouped(each(b, 100, 1), "g"), grouped(each(c, 150, 1), "g"),
				grouped(each(d, 200, 1), "g"), grouped(each("5", 250, 1), "g"), grouped(each("6", 300, 1), "g"),
			},
			amounts: []money.Amount{0, 100, 150, 0, 250, 300}, taxes: []money.Amount{800, 0, 800}, total: 800,
		},
		{
			name: "two for a price", why: "2 x 199 for 300: 98 off, five pieces are two pairs: 995 - 196",
			rules: untaxed(Promotion{ID: "x", Kind: NForPrice, Items: []string{a}, Buy: 2, Price: 300}),
			lines: []NewLine{each(a, 199, 5)}, amounts: []money.Amount{799},
			taxes: []money.Amount{799, 0, 799}, total: 799,
		},
		{
			name: "mix for a price, shared", why: "199 + 99 for 250: 48 off; 48 x 199/298 = 32.05, 48 x 99/298 = 15.95 -> 32, 16",
			rules: untaxed(Promotion{ID: "x", Kind: Mix, Items: []string{a, b}, Buy: 2, Price: 250}),
			lines: []NewLine{each(a, 199, 1), each(b, 99, 1)}, amounts: []money.Amount{167, 83},
			taxes: []money.Amount{250, 0, 250}, total: 250,
		},
		{
			name: "a bundle dearer than its pieces", why: "2 x 100 for 250 saves nothing",
			rules: untaxed(Promotion{ID: "x", Kind: NForPrice, Items: []string{a}, Buy: 2, Price: 250}),
			lines: []NewLine{each(a, 100, 2)}, amounts: []money.Amount{200},
			taxes: []money.Amount{200, 0, 200}, total: 200,
		},
		{
			name: "per cent by the piece", why: "10 % of 129 = 12.9 -> 13, three times 39",
			rules: untaxed(Promotion{ID: "x", Kind: Percent, Items: []string{a}, PercentPPM: 100_000}),
			lines: []NewLine{each(a, 129, 3)}, amounts: []money.Amount{348},
			taxes: []money.Amount{348, 0, 348}, total: 348,
		},
		{
			name: "per cent of weighed and everything", why: "146 - 14.6 -> 131; 99 - 9.9 -> 89",
			rules:   untaxed(Promotion{ID: "x", Kind: Percent, PercentPPM: 100_000}),
			lines:   []NewLine{produce("4011", 199, PerKilogram, 734, 3, weight.Kilogram), each(a, 99, 1)},
			amounts: []money.Amount{131, 89}, taxes: []money.Amount{220, 0, 220}, total: 220,
		},
		{
			name: "amount off, never below nought", why: "50 off 30 is 30, off 80 is 50",
			rules: untaxed(Promotion{ID: "x", Kind: Off, Items: []string{a, b}, Amount: 50}),
			lines: []NewLine{each(a, 30, 1), each(b, 80, 2)}, amounts: []money.Amount{0, 60},
			taxes: []money.Amount{60, 0, 60}, total: 60,
		},
		{
			name: "other price, by the kilogram", why: "0.500 kg x 300 = 150, at 199/kg 99.5 -> 100: 50 off",
			rules: untaxed(Promotion{ID: "x", Kind: AtPrice, Items: []string{"plu:1"}, Price: 199}),
			lines: []NewLine{produce("1", 300, PerKilogram, 500, 3, weight.Kilogram)}, amounts: []money.Amount{100},
			taxes: []money.Amount{100, 0, 100}, total: 100,
		},
		{
			name: "quantity break", why: "from 6 pieces 10 % off each: 6 x (100 - 10)",
			rules:   untaxed(Promotion{ID: "x", Kind: Percent, Items: []string{"group:wine"}, Buy: 6, PercentPPM: 100_000}),
			lines:   []NewLine{grouped(each(a, 100, 4), "wine"), grouped(each(b, 200, 2), "wine"), each(c, 100, 9)},
			amounts: []money.Amount{360, 360, 900}, taxes: []money.Amount{1620, 0, 1620}, total: 1620,
		},
		{
			name: "quantity break not reached", why: "5 pieces of 6",
			rules: untaxed(Promotion{ID: "x", Kind: Percent, Items: []string{a}, Buy: 6, PercentPPM: 100_000}),
			lines: []NewLine{each(a, 100, 5)}, amounts: []money.Amount{500},
			taxes: []money.Amount{500, 0, 500}, total: 500,
		},
		{
			name: "two rules compete", why: "4 pieces: 3 for 2 saves 100 and 20 % of the fourth 20; 20 % of all only 80",
			rules: untaxed(three, Promotion{ID: "20", Kind: Percent, Items: []string{a}, PercentPPM: 200_000}),
			lines: []NewLine{each(a, 100, 4)}, amounts: []money.Amount{280},
			taxes: []money.Amount{280, 0, 280}, total: 280,
		},
		{
			name: "two bundles share a piece", why: "a+b saves 30, b+c 50: only b+c, though a+b comes first",
			rules: untaxed(
				Promotion{ID: "1", Kind: Mix, Items: []string{a, b}, Buy: 2, Price: 170},
				Promotion{ID: "2", Kind: Mix, Items: []string{b, c}, Buy: 2, Price: 150}),
			lines:   []NewLine{each(a, 100, 1), each(b, 100, 1), each(c, 100, 1)},
			amounts: []money.Amount{100, 75, 75}, taxes: []money.Amount{250, 0, 250}, total: 250,
		},
		{
			name: "greedy would miss it", why: "b+c saves 50 and leaves a, d alone; a+b and c+d save 40 + 40",
			rules: untaxed(
				Promotion{ID: "1", Kind: Mix, Items: []string{a, b}, Buy: 2, Amount: 40},
				Promotion{ID: "2", Kind: Mix, Items: []string{b, c}, Buy: 2, Amount: 50},
				Promotion{ID: "3", Kind: Mix, Items: []string{c, d}, Buy: 2, Amount: 40}),
			lines:   []NewLine{each(a, 100, 1), each(b, 100, 1), each(c, 100, 1), each(d, 100, 1)},
			amounts: []money.Amount{80, 80, 80, 80}, taxes: []money.Amount{320, 0, 320}, total: 320,
		},
		{
			name: "stacked", why: "3 for 2 leaves 200, 10 % off what is left: 3 pieces 100, 100, 0 -> 90, 90, 0",
			rules: untaxed(three, Promotion{ID: "s", Kind: Percent, PercentPPM: 100_000, Stack: true}),
			lines: []NewLine{each(a, 100, 3)}, amounts: []money.Amount{180},
			taxes: []money.Amount{180, 0, 180}, total: 180,
		},
		{
			name: "limit", why: "one application of 20 % on the dearest, the rest at full price",
			rules: untaxed(Promotion{ID: "x", Kind: Percent, Items: []string{a, b}, PercentPPM: 200_000, Limit: 1}),
			lines: []NewLine{each(a, 100, 2), each(b, 150, 2)}, amounts: []money.Amount{200, 270},
			taxes: []money.Amount{470, 0, 470}, total: 470,
		},
		{
			name: "members", why: "10 % for members", setup: member,
			rules: untaxed(Promotion{ID: "x", Kind: Percent, Items: []string{a}, PercentPPM: 100_000, Members: true}),
			lines: []NewLine{each(a, 100, 1)}, amounts: []money.Amount{90},
			taxes: []money.Amount{90, 0, 90}, total: 90,
		},
		{
			name: "not a member", why: "no card, no discount",
			rules: untaxed(Promotion{ID: "x", Kind: Percent, Items: []string{a}, PercentPPM: 100_000, Members: true}),
			lines: []NewLine{each(a, 100, 1)}, amounts: []money.Amount{100},
			taxes: []money.Amount{100, 0, 100}, total: 100,
		},
		{
			name: "member price of the article", why: "2 x 100, members 79", setup: member,
			lines: []NewLine{func() NewLine { l := each(a, 100, 2); l.Article.Member = 79; return l }()},
			rules: untaxed(), amounts: []money.Amount{158}, taxes: []money.Amount{158, 0, 158}, total: 158,
		},
		{
			name: "happy hour", why: "2026-11-20 is a Friday: 17:00 holds, 19:00 and Saturday do not; no clock, no hour",
			rules: untaxed(Promotion{ID: "x", Kind: Off, Items: []string{a}, Amount: 10, Days: 1 << time.Friday, Hours: []Hours{{17 * 60, 19 * 60}}}),
			lines: []NewLine{
				at(each(a, 100, 1), 20, 17, 0), at(each(a, 100, 1), 20, 19, 0),
				at(each(a, 100, 1), 21, 17, 30), each(a, 100, 1),
			},
			amounts: []money.Amount{90, 100, 100, 100}, taxes: []money.Amount{390, 0, 390}, total: 390,
		},
		{
			name: "from and until", why: "one day, from its first minute to its last",
			rules: untaxed(Promotion{
				ID: "x", Kind: Off, Items: []string{a}, Amount: 10,
				From: 1_795_132_800, Until: 1_795_219_200, // 2026-11-20 to 2026-11-21
			}),
			lines: []NewLine{
				at(each(a, 100, 1), 19, 23, 59), at(each(a, 100, 1), 20, 0, 0),
				at(each(a, 100, 1), 20, 23, 59), at(each(a, 100, 1), 21, 0, 0),
			},
			amounts: []money.Amount{100, 90, 90, 100}, taxes: []money.Amount{380, 0, 380}, total: 380,
		},
		{
			name: "a pack counts as its pieces", why: "a pack of 2 and 1 piece at 100: three for two, the free one from the fuller line",
			rules: untaxed(three),
			lines: []NewLine{func() NewLine {
				l := each("00000000000055", 200, 1)
				l.Article.Item, l.Article.Pack = a, 2
				return l
			}(), func() NewLine { l := each(a, 100, 1); l.Article.Item = a; return l }()},
			amounts: []money.Amount{100, 100}, taxes: []money.Amount{200, 0, 200}, total: 200,
		},
		{
			name: "coupon", why: "the rule waits for its coupon",
			rules: untaxed(Promotion{ID: "x", Kind: Off, Items: []string{a}, Amount: 30, Coupon: "C1"}),
			lines: []NewLine{each(a, 100, 1)}, amounts: []money.Amount{70},
			setup: func(t *testing.T, b Basket, r *Rules) Basket {
				t.Helper()
				b, err := b.AddCoupon(r, Coupon{ID: "C1"})
				if err != nil {
					t.Fatal(err)
				}
				return b
			},
			taxes: []money.Amount{70, 0, 70}, total: 70,
		},
		{
			name: "tax on what is paid", why: "A 199 -> 167 x 7/107 = 10.93, B 99 -> 83 x 19/119 = 13.25",
			rules: Rules{Tax: vat(false), Promotions: []Promotion{{ID: "x", Kind: Mix, Items: []string{a, b}, Buy: 2, Price: 250}}},
			lines: []NewLine{each(a, 199, 1), taxed(each(b, 99, 1), "B")}, amounts: []money.Amount{167, 83},
			taxes: []money.Amount{156, 11, 167, 70, 13, 83}, total: 250,
		},
	}
}
