package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"kassa/store/hub/broker"
	"kassa/store/wire"
)

// credentialsCmd is `kassa-hub credentials`.
type credentialsCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The hub's kassa-hub.toml."`
	Name   string `arg:"" help:"Who they are for, as in hq."`
}

// Run prints credentials with which head office reads the store's stream, in the
// form that NATS' own tools read. They are a key: keep the file readable by its
// owner alone.
func (c *credentialsCmd) Run(context.Context) error {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	if !wire.Token(c.Name) {
		return fmt.Errorf("%w: %q: want 1 to 32 of a-z, 0-9 and -", errUsage, c.Name)
	}
	a, err := broker.OpenAuthority(filepath.Join(s.data, "keys"), s.store)
	if err != nil {
		return err
	}
	creds, err := a.Service(c.Name)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(creds)
	return err
}
