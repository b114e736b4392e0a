package hq

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cable is a TCP connection that fails: it stands before a server, and can be cut
// or swallow the answer to what a client has said.
type cable struct {
	t        *testing.T
	network  string
	to       string
	listener net.Listener
	swallow  atomic.Pointer[[]byte] // after a client has said this, its answer is lost
	lost     atomic.Int64           // answers that were
	still    sync.RWMutex           // written while nothing goes through

	mu   sync.Mutex
	ends map[net.Conn]bool
	all  sync.WaitGroup
}

func newCable(t *testing.T, network, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	c := &cable{t: t, network: network, to: to, listener: l, ends: map[net.Conn]bool{}}
	c.all.Go(c.serve)
	t.Cleanup(func() {
		_ = l.Close()
		c.cut()
		c.all.Wait()
	})
	return c
}

func (c *cable) serve() {
	for {
		near, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		far, err := net.Dial(c.network, c.to)
		if err != nil { // the server is away
			_ = near.Close()
			continue
		}
		c.mu.Lock()
		c.ends[near], c.ends[far] = true, true
		c.mu.Unlock()
		var deaf atomic.Pointer[[]byte]
		c.all.Go(func() { c.carry(far, near, &deaf, true) })
		c.all.Go(func() { c.carry(near, far, &deaf, false) })
	}
}

// carry moves bytes one way until an end is closed, then closes both. Where that
// comes before the answer that is to be lost, the next one is.
func (c *cable) carry(to, from net.Conn, deaf *atomic.Pointer[[]byte], asks bool) {
	defer func() {
		if what := deaf.Swap(nil); what != nil {
			c.swallow.CompareAndSwap(nil, what)
		}
		_, _ = to.Close(), from.Close()
		c.mu.Lock()
		delete(c.ends, to)
		delete(c.ends, from)
		c.mu.Unlock()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if asks {
			if what := c.swallow.Load(); what != nil && bytes.Contains(buf[:n], *what) && c.swallow.CompareAndSwap(what, nil) {
				deaf.Store(what)
			}
		} else if deaf.Load() != nil { // the server has done it, and nobody is told
			deaf.Store(nil)
			c.lost.Add(1)
			return
		}
		c.still.RLock()
		_, err = to.Write(buf[:n])
		c.still.RUnlock()
		if err != nil {
			return
		}
	}
}

// lose loses the answer to what a client says next that has this in it.
func (c *cable) lose(what string) {
	said := []byte(what)
	c.swallow.Store(&said)
}

// stall lets nothing through for a while.
func (c *cable) stall(d time.Duration) {
	c.still.Lock()
	defer c.still.Unlock()
	<-time.After(d)
}

// cut ends all connections there are.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for end := range c.ends {
		_ = end.Close()
	}
}

// cabled is a database of the tests' cluster behind a cable.
func cabled(t *testing.T, dsn string) (*cable, string) {
	t.Helper()
	dir, rest, _ := strings.Cut(strings.TrimPrefix(dsn, "host="), " ")
	c := newCable(t, "unix", dir+"/.s.PGSQL.5432")
	host, port, err := net.SplitHostPort(c.listener.Addr().String())
	ok(t, err)
	return c, "host=" + host + " port=" + port + " sslmode=disable " + rest
}
