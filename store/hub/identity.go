package hub

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kassa/store/hub/pki"
)

// An identity is the certificate that the hub shows, and the authority behind it.
type identity struct {
	cert  tls.Certificate
	names []string
	root  []byte // DER of what lanes shall trust
}

// openIdentity takes the store's certificate, or makes one.
func openIdentity(o Options, now time.Time) (*identity, error) {
	if o.TLS.Cert != "" {
		cert, err := tls.LoadX509KeyPair(o.TLS.Cert, o.TLS.Key)
		if err != nil {
			return nil, fmt.Errorf("tls.cert: %w", err)
		}
		names := slices.Concat(o.TLS.Names, cert.Leaf.DNSNames)
		return &identity{cert, names, cert.Certificate[len(cert.Certificate)-1]}, nil
	}
	names := hostNames(o)
	s, err := pki.Open(filepath.Join(o.Dir, "tls"), o.Store, names, now)
	if err != nil {
		return nil, err
	}
	return &identity{s.Cert, names, s.CA.Raw}, nil
}

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
	return &tls.Config{Certificates: []tls.Certificate{i.cert}, MinVersion: tls.VersionTLS12}
}

// nameFor is host if the certificate is good for it, else the first name that it
// is good for.
func (i *identity) nameFor(host string) string {
	for _, name := range slices.Concat([]string{host}, i.names) {
		if i.cert.Leaf.VerifyHostname(name) == nil {
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
