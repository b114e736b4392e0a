package sim

import (
	"bytes"
	"errors"
	"io"
	"net"
	"time"
)

// A zvtMessage is one message on the wire: class, instruction, data.
type zvtMessage struct {
	code  int
	data  []byte
	round int64 // on a serial line: how often the cable had been cut
}

var (
	errZVTLost = errors.New("line lost")
	errZVTCut  = errors.New("line cut on purpose")
)

// zvtPatience is how long the terminal waits for the lane's answer (T3).
const zvtPatience = 5 * time.Second

// readZVT reads one message.
func readZVT(r io.Reader) (zvtMessage, error) {
	head := make([]byte, 3)
	if _, err := io.ReadFull(r, head); err != nil {
		return zvtMessage{}, err
	}
	n := int(head[2])
	if head[2] == 0xFF {
		ext := make([]byte, 2)
		if _, err := io.ReadFull(r, ext); err != nil {
			return zvtMessage{}, err
		}
		n = int(ext[1])<<8 + int(ext[0])
	}
	m := zvtMessage{code: int(head[0])<<8 + int(head[1]), data: make([]byte, n)}
	_, err := io.ReadFull(r, m.data)
	return m, err
}

func (m zvtMessage) bytes() []byte {
	b := []byte{byte(m.code >> 8), byte(m.code)}
	if n := len(m.data); n < 0xFF {
		b = append(b, byte(n))
	} else {
		b = append(b, 0xFF, byte(n&0xFF), byte(n>>8))
	}
	return append(b, m.data...)
}

// A zvtLine carries messages between lane and terminal.
type zvtLine interface {
	send(m zvtMessage) error
	noise()  // bytes that mean nothing
	damage() // spoils the next message on its way, where a line can
	refuse() // has the lane send its next message twice, where a line can
	cut()    // breaks the line, for the lane to see
	hangUp() // gives up on a lane that does not answer
}

// A zvtTalk is one conversation with the lane: a connection, or on a serial
// line the time until something broke.
type zvtTalk struct {
	z    *ZVT
	line zvtLine
	in   <-chan zvtMessage
	stop bool // the lane asked for an abort (06 B0)
	late bool // too late to abort

	ids  bool   // messages are numbered
	id   int64  // of our last command
	lane []byte // number of the lane's last command
}

// A zvtSocketLine is messages bare on a connection.
type zvtSocketLine struct{ conn net.Conn }

func (l zvtSocketLine) send(m zvtMessage) error {
	if _, err := l.conn.Write(m.bytes()); err != nil {
		return errZVTLost
	}
	return nil
}

func (l zvtSocketLine) noise()  { _, _ = l.conn.Write([]byte("\x00\xffnoise\x10\x02")) }
func (l zvtSocketLine) damage() {} // TCP does not let it happen
func (l zvtSocketLine) refuse() {}
func (l zvtSocketLine) cut()    { l.conn.Close() }
func (l zvtSocketLine) hangUp() { l.conn.Close() }

// talk serves one connection.
func (z *ZVT) talk(conn net.Conn) {
	in, quit, done := make(chan zvtMessage), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer close(in)
		for {
			m, err := readZVT(conn)
			if err != nil {
				return
			}
			select {
			case in <- m:
			case <-quit:
				return
			}
		}
	}()
	k := &zvtTalk{z: z, line: zvtSocketLine{conn}, in: in}
	for m := range in {
		if k.obey(m) != nil {
			break
		}
	}
	close(quit)
	conn.Close()
	<-done
}

func (k *zvtTalk) yes() error {
	m := zvtMessage{code: 0x8000}
	if k.ids && k.lane != nil {
		m.data = append([]byte{0x06}, zvtTLV(nil, zvtTLV([]byte{0x1F, 0x73}, k.lane))...)
	}
	return k.line.send(m)
}

func (k *zvtTalk) no(code byte) error { return k.line.send(zvtMessage{code: 0x8400 + int(code)}) }

// hear notes the number of a command of the lane.
func (k *zvtTalk) hear(m zvtMessage) {
	k.lane = nil
	if i := bytes.Index(m.data, []byte{0x1F, 0x73, 0x03}); i >= 0 && len(m.data) >= i+6 {
		k.lane = m.data[i+3 : i+6]
	}
}

// point breaks the line if that was asked for at this point.
func (k *zvtTalk) point(name string) error {
	if !k.z.cut(name) {
		return nil
	}
	k.line.cut()
	return errZVTCut
}

// tell sends a command to the lane and waits for its answer.
func (k *zvtTalk) tell(point string, code int, data []byte) (zvtMessage, error) {
	times, err := k.faults(point)
	if err != nil {
		return zvtMessage{}, err
	}
	var answer zvtMessage
	m := k.numbered(zvtMessage{code: code, data: data})
	for range times {
		if answer, err = k.tellOnce(point, m); err != nil {
			return zvtMessage{}, err
		}
	}
	return answer, nil
}

func (k *zvtTalk) tellOnce(point string, m zvtMessage) (zvtMessage, error) {
	if err := k.line.send(m); err != nil {
		return zvtMessage{}, err
	}
	if err := k.point(point); err != nil {
		return zvtMessage{}, err
	}
	timer := time.NewTimer(k.z.o.Patience)
	defer timer.Stop()
	for {
		select {
		case m, ok := <-k.in:
			switch {
			case !ok:
				return zvtMessage{}, errZVTLost
			case m.code>>8 == 0x80 || m.code>>8 == 0x84:
				return m, nil
			}
			if err := k.interrupt(m); err != nil {
				return zvtMessage{}, err
			}
		case <-timer.C:
			k.line.hangUp()
			return zvtMessage{}, errZVTLost
		}
	}
}

// interrupt answers a command that arrives while the terminal is master: only
// an abort has a meaning there.
func (k *zvtTalk) interrupt(m zvtMessage) error {
	k.hear(m)
	switch {
	case m.code == 0x06B0 && !k.late:
		k.stop = true
		return k.yes()
	case m.code>>8 == 0x80 || m.code>>8 == 0x84:
		return nil
	case m.code == 0x0501 || m.code == 0x0600: // a lane that began anew on a line that cannot be hung up
		return k.no(0x9C)
	}
	return k.no(0x83)
}

// pause lets simulated time pass while the terminal works.
func (k *zvtTalk) pause(d time.Duration) error {
	timer := time.NewTimer(k.z.clock.Real(d))
	defer timer.Stop()
	for {
		select {
		case m, ok := <-k.in:
			if !ok {
				return errZVTLost
			}
			if err := k.interrupt(m); err != nil {
				return err
			}
		case <-timer.C:
			return nil
		}
	}
}

// finish gives the word back to the lane.
func (k *zvtTalk) finish() error {
	if _, err := k.tell("completion", 0x060F, nil); err != nil {
		return err
	}
	return k.point("completion-ack")
}

// giveUp gives the word back with an abort.
func (k *zvtTalk) giveUp(code byte) error {
	_, err := k.tell("abort", 0x061E, []byte{code})
	return err
}

// zvtDigits packs v into n bytes of decimal digits.
func zvtDigits(v int64, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		pow := int64(1)
		for range n - 1 - i {
			pow *= 100
		}
		d := v / pow % 100
		b[i] = byte(d/10*16 + d%10)
	}
	return b
}

func zvtNumber(b []byte) int64 {
	var v int64
	for _, c := range b {
		v = v*100 + int64(c/16)*10 + int64(c%16)
	}
	return v
}

// zvtLL and zvtLLL write a value with its length in decimal digits.
func zvtLL(id byte, v []byte) []byte {
	n := len(v)
	return append([]byte{id, 0xF0 + byte(n/10%10), 0xF0 + byte(n%10)}, v...)
}

func zvtLLL(id byte, v []byte) []byte {
	n := len(v)
	return append([]byte{id, 0xF0 + byte(n/100%10), 0xF0 + byte(n/10%10), 0xF0 + byte(n%10)}, v...)
}

// zvtTLV writes an object; its value must be shorter than 64 KiB.
func zvtTLV(tag []byte, v []byte) []byte {
	b := append([]byte{}, tag...)
	switch n := len(v); {
	case n > 0xFF:
		b = append(b, 0x82, byte(n>>8), byte(n))
	case n > 0x7F:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, byte(n))
	}
	return append(b, v...)
}

// zvtField finds a fixed-length bitmap in the data of a lane's command: the
// few that a lane sends.
func zvtField(data []byte, id byte) ([]byte, bool) {
	size := map[byte]int{0x01: 1, 0x02: 1, 0x03: 1, 0x04: 6, 0x0B: 3, 0x19: 1, 0x37: 3, 0x49: 2, 0x87: 2, 0x8A: 1}
	for len(data) > 0 {
		n, ok := size[data[0]]
		if !ok || len(data) < 1+n {
			return nil, false
		}
		if data[0] == id {
			return data[1 : 1+n], true
		}
		data = data[1+n:]
	}
	return nil, false
}
