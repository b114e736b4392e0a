package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"kassa/kiosk/barcode"
	"kassa/kiosk/config"
	"kassa/kiosk/money"
	"kassa/store/voucher"
)

// voucherCmd is `kassa voucher`.
type voucherCmd struct {
	Import voucherImportCmd `cmd:"" help:"Take vouchers in: a CSV file with number, balance_minor and, if it likes, issued_minor and expires."`
	Show   voucherShowCmd   `cmd:"" help:"What a voucher was worth, is worth, and what moved on it."`
	Issue  voucherIssueCmd  `cmd:"" help:"Make a voucher, and print its code."`
}

// voucherImportCmd is `kassa voucher import`.
type voucherImportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	File   string `arg:"" help:"The file; - for standard input."`
}

// Run takes a file in, whole or not at all; the lane may run.
func (c *voucherImportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdin, os.Stdout) }

func (c *voucherImportCmd) run(ctx context.Context, in io.Reader, out io.Writer) error {
	_, ledger, err := openLedger(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = ledger.Close() }() // what was taken in is on the disk
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	n, err := ledger.Import(ctx, in)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d vouchers\n", n)
	return err
}

// voucherShowCmd is `kassa voucher show`.
type voucherShowCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Number string `arg:"" help:"Its number, its code as scanned, or its handle from the log."`
}

// Run prints one JSON object. The number itself is not in it.
func (c *voucherShowCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *voucherShowCmd) run(ctx context.Context, out io.Writer) error {
	lane, ledger, err := openLedger(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = ledger.Close() }() // only read
	number := c.Number
	codes, err := codesOf(lane)
	if err != nil {
		return err
	}
	if m := barcode.Parse([]byte(number), &codes); m.Kind == barcode.Voucher {
		number = m.Number
	}
	h, err := ledger.Show(ctx, number)
	if errors.Is(err, voucher.ErrUnknown) {
		return fmt.Errorf("voucher: %w: vouchers of other lanes are not known here", err)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(h)
}

// voucherIssueCmd is `kassa voucher issue`.
type voucherIssueCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Amount int64  `arg:"" help:"What it is worth, in minor units."`
}

// An issuedLine is what issue prints. Who reads the code has the money.
type issuedLine struct {
	Code    string       `json:"code"` // to print as Code 128 or QR
	Handle  string       `json:"handle"`
	Balance money.Amount `json:"balance_minor"`
	Expires string       `json:"expires,omitempty"`
}

// Run prints one JSON object with the voucher's code, once.
func (c *voucherIssueCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *voucherIssueCmd) run(ctx context.Context, out io.Writer) error {
	lane, ledger, err := openLedger(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = ledger.Close() }() // what was made is on the disk
	if c.Amount <= 0 {
		return fmt.Errorf("%w: the amount is %d, want minor units above 0", errUsage, c.Amount)
	}
	now := time.Now().In(lane.Location)
	key, expires := "issue/"+now.Format(time.RFC3339Nano), ""
	if lane.Voucher.ValidDays > 0 {
		expires = now.AddDate(0, 0, lane.Voucher.ValidDays).Format(time.DateOnly)
	}
	v, err := ledger.Issue(ctx, key, money.Amount(c.Amount), expires)
	if err != nil {
		return err
	}
	number, err := ledger.Number(ctx, key)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(issuedLine{barcode.VoucherCode(number), v.Handle, v.Balance, v.Expires}); err != nil {
		return err
	}
	return ledger.Forget(ctx, key)
}

func openLedger(ctx context.Context, file string) (*config.Lane, *voucher.Ledger, error) {
	lane, err := config.Load(file)
	if err != nil {
		return nil, nil, err
	}
	if lane.Voucher == nil {
		return nil, nil, fmt.Errorf("%s: the lane has no vouchers: add a section [voucher]", lane.File)
	}
	if err := os.MkdirAll(lane.Data, 0o750); err != nil {
		return nil, nil, err
	}
	ledger, err := voucher.Open(ctx, lane.Data)
	return lane, ledger, err
}
