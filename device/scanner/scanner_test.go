package scanner_test

import (
	"flag"
	"strings"
	"testing"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/scanner"
)

var bench = flag.String("scanner", "", "port of a real scanner on the bench, such as /dev/ttyUSB0")

func open(t *testing.T, port string, o link.Options) devicetest.Scanner {
	t.Helper()
	s, err := scanner.New(scanner.Config{Protocol: "lines", Port: port, Link: o})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLinesOnSimulator(t *testing.T) { devicetest.TestScanner(t, open) }

func TestLinesOnBench(t *testing.T) {
	if *bench == "" {
		t.Skip("no -scanner given")
	}
	devicetest.BenchScanner(t, open, *bench)
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		cfg  scanner.Config
		want string
	}{
		{scanner.Config{Protocol: "ssi", Port: "/dev/ttyS0"}, `protocol is "ssi", want one of: lines`},
		{scanner.Config{Protocol: "lines"}, "port is missing"},
		{scanner.Config{Protocol: "lines", Port: "/dev/ttyS0", Line: "9600 8M1"}, "parity"},
		{scanner.Config{Protocol: "lines", Port: "/dev/ttyS0", Lines: scanner.Lines{Gap: 1}}, "gap"},
	}
	for _, tt := range tests {
		if _, err := scanner.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%+v) = %v, want an error with %q", tt.cfg, err, tt.want)
		}
	}
}
