// Benchmark measures the ratios the lane holds itself to, each beside its limit
// in the same run, and prints them as a table. scripts/bench builds and starts
// it. It is not a test: a busy machine makes it say no.
//
// Its one rule: nothing is compared with a number from another day or another
// machine. What is measured and what it is held against alternate in one run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// options are what a run is told.
type options struct {
	bin      string // folder of kassa and floor
	articles int    // of the big catalogue
	strict   bool
	dir      string // for databases, on the disk to be measured
	postgres string // an empty database's connection string, "" none
}

// A row is one line of the table.
type row struct {
	id, what    string
	got, limit  float64
	atLeast     bool // got must not be below limit, else not above it
	unit, basis string
	because     string // what stands against it, measured in the same run; told when it is not held
}

func (r row) held() bool {
	if r.atLeast {
		return r.got >= r.limit
	}
	return r.got <= r.limit
}

// A measure makes the rows of one or more goals.
type measure struct {
	ids []string
	run func(context.Context, options, io.Writer) ([]row, error)
}

func measures() []measure {
	return []measure{
		{[]string{"P1"}, commits},
		{[]string{"P4"}, producers},
		{[]string{"P2", "P3"}, reaction},
		{[]string{"P5", "P6"}, footprint},
		{[]string{"P7"}, lookups},
		{[]string{"P8"}, drained},
		{[]string{"P9"}, collected},
		{[]string{"P12"}, kept},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

var errUsage = errors.New("usage")

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) > 0 && args[0] == "lookup" { // a child of lookups
		return lookupChild(ctx, args[1:], out)
	}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.bin, "bin", ".", "folder of the programs kassa and floor")
	flags.IntVar(&o.articles, "articles", 10_000_000, "articles of the big catalogue of P7")
	flags.BoolVar(&o.strict, "strict", false, "exit 1 when a limit is not held")
	flags.StringVar(&o.dir, "dir", "dist", "where databases are made: on the disk to be measured")
	flags.StringVar(&o.postgres, "postgres", "", "connection string of an empty database, for P9")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	wanted := flags.Args()
	for _, id := range wanted {
		if !slices.ContainsFunc(measures(), func(m measure) bool { return slices.Contains(m.ids, id) }) {
			return fmt.Errorf("%w: %q is no goal, want P1 to P9, or P12", errUsage, id)
		}
	}
	if err := os.MkdirAll(o.dir, 0o750); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "bench-*")
	if err != nil {
		return err
	}
	if o.dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(o.dir) }() // a leftover is only a full disk

	rows, err := all(ctx, o, wanted, progress)
	return errors.Join(err, print(out, rows, o.strict))
}

// all takes the wanted measures, every one if none is named.
func all(ctx context.Context, o options, wanted []string, progress io.Writer) ([]row, error) {
	var rows []row
	var errs []error
	for _, m := range measures() {
		if len(wanted) > 0 && !slices.ContainsFunc(m.ids, func(id string) bool { return slices.Contains(wanted, id) }) {
			continue
		}
		_, _ = fmt.Fprintf(progress, "measuring %v ...\n", m.ids)
		begin := time.Now()
		more, err := m.run(ctx, o, progress)
		if err != nil {
			errs = append(errs, fmt.Errorf("%v: %w", m.ids, err))
		}
		rows = append(rows, more...)
		_, _ = fmt.Fprintf(progress, "measured %v in %v\n", m.ids, time.Since(begin).Round(time.Second))
	}
	slices.SortStableFunc(rows, func(a, b row) int { return place(a.id) - place(b.id) })
	return rows, errors.Join(errs...)
}

// place is a goal's number.
func place(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "P")) // our own names
	return n
}

func print(out io.Writer, rows []row, strict bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "\nGOAL\tWHAT\tMEASURED\tLIMIT\t\tIN THIS RUN")
	missed := 0
	for _, r := range rows {
		sign, held := "<=", "held"
		if r.atLeast {
			sign = ">="
		}
		if !r.held() {
			held = "not held"
			missed++
		}
		why := ""
		if r.because != "" && !r.held() {
			why = "; because " + r.because
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%.2f%s\t%s %.2f%s\t%s\t%s%s\n", r.id, r.what, r.got, r.unit, sign, r.limit, r.unit, held, r.basis, why)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\n%d of %d within their limits\n", len(rows)-missed, len(rows))
	if strict && missed > 0 {
		return fmt.Errorf("%d limits not held", missed)
	}
	return nil
}

// quantile returns the value that a share q of d is not above. It sorts d.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[int(q*float64(len(d)-1))]
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }
