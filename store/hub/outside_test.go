package hub_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"kassa/kiosk/help"
	"kassa/store/hub"
	"kassa/store/hub/broker"
)

// outsideServer is a nats-server with a configuration file, as IT would run one
// for the store whose authority lies in dir.
func outsideServer(t *testing.T, dir, sync string) *server.Server {
	t.Helper()
	a, err := broker.OpenAuthority(filepath.Join(dir, "keys"), storeName)
	must(t, err)
	text, err := a.ClusterConfig()
	must(t, err)
	text = strings.Replace(text, "jetstream: { sync_interval: always }", fmt.Sprintf("jetstream: { store_dir: %q, %s }", filepath.Join(t.TempDir(), "js"), sync), 1)
	file := filepath.Join(t.TempDir(), "nats.conf")
	must(t, os.WriteFile(file, []byte("listen: \"127.0.0.1:-1\"\nserver_name: outside\n"+text), 0o600))
	opts, err := server.ProcessConfigFile(file)
	must(t, err)
	opts.NoSigs, opts.NoLog = true, true
	ns, err := server.NewServer(opts)
	must(t, err)
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server outside does not come up")
	}
	return ns
}

// outsideHub opens a hub in dir that uses it.
func outsideHub(t *testing.T, dir string, ns *server.Server) (*hub.Hub, error) {
	t.Helper()
	a, err := broker.OpenAuthority(filepath.Join(dir, "keys"), storeName)
	must(t, err)
	creds, err := a.Service("hub")
	must(t, err)
	file := filepath.Join(t.TempDir(), "hub.creds")
	must(t, os.WriteFile(file, creds, 0o600))
	return hub.Open(t.Context(), hub.Options{
		Store: storeName, Dir: dir, Listen: "127.0.0.1:0", NATS: hub.NATS{URL: ns.ClientURL(), Credentials: file},
		Policy: help.DefaultPolicy(), Log: slog.New(slog.DiscardHandler),
	})
}

// A hub with a NATS server outside does what it does with its own: a lane is
// enrolled, its rows are kept, its call is seen and settled.
func TestServerOutside(t *testing.T) {
	s := &site{t: t, dir: t.TempDir()}
	ns := outsideServer(t, s.dir, "sync_interval: always")
	h, err := outsideHub(t, s.dir, ns)
	must(t, err)
	s.serve(h)
	r := s.join("1")
	r.sell(20)
	r.marked(20)
	r.raise("1-1/1")
	till(t, "the call is on the desk", func() bool { return s.call("1-1/1").ID != "" })
	s.whole(map[string]int64{"1": 20})
}

// A server that acknowledges before it flushes is refused, by name.
func TestUnflushedServerOutsideIsRefused(t *testing.T) {
	for _, sync := range []string{"sync_interval: 2m", "max_file_store: 1GB"} {
		dir := t.TempDir()
		h, err := outsideHub(t, dir, outsideServer(t, dir, sync))
		if !errors.Is(err, broker.ErrUnflushed) || !strings.Contains(err.Error(), "server outside") {
			t.Errorf("%s: %v", sync, err)
		}
		if err == nil {
			must(t, h.Close())
		}
	}
}
