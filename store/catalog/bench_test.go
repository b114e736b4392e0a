package catalog

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"kassa/kiosk/barcode"
	"kassa/store/sqlite"
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

// A yardstick holds what the smallest catalogue took, so that the larger can say
// how many times as much they take.
type yardstick map[string]time.Duration

// ratio reports the time of one round against that of the smallest catalogue.
func (y yardstick) ratio(b *testing.B, what string) {
	b.Helper()
	each := b.Elapsed() / time.Duration(b.N)
	if y[what] == 0 {
		y[what] = each
	}
	b.ReportMetric(float64(each)/float64(y[what]), "x-smallest")
}

// BenchmarkCatalog measures look-ups, type-ahead, the picture grid, imports and
// memory. Sizes go up to -articles.
func BenchmarkCatalog(b *testing.B) {
	y := yardstick{}
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, path := filled(b, n)
			b.Run("lookup", func(b *testing.B) {
				i := 0
				for b.Loop() {
					i = (i + 7919) % n
					l.get(b, "0"+gtinOf(i))
				}
				y.ratio(b, "lookup")
			})
			for _, text := range []string{"a", "che", "lemon ju", "no 99", "تفا"} {
				b.Run("search "+text, func(b *testing.B) {
					for b.Loop() {
						if found, err := l.Search(b.Context(), "en", text, 20); err != nil || len(found) == 0 {
							b.Fatal(found, err)
						}
					}
					y.ratio(b, text)
				})
			}
			b.Run("groups", func(b *testing.B) {
				for b.Loop() {
					if groups, err := l.Groups(b.Context()); err != nil || len(groups) != 50 {
						b.Fatal(groups, err)
					}
				}
				y.ratio(b, "groups")
			})
			b.Run("produce", func(b *testing.B) {
				for b.Loop() {
					if _, err := l.Produce(b.Context(), 40); err != nil {
						b.Fatal(err)
					}
				}
				y.ratio(b, "produce")
			})
			b.Run("import", func(b *testing.B) { importing(b, l, path, n) })
		})
	}
}

// importing measures an import against bare inserts of as many rows.
func importing(b *testing.B, l *lab, path string, n int) {
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		if _, err := l.Import(b.Context(), []string{path}, Options{}, nil); err != nil {
			b.Fatal(err)
		}
	}
	rate := float64(n) * float64(b.N) / b.Elapsed().Seconds()
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	bare := bareInserts(b, n)
	b.ReportMetric(rate, "rows/s")
	b.ReportMetric(100*rate/bare, "%-of-bare-inserts")
	b.ReportMetric(float64(after.HeapSys)/(1<<20), "MB-heap")
	b.ReportMetric(residentMB(b), "MB-resident")
}

// bareInserts puts n rows like the file's into a table without any index, by the
// same driver and settings, and returns how many a second.
func bareInserts(b *testing.B, n int) float64 {
	b.Helper()
	db, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"), sqlite.Schema{
		Name: "bare", AppID: 7, Migrations: []string{`CREATE TABLE bare (gtin TEXT, name TEXT, fr TEXT, ar TEXT, price INTEGER,
			tax TEXT, weight INTEGER, sd INTEGER, grp TEXT)`},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }() // only a yardstick
	begin := time.Now()
	tx, err := db.Writer().BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.PrepareContext(b.Context(), `INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = insert.Close() }() // ended with tx
	for i := range n {
		if _, err := insert.ExecContext(b.Context(), gtinOf(i), "Apple Bread no 12345", "Bread et Apple", "تفاح Apple", 50+i%900, "A", 100+i%700, 2, "group"); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return float64(n) / time.Since(begin).Seconds()
}

// residentMB is the process's memory as Linux counts it, 0 elsewhere.
func residentMB(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return float64(resident*os.Getpagesize()) / (1 << 20)
}
