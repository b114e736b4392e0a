package main

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"kassa/device/link"
	"kassa/device/scale"
	"kassa/device/sim"
	"kassa/kiosk/config"
)

func TestWeigh(t *testing.T) {
	far, err := sim.NewToledo(filepath.Join(t.TempDir(), "scale"), sim.NewClock(100), sim.ToledoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	var out bytes.Buffer
	c := weighCmd{Protocol: "toledo8217", Port: far.Path(), Unit: "kg", Division: "0.005", Count: 3}
	if err := c.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := `{"state":"zero","value":"0.000","unit":"kg","grams":0,"net":false}`
	if len(lines) != 3 || lines[2] != want {
		t.Errorf("3 readings of an empty scale are\n%s\nwant the last to be\n%s", out.String(), want)
	}
}

func TestWeighSilent(t *testing.T) {
	var out bytes.Buffer
	c := weighCmd{Protocol: "toledo8217", Port: filepath.Join(t.TempDir(), "none"), Count: 1}
	if err := c.run(t.Context(), &out); !errors.Is(err, errSilent) || errors.Is(err, errUsage) || !strings.Contains(err.Error(), c.Port) {
		t.Errorf("it ends with %v", err)
	}
	if !strings.Contains(out.String(), `"state":"silent"`) || strings.Contains(out.String(), "grams") {
		t.Errorf("a scale that is not there says %s", out.String())
	}
}

// A port that a lane reads is left to the lane.
func TestWeighHeldPort(t *testing.T) {
	far, err := sim.NewToledo(filepath.Join(t.TempDir(), "scale"), sim.NewClock(100), sim.ToledoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	lane, err := link.Open(t.Context(), far.Path(), "9600 7E1")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := weighCmd{Protocol: "toledo8217", Port: far.Path(), Unit: "kg", Count: 3}
	if err := c.run(t.Context(), &out); !errors.Is(err, errHeld) || !strings.Contains(err.Error(), far.Path()) {
		t.Errorf("beside a lane it ends with %v: %s", err, &out)
	}
	if err := lane.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.run(t.Context(), &out); err != nil {
		t.Errorf("when the lane has ended: %v", err)
	}
}

func TestWeighUsage(t *testing.T) {
	for _, c := range []struct {
		cmd  weighCmd
		want string
	}{
		{weighCmd{Protocol: "toledo", Port: "/dev/null"}, "toledo8217"},
		{weighCmd{Protocol: "toledo8217", Port: "ttyUSB0"}, "ttyUSB0"},
		{weighCmd{Protocol: "toledo8217", Port: "/dev/null", Line: "9600"}, "9600"},
		{weighCmd{Protocol: "toledo8217", Port: "/dev/null", Count: -1}, "--count"},
		{weighCmd{Protocol: "toledo8217", Port: "/dev/null", cellFlags: cellFlags{Calibrate: true}}, "hx711"},
		{weighCmd{Protocol: "sma"}, "--port"},
		{weighCmd{Protocol: "hx711"}, "two GPIO lines"},
		{weighCmd{Protocol: "hx711", cellFlags: cellFlags{Data: "GPIO5", Clock: "GPIO6"}}, "--calibrate"},
	} {
		err := c.cmd.run(t.Context(), &bytes.Buffer{})
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want wrong usage that names %q", c.cmd, err, c.want)
		}
	}
}

// A platform on a simulated chip, and a person who does what is asked.
type calibrator struct {
	chip *sim.HX711
	keys chan string
}

func (c *calibrator) Write(b []byte) (int, error) {
	switch {
	case bytes.Contains(b, []byte("off the platform")):
		c.chip.Clear()
		c.keys <- "\n"
	case bytes.Contains(b, []byte("mass of 5000 g in")):
		c.chip.Put("mass", 5000)
		c.keys <- "\n"
	}
	return len(b), nil
}

func (c *calibrator) Read(b []byte) (int, error) { return copy(b, <-c.keys), nil }

// What --calibrate prints is what the lane reads, and it weighs.
func TestCalibrate(t *testing.T) {
	chip := sim.NewHX711(sim.NewClock(40), sim.HX711Options{ZeroCount: -8000})
	chip.Put("forgotten", 300)
	person := &calibrator{chip, make(chan string, 2)}
	c := weighCmd{Protocol: "hx711", Division: "0.005", Count: 60}
	c.Calibrate, c.Mass, c.Data, c.Clock = true, 5000, "GPIO5", "GPIO6"
	c.pins = func(string, string) (scale.DataPin, scale.ClockPin, error) { return chip.Data(), chip.Clock(), nil }
	var out bytes.Buffer
	if err := c.calibrate(t.Context(), person, &out, person); err != nil {
		t.Fatal(err)
	}
	whole := leastLane() + out.String()
	lane, err := config.Parse("kassa.toml", whole)
	if err != nil {
		t.Fatalf("%v in\n%s", err, whole)
	}
	cell := lane.Bagging.Cell
	if n := cell.SpanCount - cell.ZeroCount; n < 499_000 || n > 501_000 || cell.Span != 5000 {
		t.Errorf("calibration is %+v, want 100 counts a gram", cell)
	}
	out.Reset()
	c.ZeroCount, c.SpanCount, c.SpanG = cell.ZeroCount, cell.SpanCount, int64(cell.Span)
	if err := c.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `{"state":"stable","value":"5.000","unit":"kg","grams":5000,"net":false}`) {
		t.Errorf("the mass weighs\n%s", out.String())
	}
}

func TestCalibrateRefuses(t *testing.T) {
	chip := sim.NewHX711(sim.NewClock(40), sim.HX711Options{})
	c := weighCmd{Protocol: "hx711"}
	c.Calibrate, c.Data, c.Clock = true, "GPIO5", "GPIO6"
	c.pins = func(string, string) (scale.DataPin, scale.ClockPin, error) { return chip.Data(), chip.Clock(), nil }
	var out bytes.Buffer
	if err := c.calibrate(t.Context(), strings.NewReader("\n\n"), &out, &out); !errors.Is(err, errUsage) {
		t.Errorf("without a mass: %v", err)
	}
	c.Mass = 5000
	if err := c.calibrate(t.Context(), strings.NewReader("\n\n"), &out, &out); err == nil || !strings.Contains(err.Error(), "too coarse") {
		t.Errorf("the mass was never laid down: %v", err)
	}
	if err := c.calibrate(t.Context(), strings.NewReader("\n"), &out, &out); err == nil || !strings.Contains(err.Error(), "Enter") {
		t.Errorf("nobody there: %v", err)
	}
}

// The configuration knows the drivers' names and lines.
func TestScaleProtocolsAgree(t *testing.T) {
	for _, name := range scale.Protocols() {
		if name == scale.LoadCell {
			continue
		}
		lane, err := config.Parse("kassa.toml", leastLane()+"\n[scale]\nport = \"/dev/ttyS0\"\nprotocol = \""+name+"\"\n")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want, _ := scale.DefaultLine(name); lane.Scale.Line.String() != want {
			t.Errorf("%s: the configuration says %s, the driver %s", name, lane.Scale.Line, want)
		}
		d := devices{cfg: lane, log: slog.New(slog.DiscardHandler)}
		if _, err := scale.New(d.scaleConfig(*lane.Scale, "scale", false)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// leastLane is a kassa.toml without any device.
func leastLane() string {
	return "[lane]\nid = \"1\"\nstore = \"1\"\ncountry = \"DE\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\ndata = \"d\"\n"
}
