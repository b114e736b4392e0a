package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"kassa/store/hub/desk"
	"kassa/store/hub/members"
)

// membersCmd is `kassa-hub members`.
type membersCmd struct {
	Import membersImportCmd `cmd:"" help:"Take members in: a CSV file with number, since, language, tier, consent."`
	Export membersExportCmd `cmd:"" help:"Print all that is kept of a member, as one JSON object, for whoever asks about themselves."`
	Erase  membersEraseCmd  `cmd:"" help:"Take a member out, with all that is kept of them and what was said with them, here and at every lane."`
}

func openMembers(ctx context.Context, file string) (*members.List, error) {
	_, list, err := openMembersOf(ctx, file)
	return list, err
}

// openMembersOf opens the list, and says where else of the hub to look.
func openMembersOf(ctx context.Context, file string) (*settings, *members.List, error) {
	s, err := loadSettings(file)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(s.data, 0o750); err != nil {
		return nil, nil, fmt.Errorf("%s: hub.data: %w", s.file, err)
	}
	list, err := members.Open(ctx, s.data)
	return s, list, err
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

// Run takes the member out, from the desk's calls too, while the hub runs. Done
// again after it was cut off, it ends what is left.
func (c *membersEraseCmd) Run(ctx context.Context) (err error) {
	s, list, err := openMembersOf(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	m, err := list.Find(ctx, c.Number)
	if err != nil && !errors.Is(err, members.ErrUnknown) {
		return err
	}
	// The desk first: without the list nobody could find there what is left.
	if err := desk.Erase(ctx, s.data, m.Handle); err != nil { // of nobody it is nothing
		return err
	}
	switch err := list.Erase(ctx, c.Number); {
	case errors.Is(err, members.ErrUnknown): // a lane may have read the card all the same
		_, err = fmt.Println("not in the list here; each lane forgets the number as soon as it is heard")
		return err
	case err != nil:
		return err
	}
	_, err = fmt.Println("erased here; each lane forgets the number as soon as it is heard")
	return err
}

// membersExportCmd is `kassa-hub members export`.
type membersExportCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Number string `arg:"" help:"The member's number."`
}

// A memberLine is all that the hub keeps of a member. The number itself is not.
type memberLine struct {
	Handle   string         `json:"handle"`
	Since    string         `json:"since"`
	Language string         `json:"language"`
	Tier     string         `json:"tier"`
	Consent  bool           `json:"consent"`
	Calls    int            `json:"calls"`
	Contacts []desk.Contact `json:"contacts"`
	Talk     []desk.Said    `json:"talk"`
}

// Run prints what is kept of a member.
func (c *membersExportCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *membersExportCmd) run(ctx context.Context, out io.Writer) (err error) {
	s, list, err := openMembersOf(ctx, c.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	m, err := list.Find(ctx, c.Number)
	if err != nil {
		return err
	}
	calls, err := list.Calls(ctx, m.Handle, time.Time{})
	if err != nil {
		return err
	}
	line := memberLine{m.Handle, m.Since, m.Language, m.Tier, m.Consent, calls, []desk.Contact{}, []desk.Said{}}
	reader, err := desk.OpenReader(ctx, s.data)
	switch {
	case errors.Is(err, fs.ErrNotExist): // the hub has not run yet
	case err != nil:
		return err
	default:
		known, err := reader.Member(ctx, m.Handle)
		if err := errors.Join(err, reader.Close()); err != nil {
			return err
		}
		line.Contacts, line.Talk = append(line.Contacts, known.Contacts...), append(line.Talk, known.Talk...)
	}
	return json.NewEncoder(out).Encode(line)
}
