package bagging

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var long = flag.Bool("long", false, "run the table's simulations long enough to compare two versions by")

// A shop runs trips of one kind through a check: attack is "" for honest ones.
type shop func(attack string) (calls, hints int, caught bool)

// worldShop is a world with a fresh check.
func worldShop(seed uint64, listed bool, set Settings) shop {
	w := newWorld(seed, listed)
	l := &lane{c: New(set, nil)}
	return func(attack string) (int, int, bool) { return l.run(w.rng, w.trip(attack, false)) }
}

// streetShop is a street with a fresh check.
func streetShop(seed uint64, division float64, set Settings) shop {
	s := newStreet(seed, division)
	k := &kerb{c: New(set, nil)}
	return func(attack string) (int, int, bool) { return k.run(s, s.trip(attack), attack == "") }
}

// attackMix is what dishonest trips are made of.
var attackMix = []struct {
	kind  string
	share float64
}{{"extra", 0.5}, {"swap", 0.25}, {"double", 0.1}, {"hide", 0.1}, {"loadedbag", 0.05}}

// A tally is what became of a shop's trips.
type tally struct {
	trips, called, calls, hints int
	kinds                       []float64 // caught, by attackMix
	mix                         float64
}

func (y tally) String() string {
	k := 1000 / float64(y.trips)
	var b strings.Builder
	fmt.Fprintf(&b, "%7.1f %7.1f %7.1f %8.1f", k*float64(y.called), k*float64(y.calls), k*float64(y.hints), 100*y.mix)
	for _, c := range y.kinds {
		fmt.Fprintf(&b, " %6.0f", 100*c)
	}
	return b.String()
}

// count trains a shop on honest trips and then counts.
func (run shop) count(rng *rand.Rand, train, trips, attacks int) tally {
	y := tally{trips: trips}
	for range train {
		run("")
	}
	for range trips {
		c, h, _ := run("")
		y.called, y.calls, y.hints = y.called+min(c, 1), y.calls+c, y.hints+h
	}
	caught, n := make([]int, len(attackMix)), make([]int, len(attackMix))
	for i := range attacks * len(attackMix) {
		i %= len(attackMix)
		n[i]++
		if _, _, yes := run(attackMix[i].kind); yes {
			caught[i]++
		}
		for range rng.IntN(3) { // honest people between
			run("")
		}
	}
	for i, m := range attackMix {
		c := float64(caught[i]) / float64(max(n[i], 1))
		y.kinds = append(y.kinds, c)
		y.mix += m.share * c
	}
	return y
}

// TestTable prints, for both simulated shops and several seeds, how many honest
// trips are called and how much of the attack mix is caught. The bounds are
// loose: they find what broke, not what drifts; -long narrows the figures.
func TestTable(t *testing.T) {
	trips, attacks := 80, 12
	if *long {
		trips, attacks = 1500, 200
	}
	t.Logf("%-22s %7s %7s %7s %8s  caught %%, by kind", "per 1,000 honest trips", "called", "calls", "hints", "caught %")
	for _, row := range []struct {
		name     string
		run      shop
		called   float64 // at most, of 1,000 honest trips
		caughtAt float64 // at least
	}{
		{"world, seed 4", worldShop(4, true, Settings{}), 60, 0.6},
		{"world, seed 11", worldShop(11, true, Settings{}), 60, 0.6},
		{"world unlisted, 5", worldShop(5, false, Settings{}), 90, 0.4},
		{"street 2 g, seed 1", streetShop(1, 2, Settings{}), 130, 0.4},
		{"street 5 g, seed 2", streetShop(2, 5, Settings{}), 130, 0.45},
		{"street 5 g, seed 7", streetShop(7, 5, Settings{}), 130, 0.45},
		{"street 10 g, seed 3", streetShop(3, 10, Settings{DivisionG: 10}), 130, 0.4},
	} {
		y := row.run.count(rand.New(rand.NewPCG(1, 1)), trips/2, trips, attacks)
		t.Logf("%-22s %s", row.name, y)
		if k := 1000 / float64(y.trips) * float64(y.called); k > row.called {
			t.Errorf("%s: %.0f of 1,000 honest trips called, want at most %.0f", row.name, k, row.called)
		}
		if y.mix < row.caughtAt {
			t.Errorf("%s: caught %.2f of the mix, want at least %.2f", row.name, y.mix, row.caughtAt)
		}
	}
}
