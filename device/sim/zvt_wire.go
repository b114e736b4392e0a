package sim

import (
	"errors"
	"io"
	"net"
	"time"
)

// A zvtMessage is one message on the wire: class, instruction, data.
type zvtMessage struct {
	code int
	data []byte
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

// A zvtTalk is one connection to the terminal.
type zvtTalk struct {
	z    *ZVT
	conn net.Conn
	in   chan zvtMessage
	quit chan struct{}
	stop bool // the lane asked for an abort (06 B0)
	late bool // too late to abort
}

// talk serves one connection.
func (z *ZVT) talk(conn net.Conn) {
	k := &zvtTalk{z: z, conn: conn, in: make(chan zvtMessage), quit: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(k.in)
		for {
			m, err := readZVT(conn)
			if err != nil {
				return
			}
			select {
			case k.in <- m:
			case <-k.quit:
				return
			}
		}
	}()
	for m := range k.in {
		if k.obey(m) != nil {
			break
		}
	}
	close(k.quit)
	conn.Close()
	<-done
}

func (k *zvtTalk) send(m zvtMessage) error {
	if _, err := k.conn.Write(m.bytes()); err != nil {
		return errZVTLost
	}
	return nil
}

func (k *zvtTalk) yes() error         { return k.send(zvtMessage{code: 0x8000}) }
func (k *zvtTalk) no(code byte) error { return k.send(zvtMessage{code: 0x8400 + int(code)}) }

// point breaks the line if that was asked for at this point.
func (k *zvtTalk) point(name string) error {
	if !k.z.cut(name) {
		return nil
	}
	k.conn.Close()
	return errZVTCut
}

// tell sends a command to the lane and waits for its answer.
func (k *zvtTalk) tell(point string, code int, data []byte) (zvtMessage, error) {
	if err := k.send(zvtMessage{code: code, data: data}); err != nil {
		return zvtMessage{}, err
	}
	if err := k.point(point); err != nil {
		return zvtMessage{}, err
	}
	timer := time.NewTimer(zvtPatience)
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
			k.conn.Close()
			return zvtMessage{}, errZVTLost
		}
	}
}

// interrupt answers a command that arrives while the terminal is master: only
// an abort has a meaning there.
func (k *zvtTalk) interrupt(m zvtMessage) error {
	switch {
	case m.code == 0x06B0 && !k.late:
		k.stop = true
		return k.yes()
	case m.code>>8 == 0x80 || m.code>>8 == 0x84:
		return nil
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
