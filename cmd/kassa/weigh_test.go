package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"kassa/device/sim"
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
	if err := c.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"state":"silent"`) || strings.Contains(out.String(), "grams") {
		t.Errorf("a scale that is not there says %s", out.String())
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
		{weighCmd{Protocol: "toledo8217", Port: "/dev/null", Calibrate: true}, "hx711"},
	} {
		err := c.cmd.run(t.Context(), &bytes.Buffer{})
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want wrong usage that names %q", c.cmd, err, c.want)
		}
	}
}
