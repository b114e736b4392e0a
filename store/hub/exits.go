package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"time"

	"kassa/kiosk/help"
)

// A Notice is what leaves the store of a call: enough to come, and nothing of a
// person.
type Notice struct {
	Store    string    `json:"store"`
	Lane     string    `json:"lane"`
	Call     string    `json:"call"`
	Reason   string    `json:"reason"`
	Priority int       `json:"priority"`
	Tier     int       `json:"tier"`
	Language string    `json:"language"`
	RaisedAt time.Time `json:"raised_at"`
	State    string    `json:"state"`
}

func notice(store string, c help.Call) Notice {
	return Notice{store, c.Lane, c.ID, string(c.Reason), int(c.Priority), c.Tier, c.Language, c.RaisedAt, string(c.State)}
}

// A Webhook posts a [Notice] as JSON. The same call and tier may come twice; the
// header Idempotency-Key tells.
type Webhook struct {
	store  string
	url    string
	client *http.Client
	pause  time.Duration
}

// webhookTries is how often a notice is posted at most.
const webhookTries = 4

// NewWebhook makes one for an https address, or any on loopback. Redirects are
// not followed: they could lead inside.
func NewWebhook(store, address string, timeout time.Duration) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("webhook %q: want an address like https://example.org/kassa", address)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(hostPort(u))) {
		return nil, fmt.Errorf("webhook %q: would send in the clear: want https://", address)
	}
	client := &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Webhook{store, address, client, time.Second}, nil
}

func hostPort(u *url.URL) string {
	if u.Port() == "" {
		return u.Host + ":80"
	}
	return u.Host
}

// Channel is what a call's contact says of it.
func (w *Webhook) Channel() string { return help.ChannelWebhook }

// Send posts a notice; what fails for the moment is tried again after a pause
// that grows.
func (w *Webhook) Send(ctx context.Context, c help.Call) error {
	body, err := json.Marshal(notice(w.store, c))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	pause := w.pause
	for try := 1; ; try++ {
		again, err := w.post(ctx, body, fmt.Sprintf("%s/%s/%d", w.store, c.ID, c.Tier))
		if err == nil || !again || try == webhookTries {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(pause/2 + rand.N(pause)):
			pause *= 3
		}
	}
}

// post posts once. Again says whether another try could help.
func (w *Webhook) post(ctx context.Context, body []byte, key string) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := w.client.Do(req)
	if err != nil {
		return true, fmt.Errorf("webhook: %w", err)
	}
	if err := res.Body.Close(); err != nil {
		return true, fmt.Errorf("webhook: %w", err)
	}
	switch code := res.StatusCode; {
	case code < 300:
		return false, nil
	case code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return true, fmt.Errorf("webhook: it answered %s", res.Status)
	default:
		return false, fmt.Errorf("webhook: it answered %s", res.Status)
	}
}

// A Pager runs a command of the store's own with fixed arguments; the notice is
// its standard input. No shell lies between, so that nothing in a notice can be
// taken for a command.
type Pager struct {
	store   string
	command []string
	timeout time.Duration
}

// NewPager makes one; the command's first word is a path.
func NewPager(store string, command []string, timeout time.Duration) (*Pager, error) {
	if len(command) == 0 {
		return nil, errors.New("pager: no command")
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		return nil, fmt.Errorf("pager: %w", err)
	}
	return &Pager{store, command, timeout}, nil
}

// Channel is what a call's contact says of it.
func (p *Pager) Channel() string { return help.ChannelPager }

// Send runs the command and waits for it.
func (p *Pager) Send(ctx context.Context, c help.Call) error {
	body, err := json.Marshal(notice(p.store, c))
	if err != nil {
		return fmt.Errorf("pager: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.command[0], p.command[1:]...) //nolint:gosec // the store's own words, checked at start
	cmd.Stdin = bytes.NewReader(body)
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pager: %w: %.200q", err, out)
	}
	return nil
}
