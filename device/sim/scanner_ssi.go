package sim

import (
	"strings"
	"sync"
	"time"
)

// SSIScannerOptions describes a simulated Zebra SSI scanner.
type SSIScannerOptions struct {
	Timeout  time.Duration // waited for the lane's ACK; 0 means 2 s
	Room     int           // bytes of a code that fit into one packet; 0 means 200
	ByteTime time.Duration // pause after each byte; 0: a packet goes out in one piece
	// NoACK is a scanner whose handshake was switched off: it answers nothing
	// and waits for nothing until parameter 9F is set.
	NoACK bool
}

// An SSIScanner is a scanner that speaks Zebra's packet protocol: it waits for
// an ACK and sends again without one, three times in all.
type SSIScanner struct {
	*Pty
	o SSIScannerOptions

	sending sync.Mutex // held through one code
	writing sync.Mutex // held through one packet
	heard   chan byte  // ACK, or NAK for a packet to send again
	work    sync.WaitGroup

	mu      sync.Mutex
	off     bool
	corrupt int // packets still to be sent with a wrong byte
	deaf    int // ACKs still to be missed
	mute    bool
	acks    bool // parameter 9F
}

// Packets of the programmer's guide.
const (
	ssiAckOp, ssiNakOp     = 0xd0, 0xd1
	ssiDecodeOp            = 0xf3
	ssiEnableOp, ssiStopOp = 0xe9, 0xea
	ssiParamOp             = 0xc6
	ssiTries               = 3
)

// NewSSIScanner makes a scanner on a serial port at path, plugged in.
func NewSSIScanner(path string, o SSIScannerOptions) (*SSIScanner, error) {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Room == 0 {
		o.Room = 200
	}
	pty, err := NewPty(path)
	if err != nil {
		return nil, err
	}
	s := &SSIScanner{Pty: pty, o: o, heard: make(chan byte, 4), acks: !o.NoACK}
	s.work.Go(s.listen)
	return s, nil
}

// Close takes the scanner away and waits until nothing of it runs.
func (s *SSIScanner) Close() error {
	err := s.Pty.Close()
	s.work.Wait()
	return err
}

// Unplug pulls the cable; what the lane had set is forgotten with the power.
func (s *SSIScanner) Unplug() error {
	s.mu.Lock()
	s.off = false
	s.mu.Unlock()
	return s.Pty.Unplug()
}

// Enabled reports whether the lane lets the scanner read.
func (s *SSIScanner) Enabled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off
}

// Corrupt spoils one byte of each of the next n packets.
func (s *SSIScanner) Corrupt(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corrupt = n
}

// Deafen makes the scanner miss the next n ACKs.
func (s *SSIScanner) Deafen(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = n
}

// Mute makes the scanner answer no command, or answer again.
func (s *SSIScanner) Mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = on
}

// Scan reads a code, with its AIM identifier or plain, and sends it as code
// type and data. It returns when the lane has taken it or the scanner gave up.
func (s *SSIScanner) Scan(code string) error {
	kind, data := SSIType(code)
	return s.ScanType(kind, data)
}

// ScanType sends data under a code type of DECODE_DATA.
func (s *SSIScanner) ScanType(kind byte, data string) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if !s.Enabled() {
		return nil
	}
	for {
		part := data[:min(len(data), s.o.Room)]
		data = data[len(part):]
		status := byte(0)
		if data != "" {
			status = 2
		}
		taken, err := s.deliver(status, append([]byte{kind}, part...))
		if err != nil || !taken || data == "" {
			return err
		}
	}
}

// deliver sends one packet until it is acknowledged or the tries are used up.
func (s *SSIScanner) deliver(status byte, data []byte) (taken bool, err error) {
	for len(s.heard) > 0 {
		<-s.heard
	}
	for try := range ssiTries {
		if try > 0 {
			status |= 1
		}
		if err := s.packet(ssiDecodeOp, status, data...); err != nil {
			return false, err
		}
		timer := time.NewTimer(s.o.Timeout)
		select {
		case op := <-s.heard:
			timer.Stop()
			if op == ssiAckOp {
				return true, nil
			}
		case <-timer.C:
		}
	}
	return false, nil
}

// Packet is a packet as it stands on the wire.
func (*SSIScanner) Packet(op, status byte, data ...byte) []byte {
	return ssiPacket(op, 0, status, data...)
}

func ssiPacket(op, source, status byte, data ...byte) []byte {
	b := append([]byte{byte(4 + len(data)), op, source, status}, data...)
	sum := 0x10000
	for _, c := range b {
		sum -= int(c)
	}
	return append(b, byte(sum>>8), byte(sum))
}

func (s *SSIScanner) packet(op, status byte, data ...byte) error {
	b := ssiPacket(op, 0, status, data...)
	s.mu.Lock()
	if s.corrupt > 0 && op == ssiDecodeOp {
		s.corrupt--
		b[len(b)-3] ^= 0x20
	}
	s.mu.Unlock()
	return s.Send(b)
}

// Send puts bytes on the wire as they are.
func (s *SSIScanner) Send(raw []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.o.ByteTime <= 0 {
		_, err := s.Write(raw)
		return err
	}
	for i := range raw {
		if _, err := s.Write(raw[i : i+1]); err != nil {
			return err
		}
		time.Sleep(s.o.ByteTime)
	}
	return nil
}

// listen answers the lane's packets.
func (s *SSIScanner) listen() {
	var in []byte
	buf := make([]byte, 256)
	for {
		n, err := s.Read(buf)
		if err != nil {
			return
		}
		in = append(in, buf[:n]...)
		for len(in) > 0 {
			size := int(in[0])
			if size < 4 { // a byte that wakes
				in = in[1:]
				continue
			}
			if len(in) < size+2 {
				break
			}
			p := in[:size+2]
			in = in[size+2:]
			s.hear(p)
		}
	}
}

// hear deals with a packet of the lane.
func (s *SSIScanner) hear(p []byte) {
	sum := 0
	for _, c := range p[:len(p)-2] {
		sum += int(c)
	}
	sum += int(p[len(p)-2])<<8 | int(p[len(p)-1])
	if sum&0xffff != 0 || p[2] != 4 {
		_ = s.packet(ssiNakOp, 0, 1)
		return
	}
	s.mu.Lock()
	mute := s.mute || !s.acks
	if p[1] == ssiParamOp && len(p) == 9 && p[5] == 0x9f {
		s.acks = p[6] == 1
	}
	deaf := p[1] == ssiAckOp && s.deaf > 0
	if deaf {
		s.deaf--
	}
	if p[1] == ssiEnableOp || p[1] == ssiStopOp {
		s.off = p[1] == ssiStopOp
	}
	s.mu.Unlock()
	switch {
	case mute || deaf:
	case p[1] == ssiAckOp || p[1] == ssiNakOp:
		select {
		case s.heard <- p[1]:
		default:
		}
	case p[1] == ssiEnableOp || p[1] == ssiStopOp || p[1] == ssiParamOp:
		_ = s.packet(ssiAckOp, 0)
	default:
		_ = s.packet(ssiNakOp, 0, 2)
	}
}

// SSIType gives the code type and the data of a code with an AIM identifier,
// or of plain digits.
func SSIType(code string) (kind byte, data string) {
	kinds := []struct {
		aim  string
		kind byte
	}{
		{"]C1", 0x0f}, {"]C0", 0x03}, {"]d2", 0xc1}, {"]Q3", 0xc2}, {"]e0", 0x32}, {"]E4", 0x0a}, {"]I0", 0x06}, {"]A0", 0x01},
	}
	for _, k := range kinds {
		if data, ok := strings.CutPrefix(code, k.aim); ok {
			return k.kind, data
		}
	}
	if strings.HasPrefix(code, "]Q") || strings.HasPrefix(code, "]d") {
		return 0x1c, code[3:]
	}
	data = strings.TrimPrefix(code, "]E0")
	switch {
	case strings.Trim(data, "0123456789") != "":
		return 0x03, data
	case len(data) == 13:
		return 0x0b, data
	case len(data) == 12:
		return 0x08, data
	case len(data) == 8 && data == code:
		return 0x0a, data
	case len(data) == 8:
		return 0x09, data
	default:
		return 0x03, data
	}
}
