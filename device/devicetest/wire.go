package devicetest

import (
	"bufio"
	"context"
	"net"
	"sync"
	"testing"
)

// A cutter stands in a TCP line, counts the messages of both directions, and
// cuts the line at one of them: before, so that the far side never sees it, or
// behind it.
type cutter struct {
	to    string
	split func(*bufio.Reader) ([]byte, error) // reads one message
	ln    net.Listener
	work  sync.WaitGroup

	mu    sync.Mutex
	count int // messages seen since armed
	at    int // cut at this one; 0: never
	after bool
	cut   bool
}

// newCutter listens in front of to until the test ends.
func newCutter(t *testing.T, to string, split func(*bufio.Reader) ([]byte, error)) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends at once
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{to: to, split: split, ln: ln}
	c.work.Go(c.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		c.work.Wait()
	})
	return c
}

func (c *cutter) addr() string { return c.ln.Addr().String() }

// arm cuts at the n-th message from now on.
func (c *cutter) arm(n int, after bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count, c.at, c.after, c.cut = 0, n, after, false
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
		far, err := new(net.Dialer).DialContext(context.Background(), "tcp", c.to)
		if err != nil {
			near.Close()
			continue
		}
		var ends sync.WaitGroup
		ends.Go(func() { c.pump(near, far) })
		ends.Go(func() { c.pump(far, near) })
		c.work.Go(func() {
			ends.Wait()
			near.Close()
			far.Close()
		})
	}
}

// pump carries messages until either side ends or the cut comes.
func (c *cutter) pump(from, to net.Conn) {
	defer hangUp(to)
	r := bufio.NewReader(from)
	for {
		msg, err := c.split(r)
		if err != nil {
			return
		}
		now, after := c.next()
		if now && !after {
			hangUp(from)
			return
		}
		if _, err := to.Write(msg); err != nil {
			return
		}
		if now {
			hangUp(from)
			return
		}
	}
}

// next counts a message and reports whether the cut is here.
func (c *cutter) next() (now, after bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	if c.at == 0 || c.count != c.at {
		return c.cut, false // behind the cut nothing passes
	}
	c.cut = true
	return true, c.after
}

// hangUp ends the stream towards conn behind what was sent, and lets the other
// direction run dry, so that a reset cannot eat the last message.
func hangUp(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}
