package main

import (
	"context"
	"time"

	"kassa/kiosk/flow"
)

// When the terminal tests its way to its host: at the start and once a day, while
// nobody shops. Whoever begins to shop meanwhile must not be kept waiting at the
// end, so it may take no longer than preparing a payment.
const (
	diagnoseEvery = 24 * time.Hour
	diagnoseAgain = 10 * time.Minute // after one that failed
	diagnoseWait  = 12 * time.Second
)

// A terminalTest remembers when the terminal is tested next, and what was wrong at
// the last test: for who looks after the lane, as cards may be taken all the same.
type terminalTest struct {
	next time.Time
	said string // "": nothing
}

// due tests the terminal if it is time and nobody shops.
func (t *terminalTest) due(ctx context.Context, d *devices, now time.Time) {
	v, ok := d.to.View()
	if now.Before(t.next) || !ok || v.Sale != nil {
		return
	}
	dctx, cancel := context.WithTimeout(ctx, diagnoseWait)
	defer cancel()
	err := d.card.Diagnose(dctx)
	if ctx.Err() != nil {
		return
	}
	t.next, t.said = now.Add(diagnoseEvery), ""
	if err != nil {
		t.next, t.said = now.Add(diagnoseAgain), err.Error()
		d.logger(flow.DeviceTerminal).WarnContext(ctx, "terminal's own test", "err", err)
	}
}
