package devicetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// A cutter stands in a TCP line, counts the messages of both directions, and
// cuts the line at one of them: before, so that the far side never sees it, or
// behind it.
type cutter struct {
	dial  func(context.Context) (io.ReadWriteCloser, error) // the far side
	split func(*bufio.Reader) ([]byte, error)               // reads one message
	ln    net.Listener
	work  sync.WaitGroup
	mu    sync.Mutex
	seen  []string // messages since armed, with the way they went
	at    int      // cut at this one; 0: never
	after bool
	cut   bool
	calls int    // connections that stand
	onCut func() // called once, before anybody can notice; may be nil
}

// newCutter listens in front of to until the test ends.
func newCutter(t *testing.T, b TerminalBench) *cutter {
	t.Helper()
	dial := b.Dial
	if dial == nil {
		dial = func(ctx context.Context) (io.ReadWriteCloser, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", b.Addr)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends at once
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{dial: dial, split: b.Split, ln: ln}
	c.work.Go(c.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		c.work.Wait()
	})
	return c
}

func (c *cutter) addr() string { return c.ln.Addr().String() }

// arm cuts at the n-th message of connections that begin from now on, 0 at
// none, and calls onCut then.
func (c *cutter) arm(n int, after bool, onCut func()) {
	c.settle()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen, c.at, c.after, c.cut, c.onCut = nil, n, after, false, onCut
}

// settle waits for a driver to hang up, for its last word to pass. One that
// keeps its connections is not waited for long.
func (c *cutter) settle() {
	for deadline := time.Now().Add(300 * time.Millisecond); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		c.mu.Lock()
		calls := c.calls
		c.mu.Unlock()
		if calls == 0 {
			return
		}
	}
}

func (c *cutter) call(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls += n
}

// cutNow cuts the line where it stands.
func (c *cutter) cutNow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
}

// messages returns what has passed since arm, as hex with > or < in front.
func (c *cutter) messages() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

// fired reports whether the line was cut since arm.
func (c *cutter) fired() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

func (c *cutter) accept() {
	for {
		near, err := c.ln.Accept()
		if err != nil {
			return
		}
		far, err := c.dial(context.Background())
		if err != nil {
			near.Close()
			continue
		}
		c.call(1)
		var ends sync.WaitGroup
		ends.Go(func() { c.pump(">", near, far) })
		ends.Go(func() { c.pump("<", far, near) })
		c.work.Go(func() {
			ends.Wait()
			near.Close()
			_ = far.Close()
			c.call(-1)
		})
	}
}

// pump carries messages until either side ends or the cut comes.
func (c *cutter) pump(way string, from, to io.ReadWriteCloser) {
	defer hangUp(to)
	r := bufio.NewReader(from)
	for {
		msg, err := c.split(r)
		if err != nil {
			return
		}
		now, after := c.next(way, msg)
		if now && !after {
			hangUp(from)
			return
		}
		if _, err := to.Write(msg); err != nil {
			return
		}
		if now || c.fired() {
			hangUp(from)
			return
		}
	}
}

// next counts a message and reports whether the cut is here.
func (c *cutter) next(way string, msg []byte) (now, after bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return true, false // behind the cut nothing passes
	}
	c.seen = append(c.seen, fmt.Sprintf("%s % X", way, msg[:min(len(msg), 5)]))
	if c.at == 0 || len(c.seen) != c.at {
		return false, false
	}
	c.cut = true
	if c.onCut != nil {
		c.onCut()
	}
	return true, c.after
}

// hangUp ends the stream towards conn behind what was sent, and lets the other
// direction run dry, so that a reset cannot eat the last message. A line that
// cannot be ended in one direction is closed.
func hangUp(conn io.ReadWriteCloser) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
		return
	}
	_ = conn.Close()
}
