package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kassa/device/scale"
	"kassa/kiosk/weight"
)

// stillFor is how long a platform may take to come to rest.
const stillFor = 30 * time.Second

// calibrate leads a person through the two points of a load cell, and prints
// what belongs into kassa.toml. What it says goes to say, the settings to out,
// so that they can be redirected.
func (c *weighCmd) calibrate(ctx context.Context, in io.Reader, out, say io.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Mass < 1 {
		return fmt.Errorf("%w: --calibrate needs --mass, the grams of a mass you trust, best half of what the platform may carry", errUsage)
	}
	keys := bufio.NewReader(in)
	tell := func(format string, args ...any) { _, _ = fmt.Fprintf(say, format, args...) }
	var counts [2]int64
	for i, ask := range []string{
		"Take everything off the platform",
		fmt.Sprintf("Put the mass of %d g in the middle of the platform", c.Mass),
	} {
		tell("%s, let go of it and press Enter. ", ask)
		if _, err := keys.ReadString('\n'); err != nil {
			return fmt.Errorf("calibrate: %w: nobody pressed Enter", err)
		}
		n, err := steadyCount(ctx, c.cell())
		if err != nil {
			return err
		}
		counts[i] = n
		tell("%d counts.\n", n)
	}
	c.ZeroCount, c.SpanCount, c.SpanG = counts[0], counts[1], c.Mass
	cfg := c.config()
	if _, err := scale.New(cfg); err != nil { // the same check as the lane's
		return fmt.Errorf("calibrate: %w", err)
	}
	if most, err := weight.ParseShown(cmp.Or(cfg.Max, "15"), weight.Kilogram); err == nil && 2*weight.Grams(c.Mass) < most.Grams() {
		tell("The mass is less than half of the platform's %s kg: what weighs more is measured less well.\n", most)
	}
	return c.printCell(out)
}

// steadyCount waits for the platform to come to rest.
func steadyCount(ctx context.Context, cell scale.Cell) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, stillFor)
	defer cancel()
	n, err := scale.SteadyCount(ctx, cell)
	if errors.Is(err, context.DeadlineExceeded) {
		return 0, fmt.Errorf("calibrate: the platform did not come to rest within %v", stillFor)
	}
	return n, err
}

// printCell writes the section of kassa.toml.
func (c *weighCmd) printCell(out io.Writer) error {
	_, err := fmt.Fprintf(out, `# calibrated on %s; note the temperature beside it
[bagging]
protocol = "hx711"
data = %q
clock = %q
gain = %d
rate_hz = %d
zero_count = %d
span_count = %d
span_g = %d
division = %q
max = %q
`, time.Now().Format(time.DateOnly), c.Data, c.Clock, cmp.Or(c.Gain, 128), cmp.Or(c.Rate, 10), c.ZeroCount, c.SpanCount, c.SpanG,
		cmp.Or(c.Division, "0.005"), cmp.Or(c.Max, "15"))
	return err
}
