package main

import (
	"context"
	"errors"

	"kassa/device/scale"
	"kassa/device/scanner"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
)

// newScale makes a scale's driver; one that hangs on the scanner's cable gets
// its side of the scanner's line.
func (d *devices) newScale(c config.Scale, device flow.Device, fast bool) (*scale.Scale, error) {
	sc := d.scaleConfig(c, device, fast)
	if c.Port.Kind == config.PortScanner {
		if len(d.scanners) == 0 {
			return nil, errors.New("scale shares the scanner's line, but there is no scanner")
		}
		dial, err := d.scanners[0].Share()
		if err != nil {
			return nil, err
		}
		sc.Dial = dial
	}
	return scale.New(sc)
}

// holdShared keeps the scanner's line open while a scale on it is asked, until
// stop is called.
func (d *devices) holdShared(ctx context.Context, port config.Port) (stop func()) {
	if port.Kind != config.PortScanner {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.scanners[0].Run(ctx, func(scanner.Scan) {}) // ends with ctx; the scale says the rest
	}()
	return func() {
		cancel()
		<-ended
	}
}
