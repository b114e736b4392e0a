package devicetest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"kassa/device/sim"
)

// A FarScanner is the far side of a scanner's wire.
type FarScanner interface {
	Path() string
	Scan(code string) error // reads one code and sends it
	Send(raw []byte) error  // puts bytes on the wire as they are
	Plug() error
	Unplug() error
	Close() error
}

// A ScannerKind is a protocol as TestScannerOf needs to know it.
type ScannerKind struct {
	// New makes the far side at path; slow is the pause between the smallest
	// pieces it sends.
	New func(path string, slow time.Duration) (FarScanner, error)
	// Pieces are what code is on the wire; the cable may be pulled between any
	// two of them.
	Pieces func(code string) [][]byte
	// Codes come out as they go in.
	Codes   []string
	Garbage [][]byte
	Silence time.Duration // after it the driver has given up half a code
}

// A switched scanner can be told to read or not.
type switched interface {
	Enable(ctx context.Context) error
	Disable(ctx context.Context) error
}

// What a far side may have beside.
type (
	enabled interface{ Enabled() bool }
	opened  interface{ Open() bool }
)

func single(b []byte) [][]byte {
	var pieces [][]byte
	for i := range b {
		pieces = append(pieces, b[i:i+1])
	}
	return pieces
}

// SSIKind is Zebra's packet protocol.
func SSIKind() ScannerKind {
	return ScannerKind{
		New: func(path string, slow time.Duration) (FarScanner, error) {
			return sim.NewSSIScanner(path, sim.SSIScannerOptions{Timeout: 300 * time.Millisecond, ByteTime: slow})
		},
		Pieces: func(code string) [][]byte {
			kind, data := sim.SSIType(code)
			return single((*sim.SSIScanner)(nil).Packet(0xf3, 0, append([]byte{kind}, data...)...))
		},
		Codes: []string{
			"]E04006381333931", "]d20109506000134352\x1d10AB-12", "]E496385074", "]C0\x00\x01~", "]Q3" + strings.Repeat("7", 1500),
		},
		Garbage: [][]byte{{0xff}, {0x03}, {0x00, 0x00, 0x09}, []byte("\xff\x00~noise"), {0x05, 0xf3, 0, 0, 0x0b, 1, 2}},
		Silence: 500 * time.Millisecond,
	}
}

// MagellanKind is the labels of a scanner-scale on one cable.
func MagellanKind() ScannerKind {
	return ScannerKind{
		New: func(path string, slow time.Duration) (FarScanner, error) {
			return sim.NewMagellan(path, sim.NewClock(1), sim.MagellanOptions{ByteTime: slow})
		},
		Pieces: func(code string) [][]byte { return single([]byte("S08F" + strings.TrimPrefix(code, "]E0") + "\r")) },
		Codes: []string{
			"]E04006381333931", "]E496385074", "]C0AB-12", "]d20109506000134352\x1d10AB-12", "]e0" + strings.Repeat("7", 500),
		},
		Garbage: [][]byte{[]byte("~~~"), []byte("4006381333931\r"), []byte("S08\r"), []byte("S08F40063\x0081333931\r"), []byte("S99\r\r\n")},
		Silence: 600 * time.Millisecond,
	}
}

// TestScannerOf checks a driver of a protocol with frames of its own.
func TestScannerOf(t *testing.T, kind ScannerKind, open NewScanner) {
	far := func(t *testing.T, slow time.Duration) FarScanner {
		t.Helper()
		f, err := kind.New(portPath(t, "scanner"), slow)
		must(t, err)
		t.Cleanup(func() { must(t, f.Close()) })
		return f
	}
	t.Run("normal use", func(t *testing.T) {
		s := startOn(t, open, far(t, 0))
		for _, code := range kind.Codes {
			must(t, s.far.Scan(code))
			s.want(code)
		}
	})
	t.Run("ten of the same", func(t *testing.T) {
		s := startOn(t, open, far(t, 0))
		var ten []string
		for range 10 {
			must(t, s.far.Scan(kind.Codes[0]))
			ten = append(ten, kind.Codes[0])
		}
		s.want(ten...)
	})
	t.Run("split", func(t *testing.T) {
		s := startOn(t, open, far(t, time.Millisecond))
		must(t, s.far.Scan(kind.Codes[0]))
		s.want(kind.Codes[0])
	})
	t.Run("joined", func(t *testing.T) {
		s := startOn(t, open, far(t, 0))
		one := kind.Pieces(kind.Codes[0])
		for _, piece := range append(one, one[:len(one)/2]...) {
			must(t, s.far.Send(piece))
		}
		for _, piece := range one[len(one)/2:] {
			must(t, s.far.Send(piece))
		}
		s.want(kind.Codes[0], kind.Codes[0])
	})
	t.Run("half a code, then silence", func(t *testing.T) {
		s := startOn(t, open, far(t, 0))
		one := kind.Pieces(kind.Codes[0])
		for _, piece := range one[:len(one)/2] {
			must(t, s.far.Send(piece))
		}
		time.Sleep(kind.Silence)
		must(t, s.far.Scan(kind.Codes[1]))
		s.want(kind.Codes[1])
	})
	t.Run("garbage", func(t *testing.T) {
		s := startOn(t, open, far(t, 0))
		for _, g := range kind.Garbage {
			must(t, s.far.Send(g))
		}
		time.Sleep(kind.Silence)
		must(t, s.far.Scan(kind.Codes[1]))
		s.want(kind.Codes[1])
	})
	t.Run("unplugged at every moment", func(t *testing.T) { unplugKind(t, kind, open, far(t, 0)) })
	t.Run("lane restarted", func(t *testing.T) { restartKind(t, kind, open, far(t, 0)) })
	t.Run("enabled and disabled", func(t *testing.T) { switchKind(t, kind, open, far(t, 0)) })
}

// restartKind runs one lane after another on the same port.
func restartKind(t *testing.T, kind ScannerKind, open NewScanner, far FarScanner) {
	for _, life := range []string{"first", "second", "third"} {
		t.Run(life, func(t *testing.T) {
			s := startOn(t, open, far)
			must(t, far.Scan(kind.Codes[0]))
			s.want(kind.Codes[0])
		})
		if o, ok := far.(opened); ok {
			waitFor(t, "the driver lets go", func() bool { return !o.Open() })
		}
	}
}

// unplugKind pulls the cable at no more than about 14 places of a code.
func unplugKind(t *testing.T, kind ScannerKind, open NewScanner, far FarScanner) {
	s := startOn(t, open, far)
	pieces := kind.Pieces(kind.Codes[0])
	for cut := 0; cut < len(pieces); cut += 1 + len(pieces)/14 {
		must(t, far.Send(bytes.Join(pieces[:cut], nil)))
		must(t, far.Unplug())
		s.untilDown()
		must(t, far.Plug())
		s.untilUp()
		must(t, far.Scan(kind.Codes[1]))
		s.want(kind.Codes[1])
	}
	must(t, far.Unplug()) // and while nobody is there at all
	s.untilDown()
	must(t, far.Send(bytes.Join(pieces, nil)))
	must(t, far.Plug())
	s.untilUp()
	s.want()
}

// switchKind checks Enable and Disable where the protocol has them.
func switchKind(t *testing.T, kind ScannerKind, open NewScanner, far FarScanner) {
	e, ok := far.(enabled)
	if !ok {
		t.Skip("this far side cannot be switched")
	}
	s := &scannerTest{far: far}
	s.t = t
	driver := open(t, far.Path(), s.quick())
	sw, ok := driver.(switched)
	if !ok {
		t.Fatal("the driver has no Enable and Disable")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.run(driver.Run)
	s.untilUp()
	must(t, sw.Disable(ctx))
	waitFor(t, "the scanner is off", func() bool { return !e.Enabled() })
	must(t, far.Scan(kind.Codes[0]))
	s.want()
	must(t, far.Unplug())
	s.untilDown()
	must(t, far.Plug())
	s.untilUp()
	waitFor(t, "the scanner is off after a plug", func() bool { return !e.Enabled() })
	must(t, far.Unplug())
	s.untilDown()
	if err := sw.Enable(ctx); err == nil {
		t.Error("Enable() of a scanner that is away = nil")
	}
	must(t, far.Plug())
	s.untilUp()
	waitFor(t, "the scanner is on", e.Enabled)
	must(t, far.Scan(kind.Codes[1]))
	s.want(kind.Codes[1])
}

// EvdevKind is a keyboard wedge; the driver under test must open its node with
// sim.OpenNode.
func EvdevKind() ScannerKind {
	w := sim.NewKeys()
	return ScannerKind{
		New: func(path string, slow time.Duration) (FarScanner, error) {
			return sim.NewWedge(path, sim.WedgeOptions{KeyTime: slow})
		},
		Pieces: w.Type,
		Codes: []string{
			"]E04006381333931", "]d20109506000134352\x1d10AB-12", "https://id.example/01/09506000134352?17=261130", strings.Repeat("7", 500),
		},
		Garbage: [][]byte{
			w.Key(85, 1), w.Key(42, 1), w.Key(3, 2), append(w.Dropped(), w.Record(0, 0, 0)...), w.Record(9, 9, 9), []byte("half a record"),
		},
		Silence: 600 * time.Millisecond,
	}
}

// HIDPOSKind is a scanner in HID-POS mode; the driver under test must open its
// node with sim.OpenNode.
func HIDPOSKind(form sim.HIDForm) ScannerKind {
	return ScannerKind{
		New: func(path string, _ time.Duration) (FarScanner, error) {
			return sim.NewHIDScanner(path, sim.HIDScannerOptions{Form: form})
		},
		Pieces: form.Reports,
		Codes: []string{
			"]d2" + strings.Repeat("0109506000134352", 20), "]E04006381333931", "]d20109506000134352\x1d10AB-12", "plain", "]C0" + strings.Repeat("7", 56),
		},
		Garbage: [][]byte{{2}, {1, 2, 3}, bytes.Repeat([]byte{0}, 64), []byte("\xff")},
		Silence: 600 * time.Millisecond,
	}
}
