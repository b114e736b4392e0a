// Package people is `staff add`, `list` and `disable`, as a lane and a store's
// hub both have them. It is not for what somebody may do (kiosk/staff) nor for
// where the list is kept (store/roster). Its one rule: a PIN is never an
// argument and never printed.
package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"kassa/cmd/app"
	"kassa/kiosk/barcode"
	"kassa/kiosk/staff"
	"kassa/kiosk/staff/prompt"
	"kassa/store/roster"
)

// Commands are `staff`'s.
type Commands struct {
	Add     Add     `cmd:"" help:"Put somebody on the staff list; asks for the PIN, prints the badge."`
	List    List    `cmd:"" help:"List the staff."`
	Disable Disable `cmd:"" help:"Take somebody off duty: badge and PIN no longer count."`
}

// An Opener opens the list that a configuration file names. The program binds
// its own.
type Opener func(ctx context.Context, file string) (*Staff, error)

// Staff is an open list.
type Staff struct {
	*roster.Roster

	// Badge is what a scan of a badge's code will bring; its error says what
	// to do about a code that nobody reads.
	Badge func(code string) (string, error)
}

// A Line is what add prints, and list with --json.
type Line struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Badge  string `json:"badge"`
	Code   string `json:"code"` // to print as Code 128 or QR
	Active bool   `json:"active"`
}

func lineOf(m roster.Member) Line {
	return Line{m.ID, m.Name, string(m.Role), m.Badge, barcode.StaffCode(m.Badge), m.Active}
}

// Add is `staff add`.
type Add struct {
	Config string `required:"" placeholder:"FILE" help:"The configuration file."`
	Name   string `arg:"" help:"The name. The log gets a handle; shoppers read the first name, if the store shows it."`
	Role   string `required:"" enum:"attendant,supervisor,manager,service" help:"attendant, supervisor, manager or service."`
	Badge  string `placeholder:"CODE" help:"A badge they have, as scanned; without it a new number is made."`
}

// Run asks for the PIN, twice on a terminal; elsewhere it is one line of
// standard input. It prints one JSON object, and on a terminal the badge as a
// QR code.
func (c *Add) Run(ctx context.Context, open Opener) error {
	line, err := c.Do(ctx, open, func() (string, error) { return prompt.PIN(os.Stdin, os.Stderr) })
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

// Do is Run without the terminal: askPIN brings the PIN.
func (c *Add) Do(ctx context.Context, open Opener, askPIN func() (string, error)) (Line, error) {
	list, err := open(ctx, c.Config)
	if err != nil {
		return Line{}, err
	}
	defer func() { _ = list.Close() }() // what was added is on the disk
	badge, err := list.Badge(c.Badge)
	if err != nil {
		return Line{}, err
	}
	pin, err := askPIN()
	if err != nil {
		return Line{}, err
	}
	m, err := list.Add(ctx, c.Name, staff.Role(c.Role), badge, pin)
	if err != nil {
		return Line{}, err
	}
	return lineOf(m), nil
}

// List is `staff list`.
type List struct {
	Config string `required:"" placeholder:"FILE" help:"The configuration file."`
	JSON   bool   `help:"One JSON object a line."`
}

// Run lists everybody, those disabled too.
func (c *List) Run(ctx context.Context, open Opener) error { return c.Print(ctx, open, os.Stdout) }

// Print is Run, to out.
func (c *List) Print(ctx context.Context, open Opener, out io.Writer) error {
	list, err := open(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }() // only read
	all, err := list.List(ctx)
	if err != nil {
		return err
	}
	lines := make([]Line, len(all))
	for i, m := range all {
		lines[i] = lineOf(m)
	}
	return app.Table(out, c.JSON, lines, "ID\tNAME\tROLE\tBADGE\tON DUTY", func(l Line) []string {
		duty := "yes"
		if !l.Active {
			duty = "no"
		}
		return []string{l.ID, app.Printable(l.Name), l.Role, l.Badge, duty}
	})
}

// Disable is `staff disable`.
type Disable struct {
	Config string `required:"" placeholder:"FILE" help:"The configuration file."`
	Name   string `arg:"" help:"The name as listed."`
}

// Run takes somebody off duty at once; lanes that hear the hub know it within
// seconds.
func (c *Disable) Run(ctx context.Context, open Opener) error {
	list, err := open(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }() // what was done is on the disk
	err = list.Disable(ctx, c.Name)
	if errors.Is(err, roster.ErrUnknown) {
		return fmt.Errorf("%w: staff list shows who does", err)
	}
	return err
}
