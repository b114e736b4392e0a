package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"kassa/kiosk/config"
	"kassa/store/catalog"
)

// A lane does not start with articles whose tax it does not know, and says so in
// one line.
func TestRunRefusesUnknownTaxClass(t *testing.T) {
	dir, file := catalogLane(t)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	articles := dir + "/a.csv"
	writeText(t, articles, "gtin,name,price_minor,tax\n4006381333931,Pen,129,Z\n4006381333948,Ink,499,Y\n")
	cat, err := catalog.Open(t.Context(), cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cat.Import(t.Context(), []string{articles}, catalog.Options{}, nil)
	if err := cat.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	err = runLane(t.Context(), cfg, slog.New(slog.DiscardHandler))
	want := file + `: articles name the tax class "Y", "Z", which no [[tax.class]] has: add it here, or import articles without it`
	if err == nil || strings.TrimSpace(err.Error()) != want {
		t.Errorf("run says %v, want %s", err, want)
	}
}

// The twenty best sellers of the produce are three touches away: find, at most
// one page on, and the article.
func TestProduceWithinThreeTouches(t *testing.T) {
	dir, _ := catalogLane(t)
	var text strings.Builder
	text.WriteString("plu,name,price_minor,per,group\n")
	for i := range 60 {
		fmt.Fprintf(&text, "%d,Fruit %02d,199,kg,fruit\n", 4000+i, i)
	}
	articles := dir + "/a.csv"
	writeText(t, articles, text.String())
	cat, err := catalog.Open(t.Context(), dir+"/data")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cat.Close() }() // only a test's
	if _, err := cat.Import(t.Context(), []string{articles}, catalog.Options{}, nil); err != nil {
		t.Fatal(err)
	}
	var sold []catalog.Sold
	best := map[string]bool{}
	for i := range 20 {
		a, _, err := cat.LookupPLU(t.Context(), fmt.Sprint(4059-2*i))
		if err != nil {
			t.Fatal(err)
		}
		sold = append(sold, catalog.Sold{Article: a, Pieces: int64(1 + i)})
		best[a.PLU] = true
	}
	if err := cat.Count(t.Context(), sold); err != nil {
		t.Fatal(err)
	}
	f := finder{cat}
	for page := range 2 {
		found, pages, err := f.Browse(t.Context(), "", page)
		if err != nil || pages != 5 {
			t.Fatalf("%d pages, %v", pages, err)
		}
		for _, a := range found {
			delete(best, a.PLU)
		}
	}
	if len(best) > 0 {
		t.Errorf("not on the first two pages: %v", best)
	}
}
