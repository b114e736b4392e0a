// Package turn is a relay for picture and sound between an agent who is not on
// the store's network and a lane that is: a TURN server (RFC 8656), off unless a
// store asks for it. It sees packets that only the two browsers can read.
//
// Its one rule: it relays between browsers that it has let in itself and to
// nothing else, so that it is no door into the store's network. Who is let in has
// credentials of the hub's for one call, good for a while.
package turn

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v4"
)

// life is how long credentials let somebody in. A call that goes on longer asks
// for no new ones.
const life = 5 * time.Hour

// Options say where the relay is.
type Options struct {
	Listen  string     // host:port, UDP and TCP
	Address netip.Addr // by which browsers reach this machine
	// Relayed packets come and go by these UDP ports. They bound how many can be
	// let in at once: a call takes one or two.
	MinPort, MaxPort uint16
	Realm            string
	Log              *slog.Logger
}

// A Server is a running relay.
type Server struct {
	turn   *turn.Server
	secret string // of this run: credentials of another open nothing
	urls   []string
}

// Start listens. Close must follow.
func Start(ctx context.Context, o Options) (*Server, error) {
	var lc net.ListenConfig
	packets, err := lc.ListenPacket(ctx, "udp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("call.turn: %w: choose a free port or stop what has it", err)
	}
	port := packets.LocalAddr().(*net.UDPAddr).Port //nolint:forcetypeassert // UDP it is
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("call.turn: %w", err), packets.Close())
	}
	listener, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("call.turn: %w", err), packets.Close())
	}
	secret := rand.Text()
	relay := &turn.RelayAddressGeneratorPortRange{
		RelayAddress: o.Address.AsSlice(), Address: host, MinPort: o.MinPort, MaxPort: o.MaxPort, MaxRetries: 40,
	}
	own := net.IP(o.Address.AsSlice())
	only := func(_ net.Addr, peer net.IP) bool { return peer.Equal(own) } // the other end's relayed address
	quiet := &factory{o.Log}
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: o.Realm, LoggerFactory: quiet,
		AuthHandler:       turn.LongTermTURNRESTAuthHandler(secret, quiet.NewLogger("turn")),
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: packets, RelayAddressGenerator: relay, PermissionHandler: only}},
		ListenerConfigs:   []turn.ListenerConfig{{Listener: listener, RelayAddressGenerator: relay, PermissionHandler: only}},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("call.turn: %w", err), packets.Close(), listener.Close())
	}
	at := netip.AddrPortFrom(o.Address, uint16(port)).String() //nolint:gosec // a port
	return &Server{server, secret, []string{"turn:" + at + "?transport=udp", "turn:" + at + "?transport=tcp"}}, nil
}

// Credentials let one call's browsers in for a while.
func (s *Server) Credentials(session string) (urls []string, user, password string, err error) {
	user, password, err = turn.GenerateLongTermTURNRESTCredentials(s.secret, session, life)
	if err != nil {
		return nil, "", "", fmt.Errorf("call.turn: %w", err)
	}
	return s.urls, user, password, nil
}

// Close stops it.
func (s *Server) Close() error { return s.turn.Close() }

// factory hands the library's words on, all at the lowest level: a stranger who
// knocks is no news.
type factory struct{ log *slog.Logger }

// NewLogger makes one.
func (f *factory) NewLogger(string) logging.LeveledLogger { return logger(*f) }

type logger struct{ log *slog.Logger }

func (l logger) say(text string)           { l.log.Debug("turn", "says", text) }
func (l logger) Trace(string)              {}
func (l logger) Tracef(string, ...any)     {}
func (l logger) Debug(string)              {}
func (l logger) Debugf(string, ...any)     {}
func (l logger) Info(s string)             { l.say(s) }
func (l logger) Infof(s string, a ...any)  { l.say(fmt.Sprintf(s, a...)) }
func (l logger) Warn(s string)             { l.say(s) }
func (l logger) Warnf(s string, a ...any)  { l.say(fmt.Sprintf(s, a...)) }
func (l logger) Error(s string)            { l.say(s) }
func (l logger) Errorf(s string, a ...any) { l.say(fmt.Sprintf(s, a...)) }
