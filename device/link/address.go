package link

import (
	"errors"
	"fmt"
	"net"
	"path"
	"strconv"
	"strings"
	"time"

	"go.bug.st/serial"
)

// A Kind says how a port is reached.
type Kind uint8

// The kinds of port.
const (
	Device Kind = iota + 1 // a device node, by its path
	TCP                    // tcp://host:port
	Unix                   // unix:///path
)

// A Port is a checked place where a device hangs.
type Port struct {
	Kind Kind
	Name string // path, or host:port
}

// String returns the port as it stands in a configuration file.
func (p Port) String() string {
	switch p.Kind {
	case TCP:
		return "tcp://" + p.Name
	case Unix:
		return "unix://" + p.Name
	case Device:
		return p.Name
	default:
		return ""
	}
}

// maxUnixPath is the room in sockaddr_un, less the closing NUL (unix(7)).
const maxUnixPath = 107

// ParsePort reads the forms that carry a stream of bytes: an absolute device
// path, tcp://host:port or unix:///path.
func ParsePort(s string) (Port, error) {
	if s == "" {
		return Port{}, errors.New("port is missing")
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return Port{}, fmt.Errorf("port %q: has a space or control character", s)
	}
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case ok && scheme == "tcp":
		return parseTCP(s, rest)
	case ok && scheme == "unix":
		if len(rest) < 2 || rest[0] != '/' || len(rest) > maxUnixPath {
			return Port{}, fmt.Errorf("port %q: want unix:///path, at most %d characters of path", s, maxUnixPath)
		}
		return Port{Unix, rest}, nil
	case !ok && path.IsAbs(s) && path.Clean(s) == s && s != "/":
		return Port{Device, s}, nil
	}
	return Port{}, fmt.Errorf("port %q: want a device path such as /dev/serial/by-id/NAME, tcp://host:port or unix:///path", s)
}

func parseTCP(s, rest string) (Port, error) {
	host, port, err := net.SplitHostPort(rest)
	if err != nil || host == "" || strings.ContainsAny(host, "/@?#[]") {
		return Port{}, fmt.Errorf("port %q: want tcp://host:port", s)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Port{}, fmt.Errorf("port %q: the number after the colon is %q, want 1 to 65535", s, port)
	}
	return Port{TCP, net.JoinHostPort(host, port)}, nil
}

// A Line is how a serial line is set: "9600 8N1".
type Line struct {
	Baud     int
	DataBits int  // 7 or 8
	Parity   byte // 'N', 'E' or 'O'
	StopBits int  // 1 or 2
}

// String returns the line as it stands in a configuration file.
func (l Line) String() string {
	return fmt.Sprintf("%d %d%c%d", l.Baud, l.DataBits, l.Parity, l.StopBits)
}

// bauds are the speeds a UART and its Linux driver agree on by name; the serial
// library would take any number and the line would be silent.
func bauds() []int {
	return []int{300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400}
}

// ParseLine reads a speed and a frame, "9600 8N1" or "9600 7E1": data bits 7 or
// 8, parity N, E or O, stop bits 1 or 2, with one space between.
func ParseLine(s string) (Line, error) {
	speed, frame, ok := strings.Cut(s, " ")
	if !ok || len(frame) != 3 {
		return Line{}, fmt.Errorf("line %q: want speed and frame, such as \"9600 8N1\"", s)
	}
	l := Line{DataBits: int(frame[0] - '0'), Parity: frame[1], StopBits: int(frame[2] - '0')}
	for _, b := range bauds() {
		if strconv.Itoa(b) == speed {
			l.Baud = b
		}
	}
	switch {
	case l.Baud == 0:
		return Line{}, fmt.Errorf("line %q: speed is %q, want one of %s", s, speed, strings.Trim(fmt.Sprint(bauds()), "[]"))
	case l.DataBits != 7 && l.DataBits != 8:
		return Line{}, fmt.Errorf("line %q: data bits are %q, want 7 or 8", s, frame[:1])
	case !strings.ContainsRune("NEO", rune(l.Parity)):
		return Line{}, fmt.Errorf("line %q: parity is %q, want N, E or O", s, frame[1:2])
	case l.StopBits != 1 && l.StopBits != 2:
		return Line{}, fmt.Errorf("line %q: stop bits are %q, want 1 or 2", s, frame[2:])
	}
	return l, nil
}

// Time returns how long n bytes take on the wire.
func (l Line) Time(n int) time.Duration {
	bits := 1 + l.DataBits + l.StopBits
	if l.Parity != 'N' {
		bits++
	}
	return time.Duration(n*bits) * time.Second / time.Duration(l.Baud)
}

func (l Line) mode() *serial.Mode {
	m := &serial.Mode{BaudRate: l.Baud, DataBits: l.DataBits}
	switch l.Parity {
	case 'E':
		m.Parity = serial.EvenParity
	case 'O':
		m.Parity = serial.OddParity
	}
	if l.StopBits == 2 {
		m.StopBits = serial.TwoStopBits
	}
	return m
}

// Check reports what is wrong with a port and the line setting beside it,
// without opening anything. An empty line is right where no line is set.
func Check(port, line string) error {
	_, _, err := parse(port, line)
	return err
}

func parse(port, line string) (Port, Line, error) {
	p, err := ParsePort(port)
	if err != nil {
		return Port{}, Line{}, err
	}
	if line == "" {
		line = DefaultLine
	}
	l, err := ParseLine(line)
	if err != nil {
		return Port{}, Line{}, err
	}
	return p, l, nil
}
