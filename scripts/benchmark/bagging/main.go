// Bagging compares ways to check the weight in the bagging area, on a simulated
// shop: tolerances as shops have them, the lane's own check, and an oracle that
// knows what nobody can know. scripts/bench bagging builds and starts it.
//
// The shop, the shoppers, the attacks, the scale, the rules and the oracle know
// nothing of kiosk/bagging; only ours.go drives it, with what a lane would have:
// raw samples, scans, the bag button, pay. All see the same trips and are
// counted alike.
//
// Its one rule: what is printed holds for the assumptions printed with it, and
// for no shop.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// options are what a run is told.
type options struct {
	quick, strict, building bool
	only, svg               string
	seed                    uint64
	seeds                   int
	worlds                  bool
	poison                  bool
	size                    sizes
	workers                 int
}

var errUsage = errors.New("usage")

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bagging:", err)
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

func parse(args []string, progress io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bagging", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&o.quick, "quick", false, "one seed and fewer trips: less than a minute")
	flags.BoolVar(&o.strict, "strict", false, "exit 1 when a goal is not held")
	flags.BoolVar(&o.building, "building", false, "the seeds for building, not those of the result")
	flags.Uint64Var(&o.seed, "seed", 0, "this one seed")
	flags.IntVar(&o.seeds, "seeds", 24, "how many seeds, up to 24; of those for building 6")
	flags.StringVar(&o.only, "only", "", "this contestant alone, by its name in the table")
	flags.StringVar(&o.svg, "svg", "", "write the plot to this file")
	flags.BoolVar(&o.worlds, "worlds", true, "other worlds too")
	flags.BoolVar(&o.poison, "poison", true, "slow poisoning and new packaging too")
	flags.IntVar(&o.size.train, "train", 1500, "trips to learn from, a seed")
	flags.IntVar(&o.size.honest, "honest", 2000, "honest trips, a seed")
	flags.IntVar(&o.size.attacks, "attacks", 250, "trips with each attack of the mix, a seed")
	flags.IntVar(&o.size.controls, "controls", 100, "trips with each other attack, a seed")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "cores to use")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if len(some(o.only)) == 0 {
		return o, fmt.Errorf("%w: no contestant is called %q", errUsage, o.only)
	}
	if flags.NArg() > 0 || o.seeds < 1 || o.seeds > len(resultSeeds()) {
		return o, fmt.Errorf("%w: want flags only, and 1 to %d seeds", errUsage, len(resultSeeds()))
	}
	if o.quick {
		o.seeds, o.worlds = 1, false
		o.size = sizes{train: 1000, honest: 800, attacks: 100, controls: 40}
	}
	return o, nil
}

// chosen are the seeds of a run, for the world assumed and for the others.
func (o options) chosen() (seeds, others []uint64) {
	switch {
	case o.seed != 0:
		return []uint64{o.seed}, []uint64{o.seed}
	case o.building || o.quick:
		return buildingSeeds()[:min(o.seeds, len(buildingSeeds()))], buildingSeeds()[:1]
	default:
		return resultSeeds()[:o.seeds], sensitivitySeeds()
	}
}

func run(args []string, out, progress io.Writer) error {
	o, err := parse(args, progress)
	if err != nil {
		return err
	}
	begin := time.Now()
	var mu sync.Mutex
	say := func(f string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintf(progress, "%5.0f s  "+f+"\n", append([]any{time.Since(begin).Seconds()}, args...)...)
	}
	seeds, others := o.chosen()
	_, _ = fmt.Fprintf(out, "ASSUMED\n  %s\n", strings.Join(assumed().say(), "\n  "))
	_, _ = fmt.Fprintf(out, "seeds       %v; each %d training trips, %d honest, %d with each attack of the mix, %d with each control\n",
		seeds, o.size.train, o.size.honest, o.size.attacks, o.size.controls)
	r := contest(assumed(), seeds, o.size, o.workers, some(o.only), func(i int) { say("seed %d done", seeds[i]) })
	if err := r.printMain(out); err != nil {
		return err
	}
	if o.only != "" {
		return nil
	}
	if o.svg != "" {
		if err := plotFile(o.svg, r, seeds); err != nil {
			return fmt.Errorf("plot: %w", err)
		}
	}
	worlds := func(out io.Writer) (found []goal, err error) {
		if o.worlds {
			n := sizes{train: o.size.train, honest: o.size.honest / 2, attacks: 2 * o.size.attacks / 5, controls: 0}
			found, err = sensitivity(out, others, n, o.workers, func(name string) { say("%s done", name) })
		}
		if err != nil {
			return nil, err
		}
		return found, r.printGoals(out, found)
	}
	poison := func(out io.Writer) ([]goal, error) {
		if !o.poison {
			return nil, nil
		}
		return poisoning(out)
	}
	more, err := collect(out, worlds, poison)
	if err != nil {
		return err
	}
	return o.verdict(r, append(more, r.goals()...))
}

// collect has each study print its part, and returns the goals of all of them.
func collect(out io.Writer, studies ...func(io.Writer) ([]goal, error)) ([]goal, error) {
	var all []goal
	for _, study := range studies {
		goals, err := study(out)
		if err != nil {
			return nil, err
		}
		all = append(all, goals...)
	}
	return all, nil
}

// verdict fails a strict run, and any run whose comparison is wrong.
func (o options) verdict(r results, goals []goal) error {
	if wrong := r.belowOracle(); len(wrong) > 0 && !o.quick && o.seed == 0 {
		return errors.New(wrong[0])
	}
	missed := 0
	for _, g := range goals {
		if !g.held() {
			missed++
		}
	}
	if o.strict && missed > 0 {
		return fmt.Errorf("%d goals not held", missed)
	}
	return nil
}
