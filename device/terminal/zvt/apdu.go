package zvt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Message codes, class and instruction byte together (PA00P015 section 2).
const (
	cmdRegister    = 0x0600
	cmdAuthorise   = 0x0601
	cmdLogOff      = 0x0602
	cmdCompletion  = 0x060F
	cmdAbort       = 0x061E
	cmdRepeat      = 0x0620
	cmdReverse     = 0x0630
	cmdRefund      = 0x0631
	cmdEndOfDay    = 0x0650
	cmdDiagnose    = 0x0670
	cmdTotals      = 0x0610
	cmdInitialise  = 0x0693
	cmdStop        = 0x06B0 // abort, by the ECR
	cmdDisplay     = 0x06E0
	cmdPrintLine   = 0x06D1
	cmdPrintBlock  = 0x06D3
	cmdEnquiry     = 0x0501
	cmdStatusInfo  = 0x040F
	cmdProgress    = 0x04FF // intermediate status
	cmdSetClock    = 0x0401
	classPositive  = 0x80
	classNegative  = 0x84
	maxAPDU        = 0xFFFF
	extendedLength = 0xFF
)

// errShort says that the bytes end before the message does.
var errShort = errors.New("message incomplete")

// An apdu is one message: a command, or an answer (class 80 or 84).
type apdu struct {
	class, instr byte
	data         []byte
	tlv          []byte // content of a container to be written behind data; of what was read it is part of data
}

func command(code int, data ...byte) apdu {
	return apdu{class: byte(code >> 8), instr: byte(code), data: data}
}

func (a apdu) code() int { return int(a.class)<<8 | int(a.instr) }

// answer reports whether a answers a command.
func (a apdu) answer() bool { return a.class == classPositive || a.class == classNegative }

// positive reports whether a is a good answer; 84 00 is one too.
func (a apdu) positive() bool {
	return a.class == classPositive || a.class == classNegative && a.instr == 0
}

func (a apdu) String() string {
	return fmt.Sprintf("%02X %02X (%d bytes)", a.class, a.instr, len(a.data))
}

// encode writes a as it goes over the line. Data of FF bytes or more gets the
// extended length, low byte first.
func (a apdu) encode() ([]byte, error) {
	data := a.data
	if len(a.tlv) > 0 {
		data = appendTLV(slices.Clone(data), bmpTLV, a.tlv)
	}
	n := len(data)
	switch {
	case n > maxAPDU:
		return nil, fmt.Errorf("message %02X %02X of %d bytes is too long", a.class, a.instr, n)
	case n >= extendedLength:
		return append([]byte{a.class, a.instr, extendedLength, byte(n), byte(n >> 8)}, data...), nil
	}
	return append([]byte{a.class, a.instr, byte(n)}, data...), nil
}

// decodeAPDU reads one message that must fill b.
func decodeAPDU(b []byte) (apdu, error) {
	head, n, err := apduLength(b)
	switch {
	case err != nil:
		return apdu{}, err
	case len(b) < head+n:
		return apdu{}, errShort
	case len(b) > head+n:
		return apdu{}, fmt.Errorf("%d bytes after the end of the message", len(b)-head-n)
	}
	return apdu{class: b[0], instr: b[1], data: b[head:]}, nil
}

// apduLength returns the sizes of head and data of the message b begins with.
func apduLength(b []byte) (head, n int, err error) {
	switch {
	case len(b) < 3:
		return 0, 0, errShort
	case b[2] != extendedLength:
		return 3, int(b[2]), nil
	case len(b) < 5:
		return 0, 0, errShort
	}
	return 5, int(b[3]) | int(b[4])<<8, nil
}

// A Line carries whole messages to and from a terminal. Send and Receive are
// called from one goroutine each; Close may be called at any time and ends
// both.
type Line interface {
	Send(msg []byte) error
	Receive() ([]byte, error)
	Close() error
}

// Stream returns the Line of a terminal on TCP: messages bare on the stream,
// in any number of pieces (PA00P016 section 3).
func Stream(conn io.ReadWriteCloser) Line {
	return &stream{conn: conn, r: bufio.NewReader(conn)}
}

type stream struct {
	conn io.ReadWriteCloser
	r    *bufio.Reader
}

func (s *stream) Send(msg []byte) error {
	_, err := s.conn.Write(msg)
	return err
}

func (s *stream) Receive() ([]byte, error) {
	size := 3
	head, err := s.r.Peek(size)
	if err == nil && head[2] == extendedLength {
		size = 5
		head, err = s.r.Peek(size)
	}
	if err != nil {
		return nil, err
	}
	_, n, err := apduLength(head)
	if err != nil {
		return nil, err // unreachable: enough bytes were peeked
	}
	msg := make([]byte, size+n)
	_, err = io.ReadFull(s.r, msg)
	return msg, err
}

func (s *stream) Close() error { return s.conn.Close() }
