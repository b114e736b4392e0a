package link

import (
	"strings"
	"testing"
	"time"
)

func TestParsePort(t *testing.T) {
	tests := []struct {
		in   string
		want Port
		bad  string // part of the error
	}{
		{in: "/dev/serial/by-id/usb-FTDI_1-if00-port0", want: Port{Device, "/dev/serial/by-id/usb-FTDI_1-if00-port0"}},
		{in: "tcp://127.0.0.1:9100", want: Port{TCP, "127.0.0.1:9100"}},
		{in: "tcp://[::1]:20007", want: Port{TCP, "[::1]:20007"}},
		{in: "tcp://scale.store:4001", want: Port{TCP, "scale.store:4001"}},
		{in: "unix:///run/kassa/scale", want: Port{Unix, "/run/kassa/scale"}},
		{in: "", bad: "missing"},
		{in: "ttyUSB0", bad: "want a device path"},
		{in: "/", bad: "want a device path"},
		{in: "/dev/../etc/passwd", bad: "want a device path"},
		{in: "/dev/tty USB0", bad: "space"},
		{in: "/dev/tty\x00", bad: "control"},
		{in: "tcp://127.0.0.1", bad: "host:port"},
		{in: "tcp://:9100", bad: "host:port"},
		{in: "tcp://h:0", bad: "1 to 65535"},
		{in: "tcp://h:65536", bad: "1 to 65535"},
		{in: "tcp://h:http", bad: "1 to 65535"},
		{in: "tcp://u@h:1", bad: "host:port"},
		{in: "tcp://h/x:1", bad: "host:port"},
		{in: "unix://run/x", bad: "unix:///path"},
		{in: "unix:///" + strings.Repeat("x", 107), bad: "107"},
		{in: "udp://h:1", bad: "want a device path"},
		{in: "evdev:/dev/input/event0", bad: "want a device path"},
	}
	for _, tt := range tests {
		got, err := ParsePort(tt.in)
		if tt.bad != "" {
			if err == nil || !strings.Contains(err.Error(), tt.bad) {
				t.Errorf("ParsePort(%q) = %v, %v, want an error with %q", tt.in, got, err, tt.bad)
			}
			continue
		}
		if err != nil || got != tt.want || got.String() != tt.in {
			t.Errorf("ParsePort(%q) = %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
}

func TestParseLine(t *testing.T) {
	tests := []struct {
		in   string
		want Line
		bad  string
	}{
		{in: "9600 8N1", want: Line{9600, 8, 'N', 1}},
		{in: "9600 7E1", want: Line{9600, 7, 'E', 1}},
		{in: "115200 7O2", want: Line{115200, 7, 'O', 2}},
		{in: "", bad: "want speed and frame"},
		{in: "9600", bad: "want speed and frame"},
		{in: "9600,8N1", bad: "want speed and frame"},
		{in: "9600  8N1", bad: "want speed and frame"},
		{in: "9600 8N1 ", bad: "want speed and frame"},
		{in: "9601 8N1", bad: "speed"},
		{in: "09600 8N1", bad: "speed"},
		{in: "-9600 8N1", bad: "speed"},
		{in: "9600 6N1", bad: "data bits"},
		{in: "9600 8n1", bad: "parity"},
		{in: "9600 8N3", bad: "stop bits"},
	}
	for _, tt := range tests {
		got, err := ParseLine(tt.in)
		if tt.bad != "" {
			if err == nil || !strings.Contains(err.Error(), tt.bad) {
				t.Errorf("ParseLine(%q) = %v, %v, want an error with %q", tt.in, got, err, tt.bad)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("ParseLine(%q) = %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
}

func TestLineTime(t *testing.T) {
	// 14 characters of ten bits at 9600: the figure for one EAN-13 with CR.
	if got, want := (Line{9600, 8, 'N', 1}).Time(14), 14583333*time.Nanosecond; got != want {
		t.Errorf("Time(14) = %v, want %v", got, want)
	}
	if got, want := (Line{9600, 7, 'E', 1}).Time(96), 100*time.Millisecond; got != want {
		t.Errorf("Time(96) = %v, want %v", got, want)
	}
}

func FuzzParsePort(f *testing.F) {
	for _, s := range []string{"/dev/ttyUSB0", "tcp://[::1]:1", "unix:///x", "tcp://h:65535", "://", "unix://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePort(s)
		if err != nil {
			return
		}
		again, err := ParsePort(p.String())
		if err != nil || again != p {
			t.Errorf("ParsePort(%q) = %v, which reads back as %v, %v", s, p, again, err)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	for _, s := range []string{"9600 8N1", "1200 7E2", "9600 7O1", " 8N1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLine(s)
		if err == nil && l.String() != s {
			t.Errorf("ParseLine(%q) prints back as %q", s, l)
		}
	})
}
