package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

var today = time.Now()

func open(t *testing.T, dir string, now time.Time, hosts ...string) *Store {
	t.Helper()
	s, err := Open(dir, "0421", hosts, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestItStaysTheSame(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, today, "127.0.0.1"), open(t, dir, today, "127.0.0.1")
	if a.Fingerprint() != b.Fingerprint() || !a.Cert.Leaf.Equal(b.Cert.Leaf) {
		t.Error("another certificate after a restart")
	}
	c := open(t, dir, today, "127.0.0.1", "hub.store")
	if c.Fingerprint() != a.Fingerprint() || c.Cert.Leaf.VerifyHostname("hub.store") != nil {
		t.Error("a new name wants a new certificate of the same authority")
	}
	d := open(t, dir, today.Add(hubLife*2/3), "127.0.0.1", "hub.store")
	if d.Cert.Leaf.Equal(c.Cert.Leaf) || d.Fingerprint() != a.Fingerprint() {
		t.Error("an old certificate is renewed by the same authority")
	}
	info, err := os.Stat(dir + "/ca.pem")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("ca.pem: %v, %v", info.Mode(), err)
	}
}

func TestBrokenKeyIsNamed(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, today, "127.0.0.1")
	if err := os.WriteFile(dir+"/ca.pem", []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "0421", nil, today); err == nil || !strings.Contains(err.Error(), "ca.pem") {
		t.Errorf("%v", err)
	}
}

// shake does one TLS handshake over a pipe.
func shake(s *Store, c *tls.Config) error {
	here, there := net.Pipe()
	defer func() { _ = here.Close() }()
	go func() {
		server := tls.Server(there, s.Server())
		_ = server.Handshake()
		_ = server.Close()
	}()
	return tls.Client(here, c).Handshake()
}

func TestFingerprintIsEnough(t *testing.T) {
	s, other := open(t, t.TempDir(), today, "127.0.0.1"), open(t, t.TempDir(), today, "127.0.0.1")
	if err := shake(s, Client(s.Fingerprint())); err != nil {
		t.Error(err)
	}
	if err := shake(other, Client(s.Fingerprint())); err == nil {
		t.Error("another store's hub was taken for ours")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.PEM())
	if err := shake(s, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}); err != nil {
		t.Errorf("who trusts the authority: %v", err)
	}
	err := shake(s, &tls.Config{RootCAs: roots, ServerName: "192.0.2.1"})
	if _, ok := errors.AsType[x509.HostnameError](err); !ok {
		t.Errorf("under another name: %v", err)
	}
}
