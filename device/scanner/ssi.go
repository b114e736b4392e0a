package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"kassa/device/link"
)

// Times of an SSI line (programmer's guide, and what scanners do by default).
const (
	ssiSilence = 50 * time.Millisecond  // inside no packet is a pause so long
	ssiAnswer  = 500 * time.Millisecond // the scanner answers a command within it
	ssiTries   = 3                      // so often is a command sent
	// ssiJoin is longer than the scanner waits for our ACK before it sends a
	// packet again (2 s), and ssiRepeats than all of its tries.
	ssiJoin    = 3 * time.Second
	ssiRepeats = 10 * time.Second
)

// ssi speaks Zebra's packet protocol. Beeps are left to the scanner.
type ssi struct {
	cfg Config

	// Owned by dial and read, of which one runs at a time. They outlive a
	// connection: the scanner sends again what we had taken when the cable
	// was pulled.
	joiner  ssiJoiner
	taken   time.Time // when joiner took a packet last
	refused bool      // a NAK was sent since

	mu  sync.Mutex
	off bool        // the scanner is to read nothing
	now *ssiSession // nil: not connected
}

var errSSIMute = errors.New("scanner does not answer")

func newSSI(cfg Config) (unit, error) {
	if err := link.Check(cfg.Port, cfg.Line); err != nil {
		return nil, err
	}
	return &ssi{cfg: cfg}, noLetters(cfg)
}

// An ssiSession is one connection to a scanner that has answered.
type ssiSession struct {
	link.Conn
	s      *ssi
	frames ssiFramer
	early  [][]byte // codes that came while the scanner was set up

	commands chan struct{} // holds a token while nobody sends a command
	answers  chan byte     // 0 for ACK, or the cause of a NAK
	ended    chan struct{} // closed when nobody reads any more
}

// dial opens the port and has the scanner set up: up means that it answers.
func (s *ssi) dial(ctx context.Context) (link.Conn, error) {
	conn, err := link.Open(ctx, s.cfg.Port, s.cfg.Line)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // frees a blocked Read
	defer stop()
	c := &ssiSession{
		Conn: conn, s: s, commands: make(chan struct{}, 1), answers: make(chan byte, 1), ended: make(chan struct{}),
	}
	c.commands <- struct{}{}
	if err := c.hello(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// hello sets the scanner up as this driver needs it, until it is switched off:
// packets with ACK (parameter 9F), codes in packets (EE), and reading or not.
func (c *ssiSession) hello(ctx context.Context) error {
	for _, param := range []byte{0x9f, 0xee} {
		err := c.ask(ctx, ssiPacket{op: ssiParam, data: []byte{0xff, param, 1}})
		switch {
		case errors.Is(err, ErrRefused): // one that is set so for good may refuse
		case errors.Is(err, errSSIMute) && param == 0x9f: // it did not use to answer, but may now
		case err != nil:
			return err
		}
	}
	for {
		c.s.mu.Lock()
		off := c.s.off
		c.s.mu.Unlock()
		if err := c.ask(ctx, ssiTurn(!off)); err != nil && !errors.Is(err, ErrRefused) {
			return err
		}
		c.s.mu.Lock()
		if off == c.s.off {
			c.s.now = c
			c.s.mu.Unlock()
			return nil
		}
		c.s.mu.Unlock()
	}
}

func ssiTurn(on bool) ssiPacket {
	if on {
		return ssiPacket{op: ssiEnable}
	}
	return ssiPacket{op: ssiDisable}
}

// ask sends a command and reads until it is answered, while nobody else reads.
func (c *ssiSession) ask(ctx context.Context, p ssiPacket) error {
	keep := func(code []byte) { c.early = append(c.early, code) }
	for try := range ssiTries {
		if err := c.send(p, try > 0); err != nil {
			return err
		}
		for end := time.Now().Add(ssiAnswer); time.Now().Before(end); {
			if err := c.step(ctx, end, keep); err != nil {
				return err
			}
			if done, err := c.judge(); done {
				return err
			}
		}
	}
	return errSSIMute
}

// judge looks whether an answer has come, and whether it settles the command.
func (c *ssiSession) judge() (done bool, err error) {
	select {
	case cause := <-c.answers:
		return judgeSSI(cause)
	default:
		return false, nil
	}
}

func judgeSSI(cause byte) (done bool, err error) {
	switch cause {
	case 0:
		return true, nil
	case ssiResend:
		return false, nil
	default:
		return true, fmt.Errorf("%w: NAK with cause %d", ErrRefused, cause)
	}
}

// send puts a command on the wire, behind a byte that wakes a sleeping scanner.
func (c *ssiSession) send(p ssiPacket, again bool) error {
	select {
	case <-c.answers: // to an older command
	default:
	}
	p.source = ssiFromHost
	if again {
		p.status |= ssiAgain
	}
	_, err := c.Write(p.append([]byte{0}))
	return err
}

// turn tells the scanner to read or not, while read reads the answers.
func (s *ssi) turn(ctx context.Context, on bool) error {
	s.mu.Lock()
	s.off = !on
	c := s.now
	s.mu.Unlock()
	if c == nil {
		return ErrAway
	}
	select {
	case <-c.commands:
	case <-c.ended:
		return ErrAway
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { c.commands <- struct{}{} }()
	timer := time.NewTimer(ssiAnswer)
	defer timer.Stop()
	for try := range ssiTries {
		if err := c.send(ssiTurn(on), try > 0); err != nil {
			return fmt.Errorf("%w: %w", ErrAway, err)
		}
		timer.Reset(ssiAnswer)
		select {
		case cause := <-c.answers:
			if done, err := judgeSSI(cause); done {
				return err
			}
		case <-timer.C:
		case <-c.ended:
			return ErrAway
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return fmt.Errorf("%w: no answer", ErrRefused)
}

func (s *ssi) read(ctx context.Context, conn link.Conn, deliver func(code []byte)) error {
	c, ok := conn.(*ssiSession)
	if !ok {
		return fmt.Errorf("ssi: connection is a %T", conn)
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now = nil
		close(c.ended)
	}()
	for _, code := range c.early {
		deliver(code)
	}
	c.early = nil
	for {
		if err := c.step(ctx, time.Time{}, deliver); err != nil {
			return err
		}
	}
}

// step reads once, at the longest until limit if that is not zero, and deals
// with what has come or not come.
func (c *ssiSession) step(ctx context.Context, limit time.Time, deliver func(code []byte)) error {
	s := c.s
	deadline := limit
	sooner := func(t time.Time) {
		if deadline.IsZero() || t.Before(deadline) {
			deadline = t
		}
	}
	if c.frames.pending() {
		sooner(time.Now().Add(ssiSilence))
	}
	if s.joiner.open || s.joiner.skip {
		sooner(s.taken.Add(ssiJoin))
	}
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	var buf [512]byte
	dropped := c.frames.dropped + s.joiner.dropped
	n, err := c.Read(buf[:])
	var failed error
	c.frames.feed(buf[:n], func(p ssiPacket) {
		if failed == nil {
			failed = c.packet(p, deliver)
		}
	})
	silent := errors.Is(err, os.ErrDeadlineExceeded)
	if silent && (s.joiner.open || s.joiner.skip) && time.Since(s.taken) >= ssiJoin {
		s.joiner.forget()
	}
	if silent && c.frames.pending() {
		c.frames.reset()
		s.refused = true
		failed = errors.Join(failed, c.answer(ssiNAK, ssiResend))
	}
	if err != nil && !silent {
		s.joiner.forget() // what follows after a plug may be another code
	}
	if d := c.frames.dropped + s.joiner.dropped - dropped; d > 0 {
		s.cfg.Log.WarnContext(ctx, "damaged code dropped", "bytes", d)
	}
	if err != nil && !silent {
		return err
	}
	return failed
}

// packet deals with one packet of the scanner.
func (c *ssiSession) packet(p ssiPacket, deliver func(code []byte)) error {
	s := c.s
	switch {
	case p.source != ssiFromScanner: // our own, from a line that echoes
		return nil
	case p.op == ssiACK:
		c.answered(0)
		return nil
	case p.op == ssiNAK:
		cause := byte(ssiBad)
		if len(p.data) > 0 && p.data[0] != 0 {
			cause = p.data[0]
		}
		c.answered(cause)
		return nil
	case p.op != ssiDecode: // an event, or an answer to what was not asked
		return c.answer(ssiACK)
	case len(p.data) == 0:
		return c.answer(ssiNAK, ssiBad)
	}
	if err := c.answer(ssiACK); err != nil {
		return err
	}
	fresh := s.refused || time.Since(s.taken) > ssiRepeats
	code, how := s.joiner.take(p, fresh)
	if how != ssiRepeat {
		s.taken, s.refused = time.Now(), false
	}
	if len(code) > 0 {
		deliver(code)
	}
	return nil
}

// answered hands an answer to whoever sent a command; nobody may be left.
func (c *ssiSession) answered(cause byte) {
	select {
	case c.answers <- cause:
	default:
	}
}

func (c *ssiSession) answer(op byte, data ...byte) error {
	_, err := c.Write(ssiPacket{op: op, source: ssiFromHost, data: data}.append(nil))
	return err
}
