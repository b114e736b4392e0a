package turn

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/turn/v4"
)

func relay(t *testing.T) (*Server, string) {
	t.Helper()
	s, err := Start(t.Context(), Options{
		Listen: "127.0.0.1:0", Address: netip.MustParseAddr("127.0.0.1"), MinPort: 42000, MaxPort: 49000, Realm: "0421", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	addr, _, _ := strings.Cut(strings.TrimPrefix(s.urls[0], "turn:"), "?")
	return s, addr
}

// enter lets a client in and returns its relayed end.
func enter(t *testing.T, addr, user, password string) (net.PacketConn, error) {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := turn.NewClient(&turn.ClientConfig{STUNServerAddr: addr, TURNServerAddr: addr, Conn: conn, Username: user, Password: password, Realm: "0421", RTO: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); _ = conn.Close() })
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	return c.Allocate()
}

func TestRelaysBetweenItsOwnAndNobodyElse(t *testing.T) {
	s, addr := relay(t)
	_, user, password, err := s.Credentials("session")
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]net.PacketConn
	for i := range ends {
		if ends[i], err = enter(t, addr, user, password); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ends[i].Close() }()
	}
	got := make(chan string, 1)
	go func() {
		b := make([]byte, 100)
		n, _, err := ends[1].ReadFrom(b)
		if err == nil {
			got <- string(b[:n])
		}
	}()
	if _, err := ends[1].WriteTo([]byte("I may be reached"), ends[0].LocalAddr()); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(5 * time.Second)
	for again := time.NewTicker(50 * time.Millisecond); ; {
		if _, err := ends[0].WriteTo([]byte("hello"), ends[1].LocalAddr()); err != nil {
			t.Fatal(err)
		}
		select {
		case text := <-got:
			if text != "hello" {
				t.Errorf("got %q", text)
			}
		case <-again.C:
			continue
		case <-deadline:
			t.Fatal("nothing came through")
		}
		break
	}
	elsewhere := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: 22}
	if _, err := ends[0].WriteTo([]byte("x"), elsewhere); err == nil {
		t.Error("it relays to others")
	}
}

func TestStrangersStayOutside(t *testing.T) {
	s, addr := relay(t)
	_, user, _, err := s.Credentials("session")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter(t, addr, user, "guessed"); err == nil {
		t.Error("a guessed password lets in")
	}
	other, _ := relay(t)
	_, user, password, err := other.Credentials("session")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter(t, addr, user, password); err == nil {
		t.Error("another hub's credentials let in")
	}
	old, password, err := turn.GenerateLongTermTURNRESTCredentials(s.secret, "session", -time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter(t, addr, old, password); err == nil {
		t.Error("credentials that ended let in")
	}
}
