package config

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A PortKind is the kind of connection a device hangs on.
type PortKind uint8

// The kinds of port. The zero PortKind is no port.
const (
	PortNone    PortKind = iota
	PortDevice           // a device file: a serial line, a USB printer
	PortTCP              // host:port
	PortUnix             // a socket's path
	PortEvdev            // an input device's path
	PortHidraw           // /dev/hidrawN, or VID:PID in hexadecimal
	PortScanner          // shares the first scanner's line
)

// A Port is where a device is found.
type Port struct {
	Kind PortKind
	Addr string // what Kind says, without a prefix; "" for PortScanner
}

// String returns the port as the file has it.
func (p Port) String() string {
	switch p.Kind {
	case PortDevice:
		return p.Addr
	case PortTCP:
		return "tcp://" + p.Addr
	case PortUnix:
		return "unix://" + p.Addr
	case PortEvdev:
		return "evdev:" + p.Addr
	case PortHidraw:
		return "hidraw:" + p.Addr
	case PortScanner:
		return "scanner"
	case PortNone:
		return ""
	default:
		return "?"
	}
}

var errPort = errors.New(`want a device path, tcp://host:port, unix:///path, evdev:/dev/input/..., ` +
	`hidraw:/dev/hidrawN, hidraw:VID:PID or scanner`)

// ParsePort reads a PORT as kassa.toml and the commands take it.
func ParsePort(text string) (Port, error) {
	if addr, ok := strings.CutPrefix(text, "tcp://"); ok {
		if err := hostPort(addr); err != nil {
			return Port{}, fmt.Errorf("%w: want tcp://host:port", err)
		}
		return Port{PortTCP, addr}, nil
	}
	if path, ok := strings.CutPrefix(text, "unix://"); ok && clean(path) {
		return Port{PortUnix, path}, nil
	}
	if path, ok := strings.CutPrefix(text, "evdev:"); ok && clean(path) {
		return Port{PortEvdev, path}, nil
	}
	if addr, ok := strings.CutPrefix(text, "hidraw:"); ok && (clean(addr) || isVIDPID(addr)) {
		return Port{PortHidraw, addr}, nil
	}
	switch {
	case text == "scanner":
		return Port{Kind: PortScanner}, nil
	case clean(text):
		return Port{PortDevice, text}, nil
	default:
		return Port{}, errPort
	}
}

// clean reports whether path is absolute and has nothing strange in it.
func clean(path string) bool {
	return filepath.IsAbs(path) && len(path) > 1 && len(path) <= 4096 && !strings.ContainsFunc(path, func(r rune) bool { return r < ' ' })
}

func isVIDPID(s string) bool {
	return regexp.MustCompile(`^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$`).MatchString(s)
}

// hostPort checks HOST:PORT with a port of 1 to 65535.
func hostPort(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return fmt.Errorf("%q has no host and port", short(addr))
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port %q is no number from 1 to 65535", short(port))
	}
	return nil
}

// A Line is how a serial line is set: speed, data bits, parity, stop bits.
type Line struct {
	Baud   int
	Bits   int  // 7 or 8
	Parity byte // 'N', 'E', 'O'
	Stop   int  // 1 or 2
}

// String returns the line as the file has it, "9600 7E1".
func (l Line) String() string {
	return fmt.Sprintf("%d %d%c%d", l.Baud, l.Bits, l.Parity, l.Stop)
}

// ParseLine reads "9600 7E1".
func ParseLine(text string) (Line, error) {
	speed, form, ok := strings.Cut(text, " ")
	baud, err := strconv.Atoi(speed)
	speeds := []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400}
	if !ok || err != nil || !slices.Contains(speeds, baud) || len(form) != 3 {
		return Line{}, errLine
	}
	l := Line{baud, int(form[0] - '0'), form[1], int(form[2] - '0')}
	if l.Bits != 7 && l.Bits != 8 || !strings.ContainsRune("NEO", rune(l.Parity)) || l.Stop != 1 && l.Stop != 2 {
		return Line{}, errLine
	}
	return l, nil
}

var errLine = errors.New(`want speed, data bits, parity and stop bits, as in "9600 7E1"`)
