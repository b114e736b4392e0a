package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/barcode"
	"kassa/store/catalog"
)

// gtin is the number of article i.
func gtin(i int) string {
	digits := fmt.Sprintf("40%010d", i)
	return digits + string(barcode.CheckDigit(digits))
}

// writeArticles writes a catalogue file of n articles.
func writeArticles(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("gtin,name,name_fr,price_minor,tax,weight_g,group\n") // Flush has the error
	for i := range n {
		_, _ = fmt.Fprintf(w, "%s,Article no %d,Produit no %d,%d,A,%d,group%d\n", gtin(i), i, i, 50+i%900, 100+i%700, i%50)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// fill makes the catalogue of n articles in dir.
func fill(ctx context.Context, dir string, n int) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	file := filepath.Join(dir, "articles.csv")
	if err := writeArticles(file, n); err != nil {
		return err
	}
	cat, err := catalog.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { _ = cat.Close() }() // the import has committed or failed
	if _, err = cat.Import(ctx, []string{file}, catalog.Options{}, nil); err != nil {
		return err
	}
	return os.Remove(file)
}

// lookups is P7: the time of a look-up and the memory it takes must not grow
// with the catalogue. Each size is read by a process of its own.
func lookups(ctx context.Context, o options, progress io.Writer) ([]row, error) {
	const small, rounds = 1000, 5
	dirs := map[int]string{small: filepath.Join(o.dir, "small"), o.articles: filepath.Join(o.dir, "big")}
	for n, dir := range dirs {
		begin := time.Now()
		if err := fill(ctx, dir, n); err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(progress, "  imported %d articles in %v\n", n, time.Since(begin).Round(time.Second/10))
	}
	took := map[int][]time.Duration{}
	memory := map[int][]time.Duration{} // bytes; sorted like times
	for range rounds {
		for n, dir := range dirs {
			r, err := askChild(ctx, dir, n)
			if err != nil {
				return nil, err
			}
			took[n], memory[n] = append(took[n], r.Median), append(memory[n], time.Duration(r.Bytes))
		}
	}
	big, little := quantile(took[o.articles], 0.5), quantile(took[small], 0.5)
	more := float64(quantile(memory[o.articles], 0.5)-quantile(memory[small], 0.5)) / (1 << 20)
	sizes := fmt.Sprintf("%d / %d articles", o.articles, small)
	return []row{
		{
			id: "P7", what: "look-up, warm, median, " + sizes, got: ratio(big, little), limit: 2, unit: "x",
			basis: fmt.Sprintf("%v / %v", big.Round(time.Microsecond/10), little.Round(time.Microsecond/10)),
		},
		{
			id: "P7", what: "memory of the process, " + sizes, got: more, limit: 10, unit: " MB more",
			basis: fmt.Sprintf("%.1f / %.1f MB", float64(quantile(memory[o.articles], 0.5))/(1<<20),
				float64(quantile(memory[small], 0.5))/(1<<20)),
		},
	}, nil
}

// A lookupResult is what a child found.
type lookupResult struct {
	Median time.Duration
	Bytes  int64
}

func askChild(ctx context.Context, dir string, n int) (r lookupResult, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, self, "lookup", dir, strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("looking up among %d: %w", n, err)
	}
	return r, json.Unmarshal(out, &r)
}

// lookupChild looks articles up, a thousand of them again and again: the shelf
// that a lane sells from today.
func lookupChild(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: lookup DIR ARTICLES", errUsage)
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	cat, err := catalog.Open(ctx, args[0])
	if err != nil {
		return err
	}
	defer func() { _ = cat.Close() }() // only read
	const shelf, rounds = 1000, 10
	var took []time.Duration
	for round := range rounds {
		for i := range shelf {
			code := "0" + gtin(i*(n/shelf)) // spread over all of it
			begin := time.Now()
			_, found, err := cat.Lookup(ctx, code)
			if err != nil || !found {
				return fmt.Errorf("article %s: found is %t: %w", code, found, err)
			}
			if round > 0 { // the first round warms
				took = append(took, time.Since(begin))
			}
		}
	}
	bytes, err := anonymous()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(lookupResult{quantile(took, 0.5), bytes})
}

// anonymous is this process's memory that no file stands behind, in bytes.
func anonymous() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kb), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no RssAnon")
}
