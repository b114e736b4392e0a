package scale

import (
	"errors"
	"testing"
	"time"

	"kassa/kiosk/weight"
)

// newTestCell makes a cell with 100 counts a gram and a division of 5 g.
func newTestCell(t *testing.T, change func(*Config)) *cell {
	t.Helper()
	cfg := Config{
		Protocol: LoadCell, Division: "0.005", Max: "15",
		Cell: Cell{Data: "GPIO5", Clock: "GPIO6", ZeroCount: 8000, SpanCount: 508_000, Span: 5000},
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s.cell
}

// A hand feeds a cell with a conversion each tenth of a second.
type hand struct {
	c    *cell
	now  time.Time
	last Reading
}

func (h *hand) hold(count int64, d time.Duration) Reading {
	for end := h.now.Add(d); h.now.Before(end); {
		h.now = h.now.Add(100 * time.Millisecond)
		h.last = h.c.add(h.now, count)
	}
	return h.last
}

func newHand(c *cell) *hand { return &hand{c: c, now: time.Unix(1_000_000, 0)} }

func TestCellWeighs(t *testing.T) {
	tests := []struct {
		count int64
		state State
		grams weight.Grams
	}{
		{8000, Zero, 0},
		{8249, Zero, 0}, // 2.49 g
		{8251, Stable, 5},
		{7751, Zero, 0},
		{7749, Under, 0},
		{131_500, Stable, 1235},
		{131_749, Stable, 1235},
		{1_508_000, Stable, 15_000},
		{1_508_249, Stable, 15_000},
		{1_508_251, Over, 0},
		{-500_000, Under, 0},
	}
	for _, tt := range tests {
		r := newHand(newTestCell(t, nil)).hold(tt.count, time.Second)
		if r.State != tt.state || r.Shown.Grams() != tt.grams {
			t.Errorf("count %d = %v %s, want %v %d g", tt.count, r.State, r.Shown, tt.state, tt.grams)
		}
	}
}

// A cell that is wired the other way round counts down.
func TestCellReversed(t *testing.T) {
	c := newTestCell(t, func(cfg *Config) { cfg.Cell.SpanCount = -492_000 })
	if r := newHand(c).hold(8000-123_500, time.Second); r.Shown.Grams() != 1235 {
		t.Errorf("reversed cell shows %s", r.Shown)
	}
}

func TestCellSettles(t *testing.T) {
	h := newHand(newTestCell(t, nil))
	if r := h.hold(108_000, 400*time.Millisecond); r.State != Motion {
		t.Errorf("after 0.3 s of stillness: %v", r.State)
	}
	if r := h.hold(108_000, 100*time.Millisecond); r.State != Stable {
		t.Errorf("after 0.4 s of stillness: %v", r.State)
	}
	for i := range 40 { // a ramp of 2 g a conversion
		if r := h.hold(108_000+int64(i+1)*200, 100*time.Millisecond); i > 2 && r.State != Motion {
			t.Fatalf("step %d of a ramp: %v %s", i, r.State, r.Shown)
		}
	}
}

func TestCellTracksZero(t *testing.T) {
	h := newHand(newTestCell(t, nil))
	h.hold(8000, time.Second)
	// 30 g of drift, slowly, on the empty platform.
	for i := range 300 {
		h.hold(8000+int64(i)*10, 200*time.Millisecond)
	}
	if r := h.last; r.State != Zero || h.c.zero < 29*microgram {
		t.Errorf("after slow drift: %v %s, zero moved by %d µg", r.State, r.Shown, h.c.zero)
	}
	before := h.c.zero
	h.hold(8000+2990+500, 30*time.Second) // 5 g laid down is no drift
	if h.c.zero != before || h.last.State != Stable {
		t.Errorf("5 g on the platform: %v, zero moved by %d µg", h.last.State, h.c.zero-before)
	}
	h.hold(8000+2990+100_000, 30*time.Second)
	if h.c.zero != before {
		t.Error("zero moved under a load")
	}
}

func TestCellTracksWithinLimits(t *testing.T) {
	h := newHand(newTestCell(t, nil))
	for i := range 3000 { // 900 g of drift: more than 4 % of 15 kg
		h.hold(8000+int64(i)*30, 200*time.Millisecond)
	}
	if most := int64(600 * microgram); h.c.zero > most || h.c.zero < most-5*microgram {
		t.Errorf("zero moved by %d µg, want up to %d", h.c.zero, most)
	}
	if h.last.State != Stable && h.last.State != Motion {
		t.Errorf("beyond the limit: %v", h.last.State)
	}
}

func TestCellTare(t *testing.T) {
	h := newHand(newTestCell(t, nil))
	if err := h.c.setTare(); !errors.Is(err, ErrMoving) {
		t.Errorf("tare before anything settled: %v", err)
	}
	h.hold(8000+20_200, time.Second) // 202 g
	if err := h.c.setTare(); err != nil {
		t.Fatal(err)
	}
	if h.hold(8000+20_200, time.Second); h.last.State != Zero || !h.last.Net {
		t.Errorf("tared: %+v", h.last)
	}
	if h.hold(8000+120_200, time.Second); h.last.State != Stable || h.last.Shown.Grams() != 1000 || !h.last.Net {
		t.Errorf("1000 g over the tare: %+v", h.last)
	}
	if h.hold(8000+10_000, time.Second); h.last.State != Under {
		t.Errorf("below the tare: %+v", h.last)
	}
	h.hold(8000, time.Second)
	if h.hold(8000+120_200, time.Second); h.last.Net || h.last.Shown.Grams() != 1200 {
		t.Errorf("tare after the platform was empty: %+v", h.last)
	}
	h.hold(8000-20_000, time.Second)
	if err := h.c.setTare(); !errors.Is(err, ErrRange) {
		t.Errorf("tare below zero: %v", err)
	}
}

func TestCellZero(t *testing.T) {
	h := newHand(newTestCell(t, nil))
	if err := h.c.setZero(); !errors.Is(err, ErrMoving) {
		t.Errorf("zero before anything settled: %v", err)
	}
	h.hold(8000+60_000, time.Second) // 600 g: 4 %
	if err := h.c.setZero(); err != nil {
		t.Fatal(err)
	}
	if h.hold(8000+60_000, time.Second); h.last.State != Zero {
		t.Errorf("zeroed: %+v", h.last)
	}
	h.hold(8000+60_500, time.Second)
	if err := h.c.setZero(); !errors.Is(err, ErrRange) {
		t.Errorf("zero beyond 4 %%: %v", err)
	}
}

func TestCellInitialZero(t *testing.T) {
	for _, tt := range []struct {
		percent int
		grams   weight.Grams
	}{{0, 750}, {4, 750}, {10, 0}} {
		c := newTestCell(t, func(cfg *Config) { cfg.Cell.InitialZero = tt.percent })
		if r := newHand(c).hold(8000+75_000, time.Second); r.Shown.Grams() != tt.grams {
			t.Errorf("750 g at the start with %d %% = %s", tt.percent, r.Shown)
		}
	}
}

func TestCellCalibrationIsChecked(t *testing.T) {
	tests := map[string]func(*Config){
		"not calibrated": func(c *Config) { c.Cell.Span = 0 },
		"too coarse":     func(c *Config) { c.Cell.SpanCount = 8000 + 9_999 }, // 9.999 counts a division
		"no difference":  func(c *Config) { c.Cell.SpanCount = 8000 },
		"24 bits":        func(c *Config) { c.Cell.SpanCount = 1 << 24 },
		"heavy":          func(c *Config) { c.Cell.Span = 400_000 },
		"one line":       func(c *Config) { c.Cell.Clock = c.Cell.Data },
		"gain":           func(c *Config) { c.Cell.Gain = 100 },
		"rate":           func(c *Config) { c.Cell.Rate = 20 },
		"port":           func(c *Config) { c.Port = "/dev/ttyS0" },
		"pounds":         func(c *Config) { c.Unit, c.Division, c.Max = "lb", "0.01", "30" },
	}
	for name, change := range tests {
		cfg := Config{
			Protocol: LoadCell, Division: "0.005", Max: "15",
			Cell: Cell{Data: "GPIO5", Clock: "GPIO6", ZeroCount: 8000, SpanCount: 508_000, Span: 5000},
		}
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSieve(t *testing.T) {
	s := newSieve(10)
	for i := range 8 {
		count := int64(1000)
		if i == 4 {
			count = 1000 ^ 1<<22 // a slipped bit
		}
		v, ok := s.add(count)
		if ok != (i == 7) || ok && v != 1000 {
			t.Errorf("count %d: %d, %v", i, v, ok)
		}
	}
	if divide(-5, 2) != -3 || divide(5, 2) != 3 || divide(4, 3) != 1 || divide(-4, 3) != -1 {
		t.Error("divide does not round half away from nought")
	}
}

func FuzzCell(f *testing.F) {
	f.Add(int64(8000), int64(508_000), int64(5000), int64(131_500))
	f.Add(int64(-8388608), int64(8388607), int64(300_000), int64(-8388608))
	f.Fuzz(func(t *testing.T, zero, span, mass, count int64) {
		s, err := New(Config{Protocol: LoadCell, Cell: Cell{
			Data: "A", Clock: "B", ZeroCount: zero, SpanCount: span, Span: weight.Grams(mass),
		}})
		if err != nil || count > hxTop || count < hxBottom {
			return
		}
		h := newHand(s.cell)
		r := h.hold(count, time.Second)
		if r.State == Stable || r.State == Zero {
			// Back from grams to counts, within a division.
			back := zero + int64(r.Shown.Grams())*(span-zero)/mass
			if step := max(span-zero, zero-span) * 5 / mass; back-count > step+1 || count-back > step+1 {
				t.Errorf("count %d = %s, which is count %d", count, r.Shown, back)
			}
		}
	})
}
