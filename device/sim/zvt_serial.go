package sim

import (
	"sync"
	"sync/atomic"
	"time"
)

// The terminal's end of a serial line (PA00P016 chapter 2), written from the
// specification and not from the lane's driver.

const (
	zvtByteGap  = 200 * time.Millisecond
	zvtAttempts = 3
)

// A zvtSerial is a serial port with its link layer. It lives as long as the
// terminal, whatever happens to the cable.
type zvtSerial struct {
	port     *Pty
	patience time.Duration
	in       chan zvtMessage
	acks     chan bool // the lane's ACK (true) or NAK
	round    atomic.Int64
	spoil    atomic.Bool // the next frame
	refused  atomic.Bool // the lane's next frame
	work     sync.WaitGroup

	out  sync.Mutex // held while bytes go out
	prev string     // the lane's frame before; owned by the reader
}

func newZVTSerial(port *Pty, patience time.Duration) *zvtSerial {
	l := &zvtSerial{port: port, patience: patience, in: make(chan zvtMessage, 32), acks: make(chan bool, 1)}
	l.work.Go(l.listen)
	return l
}

// Addr returns the path of the port's other end.
func (l *zvtSerial) Addr() string   { return l.port.Path() }
func (l *zvtSerial) Plugged() bool  { return l.port.Plugged() }
func (l *zvtSerial) Plug() error    { return l.port.Plug() }
func (l *zvtSerial) Unplug() error  { return l.port.Unplug() }
func (l *zvtSerial) noise()         { l.raw([]byte{0x00, 0xFF, 0x02, 0x41, 0x03, 0x10}) }
func (l *zvtSerial) damage()        { l.spoil.Store(true) }
func (l *zvtSerial) refuse()        { l.refused.Store(true) }
func (l *zvtSerial) raw(b []byte)   { l.out.Lock(); _, _ = l.port.Write(b); l.out.Unlock() }
func (l *zvtSerial) hangUp()        {} // there is nothing to hang up
func (l *zvtSerial) current() int64 { return l.round.Load() }

// cut pulls the cable and puts it back: the lane's port is gone and another
// has its name. What the lane said before is forgotten.
func (l *zvtSerial) cut() {
	_ = l.port.Unplug()
	l.round.Add(1)
	_ = l.port.Plug()
}

// Close takes the terminal away for good.
func (l *zvtSerial) Close() error {
	err := l.port.Close()
	l.work.Wait()
	return err
}

// talkOn serves a serial line until it is closed.
func (z *ZVT) talkOn(l *zvtSerial) {
	k := &zvtTalk{z: z, line: l, in: l.in}
	for m := range l.in {
		if m.round != l.current() {
			continue
		}
		if k.obey(m) != nil {
			k = &zvtTalk{z: z, line: l, in: l.in}
		}
	}
}

// A zvtBlock is what has arrived of a frame.
type zvtBlock struct {
	raw    []byte // from DLE STX on, doubled bytes as they came
	began  bool
	since  time.Time
	tail   int  // bytes of the CRC still to come; 0 while there is no end
	escape bool // the byte before was a DLE that is not the second of two
}

// listen takes the lane's bytes: frames, and acknowledgements between them.
func (l *zvtSerial) listen() {
	defer close(l.in)
	var b zvtBlock
	buf := make([]byte, 256)
	for {
		n, err := l.port.Read(buf)
		if err != nil {
			return
		}
		if b.began && time.Since(b.since) > zvtByteGap*5 { // the machine may be slow; the lane is not
			b = zvtBlock{}
			l.raw([]byte{0x15})
		}
		b.since = time.Now()
		for _, c := range buf[:n] {
			if frame, whole := b.add(c, l.acknowledged); whole {
				l.frame(frame)
				b = zvtBlock{since: b.since}
			}
		}
	}
}

func (l *zvtSerial) acknowledged(ok bool) {
	if ok {
		l.prev = "" // what the lane says next is new
	}
	select {
	case <-l.acks:
	default:
	}
	l.acks <- ok
}

// add takes one byte and returns the frame that it completes.
func (b *zvtBlock) add(c byte, acknowledged func(bool)) (frame []byte, whole bool) {
	switch {
	case !b.began && b.escape && c == 0x02:
		b.began, b.escape, b.raw = true, false, nil
	case !b.began:
		b.escape = c == 0x10
		if c == 0x06 || c == 0x15 {
			acknowledged(c == 0x06)
		}
	case b.tail > 0:
		b.raw = append(b.raw, c)
		b.tail--
		return b.raw, b.tail == 0
	case b.escape && c == 0x03:
		b.raw, b.tail, b.escape = append(b.raw, 0x03), 2, false
	case b.escape && c == 0x02:
		b.raw, b.escape = nil, false
	case b.escape:
		b.raw, b.escape = append(b.raw, c), false
	case c == 0x10:
		b.escape = true
	default:
		b.raw = append(b.raw, c)
	}
	return nil, false
}

// frame checks a frame (message, ETX, CRC), acknowledges it and hands it on.
func (l *zvtSerial) frame(f []byte) {
	body, sum := f[:len(f)-2], f[len(f)-2:]
	want := zvtCRC(body)
	msg := body[:len(body)-1]
	if l.refused.Swap(false) || byte(want&0xFF) != sum[0] || byte(want>>8) != sum[1] || len(msg) < 3 {
		l.raw([]byte{0x15})
		return
	}
	l.raw([]byte{0x06})
	m := zvtMessage{code: int(msg[0])<<8 | int(msg[1]), round: l.current()}
	skip := 3
	if msg[2] == 0xFF {
		skip = 5
	}
	m.data = append([]byte{}, msg[min(skip, len(msg)):]...)
	if again := l.prev == string(msg); again {
		return
	}
	l.prev = string(msg)
	select {
	case l.in <- m:
	default: // a lane that talks without listening is not heard
	}
}

// send sends a message until the lane acknowledges it.
func (l *zvtSerial) send(m zvtMessage) error {
	msg := append(m.bytes(), 0x03)
	sum := zvtCRC(msg)
	frame := []byte{0x10, 0x02}
	for _, c := range msg[:len(msg)-1] {
		frame = append(frame, c)
		if c == 0x10 {
			frame = append(frame, 0x10)
		}
	}
	frame = append(frame, 0x10, 0x03, byte(sum&0xFF), byte(sum>>8))
	round := l.current()
	for range zvtAttempts {
		select {
		case <-l.acks:
		default:
		}
		out := frame
		if l.spoil.Swap(false) {
			out = append([]byte{}, frame...)
			out[3] ^= 0x04
		}
		l.raw(out)
		timer := time.NewTimer(l.patience)
		select {
		case ok := <-l.acks:
			timer.Stop()
			if ok {
				return nil
			}
		case <-timer.C:
		}
		if l.current() != round {
			return errZVTLost
		}
	}
	return errZVTLost
}

// zvtCRC is x^16+x^15+x^10+x^3 by long division, lowest bit first.
func zvtCRC(b []byte) int {
	rem := 0
	for _, c := range b {
		for bit := range 8 {
			in := int(c)>>bit&1 ^ rem&1
			rem >>= 1
			if in == 1 {
				rem ^= 1<<15 | 1<<10 | 1<<3
			}
		}
	}
	return rem
}
