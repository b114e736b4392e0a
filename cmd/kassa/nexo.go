package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"kassa/device/terminal/nexo"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
)

// makeNexo makes the driver of a terminal that speaks nexo.
func (d *devices) makeNexo(c *config.Terminal) (*nexo.Terminal, error) {
	n := c.Nexo
	nc := nexo.Config{
		Addr: c.Port.Addr, POIID: n.POIID, SaleID: n.SaleID, Currency: currencyOf(d.cfg), Code: d.cfg.Currency,
		Names: n.CertNames, Pin: n.CertSHA, Log: d.logger(flow.DeviceTerminal),
	}
	if n.CAFile != "" {
		var err error
		if nc.CA, err = os.ReadFile(n.CAFile); err != nil {
			return nil, fmt.Errorf("terminal.ca_file: %w", err)
		}
	}
	if n.KeyID != "" {
		pass, err := os.ReadFile(n.PassphraseFile)
		if err != nil {
			return nil, fmt.Errorf("terminal.passphrase_file: %w", err)
		}
		if nc.Key, err = nexo.NewKey(n.KeyID, int(n.KeyVersion), string(bytes.TrimSpace(pass))); err != nil {
			return nil, fmt.Errorf("terminal.passphrase_file: %w", err)
		}
	}
	t, err := nexo.New(nc)
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	return t, nil
}

// noticeRetry is how long a lane waits before it opens the address for the
// terminal's notifications again.
const noticeRetry = 10 * time.Second

// hearTerminal takes the terminal's notifications until ctx ends. A lane whose
// address is taken sells without them.
func (d *devices) hearTerminal(ctx context.Context) error {
	for {
		err := d.notices.Listen(ctx, d.cfg.Terminal.Nexo.Notify)
		if ctx.Err() == nil {
			d.log.WarnContext(ctx, "terminal's notifications not heard", "device", string(flow.DeviceTerminal), "err", err)
		}
		select {
		case <-time.After(noticeRetry):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
