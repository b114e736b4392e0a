package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"kassa/store/hub/console"
)

// deviceCmd is `kassa-hub device`.
type deviceCmd struct {
	Add    deviceAddCmd    `cmd:"" help:"Print a one-time code for a phone or PC."`
	List   deviceListCmd   `cmd:"" help:"List the devices that may show the console."`
	Remove deviceRemoveCmd `cmd:"" help:"Shut a device out."`
}

// openDevices opens the list of devices beside a hub that may run.
func openDevices(ctx context.Context, file string) (*settings, *console.Book, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return nil, nil, fmt.Errorf("%s: hub.data: %w", s.file, err)
	}
	b, err := console.OpenBook(ctx, s.data, time.Now)
	return s, b, err
}

// deviceAddCmd is `kassa-hub device add`.
type deviceAddCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
}

// Run prints the code on standard output, and what to do with it beside.
func (c *deviceAddCmd) Run(ctx context.Context) (err error) {
	s, b, err := openDevices(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	code, err := b.Code(ctx, "kassa-hub")
	if err != nil {
		return err
	}
	fmt.Println(code)
	fmt.Fprintf(os.Stderr, "good once: open %s/device on the phone or PC and type it there\n", s.address())
	return nil
}

// deviceListCmd is `kassa-hub device list`.
type deviceListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
}

// Run lists every device.
func (c *deviceListCmd) Run(ctx context.Context) (err error) {
	_, b, err := openDevices(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	all, err := b.Devices(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, d := range all {
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", d.ID, d.Name, d.AddedAt.Format("2006-01-02 15:04"), cmp.Or(d.AddedBy, "kassa-hub")) // Flush tells
	}
	return w.Flush()
}

// deviceRemoveCmd is `kassa-hub device remove`.
type deviceRemoveCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	ID     int64  `arg:"" help:"As kassa-hub device list shows it."`
}

// Run shuts the device out at once.
func (c *deviceRemoveCmd) Run(ctx context.Context) (err error) {
	_, b, err := openDevices(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return b.RemoveDevice(ctx, c.ID)
}
