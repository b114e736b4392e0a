package main

import (
	"context"
	"fmt"
	"os"

	"kassa/cmd/app/people"
	"kassa/kiosk/barcode"
	"kassa/store/roster"
)

// openStaff opens the store's staff list, for `kassa-hub staff`, beside a hub
// that may run.
func openStaff(ctx context.Context, file string) (*people.Staff, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return nil, fmt.Errorf("%s: hub.data: %w", s.file, err)
	}
	list, err := roster.Open(ctx, s.data)
	if err != nil {
		return nil, err
	}
	return &people.Staff{Roster: list, Badge: badgeNumber}, nil
}

// badgeNumber is the number in a badge of kassa's own kind; another code, whose
// meaning only the lanes know, is taken for the number.
func badgeNumber(code string) (string, error) {
	if m := barcode.Parse([]byte(code), &barcode.Options{}); m.Kind == barcode.Staff {
		return m.Number, nil
	}
	return code, nil
}
