package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only ours.go may know the check: a world that shares its assumptions would
// prove nothing.
func TestOnlyTheAdapterKnowsTheCheck(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("%d files: is this the folder?", len(files))
	}
	adapter := false
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if !strings.HasPrefix(path, "kassa/") {
				continue
			}
			if name == "ours.go" && path == "kassa/kiosk/bagging" {
				adapter = true
				continue
			}
			t.Errorf("%s imports %s", name, path)
		}
	}
	if !adapter {
		t.Error("ours.go does not drive kiosk/bagging")
	}
}

func TestSeedsApart(t *testing.T) {
	for _, s := range append(resultSeeds(), sensitivitySeeds()...) {
		if s < 100 {
			t.Errorf("seed %d of the result is one for building", s)
		}
	}
}

func TestTolerable(t *testing.T) {
	tests := []struct{ net, want float64 }{
		{40, 3.6}, {50, 4.5}, {99, 4.5}, {150, 6.75}, {200, 9}, {299, 9}, {400, 12}, {500, 15}, {999, 15}, {2000, 30},
	}
	for _, tc := range tests {
		if got := tolerable(tc.net); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("tolerable(%v) = %v, want %v", tc.net, got, tc.want)
		}
	}
}

// What happens on the platform is found again in the steps.
func TestStepsFollowTheLoad(t *testing.T) {
	w := newWorld(assumed(), 1)
	w.rng = rand.New(rand.NewPCG(3, 3))
	moves := []move{{2, 500, placed, 0}, {6, 250, placed, 1}, {9, -500, takenOut, -1}}
	got := steps(w.sample(moves, 14), w.params, ruleStill)
	if len(got) != len(moves) {
		t.Fatalf("%d steps, want %d: %v", len(got), len(moves), got)
	}
	for i, s := range got {
		if math.Abs(s.grams-moves[i].grams) > 8 || s.t < moves[i].t || s.t > moves[i].t+1.2 {
			t.Errorf("step %d is %.1f g at %.1f s, want %.0f g soon after %.1f s", i, s.grams, s.t, moves[i].grams, moves[i].t)
		}
	}
}

// The spread of packaged articles is that of the model: a tenth below about
// 1.2 g, half below 3.2 g, nine tenths below 7.3 g.
func TestSpreadOfPackagedArticles(t *testing.T) {
	w := newWorld(assumed(), 1)
	below := func(g float64) float64 {
		n, all := 0.0, 0.0
		for i := range w.arts {
			if w.arts[i].sold != packaged {
				continue
			}
			all++
			if w.arts[i].sd() < g {
				n++
			}
		}
		return n / all
	}
	for _, tc := range []struct{ g, want float64 }{{1.2, 0.1}, {3.2, 0.5}, {7.3, 0.9}} {
		if got := below(tc.g); math.Abs(got-tc.want) > 0.1 {
			t.Errorf("%.2f of the packaged articles have a spread below %.1f g, want about %.1f", got, tc.g, tc.want)
		}
	}
}

func TestAlarmCountsOnlyAfterTheDeed(t *testing.T) {
	tr := &trip{deed: 10, pay: 60}
	tests := []struct {
		alarm float64
		want  bool
	}{{9.9, false}, {10, true}, {25, true}, {26, false}, {59, false}, {60, true}, {62, true}}
	for _, tc := range tests {
		if got := detected(tr, []float64{tc.alarm}); got != tc.want {
			t.Errorf("an alarm at %v counts: %v, want %v", tc.alarm, got, tc.want)
		}
	}
}

func TestLevelLiesBetweenThePoints(t *testing.T) {
	at := func(mix, fa float64) point {
		c := map[attack]float64{}
		for _, a := range attacks() {
			c[a] = mix
		}
		return point{per100: fa, caught: c}
	}
	points := []point{at(0.9, 4), at(0.8, 1), at(0.6, 0.25)}
	p, ok := level(points, 0.7)
	if !ok || math.Abs(p.per100-0.5) > 1e-9 || math.Abs(p.mix()-0.7) > 1e-9 {
		t.Errorf("level(0.7) = %v, %v; want 0.5 false alarms", p, ok)
	}
	if p, ok = level(points, 0.5); !ok || p.per100 != 0.25 {
		t.Errorf("level(0.5) = %v, %v; want the least point", p, ok)
	}
	if _, ok = level(points, 0.95); ok {
		t.Error("level(0.95) is reached, want not")
	}
}

// In a small world the order is as it should be: ours beats the rules, and
// nothing beats the oracle. It guards against a check that decays.
func TestOrder(t *testing.T) {
	n := sizes{train: 500, honest: 300, attacks: 40}
	r := contest(assumed(), []uint64{31}, n, 1, brief(), func(int) {})
	const d = 0.75
	ours := r.spreadOf(nameOurs, d, per100)
	limit := r.spreadOf(nameOracle, d, per100)
	t.Logf("false alarms per 100 at %.2f: ours %v, oracle %v", d, ours, limit)
	if !ours.everywhere() || !limit.everywhere() {
		t.Fatalf("ours %v, oracle %v: want both to reach %v", ours, limit, d)
	}
	if ours.mean > 0.6 {
		t.Errorf("ours has %.2f false alarms per 100 articles, want at most 0.6", ours.mean)
	}
	for _, tc := range []struct {
		names []string
		times float64
	}{{fixedRules(), 3}, {learnedRules(), 2}} {
		best := r.best(tc.names, d)
		if best == "" {
			t.Fatalf("none of %v reaches %v", tc.names, d)
		}
		rule := r.spreadOf(best, d, per100)
		t.Logf("%s: %v", best, rule)
		if rule.mean < tc.times*ours.mean {
			t.Errorf("%s has %.2f false alarms per 100 articles, ours %.2f: want %v times fewer", best, rule.mean, ours.mean, tc.times)
		}
	}
	const noise = 0.1 // of so few trips
	for name := range r {
		if s := r.spreadOf(name, d, per100); s.everywhere() && s.mean < limit.mean-noise {
			t.Errorf("%s has %.3f false alarms per 100 articles, the oracle %.3f: the comparison is wrong", name, s.mean, limit.mean)
		}
	}
}

func TestPlotIsSmallAndNamed(t *testing.T) {
	r := contest(assumed(), []uint64{33}, sizes{train: 50, honest: 60, attacks: 10}, 1, some(nameFixedBag), func(int) {})
	name := filepath.Join(t.TempDir(), "p.svg")
	if err := plotFile(name, r, []uint64{33}); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(svg) > 100_000 || !bytes.Contains(svg, []byte("<title>")) || !bytes.Contains(svg, []byte(nameFixedBag)) {
		t.Errorf("%d bytes, want at most 100,000 with a title and the name of the curve", len(svg))
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-seeds", "25"}, {"surplus"}, {"-no-such-flag"}, {"-only", "nobody"}} {
		var out, progress bytes.Buffer
		if err := run(args, &out, &progress); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("run(%v) = %v, want a usage error", args, err)
		}
	}
}

// A strict run fails on a goal of any of its studies, not only of the last.
func TestStrictSeesAllGoals(t *testing.T) {
	missed := func(io.Writer) ([]goal, error) { return []goal{{what: "not known"}}, nil }
	held := func(io.Writer) ([]goal, error) { return []goal{{what: "held", most: true, limit: 1, known: true}}, nil }
	for name, studies := range map[string][]func(io.Writer) ([]goal, error){"first": {missed, held}, "last": {held, missed}} {
		goals, err := collect(io.Discard, studies...)
		if err != nil || len(goals) != 2 {
			t.Fatalf("%s: %d goals, %v", name, len(goals), err)
		}
		if err := (options{strict: true, quick: true}).verdict(results{}, goals); err == nil {
			t.Errorf("the %s study's goal was not held, and a strict run passes", name)
		}
	}
	if err := (options{strict: true, quick: true}).verdict(results{}, []goal{}); err != nil {
		t.Errorf("nothing missed: %v", err)
	}
}
