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
		{scanner.Config{Protocol: "magellan", Port: "/dev/ttyS0", Line: "9600"}, "line"},
	}
	for _, tt := range tests {
		if _, err := scanner.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%+v) = %v, want an error with %q", tt.cfg, err, tt.want)
		}
	}
}
