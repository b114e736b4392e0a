// Package pki is the hub's own certificate authority: it makes one at the first
// start, and a certificate for the hub from it, so that phones and lanes talk to
// it in private without anybody buying anything. It is not for lanes' identity
// (package broker has that), and not for a hub that has a certificate already.
//
// Its one rule: the authority's key never leaves its folder, and who has the
// fingerprint from a person they trust needs no other trust.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kassa/store/hub/secret"
)

const (
	authorityLife = 20 * 365 * 24 * time.Hour
	// hubLife is below the 398 days that phones take for the longest.
	hubLife = 390 * 24 * time.Hour
)

// A Store is a store's certificate authority and its hub's certificate.
type Store struct {
	CA   *x509.Certificate
	Cert tls.Certificate
	dir  string
	key  *ecdsa.PrivateKey
}

// Open opens the authority in dir, or makes it, and sees that the hub has a
// certificate for hosts (names and addresses) that is good for another while.
func Open(dir, store string, hosts []string, now time.Time) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	s := &Store{dir: dir}
	if err := s.authority(store, now); err != nil {
		return nil, err
	}
	if err := s.hub(hosts, now); err != nil {
		return nil, err
	}
	return s, nil
}

// authority reads the authority's certificate and key, or makes both.
func (s *Store) authority(store string, now time.Time) error {
	cert, key, err := s.read("ca")
	if errors.Is(err, os.ErrNotExist) {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return fmt.Errorf("certificates: %w", err)
		}
		t := template("kassa store "+store, now, authorityLife)
		t.IsCA, t.BasicConstraintsValid, t.MaxPathLenZero = true, true, true
		t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		cert, err = s.sign("ca", t, t, key, key)
	}
	if err != nil {
		return err
	}
	s.CA, s.key = cert, key
	return nil
}

// hub reads the hub's certificate, or makes a new one where it is missing, old,
// or not for these hosts.
func (s *Store) hub(hosts []string, now time.Time) error {
	cert, key, err := s.read("hub")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err != nil || !s.fits(cert, hosts, now) {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return fmt.Errorf("certificates: %w", err)
		}
		t := template("kassa hub", now, hubLife)
		t.KeyUsage = x509.KeyUsageDigitalSignature
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		for _, h := range hosts {
			if ip := net.ParseIP(h); ip != nil {
				t.IPAddresses = append(t.IPAddresses, ip)
			} else {
				t.DNSNames = append(t.DNSNames, h)
			}
		}
		if cert, err = s.sign("hub", t, s.CA, key, s.key); err != nil {
			return err
		}
	}
	s.Cert = tls.Certificate{Certificate: [][]byte{cert.Raw, s.CA.Raw}, PrivateKey: key, Leaf: cert}
	return nil
}

// fits reports whether a certificate is good for all hosts and for more than
// half of its life.
func (s *Store) fits(c *x509.Certificate, hosts []string, now time.Time) bool {
	if now.Before(c.NotBefore) || c.NotAfter.Sub(now) < hubLife/2 || c.CheckSignatureFrom(s.CA) != nil {
		return false
	}
	return !slices.ContainsFunc(hosts, func(h string) bool { return c.VerifyHostname(h) != nil })
}

func template(name string, now time.Time, life time.Duration) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic("no random numbers: " + err.Error()) // the system cannot go on without
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"kassa"}},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(life), // a lane's clock may be behind
	}
}

// sign makes a certificate and keeps it with its key, the key first: a
// certificate without its key is made anew, a key without one is no harm.
func (s *Store) sign(name string, t, parent *x509.Certificate, key, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, by)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", name, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", name, err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := secret.Write(s.path(name), text); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name+".pem") }

// read reads a key and its certificate from one file.
func (s *Store) read(name string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return nil, nil, fmt.Errorf("certificate %s: %w", name, err)
	}
	pair, err := tls.X509KeyPair(data, data)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate %s: %w: restore it from the hub's backup", s.path(name), err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, nil, fmt.Errorf("certificate %s: its key is not of ours", s.path(name))
	}
	return pair.Leaf, key, nil
}

// Server is what a listener of the hub needs.
func (s *Store) Server() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{s.Cert}, MinVersion: tls.VersionTLS12}
}

// PEM is the authority's certificate, for lanes and phones to trust.
func (s *Store) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.CA.Raw})
}

// Fingerprint is what a person reads to a lane: 60 bits of the authority's hash,
// in twelve letters and digits.
func (s *Store) Fingerprint() string { return Fingerprint(s.CA.Raw) }

// Fingerprint is that of a certificate.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").EncodeToString(sum[:8])[:12]
}

// Client is what a lane uses that knows nothing but a fingerprint: it trusts
// the chain that ends in it, and nothing else.
func Client(fingerprint string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // verified below, against the fingerprint
		VerifyConnection: func(c tls.ConnectionState) error {
			certs := c.PeerCertificates
			if len(certs) == 0 || Fingerprint(certs[len(certs)-1].Raw) != fingerprint {
				return errors.New("the hub's authority is not the one the code names: is this the right hub?")
			}
			if len(certs) == 1 {
				return nil // it is the very certificate that the code names
			}
			if err := certs[0].CheckSignatureFrom(certs[len(certs)-1]); err != nil {
				return fmt.Errorf("hub's certificate: %w", err)
			}
			return nil
		},
	}
}
