package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"kassa/device/scale"
	"kassa/kiosk/weight"
)

// weighCmd is `kassa weigh`.
type weighCmd struct {
	Protocol string `required:"" placeholder:"P" help:"How the scale speaks, as in kassa.toml."`
	Port     string `placeholder:"PORT" help:"A device path, tcp://host:port or unix:///path."`
	Line     string `placeholder:"\"9600 7E1\"" help:"Speed and frame of a serial line; the protocol's own where left out."`
	Unit     string `default:"kg" help:"What the scale shows: kg or lb."`
	Division string `placeholder:"0.005" help:"The smallest step it shows; a weight between two steps is then a fault."`
	Max      string `placeholder:"15" help:"The most it can weigh."`
	Count    int    `placeholder:"N" help:"Stop after N readings; without it, on Ctrl-C."`
	Poll     string `placeholder:"Q" help:"What asks an ascii scale that does not send by itself."`

	cellFlags
}

// cellFlags are for the bare load cell of hx711.
type cellFlags struct {
	Calibrate bool   `help:"For hx711: find the settings for kassa.toml with an empty platform and a known mass."`
	Mass      int64  `placeholder:"GRAMS" help:"With --calibrate: the known mass."`
	Data      string `placeholder:"GPIO5" help:"For hx711: its data line."`
	Clock     string `placeholder:"GPIO6" help:"For hx711: its clock line."`
	Gain      int    `placeholder:"128" help:"For hx711: 128, 64 or 32."`
	Rate      int    `placeholder:"10" help:"For hx711: conversions a second as it is wired, 10 or 80."`
	ZeroCount int64  `placeholder:"N" help:"For hx711: zero_count of kassa.toml."`
	SpanCount int64  `placeholder:"N" help:"For hx711: span_count of kassa.toml."`
	SpanG     int64  `placeholder:"GRAMS" help:"For hx711: span_g of kassa.toml."`

	pins func(data, clock string) (scale.DataPin, scale.ClockPin, error) // nil: the board's
}

func (c cellFlags) cell() scale.Cell {
	return scale.Cell{
		Data: c.Data, Clock: c.Clock, Gain: c.Gain, Rate: c.Rate,
		ZeroCount: c.ZeroCount, SpanCount: c.SpanCount, Span: weight.Grams(c.SpanG), Pins: c.pins,
	}
}

// Run prints one JSON object a reading.
func (c *weighCmd) Run(ctx context.Context) error {
	if c.Calibrate {
		return c.calibrate(ctx, os.Stdin, os.Stdout, os.Stderr)
	}
	return c.run(ctx, os.Stdout)
}

func (c *weighCmd) run(ctx context.Context, out io.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	s, err := scale.New(c.config())
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return c.read(ctx, s, out)
}

func (c *weighCmd) config() scale.Config {
	return scale.Config{
		Protocol: c.Protocol, Port: c.Port, Line: c.Line, Unit: c.Unit, Division: c.Division, Max: c.Max,
		Variant: scale.Variant{Poll: c.Poll}, Cell: c.cell(),
	}
}

// check finds wrong usage that the driver would not.
func (c *weighCmd) check() error {
	switch {
	case c.Count < 0:
		return fmt.Errorf("%w: --count is %d, want a number of readings", errUsage, c.Count)
	case !slices.Contains(scale.Protocols(), c.Protocol):
		return fmt.Errorf("%w: --protocol is %q, want one of: %s", errUsage, c.Protocol, strings.Join(scale.Protocols(), ", "))
	case c.Calibrate && c.Protocol != scale.LoadCell:
		return fmt.Errorf("%w: --calibrate is for protocol hx711, a bare load cell: a %s scale is calibrated and sealed by its maker",
			errUsage, c.Protocol)
	case c.Protocol != scale.LoadCell && c.Port == "":
		return fmt.Errorf("%w: --port is missing: name the line the scale hangs on", errUsage)
	}
	return nil
}

// weighWait is how long a scale may not answer at all before weigh gives up.
const weighWait = 10 * time.Second

// errSilent ends reading a scale that has not answered once.
var errSilent = errors.New("no scale answers")

// errHeld ends reading a port that is not ours to read.
var errHeld = errors.New("another program has this port open; if it is the lane, end it first: systemctl stop kassa")

// errEnough ends reading when Count readings were printed.
var errEnough = errors.New("enough readings")

// read prints readings until there are enough, ctx ends or nobody reads them.
func (c *weighCmd) read(ctx context.Context, s *scale.Scale, out io.Writer) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	printed, answered := 0, false
	var last error
	late := time.AfterFunc(weighWait, func() { stop(errSilent) })
	defer late.Stop()
	err := s.Run(ctx, func(r scale.Reading) {
		if ctx.Err() != nil {
			return
		}
		if last = r.Err; r.State != scale.Silent && !answered {
			answered = true
			late.Stop()
		}
		if err := enc.Encode(r); err != nil {
			stop(err)
			return
		}
		if !answered && errors.Is(r.Err, syscall.EBUSY) {
			stop(errHeld)
			return
		}
		if printed++; printed == c.Count {
			stop(errEnough)
		}
	})
	switch {
	case errors.Is(err, errHeld):
		return fmt.Errorf("%s: %w", c.Port, err)
	case errors.Is(err, errSilent), errors.Is(err, errEnough) && !answered:
		return fmt.Errorf("%w at %s: %w: is it on, is it this port, protocol and line?", errSilent, c.Port, last)
	case errors.Is(err, errEnough), errors.Is(err, context.Canceled):
		return nil // what was asked for, or Ctrl-C
	}
	return err
}
