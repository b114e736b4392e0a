package main

import (
	"context"
	"fmt"
	"os"

	"kassa/cmd/app/people"
	"kassa/kiosk/barcode"
	"kassa/kiosk/config"
	"kassa/store/roster"
)

// openStaff opens the lane's staff list, for `kassa staff`.
func openStaff(ctx context.Context, file string) (*people.Staff, error) {
	lane, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(lane.Data, 0o750); err != nil {
		return nil, err
	}
	list, err := roster.Open(ctx, lane.Data)
	if err != nil {
		return nil, err
	}
	return &people.Staff{Roster: list, Badge: func(code string) (string, error) { return badgeNumber(lane, code) }}, nil
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
