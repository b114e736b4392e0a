package hub

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// shownTo is the certificate that somebody who trusts only the authority gets.
func shownTo(t *testing.T, addr string, i *identity, now time.Time) *x509.Certificate {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(i.pem())
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12, Time: func() time.Time { return now }})
	if err != nil {
		t.Fatalf("at %v: %v", now, err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0]
}

// listen answers TLS handshakes as the hub's listeners do.
func listen(t *testing.T, i *identity) string {
	t.Helper()
	plain, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := tls.NewListener(plain, i.server())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake() //nolint:forcetypeassert // it is one; the client's verdict counts
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	return l.Addr().String()
}

// A hub that runs for years shows a certificate that is always good for more
// than a third of its life, of the authority that everybody trusts already.
func TestCertificateIsRenewedWhileRunning(t *testing.T) {
	begin := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	i, err := openIdentity(Options{Store: "0421", Dir: t.TempDir(), Listen: "127.0.0.1:0", NATS: NATS{Listen: "127.0.0.1:0"}}, begin)
	if err != nil {
		t.Fatal(err)
	}
	addr := listen(t, i)
	first := shownTo(t, addr, i, begin)
	seen := map[string]bool{}
	for day := range 1000 {
		now := begin.AddDate(0, 0, day)
		if err := i.look(now); err != nil {
			t.Fatal(err)
		}
		if day%10 != 0 {
			continue
		}
		c := shownTo(t, addr, i, now)
		seen[c.SerialNumber.String()] = true
		if left := c.NotAfter.Sub(now); left < c.NotAfter.Sub(c.NotBefore)/3 {
			t.Fatalf("day %d: only %v left", day, left)
		}
	}
	if len(seen) < 5 || len(seen) > 6 || !seen[first.SerialNumber.String()] {
		t.Errorf("%d certificates in 1000 days", len(seen))
	}
}

// A certificate that IT bought is taken anew when its files change; broken ones
// leave the old one standing.
func TestBoughtCertificateIsReadAgain(t *testing.T) {
	begin := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	own := func(at time.Time) *identity {
		i, err := openIdentity(Options{Store: "0421", Dir: t.TempDir(), Listen: "127.0.0.1:0"}, at)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	file := filepath.Join(t.TempDir(), "hub.pem")
	install := func(i *identity) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(i.o.Dir, "tls", "hub.pem"))
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.root})...)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := own(begin)
	install(a)
	i, err := openIdentity(Options{Store: "0421", TLS: TLS{Cert: file, Key: file}}, begin)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.look(begin.AddDate(0, 9, 0)); err != nil {
		t.Fatal(err)
	}
	install(a)
	if err := i.look(begin); err != nil || !i.leaf().Equal(a.leaf()) {
		t.Errorf("the new one is not shown: %v", err)
	}
	if err := os.WriteFile(file, []byte("half a f"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := i.look(begin); err == nil || !i.leaf().Equal(a.leaf()) {
		t.Errorf("a broken file: %v", err)
	}
}
