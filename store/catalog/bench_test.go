package catalog

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"kassa/kiosk/barcode"
)

var most = flag.Int("articles", 1000, "the largest catalogue to measure, up to 1000000")

// sizes returns the catalogues to measure.
func sizes() []int {
	var all []int
	for n := 1000; n <= *most; n *= 10 {
		all = append(all, n)
	}
	return all
}

// gtinOf makes a GTIN of 13 digits.
func gtinOf(i int) string {
	digits := fmt.Sprintf("40%010d", i)
	return digits + string(barcode.CheckDigit(digits))
}

// filled makes a catalogue of n articles and says where its file is.
func filled(b *testing.B, n int) (*lab, string) {
	b.Helper()
	l := newLab(b)
	path := filepath.Join(l.dir, "big.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	lines := []byte(header)
	words := []string{"Apple", "Bread", "Cheese", "Dark", "Extra", "Fine", "Green", "Half", "Iced", "Juice", "Kiwi", "Lemon"}
	for i := range n {
		x, y := words[i%len(words)], words[i/7%len(words)]
		lines = fmt.Appendf(lines, "%s,,%s %s no %d,%s et %s,%s,,%d,each,A,,%d,2,,,group%d,,,\n", gtinOf(i), x, y, i, y, x, "تفاح "+x, 50+i%900, 100+i%700, i%50)
		if _, err := w.Write(lines); err != nil {
			b.Fatal(err)
		}
		lines = lines[:0]
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if _, err := l.Import(b.Context(), []string{path}, Options{}, nil); err != nil {
		b.Fatal(err)
	}
	return l, path
}

func BenchmarkCatalog(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, path := filled(b, n)
			b.Run("lookup", func(b *testing.B) {
				i := 0
				for b.Loop() {
					i = (i + 7919) % n
					l.get(b, "0"+gtinOf(i))
				}
			})
			for _, text := range []string{"a", "che", "lemon ju", "no 99"} {
				b.Run("search "+text, func(b *testing.B) {
					for b.Loop() {
						if found, err := l.Search(b.Context(), "en", text, 20); err != nil || len(found) == 0 {
							b.Fatal(found, err)
						}
					}
				})
			}
			b.Run("produce", func(b *testing.B) {
				for b.Loop() {
					if _, err := l.Produce(b.Context(), 40); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("import", func(b *testing.B) {
				for b.Loop() {
					if _, err := l.Import(b.Context(), []string{path}, Options{}, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		})
	}
}
