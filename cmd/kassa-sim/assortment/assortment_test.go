package assortment

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestArticlesAreSound(t *testing.T) {
	all := Articles()
	if len(all) < 40 {
		t.Errorf("%d articles, want at least 40", len(all))
	}
	seen := map[string]bool{}
	kinds := map[string]int{}
	for _, a := range all {
		if seen[a.Code()] {
			t.Errorf("%s stands twice", a.Code())
		}
		seen[a.Code()] = true
		if a.Name == "" || a.FR == "" || a.AR == "" || a.ID == "" || a.Group == "" || a.Price <= 0 || a.WeightG <= 0 {
			t.Errorf("%s lacks something: %+v", a.Code(), a)
		}
		if a.GTIN != "" && (len(a.GTIN) != 13 || !strings.HasPrefix(a.GTIN, "952") || !sound(a.GTIN)) {
			t.Errorf("GTIN %s is not sound", a.GTIN)
		}
		if a.ByWeight() {
			kinds["weighed"]++
		}
		if a.Age > 0 {
			kinds["age"]++
		}
		if a.Deposit > 0 {
			kinds["deposit"]++
		}
		if a.Group == "yoghurt" {
			kinds["multi-buy"]++
		}
	}
	for _, kind := range []string{"weighed", "age", "deposit", "multi-buy"} {
		if kinds[kind] < 2 {
			t.Errorf("%d articles of kind %s, want two", kinds[kind], kind)
		}
	}
}

// sound adds the digits up from the right, as the standard tells it.
func sound(gtin string) bool {
	sum := 0
	digits := []byte(gtin)
	slices.Reverse(digits)
	for i, d := range digits {
		sum += int(d-'0') * []int{1, 3}[i%2]
	}
	return sum%10 == 0
}

func TestWriteCatalogue(t *testing.T) {
	var b strings.Builder
	if err := WriteCatalogue(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(Articles())+1 || rows[0][0] != "gtin" || rows[0][17] != "synonyms" {
		t.Errorf("%d rows, header %q", len(rows), rows[0])
	}
	for _, row := range rows[1:] {
		if n, err := strconv.ParseInt(row[6], 10, 64); err != nil || n <= 0 {
			t.Errorf("price of %q is %q", row[2], row[6])
		}
	}
}

func TestFind(t *testing.T) {
	milk := Articles()[slices.IndexFunc(Articles(), func(a Article) bool { return a.Item == 101 })]
	for _, code := range []string{milk.GTIN, "0" + milk.GTIN} {
		if a, ok := Find(code); !ok || a.Name != milk.Name {
			t.Errorf("Find(%q) = %q, %v", code, a.Name, ok)
		}
	}
	if a, ok := Find("4011"); !ok || a.Name != "Bananas" {
		t.Errorf("Find(4011) = %q, %v", a.Name, ok)
	}
	if _, ok := Find(""); ok {
		t.Error("the empty code is an article")
	}
}

func TestStaff(t *testing.T) {
	for _, p := range Staff() {
		if p.Badge == "" || len(p.PIN) != 6 {
			t.Errorf("%+v has no badge or no PIN of six", p)
		}
	}
}
