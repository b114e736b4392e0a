package uplink

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"kassa/store/hub/pki"
	"kassa/store/hub/secret"
	"kassa/store/wire"
)

// Credentials are what a lane got when it was enrolled: its user, the key it
// made itself, and the authority it trusts. They lie in one file, in the form
// that NATS' own tools read, readable by the lane alone.
type Credentials struct {
	key nkeys.KeyPair
	ca  []byte // PEM; nil: the system's own authorities

	mu   sync.Mutex
	user string // JWT
}

// User is the lane's user as the hub signed it last.
func (c *Credentials) User() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}

// ErrCode says that the hub did not take the code.
var ErrCode = errors.New("the hub does not know this code: ask for a new one, it is good for ten minutes")

// Enrol makes a key, registers its public half at the hub with a one-time code
// and writes the credentials. The code ends in the fingerprint of the hub's
// authority, so that no other hub can answer. It returns what else the hub said.
func Enrol(ctx context.Context, hub, code, lane, path string) (wire.Enrolled, error) {
	var got wire.Enrolled
	secretPart, fingerprint, err := SplitCode(code)
	if err != nil {
		return got, err
	}
	key, err := nkeys.CreateUser()
	if err != nil {
		return got, fmt.Errorf("enrol: %w", err)
	}
	public, err := key.PublicKey()
	if err != nil {
		return got, fmt.Errorf("enrol: %w", err)
	}
	if got, err = ask(ctx, hub, fingerprint, wire.Enrol{Code: secretPart, Lane: lane, Key: public}); err != nil {
		return got, err
	}
	seed, err := key.Seed()
	if err != nil {
		return got, fmt.Errorf("enrol: %w", err)
	}
	text, err := jwt.DecorateSeed(seed) // head office knows a lane by its key alone
	if got.User != "" {
		text, err = jwt.FormatUserConfig(got.User, seed)
	}
	if err != nil {
		return got, fmt.Errorf("enrol: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return got, fmt.Errorf("enrol: %w", err)
	}
	return got, secret.Write(path, append(append(text, '\n'), got.CA...))
}

// ask sends a request for enrolment to the hub's page.
func ask(ctx context.Context, hub, fingerprint string, e wire.Enrol) (got wire.Enrolled, err error) {
	u, err := url.Parse(hub)
	if err != nil || u.Host == "" {
		return got, fmt.Errorf("enrol: hub %q: want an address like https://hub.store:8443", hub)
	}
	client := &http.Client{Timeout: 20 * time.Second}
	switch {
	case u.Scheme == "https":
		client.Transport = &http.Transport{TLSClientConfig: pki.Client(fingerprint)}
	case u.Scheme == "http" && (u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.")):
	default:
		return got, fmt.Errorf("enrol: hub %q: want https://", hub)
	}
	body, err := wire.Encode(e)
	if err != nil {
		return got, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.JoinPath("/enrol").String(), bytes.NewReader(body))
	if err != nil {
		return got, fmt.Errorf("enrol: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return got, fmt.Errorf("enrol: %w: is the hub running, and is this its address?", err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusForbidden, http.StatusNotFound:
		return got, ErrCode
	default:
		return got, fmt.Errorf("enrol: the hub answered %s", res.Status)
	}
	var raw json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(nil, res.Body, wire.MaxSize)).Decode(&raw); err != nil {
		return got, fmt.Errorf("enrol: answer: %w", err)
	}
	return got, wire.Decode(raw, &got)
}

// SplitCode takes a one-time code apart: the secret, and the fingerprint of the
// hub's authority in its last twelve characters. Dashes, spaces and the case of
// letters do not count.
func SplitCode(code string) (secret, fingerprint string, err error) {
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(code))
	plain = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(plain) // as people write them down
	if len(plain) != 22 || strings.Trim(plain, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return "", "", fmt.Errorf("code %q: want 22 letters and digits as `kassa-hub lane add` prints them", code)
	}
	return plain[:10], plain[10:], nil
}

// Load reads a credentials file.
func Load(path string) (*Credentials, error) {
	c, err := loadKey(path, "hub.credentials")
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path) //nolint:gosec // named by the store's own configuration
	if err == nil {
		c.user, err = nkeys.ParseDecoratedJWT(data)
	}
	if err != nil {
		return nil, fmt.Errorf("hub.credentials: %s: %w: run kassa enrol again", path, err)
	}
	return c, nil
}

// loadKey reads the lane's key, and the authority it trusts, from the file that a
// setting names.
func loadKey(path, setting string) (*Credentials, error) {
	data, err := os.ReadFile(path) //nolint:gosec // named by the store's own configuration
	if err != nil {
		return nil, fmt.Errorf("%s: %w: run kassa enrol", setting, err)
	}
	c := &Credentials{}
	if c.key, err = nkeys.ParseDecoratedUserNKey(data); err != nil {
		return nil, fmt.Errorf("%s: %s: %w: run kassa enrol again", setting, path, err)
	}
	if i := bytes.Index(data, []byte("-----BEGIN CERTIFICATE-----")); i >= 0 {
		c.ca = data[i:]
	}
	return c, nil
}

// Replace writes the credentials with a new user for the same key.
func (c *Credentials) Replace(path, user string) error {
	seed, err := c.key.Seed()
	if err != nil {
		return fmt.Errorf("hub.credentials: %w", err)
	}
	text, err := jwt.FormatUserConfig(user, seed)
	if err != nil {
		return fmt.Errorf("hub.credentials: %w", err)
	}
	if err := secret.Write(path, append(append(text, '\n'), c.ca...)); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = user
	return nil
}

// renewAt is when half of the credentials' life is over.
func (c *Credentials) renewAt() (time.Time, error) {
	claims, err := jwt.DecodeUserClaims(c.User())
	if err != nil {
		return time.Time{}, fmt.Errorf("hub.credentials: %w", err)
	}
	if claims.Expires == 0 {
		return time.Time{}, nil
	}
	from, to := time.Unix(claims.IssuedAt, 0), time.Unix(claims.Expires, 0)
	return from.Add(to.Sub(from) / 2), nil
}

// tls is how the hub is trusted.
func (c *Credentials) tls() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.ca != nil {
		cfg.RootCAs = x509.NewCertPool()
		cfg.RootCAs.AppendCertsFromPEM(c.ca)
	}
	return cfg
}

// patient is tls for a board whose clock may not have been set: one that is
// before the authority's own beginning says nothing of dates, and the chain alone
// is judged.
func (c *Credentials) patient() *tls.Config {
	cfg := c.tls()
	block, _ := pem.Decode(c.ca)
	if block == nil {
		return cfg
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return cfg
	}
	cfg.InsecureSkipVerify = true //nolint:gosec // verified below
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: cfg.RootCAs, DNSName: s.ServerName, Intermediates: x509.NewCertPool(), CurrentTime: time.Now()}
		if o.CurrentTime.Before(ca.NotBefore) {
			o.CurrentTime = s.PeerCertificates[0].NotBefore.Add(time.Second)
		}
		for _, cert := range s.PeerCertificates[1:] {
			o.Intermediates.AddCert(cert)
		}
		_, err := s.PeerCertificates[0].Verify(o)
		return err
	}
	return cfg
}
