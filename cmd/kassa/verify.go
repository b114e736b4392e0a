package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"kassa/cmd/app/records"
	"kassa/kiosk/config"
	"kassa/store/fiscal"
	"kassa/store/journal"
)

// verifyCmd is `kassa verify`.
type verifyCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	File   string `placeholder:"JOURNAL" xor:"what" help:"A copy of a journal instead of the lane's own."`
	Export string `placeholder:"FILE" xor:"what" help:"A signed export instead: it must be as this lane, or whoever --key names, signed it."`
	Key    string `placeholder:"KEY" help:"With --export: the public key that must have signed it."`
}

// Run follows the journal's chain and works its closed days out again; the lane may
// go on selling. It prints one
// JSON object, or fails with the first bad row.
func (c *verifyCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, os.Stderr) }

func (c *verifyCmd) run(ctx context.Context, out io.Writer, errs *os.File) error {
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if c.Export != "" {
		return records.Check(out, lane.Data, c.Export, c.Key)
	}
	var j *journal.Reader
	if c.File != "" {
		j, err = journal.OpenFile(ctx, c.File)
	} else {
		j, err = journal.OpenReader(ctx, lane.Data)
	}
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	bar := newBar(errs)
	head, err := j.Verify(ctx, bar.show)
	bar.clear()
	if err != nil {
		return err
	}
	days, err := fiscal.Prove(ctx, j)
	if err != nil {
		return fmt.Errorf("the chain is whole, but a closed day does not hold: %w", err)
	}
	return json.NewEncoder(out).Encode(verified{"whole", j.Store(), j.Lane(), j.Epoch(), head.Seq, head.Hex(), days})
}

// verified is what verify prints of a whole journal. Keep it elsewhere: only
// against a head kept elsewhere does a journal show that was made anew.
type verified struct {
	Journal string `json:"journal"`
	Store   string `json:"store"`
	Lane    string `json:"lane"`
	Epoch   string `json:"epoch"`
	Records int64  `json:"records"`
	Hash    string `json:"hash"`
	Days    int    `json:"days"` // closed, each worked out again from its transactions
}
