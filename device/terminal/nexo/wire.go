package nexo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"kassa/device/terminal"
)

// Errors of a conversation.
var (
	errLost   = errors.New("line lost")
	errSilent = errors.New("terminal fell silent")
)

const (
	path         = "/nexo"
	largestBody  = 1 << 20
	dialPatience = 5 * time.Second
)

// newClient returns a client that sends each request once: it opens a line for
// each, so that nothing is repeated on another one, follows nothing and knows
// no proxy.
func newClient(c *Config) (*http.Client, error) {
	tc, err := tlsConfig(c)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: tc, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: dialPatience, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// liveNames are the names that certificates of live Adyen terminals bear: its
// own, or one for all models that have none. Not confirmed by a terminal.
func liveNames(poiid string) []string {
	return []string{poiid + ".live.terminal.adyen.com", "legacy-terminal-certificate.live.terminal.adyen.com"}
}

// tlsConfig proves the terminal by its certificate: by chain and name, for the
// certificate does not name the address, or by its fingerprint.
func tlsConfig(c *Config) (*tls.Config, error) {
	tc := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true} //nolint:gosec // verified below, not by address
	if c.Pin != "" {
		pin, err := hex.DecodeString(c.Pin)
		if err != nil || len(pin) != sha256.Size {
			return nil, errors.New("certificate fingerprint is not 64 hexadecimal digits")
		}
		tc.VerifyConnection = func(s tls.ConnectionState) error { return checkPin(s, pin) }
		return tc, nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(c.CA) {
		return nil, errors.New("no certificate to know the terminal by: want a CA in PEM, or a fingerprint")
	}
	names := c.Names
	if len(names) == 0 {
		names = liveNames(c.POIID)
	}
	tc.VerifyConnection = func(s tls.ConnectionState) error { return checkChain(s, roots, names) }
	return tc, nil
}

func checkPin(s tls.ConnectionState, pin []byte) error {
	if got := sha256.Sum256(s.PeerCertificates[0].Raw); !bytes.Equal(got[:], pin) {
		return fmt.Errorf("terminal's certificate has the fingerprint %x, want %x (terminal.certificate_sha256)", got, pin)
	}
	return nil
}

func checkChain(s tls.ConnectionState, roots *x509.CertPool, names []string) error {
	leaf := s.PeerCertificates[0]
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}); err != nil {
		return fmt.Errorf("terminal's certificate: %w (terminal.ca_file)", err)
	}
	for _, name := range append([]string{leaf.Subject.CommonName}, leaf.DNSNames...) {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return nil
		}
	}
	return fmt.Errorf("terminal's certificate is for %q, want one of %q (terminal.certificate_names)", leaf.Subject.CommonName, names)
}

// An unsent is the error of a request that never got as far as a line.
type unsent struct{ err error }

func (u unsent) Error() string   { return u.err.Error() }
func (u unsent) Unwrap() []error { return []error{terminal.ErrUnreachable, u.err} }

// A question is one request and how long its answer may take.
type question struct {
	id   string // ServiceID
	body request
	wait time.Duration
	sent func() // called when the request is on the line; may be nil
}

// ask sends a request and waits for its answer. After unsent nothing was sent;
// after any other error the terminal may have acted on it.
func (t *Terminal) ask(ctx context.Context, q question) (*content, error) {
	body, h, err := t.post(ctx, q)
	if err != nil {
		return nil, err
	}
	m, err := decode(body, t.cfg.Key)
	if err != nil {
		return nil, err
	}
	return answerTo(h, m)
}

// post does the HTTP of ask.
func (t *Terminal) post(ctx context.Context, q question) ([]byte, *reqHeader, error) {
	h := &reqHeader{
		ProtocolVersion: protocolVersion, MessageClass: "Service", MessageCategory: q.body.category(),
		MessageType: "Request", SaleID: t.cfg.SaleID, ServiceID: q.id, POIID: t.cfg.POIID,
	}
	q.body.Header = h
	msg, err := encode(&q.body, t.cfg.Key)
	if err != nil {
		return nil, h, unsent{fmt.Errorf("encode: %w", err)}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, q.wait, errSilent)
	defer cancel()
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil && q.sent != nil {
				q.sent()
			}
		},
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost,
		"https://"+t.cfg.Addr+path, bytes.NewReader(msg))
	if err != nil {
		return nil, h, unsent{err}
	}
	req.GetBody = nil // nothing may send it again
	req.Header.Set("Content-Type", "application/json")
	t.cfg.Log.DebugContext(ctx, "nexo message", "direction", "sent", "category", h.MessageCategory, "service_id", q.id, "bytes", len(msg))
	body, err := t.roundTrip(req)
	t.cfg.Log.DebugContext(ctx, "nexo message", "direction", "received", "category", h.MessageCategory, "service_id", q.id, "bytes", len(body))
	switch {
	case err == nil:
		return body, h, nil
	case !connected.Load():
		return nil, h, unsent{err}
	case errors.Is(context.Cause(ctx), errSilent):
		return nil, h, fmt.Errorf("%s: %w", h.MessageCategory, errSilent)
	}
	return nil, h, fmt.Errorf("%s: %w: %w", h.MessageCategory, errLost, err)
}

func (t *Terminal) roundTrip(req *http.Request) ([]byte, error) {
	res, err := t.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // was only read
	body, err := io.ReadAll(io.LimitReader(res.Body, largestBody+1))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("terminal answers HTTP %d", res.StatusCode)
	case len(body) > largestBody:
		return nil, errors.New("answer is too long")
	}
	return body, nil
}
