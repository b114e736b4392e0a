package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"golang.org/x/term"

	"kassa/kiosk/barcode"
	"kassa/kiosk/config"
	"kassa/kiosk/staff"
	"kassa/kiosk/staff/prompt"
	"kassa/store/roster"
)

// staffCmd is `kassa staff`.
type staffCmd struct {
	Add     staffAddCmd     `cmd:"" help:"Put somebody on the lane's staff list; asks for the PIN, prints the badge."`
	List    staffListCmd    `cmd:"" help:"List the lane's staff."`
	Disable staffDisableCmd `cmd:"" help:"Take somebody off duty: badge and PIN no longer count."`
}

// staffAddCmd is `kassa staff add`.
type staffAddCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Name   string `arg:"" help:"The name, for the staff list alone; the log gets a handle."`
	Role   string `required:"" enum:"attendant,supervisor,manager,service" help:"attendant, supervisor, manager or service."`
	Badge  string `placeholder:"CODE" help:"A badge they have, as scanned; without it a new number is made."`
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

// Run asks for the PIN, twice on a terminal; elsewhere it is one line of
// standard input. It prints one JSON object, and on a terminal the badge as a
// QR code.
func (c *staffAddCmd) Run(ctx context.Context) error {
	pin := func() (string, error) { return prompt.PIN(os.Stdin, os.Stderr) }
	line, err := c.run(ctx, pin)
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
	lane, list, err := openStaff(ctx, c.Config)
	if err != nil {
		return badgeLine{}, err
	}
	defer func() { _ = list.Close() }() // what was added is on the disk
	badge, err := badgeNumber(lane, c.Badge)
	if err != nil {
		return badgeLine{}, err
	}
	pin, err := askPIN()
	if err != nil {
		return badgeLine{}, err
	}
	m, err := list.Add(ctx, c.Name, staff.Role(c.Role), badge, pin)
	if err != nil {
		return badgeLine{}, err
	}
	return lineOf(m), nil
}

func lineOf(m roster.Member) badgeLine {
	return badgeLine{m.ID, m.Name, string(m.Role), m.Badge, barcode.StaffCode(m.Badge), m.Active}
}

// badgeNumber is what a scan of the badge will bring: the number in it, where
// the lane's patterns know one, else the text itself.
func badgeNumber(lane *config.Lane, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	o, err := codesOf(lane)
	if err != nil {
		return "", err
	}
	if m := barcode.Parse([]byte(code), &o); m.Kind == barcode.Staff {
		return m.Number, nil
	}
	if barcode.StaffCode(code) == "" {
		return "", fmt.Errorf("badge %q: the lane does not know such a code: add a [[prefix]] of kind staff to the file of [codes], or leave --badge out",
			printable(code))
	}
	return code, nil
}

func openStaff(ctx context.Context, file string) (*config.Lane, *roster.Roster, error) {
	lane, err := config.Load(file)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(lane.Data, 0o750); err != nil {
		return nil, nil, err
	}
	list, err := roster.Open(ctx, lane.Data)
	return lane, list, err
}

// staffListCmd is `kassa staff list`.
type staffListCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	JSON   bool   `help:"One JSON object a line."`
}

// Run lists everybody, those disabled too.
func (c *staffListCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *staffListCmd) run(ctx context.Context, out io.Writer) error {
	_, list, err := openStaff(ctx, c.Config)
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
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.ID, printable(m.Name), m.Role, m.Badge, duty)
	}
	return t.Flush()
}

// staffDisableCmd is `kassa staff disable`.
type staffDisableCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Name   string `arg:"" help:"The name as listed."`
}

// Run takes somebody off duty at once, also on a running lane.
func (c *staffDisableCmd) Run(ctx context.Context) error {
	_, list, err := openStaff(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }() // what was done is on the disk
	err = list.Disable(ctx, c.Name)
	if errors.Is(err, roster.ErrUnknown) {
		return fmt.Errorf("%w: kassa staff list shows who does", err)
	}
	return err
}
