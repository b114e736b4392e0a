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

	"kassa/device/scale"
)

// weighCmd is `kassa weigh`.
type weighCmd struct {
	Protocol  string `required:"" placeholder:"P" help:"How the scale speaks, as in kassa.toml."`
	Port      string `required:"" placeholder:"PORT" help:"A device path, tcp://host:port or unix:///path."`
	Line      string `placeholder:"\"9600 7E1\"" help:"Speed and frame of a serial line; the protocol's own where left out."`
	Unit      string `default:"kg" help:"What the scale shows: kg or lb."`
	Division  string `placeholder:"0.005" help:"The smallest step it shows; a weight between two steps is then a fault."`
	Max       string `placeholder:"15" help:"The most it can weigh."`
	Count     int    `placeholder:"N" help:"Stop after N readings; without it, on Ctrl-C."`
	Calibrate bool   `help:"For the bare load cell of hx711."`
}

// Run prints one JSON object a reading.
func (c *weighCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *weighCmd) run(ctx context.Context, out io.Writer) error {
	if c.Count < 0 {
		return fmt.Errorf("%w: --count is %d, want a number of readings", errUsage, c.Count)
	}
	if !slices.Contains(scale.Protocols(), c.Protocol) {
		return fmt.Errorf("%w: --protocol is %q, want one of: %s", errUsage, c.Protocol, strings.Join(scale.Protocols(), ", "))
	}
	if c.Calibrate && c.Protocol != "hx711" {
		return fmt.Errorf("%w: --calibrate is for protocol hx711, a bare load cell: a %s scale is calibrated and sealed by its maker",
			errUsage, c.Protocol)
	}
	s, err := scale.New(scale.Config{
		Protocol: c.Protocol, Port: c.Port, Line: c.Line, Unit: c.Unit, Division: c.Division, Max: c.Max,
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return c.read(ctx, s, out)
}

// errEnough ends reading when Count readings were printed.
var errEnough = errors.New("enough readings")

// read prints readings until there are enough, ctx ends or nobody reads them.
func (c *weighCmd) read(ctx context.Context, s *scale.Scale, out io.Writer) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	printed := 0
	err := s.Run(ctx, func(r scale.Reading) {
		if ctx.Err() != nil {
			return
		}
		if err := enc.Encode(r); err != nil {
			stop(err)
			return
		}
		if printed++; printed == c.Count {
			stop(errEnough)
		}
	})
	if errors.Is(err, errEnough) || errors.Is(err, context.Canceled) {
		return nil // what was asked for, or Ctrl-C
	}
	return err
}
