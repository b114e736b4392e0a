package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/scanner"
	"kassa/device/sim"
)

// nodeLane runs a scanner whose node is a socket.
func nodeLane(t *testing.T, cfg scanner.Config, deliver func(scanner.Scan)) chan link.Status {
	t.Helper()
	up := make(chan link.Status, 1000)
	cfg.Link = link.Options{First: 5 * time.Millisecond, Longest: 20 * time.Millisecond, Report: func(s link.Status) { up <- s }}
	s, err := scanner.New(cfg)
	must(t, err)
	s.OpenBy(openSocket)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, deliver) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v", err)
		}
	})
	return up
}

func untilStatus(t *testing.T, statuses <-chan link.Status, up bool) link.Status {
	t.Helper()
	for {
		select {
		case s := <-statuses:
			if s.Up == up {
				return s
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("never reported up=%v", up)
		}
	}
}

// A lane that is busy for a while loses nothing of a wedge: the node is read
// all the same.
func TestEvdevReadsWhileLaneIsBusy(t *testing.T) {
	t.Parallel()
	far, err := sim.NewWedge(devPath(t), sim.WedgeOptions{AltNumbers: true})
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	codes, free := make(chan string, 100), make(chan struct{})
	up := nodeLane(t, scanner.Config{Protocol: "evdev", Port: "evdev:" + far.Path(), Letters: "honeywell"}, func(s scanner.Scan) {
		<-free
		codes <- string(s.Code)
	})
	untilStatus(t, up, true)
	const many = 60
	for i := range many {
		must(t, far.Scan(fmt.Sprintf("j%d\x1dA", i)))
	}
	must(t, far.Unplug())
	close(free)
	for i := range many {
		select {
		case got := <-codes:
			if want := fmt.Sprintf("]C0%d\x1dA", i); got != want {
				t.Fatalf("code %q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("code %d of %d did not come", i, many)
		}
	}
	if s := untilStatus(t, up, false); !errors.Is(s.Err, link.ErrGone) {
		t.Errorf("down because %v, want ErrGone", s.Err)
	}
}

// A node that another program has grabbed, or that is no scanner, says so.
func TestNodesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, protocol, prefix string
		node                   scanner.SocketNode
		want                   error
	}{
		{"grabbed", "evdev", "evdev:", scanner.SocketNode{Busy: syscall.EBUSY}, syscall.EBUSY},
		{"no descriptor", "hidpos", "hidraw:", scanner.SocketNode{}, scanner.ErrNotHIDPOS},
	}
	for _, tt := range tests {
		near, far := net.Pipe()
		defer far.Close()
		tt.node.Conn = near
		up := make(chan link.Status, 1000)
		s, err := scanner.New(scanner.Config{
			Protocol: tt.protocol, Port: tt.prefix + "/dev/null",
			Link: link.Options{Report: func(s link.Status) { up <- s }},
		})
		must(t, err)
		s.OpenBy(func(string) (scanner.SocketNode, error) { return tt.node, nil })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, func(scanner.Scan) {}) }()
		if got := untilStatus(t, up, false); !errors.Is(got.Err, tt.want) {
			t.Errorf("%s: down because %v, want %v", tt.name, got.Err, tt.want)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v", err)
		}
		if _, err := near.Write([]byte{0}); !errors.Is(err, os.ErrClosed) && !errors.Is(err, net.ErrClosed) && err == nil {
			t.Errorf("%s: the node was left open", tt.name)
		}
	}
}

// What the kernel says of files that are no such devices reads well.
func TestKernelNodesThatAreNone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	tests := []struct{ protocol, port, want string }{
		{"evdev", "evdev:/dev/null", "not an input device"},
		{"evdev", "evdev:" + file, "not an input device"},
		{"evdev", "evdev:/dev/input/by-id/absent", "not plugged in, or another path"},
		{"hidpos", "hidraw:/dev/null", "not a raw HID node"},
		{"hidpos", "hidraw:/dev/absent", "not plugged in"},
		{"hidpos", "hidraw:ffff:ffff", "not plugged in"},
	}
	for _, tt := range tests {
		up := make(chan link.Status, 1000)
		s, err := scanner.New(scanner.Config{Protocol: tt.protocol, Port: tt.port, Link: link.Options{Report: func(s link.Status) { up <- s }}})
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, func(scanner.Scan) {}) }()
		if got := untilStatus(t, up, false); !strings.Contains(got.Err.Error(), tt.want) {
			t.Errorf("%s: down because %q, want %q in it", tt.port, got.Err, tt.want)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v", err)
		}
	}
}

// VID:PID leads to the node of the day.
func TestHIDPOSByIdentity(t *testing.T) {
	t.Parallel()
	far, err := sim.NewHIDScanner(devPath(t), sim.HIDScannerOptions{})
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	sys := t.TempDir()
	dir := filepath.Join(sys, "hidraw7", "device")
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "uevent"), []byte("HID_ID=0003:000005E0:00001300\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "report_descriptor"), sim.HIDCounted.Descriptor(), 0o600))
	up, codes := make(chan link.Status, 100), make(chan string, 10)
	s, err := scanner.New(scanner.Config{Protocol: "hidpos", Port: "hidraw:05e0:1300", Link: link.Options{Report: func(s link.Status) { up <- s }}})
	must(t, err)
	s.Sysfs(sys)
	s.OpenBy(func(path string) (scanner.SocketNode, error) {
		if path != "/dev/hidraw7" {
			t.Errorf("opened %s", path)
		}
		return openSocket(far.Path())
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(c scanner.Scan) { codes <- string(c.Code) }) }()
	untilStatus(t, up, true)
	must(t, far.Scan("]E04006381333931"))
	if got := <-codes; got != "]E04006381333931" {
		t.Errorf("code %q", got)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run() = %v", err)
	}
}
