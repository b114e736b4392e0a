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
	Name   string `arg:"" optional:"" help:"Who they are for, as in hq."`

	Account bool `help:"What a NATS cluster outside needs to know of this store, as a part of its configuration."`
}

// Run prints credentials with which head office reads the store's stream, in the
// form that NATS' own tools read. They are a key: keep the file readable by its
// owner alone. With --account it prints what servers outside need; it holds no key.
func (c *credentialsCmd) Run(context.Context) error {
	s, err := loadSettings(c.Config)
	if err != nil {
		return err
	}
	if c.Account == (c.Name != "") {
		return fmt.Errorf("%w: want a name, as in hq, or --account", errUsage)
	}
	if !c.Account && !wire.Token(c.Name) {
		return fmt.Errorf("%w: %q: want 1 to 32 of a-z, 0-9 and -", errUsage, c.Name)
	}
	a, err := broker.OpenAuthority(filepath.Join(s.data, "keys"), s.store)
	if err != nil {
		return err
	}
	if c.Account {
		text, err := a.ClusterConfig()
		if err == nil {
			_, err = os.Stdout.WriteString(text)
		}
		return err
	}
	creds, err := a.Service(c.Name)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(creds)
	return err
}
