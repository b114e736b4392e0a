package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"kassa/cmd/app/records"
	"kassa/store/hub/keeper"
)

// verifyCmd is `kassa-hub verify`.
type verifyCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Export string `placeholder:"FILE" help:"A signed export instead: it must be as this hub, or whoever --key names, signed it."`
	Key    string `placeholder:"KEY" help:"With --export: the public key that must have signed it."`
}

// A finding is one line of verify for a row that does not hold.
type finding struct {
	Store string `json:"store"`
	Lane  string `json:"lane"`
	Epoch string `json:"epoch"`
	Seq   int64  `json:"seq"`
	Why   string `json:"why"`
}

// Run follows the chain of every lane's journal as the hub has it; the hub may
// go on. It prints a JSON object for each row that does not hold, and one at the
// end.
func (c *verifyCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *verifyCmd) run(ctx context.Context, out io.Writer) error {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	if c.Export != "" {
		return records.Check(out, s.data, c.Export, c.Key)
	}
	k, err := keeper.OpenReader(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }() // only read
	enc := json.NewEncoder(out)
	bad := 0
	checked, err := k.Verify(ctx, func(f keeper.Finding) {
		bad++
		_ = enc.Encode(finding{f.Key.Store, f.Key.Lane, f.Key.Epoch, f.Key.Seq, f.Why}) // the last line tells
	}, nil)
	if err != nil {
		return err
	}
	quarantine, err := k.Quarantined(ctx)
	if err != nil {
		return err
	}
	word := "whole"
	if bad > 0 {
		word = "broken"
	}
	if err := enc.Encode(map[string]any{"journals": word, "rows": checked, "findings": bad, "quarantine": quarantine}); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d rows do not hold", bad)
	}
	return nil
}
