package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"kassa/store/hub/members"
)

// membersCmd is `kassa-hub members`.
type membersCmd struct {
	Import membersImportCmd `cmd:"" help:"Take members in: a CSV file with number, since, language, tier, consent."`
	Erase  membersEraseCmd  `cmd:"" help:"Take a member out, with what is known of their calls."`
}

func openMembers(ctx context.Context, file string) (*members.List, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return nil, fmt.Errorf("%s: hub.data: %w", s.file, err)
	}
	return members.Open(ctx, s.data)
}

// membersImportCmd is `kassa-hub members import`.
type membersImportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	File   string `arg:"" help:"The CSV file."`
}

// Run takes the file in whole or not at all, while the hub runs.
func (c *membersImportCmd) Run(ctx context.Context) (err error) {
	list, err := openMembers(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	n, err := list.Import(ctx, f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	_, err = fmt.Printf("%d members\n", n)
	return err
}

// membersEraseCmd is `kassa-hub members erase`.
type membersEraseCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Number string `arg:"" help:"The member's number."`
}

// Run takes the member out.
func (c *membersEraseCmd) Run(ctx context.Context) (err error) {
	list, err := openMembers(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	return list.Erase(ctx, c.Number)
}
