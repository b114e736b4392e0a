package scanner_test

import (
	"flag"
	"strings"
	"testing"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/scanner"
	"kassa/device/sim"
)

var bench = flag.String("scanner", "", "port of a real scanner on the bench, such as /dev/ttyUSB0")

var spoken = flag.String("scanner-protocol", "lines", "what the scanner on the bench speaks")

func opener(cfg scanner.Config) devicetest.NewScanner {
	return func(t *testing.T, port string, o link.Options) devicetest.Scanner {
		t.Helper()
		cfg.Port, cfg.Link = port, o
		s, err := scanner.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestLinesOnSimulator(t *testing.T) {
	t.Parallel()
	devicetest.TestScanner(t, opener(scanner.Config{Protocol: "lines"}))
}

func TestSSIOnSimulator(t *testing.T) {
	t.Parallel()
	devicetest.TestScannerOf(t, devicetest.SSIKind(), opener(scanner.Config{Protocol: "ssi"}))
}

func TestMagellanOnSimulator(t *testing.T) {
	t.Parallel()
	devicetest.TestScannerOf(t, devicetest.MagellanKind(), opener(scanner.Config{Protocol: "magellan"}))
}

// nodeOpener opens the simulator's nodes in place of the kernel's.
func nodeOpener(protocol, prefix string) devicetest.NewScanner {
	return func(t *testing.T, port string, o link.Options) devicetest.Scanner {
		t.Helper()
		s, err := scanner.New(scanner.Config{Protocol: protocol, Port: prefix + port, Link: o})
		if err != nil {
			t.Fatal(err)
		}
		s.OpenBy(openSocket)
		return s
	}
}

func openSocket(path string) (scanner.SocketNode, error) {
	conn, about, err := sim.OpenNode(path)
	return scanner.SocketNode{Conn: conn, About: about}, err
}

func TestEvdevOnSimulator(t *testing.T) {
	t.Parallel()
	devicetest.TestScannerOf(t, devicetest.EvdevKind(), nodeOpener("evdev", "evdev:"))
}

func TestHIDPOSOnSimulator(t *testing.T) {
	for name, form := range map[string]sim.HIDForm{"counted": sim.HIDCounted, "plain": sim.HIDPlain} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.TestScannerOf(t, devicetest.HIDPOSKind(form), nodeOpener("hidpos", "hidraw:"))
		})
	}
}

func TestOnBench(t *testing.T) {
	if *bench == "" {
		t.Skip("no -scanner given")
	}
	devicetest.BenchScanner(t, opener(scanner.Config{Protocol: *spoken}), *bench)
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		cfg  scanner.Config
		want string
	}{
		{scanner.Config{Protocol: "telex", Port: "/dev/ttyS0"}, `protocol is "telex", want one of: lines, magellan`},
		{scanner.Config{Protocol: "lines"}, "port is missing"},
		{scanner.Config{Protocol: "lines", Port: "/dev/ttyS0", Line: "9600 8M1"}, "parity"},
		{scanner.Config{Protocol: "lines", Port: "/dev/ttyS0", Lines: scanner.Lines{Gap: 1}}, "gap"},
		{scanner.Config{Protocol: "lines", Port: "/dev/ttyS0", Letters: "acme"}, "letters are \"acme\", want one of: datalogic"},
		{scanner.Config{Protocol: "ssi", Port: "/dev/ttyS0", Letters: "zebra"}, "remove them"},
		{scanner.Config{Protocol: "ssi"}, "port is missing"},
		{scanner.Config{Protocol: "evdev", Port: "/dev/input/event0"}, "want evdev:"},
		{scanner.Config{Protocol: "evdev", Port: "evdev:event0"}, "want evdev:"},
		{scanner.Config{Protocol: "hidpos", Port: "hidraw:5e0:1300"}, "want hidraw:VID:PID"},
		{scanner.Config{Protocol: "hidpos", Port: "/dev/hidraw0"}, "want hidraw:VID:PID"},
		{scanner.Config{Protocol: "hidpos", Port: "hidraw:05e0:1300", Letters: "zebra"}, "remove them"},
		{scanner.Config{Protocol: "magellan", Port: "/dev/ttyS0", Line: "9600"}, "line"},
	}
	for _, tt := range tests {
		if _, err := scanner.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%+v) = %v, want an error with %q", tt.cfg, err, tt.want)
		}
	}
}
