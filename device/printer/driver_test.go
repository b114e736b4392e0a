package printer_test

import (
	"testing"
	"time"

	"kassa/device/devicetest"
	"kassa/device/link"
	"kassa/device/printer"
)

func TestConformance(t *testing.T) {
	for _, name := range []string{"epson-80", "star-80"} {
		t.Run(name, func(t *testing.T) { conform(t, name) })
	}
}

func conform(t *testing.T, name string) {
	profile, err := printer.LookUp(name)
	if err != nil {
		t.Fatal(err)
	}
	devicetest.TestPrinter(t, func(t *testing.T, port string, o link.Options, status func(printer.Status)) devicetest.Printer {
		p, err := printer.New(printer.Config{
			Port: port, Profile: profile, Link: o, Status: status, Poll: 50 * time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	})
}
