package main

import (
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
