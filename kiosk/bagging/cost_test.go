package bagging

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// busy is how long this thread has computed: what others do on the machine
// meanwhile does not count.
func busy() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// BenchmarkTrip is what trips of a simulated shop cost: a trip an operation, and
// of all of them the mean and the worst input, what a scale that reads ten times a
// second takes of a core, and how many articles were learned.
func BenchmarkTrip(b *testing.B) {
	s := baseTown().open(7)
	kinds := append([]string{""}, attackKinds...)
	p := &post{c: New(Settings{}, nil), rng: rand.New(rand.NewPCG(7, 7))}
	var worst, all, samples time.Duration
	inputs, read := 0, 0
	cost := func(in Input) {
		begin := busy()
		p.c.Step(in)
		d := busy() - begin
		worst, all, inputs = max(worst, d), all+d, inputs+1
		if _, ok := in.(Sample); ok {
			samples, read = samples+d, read+1
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n := 0
	for b.Loop() {
		n++
		kind := ""
		if n%20 == 0 {
			kind = kinds[n/20%len(kinds)]
		}
		p.through(s, s.trip(kind), cost)
	}
	if read == 0 {
		return
	}
	b.ReportMetric(float64(worst.Microseconds()), "worst-µs")
	b.ReportMetric(float64(all.Nanoseconds())/float64(inputs), "ns/input")
	b.ReportMetric(100*samples.Seconds()/(float64(read)*0.1), "%core")
	b.ReportMetric(float64(len(p.c.weights)), "articles")
}

// through steps a trip's acts and what the scale reads meanwhile; nobody answers.
func (p *post) through(s *town, acts []act, step func(Input)) {
	p.trips++
	start, load, calm := p.now, 0.0, p.now
	step(Start{T: p.now, Trip: strconv.Itoa(p.trips)})
	for len(acts) > 0 {
		for len(acts) > 0 && start+acts[0].t <= p.now {
			a := acts[0]
			acts = acts[1:]
			if a.in != nil {
				step(retimed(a.in, p.now))
			}
			if a.grams != 0 {
				load += a.grams
				calm = p.now + 300*time.Millisecond
			}
		}
		g := p.read(s, load)
		if p.now < calm {
			g += 60 * p.rng.NormFloat64()
		}
		step(Sample{T: p.now, Grams: g})
		p.now += 100 * time.Millisecond
	}
	step(End{p.now})
	for range 10 {
		p.now += 100 * time.Millisecond
		step(Sample{T: p.now, Grams: p.read(s, 0)})
	}
}

// TestArticleIsSmall: what is learned of an article takes little to keep, however
// long it is sold and whatever was odd about it.
func TestArticleIsSmall(t *testing.T) {
	w := prior(500, 5)
	for i := range 2000 {
		grams, trip := 500+float64(i%7), "0421-1-"+strconv.Itoa(i)
		if i%3 == 0 {
			grams = 700 + float64(i%50)*20
		}
		w = w.learn(sight{grams: grams, noise: 6, sure: 1, trip: trip, dear: func(float64) bool { return true }})
	}
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Odd) != oddKept || len(data) > 1000 {
		t.Errorf("%d odd weights, %d bytes as JSON: want %d and at most 1000: %s", len(w.Odd), len(data), oddKept, data)
	}
	size := int(unsafe.Sizeof(w)) + oddKept*(int(unsafe.Sizeof(Odd{}))+len("0421-1-2000")) + int(unsafe.Sizeof(Mode{}))
	if size > 1000 {
		t.Errorf("an article takes %d bytes, want at most 1000", size)
	}
	t.Logf("at most %d bytes in memory, %d as JSON", size, len(data))
}
