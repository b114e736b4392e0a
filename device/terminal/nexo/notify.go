package nexo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"kassa/device/terminal"
)

// largestNotice bounds what a terminal may say by itself.
const largestNotice = 64 << 10

// ServeHTTP takes what the terminal says by itself: the steps of a payment on
// its display, and events. They show on the lane's screen and change nothing.
// With a key, only what is encrypted with it is heard.
func (t *Terminal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestNotice))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m, err := decode(body, t.cfg.Key)
	if err != nil || m.Request == nil || m.Request.Header.POIID.String() != t.cfg.POIID {
		t.cfg.Log.WarnContext(r.Context(), "notification not understood", "bytes", len(body))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, p := range heard(m.Request) {
		t.cfg.Log.DebugContext(r.Context(), "nexo event", "event", p.Code)
		t.tell(p)
	}
	w.WriteHeader(http.StatusOK)
}

// heard reads the events in a notification.
func heard(c *content) []terminal.Progress {
	var events []string
	if c.Event != nil {
		events = append(events, c.Event.Event.String())
	}
	if c.Display != nil {
		for _, o := range c.Display.Output {
			q, _ := url.ParseQuery(o.Content.Predefined.Reference.String()) // what can be read is
			events = append(events, q.Get("event"))
		}
	}
	var all []terminal.Progress
	for _, e := range events {
		if kind, ok := progressOf(e); ok {
			all = append(all, terminal.Progress{Kind: kind, Code: e})
		}
	}
	return all
}

// tell hands a step to the running payment. One too many is lost: the next
// one matters more.
func (t *Terminal) tell(p terminal.Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.payment == nil {
		return
	}
	select {
	case t.payment.heard <- p:
	default:
	}
}

// Listen takes the terminal's notifications at addr (host:port) until ctx
// ends. A payment does not need them.
func (t *Terminal) Listen(ctx context.Context, addr string) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("terminal's notifications: %w", err)
	}
	return t.Serve(ctx, ln)
}

// Serve is Listen on a listener, which it closes.
func (t *Terminal) Serve(ctx context.Context, ln net.Listener) error {
	s := &http.Server{Handler: t, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("terminal's notifications: %w", err)
	case <-ctx.Done():
	}
	err := s.Close()
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return errors.Join(context.Cause(ctx), err)
}
