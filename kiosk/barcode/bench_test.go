package barcode

import (
	"fmt"
	"testing"
)

// The yardstick of every benchmark: copying the code's bytes, as whoever keeps
// a code must, and one look-up in a catalogue of ten thousand. The metric
// times-copy is how many of these a Parse takes, measured in the same run.
type yardstick map[string]int

func newYardstick(code []byte) yardstick {
	y := yardstick{string(code): 1}
	for i := range 10_000 {
		y[fmt.Sprintf("%013d", i*7919)] = i
	}
	return y
}

func BenchmarkParse(b *testing.B) {
	de, err := Country("DE")
	if err != nil {
		b.Fatal(err)
	}
	o := &Options{Today: Date{2026, 11, 22}, Patterns: de, Currency: "EUR"}
	for _, kind := range []struct{ name, code string }{
		{"ean13", "4006381333931"},
		{"ean13-aim", "]E04006381333931"},
		{"ean8", "96385074"},
		{"upca", "036000291452"},
		{"upce", "]E004252614"},
		{"gtin14", "09506000134369"},
		{"instore-weight", "2810276146856"},
		{"gs1", "]d201095060001343521726113010AB-12"},
		{"gs1-serial", "]d2010950600013435221SN-1234567\x1d1726113010AB-12"},
		{"gs1-fresh", "]d20109506000134352310300123439220499\x1d1526113010AB-12"},
		{"bracketed", "(01)09506000134352(17)261130(10)AB-12"},
		{"link", "https://id.gs1.org/01/09506000134352/10/AB-12?17=261130"},
		{"coupon8110", "]e08110106141416543213500110000310123196000"},
		{"staff", "KS-STAFF-17-" + string(checkCharacter("17"))},
		{"text", "WIFI:S:shop;T:WPA;P:secret;;"},
	} {
		b.Run(kind.name, func(b *testing.B) { benchmarkParse(b, []byte(kind.code), o) })
	}
}

var (
	sinkString  string
	sinkInt     int
	sinkMeaning Meaning
)

func benchmarkParse(b *testing.B, code []byte, o *Options) {
	b.ReportAllocs()
	y := newYardstick(code)
	b.ResetTimer()
	for range b.N {
		sinkString = string(code)
		sinkInt = y[sinkString]
	}
	copied := b.Elapsed()
	b.ResetTimer()
	for range b.N {
		sinkMeaning = Parse(code, o)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(copied), "times-copy")
}

func BenchmarkAppendJSON(b *testing.B) {
	m := Parse([]byte("]d201095060001343521726113010AB-12"), nil)
	b.ReportAllocs()
	var line []byte
	for b.Loop() {
		line = m.AppendJSON(line[:0])
	}
}
