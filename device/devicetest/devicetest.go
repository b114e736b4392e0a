// Package devicetest holds what every driver of a kind must pass: normal use,
// unplugging at every moment, garbage, split and joined frames, silence. It
// runs them against device/sim over real pseudo-terminals, and a shorter form
// against real hardware on the bench. It is linked into tests only.
//
// Its one rule: it judges a driver by what it delivers and by the bytes on the
// wire, never by its insides.
package devicetest

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kassa/device/link"
)

// patience is how long a test waits for what must happen, and calm how long it
// watches for what must not.
const (
	patience = 10 * time.Second
	calm     = 60 * time.Millisecond
)

// A harness runs one driver and keeps what it delivered.
type harness[T any] struct {
	t    *testing.T
	mu   sync.Mutex
	got  []T
	up   bool
	seen int // status reports
}

// quick makes a driver dial again at once, so that tests need not wait.
func (h *harness[T]) quick() link.Options {
	return link.Options{First: 5 * time.Millisecond, Longest: 20 * time.Millisecond, Report: func(s link.Status) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.up = s.Up
		h.seen++
		if !s.Up && s.Err == nil {
			h.t.Error("reported down without a reason")
		}
	}}
}

// run starts the driver; it must stop when the test ends.
func (h *harness[T]) run(run func(context.Context, func(T)) error) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, func(v T) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.got = append(h.got, v)
		})
	}()
	h.t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				h.t.Errorf("Run() = %v, want the context's cause", err)
			}
		case <-time.After(patience):
			h.t.Error("Run() did not end with its context")
		}
	})
}

// take returns what was delivered since the last take.
func (h *harness[T]) take() []T {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := h.got
	h.got = nil
	return got
}

// until waits for cond, which holds the lock.
func (h *harness[T]) until(what string, cond func() bool) {
	h.t.Helper()
	waitFor(h.t, what, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return cond()
	})
}

func (h *harness[T]) untilUp() {
	h.t.Helper()
	h.until("the driver reports up", func() bool { return h.up })
}

func (h *harness[T]) untilDown() {
	h.t.Helper()
	h.until("the driver reports down", func() bool { return !h.up })
}

// waitFor polls cond until it holds.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// portPath returns where a simulated device may appear.
func portPath(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "dev", name)
}

// must fails the test on an error of the simulator.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
