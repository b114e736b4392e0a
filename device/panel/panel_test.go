package panel_test

import (
	"flag"
	"strings"
	"testing"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/panel"
)

var bench = flag.String("panel", "", "port of a real I/O board on the bench, such as /dev/ttyACM0")

func open(t *testing.T, port string, o link.Options) devicetest.Panel {
	t.Helper()
	p, err := panel.New(panel.Config{Protocol: "lines", Port: port, Link: o})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLinesOnSimulator(t *testing.T) { devicetest.TestPanel(t, open) }

func TestLinesOnBench(t *testing.T) {
	if *bench == "" {
		t.Skip("no -panel given")
	}
	devicetest.BenchPanel(t, open, *bench)
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		cfg  panel.Config
		want string
	}{
		{panel.Config{Protocol: "usb"}, `protocol is "usb", want one of: lines, gpio`},
		{panel.Config{Protocol: "lines"}, "port is missing"},
		{panel.Config{Protocol: "gpio"}, "names no line"},
		{
			panel.Config{Protocol: "gpio", LampGreen: "GPIO17", Drawer: "GPIO17"},
			`lamp_green and drawer are both on line "GPIO17"`,
		},
	}
	for _, tt := range tests {
		if _, err := panel.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%+v) = %v, want an error with %q", tt.cfg, err, tt.want)
		}
	}
}
