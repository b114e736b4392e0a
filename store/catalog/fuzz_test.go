package catalog

import (
	"strings"
	"testing"
	"unicode/utf8"

	"kassa/kiosk/basket"
)

// Whatever a file holds, each row is good or named as bad, and what is good is
// within its limits.
func FuzzArticleFile(f *testing.F) {
	f.Add(assortment)
	f.Add(header + "4006381333931*6,4011,\"a\"\"b\",,,,0,100g,,99,1000000.000,.5,,,,,,\n")
	f.Add("gtin,name,price_minor\n\"\n")
	f.Add("plu,name_xx,name,price_minor,x_\n1,,,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		var problems FileErrors
		tab, err := newTable("f", strings.NewReader(text), &problems)
		if err != nil || tab == nil {
			return
		}
		if err := tab.only(articleFileColumns(), "name_"); err != nil || len(problems) > 0 {
			return
		}
		for {
			more, err := tab.next()
			if err != nil || !more {
				return
			}
			before := len(problems)
			r := parseArticle(tab)
			if tab.damaged != (len(problems) > before) {
				t.Fatalf("damaged is %v, %d new problems", tab.damaged, len(problems)-before)
			}
			if tab.damaged {
				continue
			}
			a := r.article
			if a.Price < 0 || a.Price > basket.MaxPrice || a.Name == "" || !utf8.ValidString(a.Name) || len(r.codes) == 0 || a.Item == "" {
				t.Fatalf("%q is read as %+v", text, r)
			}
		}
	})
}
