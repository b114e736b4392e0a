package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"golang.org/x/term"

	"kassa/kiosk/barcode"
	"kassa/kiosk/staff"
	"kassa/kiosk/staff/prompt"
	"kassa/store/roster"
)

// staffCmd is `kassa-hub staff`.
type staffCmd struct {
	Add     staffAddCmd     `cmd:"" help:"Put somebody on the store's staff list; asks for the PIN, prints the badge."`
	List    staffListCmd    `cmd:"" help:"List the store's staff."`
	Disable staffDisableCmd `cmd:"" help:"Take somebody off duty: badge and PIN no longer count, on any lane."`
}

func openStaff(ctx context.Context, file string) (*roster.Roster, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return nil, fmt.Errorf("%s: hub.data: %w", s.file, err)
	}
	return roster.Open(ctx, s.data)
}

// A badgeLine is what add prints, and list with --json.
type badgeLine struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Badge  string `json:"badge"`
	Code   string `json:"code"` // to print as Code 128 or QR
	Active bool   `json:"active"`
}

func lineOf(m roster.Member) badgeLine {
	return badgeLine{m.ID, m.Name, string(m.Role), m.Badge, barcode.StaffCode(m.Badge), m.Active}
}

// staffAddCmd is `kassa-hub staff add`.
type staffAddCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Name   string `arg:"" help:"The name; shoppers read the first one alone, and only if the store shows it."`
	Role   string `required:"" enum:"attendant,supervisor,manager,service" help:"attendant, supervisor, manager or service."`
	Badge  string `placeholder:"CODE" help:"A badge they have, as scanned or its number; without it a new one is made."`
}

// Run asks for the PIN, twice on a terminal; elsewhere it is one line of
// standard input. It prints one JSON object, and on a terminal the badge as a
// QR code.
func (c *staffAddCmd) Run(ctx context.Context) error {
	line, err := c.run(ctx, func() (string, error) { return prompt.PIN(os.Stdin, os.Stderr) })
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}
	if term.IsTerminal(int(os.Stdout.Fd())) && line.Code != "" {
		return prompt.DrawQR(os.Stdout, line.Code)
	}
	return nil
}

func (c *staffAddCmd) run(ctx context.Context, askPIN func() (string, error)) (badgeLine, error) {
	list, err := openStaff(ctx, c.Config)
	if err != nil {
		return badgeLine{}, err
	}
	defer func() { _ = list.Close() }() // what was added is on the disk
	pin, err := askPIN()
	if err != nil {
		return badgeLine{}, err
	}
	m, err := list.Add(ctx, c.Name, staff.Role(c.Role), badgeNumber(c.Badge), pin)
	if err != nil {
		return badgeLine{}, err
	}
	return lineOf(m), nil
}

// staffListCmd is `kassa-hub staff list`.
type staffListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	JSON   bool   `help:"One JSON object a line."`
}

// Run lists everybody, those disabled too.
func (c *staffListCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *staffListCmd) run(ctx context.Context, out io.Writer) error {
	list, err := openStaff(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }() // only read
	all, err := list.List(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(out)
		for _, m := range all {
			if err := enc.Encode(lineOf(m)); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "ID\tNAME\tROLE\tBADGE\tON DUTY") // Flush tells
	for _, m := range all {
		duty := "yes"
		if !m.Active {
			duty = "no"
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.ID, strconv.QuoteToGraphic(m.Name), m.Role, m.Badge, duty)
	}
	return t.Flush()
}

// staffDisableCmd is `kassa-hub staff disable`.
type staffDisableCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Name   string `arg:"" help:"The name as listed."`
}

// Run takes somebody off duty; lanes that are heard know it within seconds.
func (c *staffDisableCmd) Run(ctx context.Context) error {
	list, err := openStaff(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }() // what was done is on the disk
	err = list.Disable(ctx, c.Name)
	if errors.Is(err, roster.ErrUnknown) {
		return fmt.Errorf("%w: kassa-hub staff list shows who does", err)
	}
	return err
}

// badgeNumber is the number in a badge of kassa's own kind; another code, whose
// meaning only the lanes know, is taken for the number.
func badgeNumber(code string) string {
	if m := barcode.Parse([]byte(code), &barcode.Options{}); m.Kind == barcode.Staff {
		return m.Number
	}
	return code
}
