package hub

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"kassa/store/hub/pki"
)

// An identity is the certificate that the hub shows, and the authority behind it.
// The certificate may be another from one connection to the next.
type identity struct {
	o     Options
	shown atomic.Pointer[tls.Certificate]
	names []string
	root  []byte // DER of what lanes shall trust
}

// openIdentity takes the store's certificate, or makes one.
func openIdentity(o Options, now time.Time) (*identity, error) {
	i := &identity{o: o}
	return i, i.look(now)
}

// look takes the certificate as it lies on the disk now; where the hub is its own
// authority, one of which half the life is over is made anew first.
func (i *identity) look(now time.Time) error {
	if i.o.TLS.Cert != "" {
		cert, err := tls.LoadX509KeyPair(i.o.TLS.Cert, i.o.TLS.Key)
		if err != nil {
			return fmt.Errorf("tls.cert: %w", err)
		}
		if i.root == nil { // what lanes trust does not change under them
			i.names, i.root = slices.Concat(i.o.TLS.Names, cert.Leaf.DNSNames), cert.Certificate[len(cert.Certificate)-1]
		}
		i.shown.Store(&cert)
		return nil
	}
	if i.names == nil {
		i.names = hostNames(i.o)
	}
	s, err := pki.Open(filepath.Join(i.o.Dir, "tls"), i.o.Store, i.names, now)
	if err != nil {
		return err
	}
	if i.root == nil {
		i.root = s.CA.Raw
	}
	i.shown.Store(&s.Cert)
	return nil
}

// shownEvery is how often the hub looks whether its certificate wants to be
// another: its own at half its life, a bought one when its files have changed.
const shownEvery = time.Hour

// keepShown keeps the certificate good until ctx ends. One that cannot be read is
// no reason to stop: the old one is shown on.
func (h *Hub) keepShown(ctx context.Context) error {
	t := time.NewTicker(shownEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		before := h.identity.leaf()
		if err := h.identity.look(h.o.Now()); err != nil {
			h.o.Log.ErrorContext(ctx, "certificate not renewed; the old one is shown", "until", before.NotAfter, "err", err)
			continue
		}
		if after := h.identity.leaf(); !after.Equal(before) {
			h.o.Log.InfoContext(ctx, "another certificate is shown", "until", after.NotAfter)
		}
	}
}

func (i *identity) leaf() *x509.Certificate { return i.shown.Load().Leaf }

// Fingerprint is what ends a lane's code: that of the authority which the hub
// shows, or will show when it starts.
func Fingerprint(o Options, now time.Time) (string, error) {
	i, err := openIdentity(o, now)
	if err != nil {
		return "", err
	}
	return i.fingerprint(), nil
}

// hostNames are all names by which the hub may be reached: those of the
// configuration first, then the machine's own.
func hostNames(o Options) []string {
	names := slices.Clone(o.TLS.Names)
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) && !strings.ContainsAny(name, " %_") {
			names = append(names, name)
		}
	}
	for _, listen := range []string{o.Listen, o.NATS.Listen} {
		if host, _, err := net.SplitHostPort(listen); err == nil {
			if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
				add(host)
			}
		}
	}
	if name, err := os.Hostname(); err == nil {
		add(name)
	}
	addrs, _ := net.InterfaceAddrs() // without them the names must do
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			add(n.IP.String())
		}
	}
	add("localhost")
	add("127.0.0.1")
	return names
}

func (i *identity) server() *tls.Config {
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return i.shown.Load(), nil }, MinVersion: tls.VersionTLS12,
	}
}

// nameFor is host if the certificate is good for it, else the first name that it
// is good for.
func (i *identity) nameFor(host string) string {
	for _, name := range slices.Concat([]string{host}, i.names) {
		if i.leaf().VerifyHostname(name) == nil {
			return name
		}
	}
	return host
}

// pem is the authority's certificate, for lanes and phones to trust.
func (i *identity) pem() []byte {
	var b bytes.Buffer
	_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: i.root}) // a buffer takes all
	return b.Bytes()
}

// fingerprint is what ends a lane's code.
func (i *identity) fingerprint() string { return pki.Fingerprint(i.root) }
