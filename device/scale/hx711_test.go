package scale_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/scale"
	"kassa/device/sim"
	"kassa/kiosk/weight"
)

// A cellBench is a driver that runs on a simulated chip.
type cellBench struct {
	t    *testing.T
	chip *sim.HX711
	s    *scale.Scale

	mu  sync.Mutex
	got []scale.Reading
	ups int
}

// pinsOf hands out a simulated chip's lines.
func pinsOf(chip *sim.HX711) func(data, clock string) (scale.DataPin, scale.ClockPin, error) {
	return func(string, string) (scale.DataPin, scale.ClockPin, error) { return chip.Data(), chip.Clock(), nil }
}

func newCellBench(t *testing.T, change func(*scale.Config)) *cellBench {
	t.Helper()
	b := &cellBench{t: t, chip: sim.NewHX711(sim.NewClock(10), sim.HX711Options{
		Platform: sim.PlatformOptions{Division: 5, Seed: 3}, ZeroCount: 8000,
	})}
	cfg := scale.Config{
		Protocol: scale.LoadCell, Division: "0.005", Max: "15", Fast: true,
		Cell: scale.Cell{
			Data: "GPIO5", Clock: "GPIO6", ZeroCount: 8000, SpanCount: 508_000, Span: 5000, Pins: pinsOf(b.chip),
		},
		Link: link.Options{First: time.Millisecond, Longest: 10 * time.Millisecond, Report: func(s link.Status) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if s.Up {
				b.ups++
			}
		}},
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if b.s, err = scale.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- b.s.Run(ctx, func(r scale.Reading) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.got = append(b.got, r)
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v", err)
		}
		for _, w := range b.chip.Wrong() {
			t.Errorf("on the wire: %s", w)
		}
	})
	return b
}

// until waits for a reading that match wants, and returns those before it.
func (b *cellBench) until(what string, match func(scale.Reading) bool) []scale.Reading {
	b.t.Helper()
	b.mu.Lock()
	b.got = nil
	b.mu.Unlock()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		b.mu.Lock()
		got := b.got
		b.mu.Unlock()
		for i, r := range got {
			if match(r) {
				return got[:i]
			}
		}
	}
	b.t.Fatalf("waited in vain until %s", what)
	return nil
}

// weight waits for a weight and checks that none but it and before came.
func (b *cellBench) weight(before, g weight.Grams) {
	b.t.Helper()
	for _, r := range b.until("the weight has come", func(r scale.Reading) bool {
		return (r.State == scale.Stable || r.State == scale.Zero) && r.Shown.Grams() == g
	}) {
		if r.State == scale.Stable && r.Shown.Grams() != before {
			b.t.Errorf("%s on the way to %d g", r.Shown, g)
		}
	}
}

func (b *cellBench) state(want scale.State) {
	b.t.Helper()
	b.until("a reading is "+want.String(), func(r scale.Reading) bool { return r.State == want })
}

func TestHX711Weighs(t *testing.T) {
	t.Parallel()
	for _, gain := range []int{128, 64} {
		t.Run(fmt.Sprint("gain ", gain), func(t *testing.T) {
			t.Parallel()
			b := newCellBench(t, func(c *scale.Config) {
				c.Cell.Gain = gain
				if gain == 64 {
					c.Cell.ZeroCount, c.Cell.SpanCount = 4000, 254_000
				}
			})
			b.weight(0, 0)
			last := weight.Grams(0)
			for _, g := range []weight.Grams{240, 735, 15_000} {
				b.chip.Clear()
				b.chip.Put("article", g)
				b.state(scale.Motion)
				b.weight(last, g)
				last = g
			}
			b.chip.Put("too much", 20)
			b.state(scale.Over)
			b.chip.Clear()
			b.weight(last, 0)
		})
	}
}

func TestHX711Disturbed(t *testing.T) {
	t.Parallel()
	b := newCellBench(t, nil)
	b.chip.Put("article", 735)
	b.weight(0, 735)
	for i := range 30 {
		frames := b.chip.Frames()
		if i%2 == 0 {
			b.chip.Slip(1)
		} else {
			b.chip.Stall(1 + i)
		}
		for _, r := range b.until("more conversions were read", func(scale.Reading) bool { return b.chip.Frames() > frames+2 }) {
			if r.State != scale.Motion && (r.State != scale.Stable || r.Shown.Grams() != 735) {
				t.Errorf("disturbed: %+v", r)
			}
		}
	}
	b.weight(735, 735)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ups != 1 {
		t.Errorf("came up %d times, want once", b.ups)
	}
}

func TestHX711SaturatedAndAbsent(t *testing.T) {
	t.Parallel()
	b := newCellBench(t, nil)
	b.weight(0, 0)
	for _, end := range []int{1, -1} {
		b.chip.Saturate(end)
		b.until("it is out of range", func(r scale.Reading) bool {
			return r.State == scale.Fault && errors.Is(r.Err, scale.ErrSaturated)
		})
		b.chip.Saturate(0)
		b.weight(0, 0)
	}
	b.chip.SetAbsent(true)
	b.state(scale.Silent)
	b.chip.Put("article", 500)
	b.chip.SetAbsent(false)
	b.weight(500, 500)
}

func TestHX711ZeroAndTare(t *testing.T) {
	t.Parallel()
	b := newCellBench(t, nil)
	b.chip.Drift(1000) // 10 g in one go: no drift to follow
	b.weight(0, 10)
	if err := b.s.Zero(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.weight(10, 0)
	b.chip.Put("basket", 500)
	b.weight(0, 500)
	if err := b.s.Tare(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.until("a net zero", func(r scale.Reading) bool { return r.State == scale.Zero && r.Net })
	b.chip.Put("more", 1000)
	b.until("a net weight", func(r scale.Reading) bool { return r.State == scale.Stable && r.Net && r.Shown.Grams() == 1000 })
	if err := b.s.Zero(t.Context()); !errors.Is(err, scale.ErrRange) {
		t.Errorf("zero of 1500 g = %v, want ErrRange", err)
	}
}

func TestOnlyLoadCellsAreZeroed(t *testing.T) {
	s, err := scale.New(scale.Config{Protocol: "sma", Port: "/dev/ttyS0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Zero(t.Context()); !errors.Is(err, scale.ErrOwnKey) {
		t.Errorf("Zero() = %v", err)
	}
	if err := s.Tare(t.Context()); !errors.Is(err, scale.ErrOwnKey) {
		t.Errorf("Tare() = %v", err)
	}
}

func TestSteadyCount(t *testing.T) {
	t.Parallel()
	chip := sim.NewHX711(sim.NewClock(20), sim.HX711Options{ZeroCount: -4000})
	cell := scale.Cell{Data: "GPIO5", Clock: "GPIO6", Pins: pinsOf(chip)}
	for _, g := range []weight.Grams{0, 5000} {
		chip.Clear()
		chip.Put("mass", g)
		n, err := scale.SteadyCount(t.Context(), cell)
		if want := int64(g)*100 - 4000; err != nil || n < want-30 || n > want+30 {
			t.Errorf("count of %d g = %d, %v, want about %d", g, n, err, want)
		}
	}
	chip.SetAbsent(true)
	if _, err := scale.SteadyCount(t.Context(), cell); err == nil {
		t.Error("an absent chip was read")
	}
	chip.SetAbsent(false)
	chip.Lean(3000, time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if n, err := scale.SteadyCount(ctx, cell); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a trembling hand = %d, %v", n, err)
	}
}

func TestBoardWithoutLines(t *testing.T) {
	cell := scale.Cell{Data: "no such line", Clock: "nor this"}
	if _, err := scale.SteadyCount(t.Context(), cell); err == nil {
		t.Error("lines that are not there were opened")
	}
}
