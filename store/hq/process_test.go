package hq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"kassa/kiosk/help"
	"kassa/store/hub"
	"kassa/store/hub/broker"
)

// roleEnv makes a process of this test's program a hub or head office.
const roleEnv = "KASSA_TEST_ROLE"

// play is such a process: it runs until it is told to stop, or killed.
func play(role string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	args := strings.Split(os.Getenv(roleEnv+"_ARGS"), "\n")
	run := playHQ
	if role == "hub" {
		run = playHub
	}
	if err := run(ctx, args); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, role, err)
		return 1
	}
	return 0
}

func playHub(ctx context.Context, args []string) error {
	h, err := hub.Open(ctx, hub.Options{
		Store: "0421", Dir: args[0], Listen: "127.0.0.1:0", NATS: hub.NATS{Listen: args[1]}, Keeper: "hq",
		Policy: help.DefaultPolicy(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return errors.Join(h.Run(ctx), h.Close())
}

// playHQ runs head office as kassa-hq does, with the credentials that `kassa-hub
// credentials` would write.
func playHQ(ctx context.Context, args []string) error {
	a, err := broker.OpenAuthority(filepath.Join(args[0], "keys"), "0421")
	if err != nil {
		return err
	}
	creds, err := a.Service("hq")
	if err != nil {
		return err
	}
	nc, err := nats.Connect("nats://"+args[1], nats.UserCredentialBytes(creds), nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true), nats.ReconnectWait(50*time.Millisecond), nats.IgnoreAuthErrorAbort())
	if err != nil {
		return err
	}
	defer nc.Close()
	h, err := Open(ctx, args[2], slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fmt.Println("ready")
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.Guard(ctx) })
	g.Go(func() error {
		return (&Consumer{HQ: h, NC: nc, Log: slog.New(slog.DiscardHandler), Marks: true}).Run(ctx)
	})
	return errors.Join(g.Wait(), h.Close())
}

// kept is a process that is started anew whenever it ends, as systemd does.
type kept struct {
	t      *testing.T
	role   string
	args   []string
	starts atomic.Int64

	mu  sync.Mutex
	now *os.Process
	end func()
}

func keep(t *testing.T, role string, args ...string) *kept {
	t.Helper()
	k := &kept{t: t, role: role, args: args}
	k.start()
	return k
}

// start starts the process and waits until it is ready.
func (k *kept) start() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(k.t.Context()))
	ready, ended := make(chan struct{}), make(chan struct{})
	tell := sync.OnceFunc(func() { close(ready) })
	go func() {
		defer close(ended)
		runtime.LockOSThread() // the process dies with the thread that started it
		for ctx.Err() == nil {
			k.once(ctx, tell)
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	k.end = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	select {
	case <-ready:
	case <-time.After(30 * time.Second):
		k.t.Fatal(k.role + " does not start")
	}
}

// once runs the process until it ends; ctx tells it to.
func (k *kept) once(ctx context.Context, ready func()) {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+k.role, roleEnv+"_ARGS="+strings.Join(k.args, "\n"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Stdout = said(ready)
	if err := cmd.Start(); err != nil {
		return // told to stop before it began
	}
	k.starts.Add(1)
	k.mu.Lock()
	k.now = cmd.Process
	k.mu.Unlock()
	_ = cmd.Wait() // it was killed, or lost its lock: both belong to the game
	k.mu.Lock()
	k.now = nil
	k.mu.Unlock()
}

// said calls a function at the first word.
type said func()

func (s said) Write(p []byte) (int, error) {
	s()
	return len(p), nil
}

// stop tells the process to end and waits for it.
func (k *kept) stop() { k.end() }

// kill is SIGKILL; it is started anew.
func (k *kept) kill() { k.send(syscall.SIGKILL) }

// pause lets the process stand still for a while.
func (k *kept) pause(d time.Duration) {
	k.send(syscall.SIGSTOP)
	<-time.After(d)
	k.send(syscall.SIGCONT)
}

func (k *kept) send(s os.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now != nil {
		_ = k.now.Signal(s) // it may have ended just now
	}
}

// free is a port that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
