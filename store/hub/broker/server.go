package broker

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Options say how the embedded server runs.
type Options struct {
	Dir       string      // of the hub; JetStream lies in Dir/jetstream
	Listen    string      // host:port for lanes; port 0: one that is free
	TLS       *tls.Config // nil only on loopback
	Authority *Authority
	MaxStore  int64 // bytes of JetStream on disk; 0: 4 GiB
	Log       *slog.Logger
}

// A Server is the store's NATS server.
type Server struct {
	ns        *server.Server
	resolver  *server.MemAccResolver
	authority *Authority
	creds     []byte
}

// ErrPlain says that lanes would talk in the clear over a network.
var ErrPlain = errors.New("no TLS off loopback")

// Start starts the server and returns when it takes connections. It refuses to
// run with settings under which an acknowledged message could be lost.
func Start(ctx context.Context, o Options) (*Server, error) {
	host, portText, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("nats: listen %q: %w", o.Listen, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("nats: listen %q: %w", o.Listen, err)
	}
	if ip := net.ParseIP(host); o.TLS == nil && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("nats: listen %q: %w: give a certificate, or listen on 127.0.0.1", o.Listen, ErrPlain)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s := &Server{resolver: &server.MemAccResolver{}, authority: o.Authority}
	if err := s.fill(); err != nil {
		return nil, err
	}
	opts, err := s.options(o, host, port)
	if err != nil {
		return nil, err
	}
	if s.ns, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	s.ns.SetLoggerV2(logger{o.Log}, false, false, false)
	s.ns.Start()
	if err := s.ready(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// fill gives the resolver the accounts as they are signed now.
func (s *Server) fill() error {
	accounts, err := s.authority.accounts()
	if err != nil {
		return err
	}
	for key, text := range accounts {
		if err := s.resolver.Store(key, text); err != nil {
			return fmt.Errorf("nats: account: %w", err)
		}
	}
	return nil
}

func (s *Server) options(o Options, host string, port int) (*server.Options, error) {
	operator, err := s.authority.operatorClaims()
	if err != nil {
		return nil, err
	}
	return &server.Options{
		ServerName: "kassa-hub", Host: host, Port: port, TLSConfig: o.TLS, TLS: o.TLS != nil, TLSTimeout: 5,
		NoSigs: true, NoLog: false, DisableJetStreamBanner: true,
		TrustedOperators: []*jwt.OperatorClaims{operator}, SystemAccount: public(s.authority.system), AccountResolver: s.resolver,
		JetStream: true, StoreDir: filepath.Join(o.Dir, "jetstream"), JetStreamMaxStore: cmp.Or(o.MaxStore, 4<<30),
		JetStreamMaxMemory: 16 << 20, SyncAlways: true,
		MaxPayload: 1 << 20, PingInterval: 10 * time.Second, MaxPingsOut: 2, WriteDeadline: 5 * time.Second,
	}, nil
}

// ready waits for the server and asserts what makes its word good.
func (s *Server) ready(ctx context.Context) error {
	for !s.ns.ReadyForConnections(100 * time.Millisecond) {
		if ctx.Err() != nil {
			return fmt.Errorf("nats: %w", context.Cause(ctx))
		}
		if !s.ns.Running() {
			return errors.New("nats: the server stopped while starting: is the port free?")
		}
	}
	v, err := s.ns.Varz(nil)
	if err != nil {
		return fmt.Errorf("nats: %w", err)
	}
	if v.JetStream.Config == nil || !v.JetStream.Config.SyncAlways {
		return errors.New("nats: JetStream does not flush each message: an acknowledgement would mean nothing")
	}
	s.creds, err = s.authority.Service("hub")
	return err
}

// Connect returns a connection of the hub's own, which no network lies between.
func (s *Server) Connect(name string) (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s.ns), nats.UserCredentialBytes(s.creds), nats.Name(name), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	return nc, nil
}

// Addr is the address lanes connect to.
func (s *Server) Addr() string { return s.ns.Addr().String() }

// Renew makes the server see what the authority has revoked, and drops who is
// connected with it.
func (s *Server) Renew() error {
	accounts, err := s.authority.accounts()
	if err != nil {
		return err
	}
	if err := s.fill(); err != nil {
		return err
	}
	key := public(s.authority.account)
	claims, err := jwt.DecodeAccountClaims(accounts[key])
	if err != nil {
		return fmt.Errorf("nats: account: %w", err)
	}
	acc, err := s.ns.LookupAccount(key)
	if err != nil {
		return fmt.Errorf("nats: account: %w", err)
	}
	s.ns.UpdateAccountClaims(acc, claims)
	return nil
}

// Stop ends the server and waits for it.
func (s *Server) Stop() {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
}

// logger hands the server's words on. Its chatter is for debugging.
type logger struct{ log *slog.Logger }

func (l logger) say(level slog.Level, format string, v []any) {
	l.log.Log(context.Background(), level, "nats", "text", fmt.Sprintf(format, v...))
}

func (l logger) Noticef(format string, v ...any) { l.say(slog.LevelDebug, format, v) }
func (l logger) Warnf(format string, v ...any)   { l.say(slog.LevelWarn, format, v) }
func (l logger) Errorf(format string, v ...any)  { l.say(slog.LevelError, format, v) }
func (l logger) Fatalf(format string, v ...any)  { l.say(slog.LevelError, format, v) }
func (l logger) Debugf(string, ...any)           {}
func (l logger) Tracef(string, ...any)           {}
