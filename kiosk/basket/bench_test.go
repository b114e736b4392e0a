package basket

import (
	"fmt"
	"slices"
	"testing"

	"kassa/kiosk/money"
)

// BenchmarkAdd is one more line in a basket of so many, with rules on a third
// of the articles.
func BenchmarkAdd(b *testing.B) {
	var promotions []Promotion
	for i := range 200 {
		promotions = append(promotions, Promotion{
			ID: fmt.Sprintf("r%03d", i), Kind: NForM, Items: []string{fmt.Sprintf("%014d", 3*i)}, Buy: 3, Pay: 2,
		})
	}
	promotions = append(promotions, Promotion{ID: "mix", Kind: Mix, Items: []string{"group:g"}, Buy: 3, Pay: 2})
	r, err := NewRules(Rules{Tax: vat(false), Promotions: promotions})
	if err != nil {
		b.Fatal(err)
	}
	first := 0.0
	for _, n := range []int{5, 50, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var basket Basket
			for i := range n {
				l := each(fmt.Sprintf("%014d", i), money.Amount(100+i), 3)
				if i%10 == 1 {
					l = grouped(l, "g")
				}
				if basket, _, err = basket.Add(r, l); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := basket.Add(r, each("99999999999999", 100, 1)); err != nil {
					b.Fatal(err)
				}
			}
			perLine := float64(b.Elapsed()) / float64(b.N) / float64(n)
			if first == 0 {
				first = perLine
			}
			b.ReportMetric(perLine, "ns/line")
			b.ReportMetric(perLine/first, "x-per-line-of-5") // 10 and 100 would be the square
		})
	}
}

// BenchmarkCompeting is one more line in a basket all of whose pieces a few
// rules compete for: found exactly, and where that would take too long.
func BenchmarkCompeting(b *testing.B) {
	plain := &Rules{}
	two := []Promotion{
		{ID: "1", Kind: Mix, Items: []string{"group:g"}, Buy: 3, Pay: 2},
		{ID: "2", Kind: Mix, Items: []string{"group:g"}, Buy: 4, Price: 500},
	}
	many := slices.Clone(two)
	for i := range 6 {
		many = append(many, Promotion{ID: fmt.Sprint(3 + i), Kind: Mix, Items: []string{"group:g"}, Buy: int64(5 + i), Pay: 3})
	}
	for name, rules := range map[string][]Promotion{"two": two, "many": many} {
		r, err := NewRules(Rules{Promotions: rules})
		if err != nil {
			b.Fatal(err)
		}
		first := 0.0
		for _, n := range []int{5, 50, 500} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				var basket Basket
				for i := range n { // without rules, to be quick
					l := grouped(each(fmt.Sprintf("%014d", i), money.Amount(100+7*i), 2), "g")
					if basket, _, err = basket.Add(plain, l); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := basket.Add(r, each("99999999999999", 100, 1)); err != nil {
						b.Fatal(err)
					}
				}
				perLine := float64(b.Elapsed()) / float64(b.N) / float64(n)
				if first == 0 {
					first = perLine
				}
				b.ReportMetric(perLine, "ns/line")
				b.ReportMetric(perLine/first, "x-per-line-of-5")
			})
		}
	}
}
