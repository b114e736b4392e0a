package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// This file is about servers that are not the hub's own. They trust the store's
// operator, so that lanes' credentials are good there too, and must flush as the
// hub's own does.

// ClusterConfig is the part of a nats-server's configuration that makes it know
// this store: its operator, its accounts, and that each message is flushed. After
// a lane was removed the servers need it anew, with who is revoked.
func (a *Authority) ClusterConfig() (string, error) {
	operator := jwt.NewOperatorClaims(public(a.operator))
	operator.Name, operator.SystemAccount = "kassa "+a.store, public(a.system)
	text, err := operator.Encode(a.operator)
	if err != nil {
		return "", fmt.Errorf("authority: operator: %w", err)
	}
	accounts, err := a.accounts()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Store %s of kassa: for each server of the cluster, beside listen, tls and cluster.\n", a.store)
	fmt.Fprintf(&b, "jetstream: { sync_interval: always }\noperator: %s\nsystem_account: %s\nresolver: MEMORY\nresolver_preload: {\n", text, public(a.system))
	for _, key := range slices.Sorted(maps.Keys(accounts)) {
		fmt.Fprintf(&b, "  %s: %s\n", key, accounts[key])
	}
	b.WriteString("}\n")
	return b.String(), nil
}

// System makes credentials with which the hub asks servers how they are set. They
// open the system's account and are written nowhere.
func (a *Authority) System() ([]byte, error) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	c := jwt.NewUserClaims(public(pair))
	c.Name, c.Expires = a.store+"/hub asks", time.Now().Add(time.Hour).Unix()
	text, err := c.Encode(a.system)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	seed, err := pair.Seed()
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return jwt.FormatUserConfig(text, seed)
}

// ErrUnflushed says that a server acknowledges what a power cut would take.
var ErrUnflushed = errors.New("JetStream does not flush each message: an acknowledgement would mean nothing; set jetstream { sync_interval: always }")

// ErrSilent says that no server told how it is set.
var ErrSilent = errors.New("no server said how its JetStream is set")

// answerWait is how long servers have to say how they are set.
const answerWait = time.Second

// Flushes asks every server that hears nc, a connection of the system's account,
// and returns [ErrUnflushed] with the server's name if one of them does not flush,
// [ErrSilent] if none with JetStream answers.
func Flushes(ctx context.Context, nc *nats.Conn) error {
	inbox := nats.NewInbox()
	answers, err := nc.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("nats: %w", err)
	}
	defer func() { _ = answers.Unsubscribe() }() // the connection is closed next
	if err := nc.PublishRequest("$SYS.REQ.SERVER.PING.JSZ", inbox, []byte(`{"config":true}`)); err != nil {
		return fmt.Errorf("nats: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	heard := 0
	for {
		m, err := answers.NextMsgWithContext(ctx)
		if err != nil {
			break // all who answer have
		}
		has, err := flushes(m.Data)
		if err != nil {
			return err
		}
		if has {
			heard++
		}
	}
	if heard == 0 {
		return fmt.Errorf("nats: %w", ErrSilent)
	}
	return nil
}

// flushes reads one server's answer: whether it has JetStream at all.
func flushes(answer []byte) (has bool, err error) {
	var a struct {
		Server struct {
			Name string `json:"name"`
		} `json:"server"`
		Data *struct {
			Disabled bool `json:"disabled"`
			Config   struct {
				SyncAlways bool   `json:"sync_always"`
				StoreDir   string `json:"store_dir"`
			} `json:"config"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return false, fmt.Errorf("nats: a server's answer: %w", err)
	}
	if a.Data == nil || a.Data.Disabled || a.Data.Config.StoreDir == "" {
		return false, nil // it keeps nothing
	}
	if !a.Data.Config.SyncAlways {
		return true, fmt.Errorf("nats: server %s: %w", a.Server.Name, ErrUnflushed)
	}
	return true, nil
}
