package scale_test

import (
	"encoding/json"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/scale"
	"kassa/device/sim"
	"kassa/kiosk/weight"
)

var bench = flag.String("scale", "", "port of a real scale on the bench, such as /dev/ttyUSB0")

func open(t *testing.T, port string, o link.Options) devicetest.Scale {
	t.Helper()
	s, err := scale.New(scale.Config{
		Protocol: "toledo8217", Port: port, Unit: "kg", Division: "0.005", Max: "15", Link: o,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func farToledo(o sim.ToledoOptions) devicetest.NewFarScale {
	return func(path string, clock *sim.Clock, division, capacity weight.Grams) (devicetest.FarScale, error) {
		mine := o
		mine.Platform = sim.PlatformOptions{Division: division, Seed: 7}
		mine.Max = capacity
		return sim.NewToledo(path, clock, mine)
	}
}

func TestToledoOnSimulator(t *testing.T) {
	t.Parallel()
	devicetest.TestScale(t, open, farToledo(sim.ToledoOptions{}))
}

func TestToledoOnBench(t *testing.T) {
	if *bench == "" {
		t.Skip("no -scale given")
	}
	devicetest.BenchScale(t, open, *bench)
}

func TestFastIsNotFasterThanTheLine(t *testing.T) {
	t.Parallel()
	far, err := sim.NewToledo(t.TempDir()+"/bagging", sim.NewClock(1), sim.ToledoOptions{Base: 0x60})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = far.Close() }()
	s, err := scale.New(scale.Config{Protocol: "toledo8217", Port: far.Path(), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	readings(t, s, 60)
	if total := time.Since(start); far.Asked() > int(total/(10*time.Millisecond))+3 {
		t.Errorf("%d questions in %v: faster than 9600 baud carries", far.Asked(), total)
	}
}

// readings runs s until it has delivered n readings.
func readings(t *testing.T, s *scale.Scale, n int) []scale.Reading {
	t.Helper()
	ctx, cancel := contextWithCause(t)
	var got []scale.Reading
	err := s.Run(ctx, func(r scale.Reading) {
		if len(got) < n {
			got = append(got, r)
		}
		if len(got) == n {
			cancel(errEnough)
		}
	})
	if !errors.Is(err, errEnough) {
		t.Errorf("Run() = %v, want the context's cause", err)
	}
	return got
}

func TestSilentWithoutAPort(t *testing.T) {
	s, err := scale.New(scale.Config{
		Protocol: "toledo8217", Port: t.TempDir() + "/absent",
		Link: link.Options{First: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readings(t, s, 3) {
		if r.State != scale.Silent || r.Err == nil || r.At.IsZero() {
			t.Errorf("reading = %+v, want silent with a reason", r)
		}
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		change func(*scale.Config)
		want   string
	}{
		{func(c *scale.Config) { c.Protocol = "toledo" }, `protocol is "toledo", want one of: toledo8217`},
		{func(c *scale.Config) { c.Port = "ttyUSB0" }, "want a device path"},
		{func(c *scale.Config) { c.Line = "9600" }, "want speed and frame"},
		{func(c *scale.Config) { c.Unit = "g" }, "want kg or lb"},
		{func(c *scale.Config) { c.Division = "0" }, "division"},
		{func(c *scale.Config) { c.Division = "5 g" }, "division"},
		{func(c *scale.Config) { c.Max = "-1" }, "max"},
		{func(c *scale.Config) { c.Max = "15.0001" }, "max"},
		{func(c *scale.Config) { c.Max = "15.001" }, "multiple"},
		{func(c *scale.Config) { c.Min = "0.001" }, "multiple"},
		{func(c *scale.Config) { c.Min, c.Max = "16", "15" }, "more than max"},
		{func(c *scale.Config) { c.Variant.Status = "A=heavy" }, "status"},
		{func(c *scale.Config) { c.Variant.Pair = "4711" }, "hexadecimal"},
		{func(c *scale.Config) { c.Variant.Poll = "Q\r" }, "poll"},
	}
	for _, tt := range tests {
		c := scale.Config{Protocol: "toledo8217", Port: "/dev/ttyS0", Division: "0.005"}
		tt.change(&c)
		if _, err := scale.New(c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%+v) = %v, want an error with %q", c, err, tt.want)
		}
	}
}

func TestReadingAsJSON(t *testing.T) {
	kilo := weight.Shown{Digits: 1250, Decimals: 3, Unit: weight.Kilogram}
	tests := []struct {
		r    scale.Reading
		want string
	}{
		{scale.Reading{State: scale.Stable, Shown: kilo}, `{"state":"stable","value":"1.250","unit":"kg","grams":1250,"net":false}`},
		{
			scale.Reading{State: scale.Zero, Shown: weight.Shown{Decimals: 2, Unit: weight.Pound}, Net: true},
			`{"state":"zero","value":"0.00","unit":"lb","grams":0,"net":true}`,
		},
		{scale.Reading{State: scale.Motion}, `{"state":"motion"}`},
		{scale.Reading{State: scale.Under}, `{"state":"under"}`},
		{scale.Reading{State: scale.Over}, `{"state":"over"}`},
		{scale.Reading{State: scale.Fault, Err: errEnough}, `{"state":"fault","error":"enough"}`},
		{scale.Reading{State: scale.Silent}, `{"state":"silent"}`},
	}
	for _, tt := range tests {
		if got, err := json.Marshal(tt.r); err != nil || string(got) != tt.want {
			t.Errorf("Marshal(%v) = %s, %v, want %s", tt.r.State, got, err, tt.want)
		}
	}
}
