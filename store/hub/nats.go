package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"kassa/store/hub/broker"
)

// loopback reports whether an address is the machine's own.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// connect starts the broker inside, or dials the cluster outside.
func (h *Hub) connect(ctx context.Context) (err error) {
	if h.authority, err = broker.OpenAuthority(filepath.Join(h.o.Dir, "keys"), h.o.Store); err != nil {
		return err
	}
	if _, err := h.book.Revoke(ctx, h.authority.Revoke); err != nil {
		return err
	}
	dial := h.inside
	if h.o.NATS.URL != "" {
		dial = h.outside
		if err := h.flushesOutside(ctx); err != nil {
			return err
		}
	} else if err := h.serve(ctx); err != nil {
		return err
	}
	if h.rows, err = dial(ctx, "rows"); err != nil {
		return err
	}
	h.live, err = dial(ctx, "live")
	return err
}

// serve starts the broker inside.
func (h *Hub) serve(ctx context.Context) (err error) {
	var secure *tls.Config
	if !loopback(h.o.NATS.Listen) || h.o.TLS.Loopback {
		secure = h.identity.server()
	}
	h.server, err = broker.Start(ctx, broker.Options{
		Dir: h.o.Dir, Listen: h.o.NATS.Listen, TLS: secure, Authority: h.authority, Log: h.o.Log,
	})
	return err
}

func (h *Hub) inside(_ context.Context, what string) (*nats.Conn, error) {
	return h.server.Connect("kassa-hub/" + what)
}

// flushesOutside asks the servers of a cluster outside whether they flush each
// message, and refuses one that does not. One that is away now, or that trusts
// another operator, cannot be asked: then the store's word has to do.
func (h *Hub) flushesOutside(ctx context.Context) error {
	creds, err := h.authority.System()
	if err != nil {
		return err
	}
	nc, err := nats.Connect(h.o.NATS.URL, slices.Concat(h.trust(), []nats.Option{
		nats.Name("kassa-hub/asks"), nats.UserCredentialBytes(creds), nats.NoReconnect(), nats.Timeout(3 * time.Second),
	})...)
	if err == nil {
		defer nc.Close()
		if err = broker.Flushes(ctx, nc); err == nil {
			h.o.Log.InfoContext(ctx, "the NATS cluster flushes each message")
			return nil
		}
	}
	if errors.Is(err, broker.ErrUnflushed) {
		return fmt.Errorf("nats.url: %w, so the hub does not start", err)
	}
	h.o.Log.WarnContext(ctx, "whether the NATS cluster flushes each message is not known; see that its servers have sync_interval: always", "err", err)
	return nil
}

// trust is how the cluster's certificate is checked.
func (h *Hub) trust() []nats.Option {
	if h.o.NATS.CA == "" {
		return nil
	}
	return []nats.Option{nats.RootCAs(h.o.NATS.CA)}
}

// outside dials the cluster. The first try may fail like any later one: a store
// does not close because a line to elsewhere is down.
func (h *Hub) outside(ctx context.Context, what string) (*nats.Conn, error) {
	url := h.o.NATS.URL
	host := strings.TrimPrefix(url, "nats://")
	if !strings.HasPrefix(url, "tls://") && !loopback(host) {
		return nil, fmt.Errorf("nats.url: %q would send in the clear: want tls://", url)
	}
	opts := []nats.Option{
		nats.Name("kassa-hub/" + what), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(time.Second, 2*time.Second), nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			h.o.Log.WarnContext(ctx, "NATS is not heard", "what", what, "err", err)
		}),
		nats.ReconnectHandler(func(*nats.Conn) { h.o.Log.InfoContext(ctx, "NATS is heard", "what", what) }),
	}
	if h.o.NATS.Credentials != "" {
		opts = append(opts, nats.UserCredentials(h.o.NATS.Credentials))
	}
	nc, err := nats.Connect(url, append(opts, h.trust()...)...)
	if err != nil {
		return nil, fmt.Errorf("nats.url: %w", err)
	}
	return nc, nil
}

// revoke tells the broker of keys that open nothing any more, as soon as
// `kassa-hub lane remove` has written them down.
func (h *Hub) revoke(ctx context.Context) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		n, err := h.book.Revoke(ctx, h.authority.Revoke)
		if err == nil && n > 0 {
			err = h.renew(ctx)
		}
		if err != nil && ctx.Err() == nil {
			h.o.Log.ErrorContext(ctx, "a lane's key is not revoked yet", "err", err)
		}
	}
}

// renew makes the broker see what was revoked, and forgets lanes that went.
func (h *Hub) renew(ctx context.Context) error {
	all, err := h.book.List(ctx)
	if err != nil {
		return err
	}
	for _, l := range all {
		if !l.RemovedAt.IsZero() {
			h.fleet.Forget(l.ID)
			if err := h.learnt.Forget(ctx, l.ID); err != nil {
				return err
			}
		}
	}
	if h.server == nil {
		return errors.New("a cluster outside must be given the account anew: kassa-hub credentials --account")
	}
	h.o.Log.InfoContext(ctx, "keys of lanes are revoked")
	return h.server.Renew()
}

// laneURL is the address of the broker for a lane that reached the hub under host.
func (h *Hub) laneURL(host string) string {
	if h.server == nil {
		return h.o.NATS.URL
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, port, err := net.SplitHostPort(h.server.Addr())
	if err != nil {
		port = "4222"
	}
	if loopback(h.o.NATS.Listen) && !h.o.TLS.Loopback {
		return "nats://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "tls://" + net.JoinHostPort(h.identity.nameFor(host), port)
}
