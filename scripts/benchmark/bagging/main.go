// Bagging compares ways to check the bagging area on a simulated shop.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

func main() {
	seed := flag.Uint64("seed", 1, "")
	honest := flag.Int("honest", 1000, "")
	train := flag.Int("train", 1500, "")
	att := flag.Int("attacks", 120, "")
	only := flag.String("only", "", "")
	flag.Parse()
	for _, l := range assumed().say() {
		fmt.Println(l)
	}
	begin := time.Now()
	s := newSet(assumed(), *seed, sizes{*train, *honest, *att, *att})
	fmt.Println("made", time.Since(begin))
	for _, c := range field() {
		if *only != "" && c.name != *only {
			continue
		}
		begin := time.Now()
		ps := sweep(c, s, runtime.NumCPU())
		fmt.Printf("%-18s at 70/80/85/90: ", c.name)
		for _, d := range []float64{.7, .8, .85, .9} {
			fmt.Printf("%6.3f ", alarmsAt(ps, d, point.per100))
		}
		fmt.Println(time.Since(begin).Round(time.Millisecond))
		for _, p := range ps {
			fmt.Printf("   x %-6.3g fa %.3f trip %.3f mix %.3f ", p.x, p.per100(), p.perTrip(), p.mix())
			for _, a := range attacks() {
				fmt.Printf(" %s %.2f", a, p.caught[a])
			}
			var cs []string
			for c, n := range p.causes {
				cs = append(cs, fmt.Sprintf("%s:%d", c, n))
			}
			slices.Sort(cs)
			fmt.Println(" ", cs)
		}
	}
	os.Exit(0)
}
