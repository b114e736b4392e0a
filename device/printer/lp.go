package printer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"kassa/device/link"
)

// An lpConn is the device node of a USB printer (usblp). It blocks writers for
// ever when the paper is out, hence the deadlines; a printer that does not
// answer makes it report the end of a file that has none.
type lpConn struct {
	f    *os.File
	once sync.Once
	quit chan struct{}
}

const lpIdle = 50 * time.Millisecond

func openLP(path string) (link.Conn, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // character devices go to Go's poller, non-blocking
	if err != nil {
		return nil, fmt.Errorf("open printer: %w", err)
	}
	return &lpConn{f: f, quit: make(chan struct{})}, nil
}

func (c *lpConn) Read(b []byte) (int, error) {
	for {
		n, err := c.f.Read(b)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		select {
		case <-time.After(lpIdle):
		case <-c.quit:
			return 0, os.ErrClosed
		}
	}
}

func (c *lpConn) Write(b []byte) (int, error) {
	if err := c.f.SetWriteDeadline(time.Now().Add(link.WriteTimeout)); err != nil {
		return 0, fmt.Errorf("write deadline: %w", err)
	}
	n, err := c.f.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("%w: %w", link.ErrStuck, err)
	}
	return n, err
}

func (c *lpConn) SetReadDeadline(t time.Time) error { return c.f.SetReadDeadline(t) }

func (c *lpConn) Close() error {
	c.once.Do(func() { close(c.quit) })
	return c.f.Close()
}
