package main

import (
	"fmt"
	"io"
)

const (
	crept = 1.06 // of the true weight: what counts as a wrong one
)

// creep prints how many people it takes to move a weight by little and little,
// while nobody answers a call, and returns the fewest.
func creep(w io.Writer) float64 {
	_, _ = fmt.Fprintf(w, "\nCREEPING POISONING: each of %d people a little heavier than the one before; how many until the weight is %.0f %% off\n", patience, 100*(crept-1))
	_, _ = fmt.Fprintln(w, "(-: not within 40)\tseen honestly\t+0.5 %\t+1 %\t+2 %\t+4 %")
	least := patience + 1
	for _, seen := range []int{0, 5, 30} {
		_, _ = fmt.Fprintf(w, "ours, no call answered\t%d", seen)
		for _, step := range []float64{0.005, 0.01, 0.02, 0.04} {
			n := creeping(seen, step)
			if n == never {
				_, _ = fmt.Fprintf(w, "\t%s", people(never))
				continue
			}
			_, _ = fmt.Fprintf(w, "\t%d", n)
			least = min(least, n)
		}
		_, _ = fmt.Fprintln(w)
	}
	return float64(least)
}

func creeping(seen int, step float64) int {
	shop := poisonShop(0)
	o := sold(newOurs(shop.params, shop.arts).at(poisonCallAt), shop, seen, 0).(*ours)
	o.alone = true
	grams := plainGrams
	for i := range patience {
		grams *= 1 + step
		o.walk(shop.single(swap, plainArt, 1, grams))
		if o.expects(shop.arts[plainArt].key) >= crept*plainGrams {
			return i + 1
		}
	}
	return never
}

// dearPackaging is newPackaging where the new weight is also that of a dearer
// article: a person must have looked, and once is enough.
func dearPackaging(w io.Writer) []goal {
	_, _ = fmt.Fprintln(w, "\nHONEST NEW PACKAGING that weighs what a dearer article does, seen 30 times before\t\t+10 %\t+20 %\t+30 %")
	_, _ = fmt.Fprint(w, "ours: sales until it is learned; sales that needed a person, of the first ten + of the next five\t")
	learned, most, late, unasked := 0, 0, 0, 0
	for _, more := range []float64{0.1, 0.2, 0.3} {
		grams := plainGrams * (1 + more)
		shop := poisonShop(grams)
		o := sold(newOurs(shop.params, shop.arts).at(poisonCallAt), shop, knownSales, grams).(*ours)
		asked, after, until := 0, 0, 0
		for i := range int(packSales) + packAfter {
			called := len(o.walk(shop.single("", plainArt, 1, grams))) > 0
			switch {
			case called && i < int(packSales):
				asked++
			case called:
				after++
			}
			if until == 0 && o.believes(shop.arts[plainArt].key, grams) {
				until = i + 1
				if asked+after == 0 {
					unasked++
				}
			}
		}
		if until == 0 {
			until = int(packSales) + packAfter
		}
		learned, most, late = max(learned, until), max(most, asked), late+after
		_, _ = fmt.Fprintf(w, "\t%d; %d + %d", until, asked, after)
	}
	_, _ = fmt.Fprintln(w)
	return []goal{
		count("sales until a packaging like a dearer article's is learned", float64(learned), packSales, true),
		count("sales of it that needed a person", float64(most), packPersons, true),
		count("sales of it after the tenth that still did", float64(late), 0, true),
		count("such packagings learned without a person", float64(unasked), 0, true),
	}
}
