package panel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"kassa/device/link"
)

// The protocol "lines", for USB I/O boards. To the board, each ended by LF:
//
//	LAMP green|red|white off|on|blink
//	DRAWER milliseconds
//	STATE                     asks for the state of button and door
//
// From the board, each ended by LF, CR or both:
//
//	BUTTON down|up
//	DOOR open|closed
//
// Anything else from the board is passed over: it may have a greeting.

// maxLine is longer than any line of the protocol.
const maxLine = 64

// A message is a line of the board's, taken apart.
type message uint8

const (
	nothing message = iota
	buttonDown
	buttonUp
	doorOpen
	doorClosed
)

// parseLine reads one line without its end.
func parseLine(line []byte) message {
	switch string(bytes.Join(bytes.Fields(line), []byte{' '})) {
	case "BUTTON down":
		return buttonDown
	case "BUTTON up":
		return buttonUp
	case "DOOR open":
		return doorOpen
	case "DOOR closed":
		return doorClosed
	default:
		return nothing
	}
}

// A lineCutter cuts a stream into lines and throws overlong ones away.
type lineCutter struct {
	line []byte
	skip bool
}

func (c *lineCutter) feed(b []byte, emit func(line []byte)) {
	for _, x := range b {
		switch {
		case x == '\n' || x == '\r':
			if len(c.line) > 0 && !c.skip {
				emit(c.line)
			}
			c.line, c.skip = c.line[:0], false
		case len(c.line) == maxLine:
			c.skip = true
		default:
			c.line = append(c.line, x)
		}
	}
}

func checkLines(cfg Config) error { return link.Check(cfg.Port, cfg.Line) }

func runLines(ctx context.Context, p *Panel, deliver func(Input)) error {
	in := &inputs{deliver: deliver}
	var r rest // outlives a connection
	return link.Keep(ctx, p.cfg.Link,
		func(ctx context.Context) (dimmer, error) {
			conn, err := link.Open(ctx, p.cfg.Port, p.cfg.Line)
			return dimmer{conn}, err
		},
		func(ctx context.Context, conn dimmer) error {
			defer in.lost()
			return p.useLines(ctx, conn, in, &r)
		})
}

// A dimmer is a connection that leaves the lamps dark: a green light over a
// lane that nobody runs would be a lie.
type dimmer struct{ link.Conn }

func (d dimmer) Close() error {
	_, _ = d.Write(lampLines(Lights{})) // in vain if the board is gone, and then it does not matter
	return d.Conn.Close()
}

var errReader = errors.New("reader ended")

// useLines writes here and reads in a goroutine of its own, which the closing
// of conn ends.
func (p *Panel) useLines(ctx context.Context, conn link.Conn, in *inputs, r *rest) error {
	var readErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		readErr = readBoard(conn, in)
	}()
	err := p.writeBoard(ctx, conn, r, done)
	_ = conn.Close()
	<-done
	if errors.Is(err, errReader) {
		return readErr
	}
	return err
}

func readBoard(conn link.Conn, in *inputs) error {
	var c lineCutter
	buf := make([]byte, 256)
	for {
		n, err := conn.Read(buf)
		c.feed(buf[:n], func(line []byte) {
			switch parseLine(line) {
			case buttonDown:
				in.button(true)
			case buttonUp:
				in.button(false)
			case doorOpen:
				in.doorIs(true)
			case doorClosed:
				in.doorIs(false)
			case nothing:
			}
		})
		if err != nil {
			return err
		}
	}
}

// refresh is how often the lamps are sent again: a board that reset itself, as
// they do when a drawer's coil disturbs them, comes back dark and says nothing.
const refresh = 5 * time.Second

// writeBoard sends the whole state first, then what changes.
func (p *Panel) writeBoard(ctx context.Context, conn link.Conn, r *rest, done <-chan struct{}) error {
	again := time.NewTicker(refresh)
	defer again.Stop()
	if _, err := conn.Write([]byte("STATE\n")); err != nil {
		return err
	}
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := conn.Write(lampLines(p.wanted())); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-done:
			return errReader
		case <-again.C:
		case <-p.changed:
		case q := <-p.pulses:
			err := r.take(time.Now())
			if err != nil {
				q.done <- err
				continue
			}
			_, err = fmt.Fprintf(conn, "DRAWER %d\n", q.length.Milliseconds())
			q.done <- err
			if err != nil {
				return err
			}
		}
	}
}

// lampLines is the whole lane light in one write.
func lampLines(l Lights) []byte {
	return fmt.Appendf(nil, "LAMP green %s\nLAMP red %s\nLAMP white %s\n", l.Green, l.Red, l.White)
}
