package scale_test

import (
	"errors"
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/scale"
	"kassa/device/sim"
	"kassa/kiosk/weight"
)

// opener opens a driver as devicetest wants it.
func opener(protocol string, v scale.Variant) devicetest.NewScale {
	return func(t *testing.T, port string, o link.Options) devicetest.Scale {
		t.Helper()
		s, err := scale.New(scale.Config{
			Protocol: protocol, Port: port, Unit: "kg", Division: "0.005", Max: "15", Variant: v, Link: o,
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// far makes the simulated scale on the other end.
func far(make func(path string, clock *sim.Clock, o sim.ScaleOptions) (*sim.Scale, error)) devicetest.NewFarScale {
	return func(path string, clock *sim.Clock, division, capacity weight.Grams) (devicetest.FarScale, error) {
		return make(path, clock, sim.ScaleOptions{
			Platform: sim.PlatformOptions{Division: division, Seed: 7}, Max: capacity,
		})
	}
}

func farNCI(form sim.NCIForm, bytes int) devicetest.NewFarScale {
	return far(func(path string, clock *sim.Clock, o sim.ScaleOptions) (*sim.Scale, error) {
		return sim.NewNCI(path, clock, sim.NCIOptions{ScaleOptions: o, Form: form, Bytes: bytes})
	})
}

func farSICS(form sim.SICSForm) devicetest.NewFarScale {
	return far(func(path string, clock *sim.Clock, o sim.ScaleOptions) (*sim.Scale, error) {
		return sim.NewSICS(path, clock, sim.SICSOptions{ScaleOptions: o, Form: form})
	})
}

func farASCII(form sim.ASCIIForm, polled bool) devicetest.NewFarScale {
	return far(func(path string, clock *sim.Clock, o sim.ScaleOptions) (*sim.Scale, error) {
		return sim.NewASCII(path, clock, sim.ASCIIOptions{ScaleOptions: o, Form: form, Polled: polled})
	})
}

func farMagellan(path string, clock *sim.Clock, division, capacity weight.Grams) (devicetest.FarScale, error) {
	return sim.NewMagellan(path, clock, sim.MagellanOptions{ScaleOptions: sim.ScaleOptions{
		Platform: sim.PlatformOptions{Division: division, Seed: 7}, Max: capacity,
	}})
}

func farDialog06(pair string) devicetest.NewFarScale {
	return far(func(path string, clock *sim.Clock, o sim.ScaleOptions) (*sim.Scale, error) {
		return sim.NewDialog06(path, clock, sim.Dialog06Options{ScaleOptions: o, Pair: pair})
	})
}

// Every protocol and form passes what every scale driver must.
func TestProtocolsOnSimulator(t *testing.T) {
	tests := []struct {
		name, protocol string
		variant        scale.Variant
		far            devicetest.NewFarScale
	}{
		{"toledo8213", "toledo8213", scale.Variant{}, far(sim.NewToledo8213)},
		{"nci ecr", "nci", scale.Variant{}, farNCI(sim.NCIECR, 2)},
		{"nci general", "nci", scale.Variant{}, farNCI(sim.NCIGeneral, 4)},
		{"nci baxtran", "nci", scale.Variant{}, farNCI(sim.NCIBaxtran, 4)},
		{"sma", "sma", scale.Variant{}, far(sim.NewSMA)},
		{"sics", "sics", scale.Variant{}, farSICS(sim.SICSMettler)},
		{"sics elicom", "sics", scale.Variant{}, farSICS(sim.SICSElicom)},
		{"sics and", "sics", scale.Variant{}, farSICS(sim.SICSAND)},
		{"cas", "cas", scale.Variant{}, far(sim.NewCAS)},
		{"magellan", "magellan", scale.Variant{}, farMagellan},
		{"ascii", "ascii", scale.Variant{}, farASCII(sim.ASCIIPlain, false)},
		{"ascii nt", "ascii", scale.Variant{}, farASCII(sim.ASCIINT, false)},
		{"ascii and", "ascii", scale.Variant{Poll: "Q"}, farASCII(sim.ASCIIAND, true)},
		{"dialog06", "dialog06", scale.Variant{}, farDialog06("")},
		{"dialog06 with a check value", "dialog06", scale.Variant{Pair: "12AB34CD"}, farDialog06("12AB34CD")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestScale(t, opener(tt.protocol, tt.variant), tt.far)
		})
	}
}

// dialogScale is a price-computing scale that gives each weight once.
func dialogScale(t *testing.T, v scale.Variant, pair string) (*sim.Scale, *scale.Scale) {
	t.Helper()
	f, err := sim.NewDialog06(t.TempDir()+"/scale", sim.NewClock(200), sim.Dialog06Options{Once: true, Pair: pair})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	s, err := scale.New(scale.Config{
		Protocol: "dialog06", Port: f.Path(), Variant: v, Link: link.Options{First: time.Millisecond, Longest: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, s
}

// count sums up readings.
func count(rs []scale.Reading, match func(scale.Reading) bool) int {
	n := 0
	for _, r := range rs {
		if match(r) {
			n++
		}
	}
	return n
}

func TestDialog06GivesAWeightOnce(t *testing.T) {
	t.Parallel()
	stable := func(r scale.Reading) bool { return r.State == scale.Stable && r.Shown.Grams() == 735 }
	for _, repeat := range []bool{false, true} {
		f, s := dialogScale(t, scale.Variant{Repeat: repeat}, "")
		f.Put("pears", 735)
		rs := readings(t, s, 20)
		kept := count(rs, func(r scale.Reading) bool { return errors.Is(r.Err, scale.ErrNoWeight) })
		if n := count(rs, stable); repeat && (n < 10 || kept > 0) || !repeat && (n != 1 || kept < 10) {
			t.Errorf("repeat %v: %d weights and %d refusals in 20 readings", repeat, n, kept)
		}
	}
}

func TestDialog06Price(t *testing.T) {
	t.Parallel()
	f, s := dialogScale(t, scale.Variant{}, "")
	if err := s.SetPrice(299, 10); err != nil {
		t.Fatal(err)
	}
	f.Put("pears", 1260)
	n := count(readings(t, s, 20), func(r scale.Reading) bool {
		return r.State == scale.Stable && r.Net && r.Frame == "02\x1b3\x1b01250\x1b000299\x1b000374"
	})
	if n != 1 {
		t.Errorf("%d results with price and tare, want 1", n)
	}
	if s.SetPrice(0, 0) == nil || s.SetPrice(100_000, 0) == nil || s.SetPrice(100, -1) == nil || s.SetPrice(100, 10_000) == nil {
		t.Error("SetPrice takes what no record can carry")
	}
}

// A scale that wants a check value gets the configured one, and never another.
func TestDialog06WithoutThePair(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{"", "00000000"} {
		f, s := dialogScale(t, scale.Variant{Pair: pair}, "12AB34CD")
		f.Put("pears", 735)
		rs := readings(t, s, 6)
		if n := count(rs, func(r scale.Reading) bool { return r.State == scale.Fault }); n != len(rs) {
			t.Errorf("pair %q: %+v, want faults only", pair, rs)
		}
	}
}

func TestToledo8213InHighResolution(t *testing.T) {
	t.Parallel()
	f, err := sim.NewToledo8213(t.TempDir()+"/scale", sim.NewClock(200), sim.ScaleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	f.Put("pears", 735)
	s, err := scale.New(scale.Config{
		Protocol: "toledo8213", Port: f.Path(), Division: "0.0001", Variant: scale.Variant{HighResolution: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	rs := readings(t, s, 12)
	last := rs[len(rs)-1]
	if last.State != scale.Stable || last.Shown.Decimals != 4 || last.Shown.Grams() != 735 {
		t.Errorf("in high resolution: %+v", last)
	}
}

// What may be too little to sell is the driver's to say, what to do the flow's.
func TestLight(t *testing.T) {
	t.Parallel()
	f, err := sim.NewSMA(t.TempDir()+"/scale", sim.NewClock(200), sim.ScaleOptions{Platform: sim.PlatformOptions{Division: 5}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s, err := scale.New(scale.Config{Protocol: "sma", Port: f.Path(), Division: "0.005", Min: "0.100"})
	if err != nil {
		t.Fatal(err)
	}
	for g, light := range map[weight.Grams]bool{0: true, 95: true, 100: false} {
		f.Clear()
		f.Put("herbs", g)
		rs := readings(t, s, 12)
		if last := rs[len(rs)-1]; last.Light != light || last.Shown.Grams() != g {
			t.Errorf("%d g: %+v, want light %v", g, last, light)
		}
	}
}
