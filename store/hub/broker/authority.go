package broker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"kassa/store/hub/secret"
	"kassa/store/wire"
)

// LaneTTL is how long a lane's credentials are good. They are renewed at half
// of it; a lane that was dark for longer is enrolled anew.
const LaneTTL = 90 * 24 * time.Hour

// An Authority holds the keys of a store and signs with them. They lie in one
// folder, readable by the hub alone, and are made at the first start.
type Authority struct {
	store    string
	dir      string
	operator nkeys.KeyPair
	system   nkeys.KeyPair
	account  nkeys.KeyPair

	mu      sync.Mutex
	revoked map[string]time.Time // public keys -> users signed before are refused
}

// OpenAuthority opens the keys of a store in dir, or makes them.
func OpenAuthority(dir, store string) (*Authority, error) {
	if !wire.Token(store) {
		return nil, fmt.Errorf("store %q: a store's name is 1 to 32 of a-z, 0-9 and -", store)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	a := &Authority{store: store, dir: dir, revoked: map[string]time.Time{}}
	for _, k := range []struct {
		name string
		into *nkeys.KeyPair
		make func() (nkeys.KeyPair, error)
	}{
		{"operator", &a.operator, nkeys.CreateOperator},
		{"system", &a.system, nkeys.CreateAccount},
		{"account", &a.account, nkeys.CreateAccount},
	} {
		pair, err := keyIn(filepath.Join(dir, k.name+".nk"), k.make)
		if err != nil {
			return nil, err
		}
		*k.into = pair
	}
	return a, a.readRevoked()
}

// keyIn reads a seed, or makes one. A seed is written whole or not at all: half
// a key would lock every lane out.
func keyIn(path string, make func() (nkeys.KeyPair, error)) (nkeys.KeyPair, error) {
	seed, err := os.ReadFile(path) //nolint:gosec // a path of ours in the hub's folder
	if errors.Is(err, os.ErrNotExist) {
		pair, err := make()
		if err != nil {
			return nil, fmt.Errorf("authority: %w", err)
		}
		if seed, err = pair.Seed(); err != nil {
			return nil, fmt.Errorf("authority: %w", err)
		}
		return pair, secret.Write(path, seed)
	}
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("authority: %s: %w: restore it from the hub's backup", path, err)
	}
	return pair, nil
}

func public(k nkeys.KeyPair) string {
	s, err := k.PublicKey()
	if err != nil {
		panic("a key pair without a public key") // cannot happen: the pair was made or read with one
	}
	return s
}

// operatorClaims are what an external cluster must trust, too.
func (a *Authority) operatorClaims() (*jwt.OperatorClaims, error) {
	c := jwt.NewOperatorClaims(public(a.operator))
	c.Name, c.SystemAccount = "kassa "+a.store, public(a.system)
	text, err := c.Encode(a.operator)
	if err != nil {
		return nil, fmt.Errorf("authority: operator: %w", err)
	}
	claims, err := jwt.DecodeOperatorClaims(text)
	if err != nil {
		return nil, fmt.Errorf("authority: operator: %w", err)
	}
	return claims, nil
}

// accounts are the signed accounts by public key: the system's and the store's.
func (a *Authority) accounts() (map[string]string, error) {
	sys := jwt.NewAccountClaims(public(a.system))
	sys.Name = "system"
	acc := jwt.NewAccountClaims(public(a.account))
	acc.Name = "store " + a.store
	acc.Limits.JetStreamLimits = jwt.JetStreamLimits{
		DiskStorage: jwt.NoLimit, MemoryStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit,
		MaxAckPending: jwt.NoLimit, MemoryMaxStreamBytes: 0, DiskMaxStreamBytes: 0,
	}
	a.mu.Lock()
	for key, at := range a.revoked {
		acc.RevokeAt(key, at)
	}
	a.mu.Unlock()
	all := map[string]string{}
	for _, c := range []*jwt.AccountClaims{sys, acc} {
		text, err := c.Encode(a.operator)
		if err != nil {
			return nil, fmt.Errorf("authority: account %s: %w", c.Name, err)
		}
		all[c.Subject] = text
	}
	return all, nil
}

// Lane signs a user for a lane whose public key is given. It may say and hear
// what is its own, and nothing of JetStream's.
func (a *Authority) Lane(lane, key string, now time.Time) (string, error) {
	if !wire.Token(lane) {
		return "", fmt.Errorf("lane %q: a lane's name is 1 to 32 of a-z, 0-9 and -", lane)
	}
	if !nkeys.IsValidPublicUserKey(key) {
		return "", fmt.Errorf("lane %s: %q is no public key of a user", lane, key)
	}
	c := jwt.NewUserClaims(key)
	c.Name = a.store + "/" + lane
	c.Expires = now.Add(LaneTTL).Unix()
	c.Pub.Allow.Add(wire.MayPublish(a.store, lane)...)
	c.Sub.Allow.Add(wire.MaySubscribe(a.store, lane)...)
	c.Resp = &jwt.ResponsePermission{MaxMsgs: 1, Expires: time.Minute} // it answers what it was asked
	text, err := c.Encode(a.account)
	if err != nil {
		return "", fmt.Errorf("lane %s: %w", lane, err)
	}
	return text, nil
}

// Service makes credentials with which the hub or head office connects: all of
// the store's account. They are the file format of NATS' own tools.
func (a *Authority) Service(name string) ([]byte, error) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", name, err)
	}
	c := jwt.NewUserClaims(public(pair))
	c.Name = a.store + "/" + name
	text, err := c.Encode(a.account)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", name, err)
	}
	seed, err := pair.Seed()
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", name, err)
	}
	creds, err := jwt.FormatUserConfig(text, seed)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", name, err)
	}
	return creds, nil
}
