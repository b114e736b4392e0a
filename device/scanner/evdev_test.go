package scanner

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestRecordIsTheKernels(t *testing.T) {
	if want := int(unsafe.Sizeof(unix.Timeval{})) + 8; recordBytes != want {
		t.Errorf("a record has %d bytes, want %d", recordBytes, want)
	}
}

// typed feeds keys one millisecond apart. "+K" and "-K" are presses and
// releases of a key code, "=K" its repeat, "K" both press and release; "|" is a
// gap, "!" SYN_DROPPED, "." the end of a report.
type typed struct {
	w   *wedge
	at  time.Duration
	got []string
}

func newTyped() *typed { return &typed{w: newWedge(wedgeGap), at: time.Hour} }

func (k *typed) event(kind, code uint16, value int32) {
	k.at += time.Millisecond
	k.w.feed(inputEvent{k.at, kind, code, value}, func(c []byte) { k.got = append(k.got, string(c)) })
}

func (k *typed) keys(codes ...int) {
	for _, c := range codes {
		switch {
		case c < 0: // release
			k.event(evKey, uint16(-c), keyUp)
		default:
			k.event(evKey, uint16(c), keyDown)
		}
		k.event(evSyn, synReport, 0)
	}
}

// tap presses and releases.
func (k *typed) tap(codes ...int) {
	for _, c := range codes {
		k.keys(c, -c)
	}
}

func TestWedge(t *testing.T) {
	const enter, shift, ctrl, alt = keyEnter, keyLeftShift, keyLeftCtrl, keyLeftAlt
	tests := []struct {
		name string
		do   func(k *typed)
		want []string
	}{
		{"digits", func(k *typed) { k.tap(2, 3, 4, 11, enter) }, []string{"1230"}},
		{"keypad", func(k *typed) { k.tap(79, 80, 81, 82, keypadEnter) }, []string{"1230"}},
		{"shift", func(k *typed) { k.keys(shift, 30, -30, -shift); k.tap(30, enter) }, []string{"Aa"}},
		{"right shift", func(k *typed) { k.keys(keyRightShift); k.tap(43, 51); k.keys(-keyRightShift); k.tap(enter) }, []string{"|<"}},
		{"shift in Enter", func(k *typed) { k.tap(30); k.keys(shift); k.tap(enter); k.keys(-shift) }, []string{"a"}},
		{"GS as Ctrl+]", func(k *typed) { k.tap(30); k.keys(ctrl, 27, -27, -ctrl); k.tap(30, enter) }, []string{"a\x1da"}},
		{"GS as Alt+029", func(k *typed) { k.tap(30); k.keys(alt); k.tap(82, 80, 73); k.keys(-alt); k.tap(30, enter) }, []string{"a\x1da"}},
		{"GS as F8", func(k *typed) { k.tap(30, keyF8, 30, enter) }, []string{"a\x1da"}},
		{"RS, EOT, US", func(k *typed) { k.keys(ctrl); k.tap(7, 32, 12); k.keys(-ctrl); k.tap(enter) }, []string{"\x1e\x04\x1f"}},
		{"Alt+256", func(k *typed) { k.keys(alt); k.tap(3, 6, 7); k.keys(-alt); k.tap(enter, 2, enter) }, []string{"1"}},
		{"Alt and a letter", func(k *typed) { k.keys(alt); k.tap(30); k.keys(-alt); k.tap(enter, 2, enter) }, []string{"1"}},
		{"Ctrl and nothing", func(k *typed) { k.keys(ctrl); k.tap(keySpace); k.keys(-ctrl); k.tap(enter, 2, enter) }, []string{"1"}},
		{"an unknown key", func(k *typed) { k.tap(2, 183, 3, enter, 4, enter) }, []string{"3"}},
		{"Caps Lock is nothing", func(k *typed) { k.tap(keyCapsLock, 30, enter) }, []string{"a"}},
		{"repeat", func(k *typed) { k.keys(2); k.event(evKey, 2, 2); k.event(evKey, 2, 2); k.keys(-2); k.tap(enter) }, []string{"1"}},
		{"a gap", func(k *typed) { k.tap(2, 3); k.at += wedgeGap; k.tap(4, enter) }, []string{"3"}},
		{"a release lost, then a gap", func(k *typed) { k.keys(shift); k.tap(2, enter); k.at += time.Second; k.tap(3, enter) }, []string{"!", "2"}},
		{"records lost", func(k *typed) {
			k.keys(shift)
			k.tap(2)
			k.event(evSyn, synDropped, 0)
			k.tap(3, 4, enter, 5, enter)
		}, []string{"4"}},
		{"records lost with Enter", func(k *typed) {
			k.tap(2)
			k.event(evSyn, synDropped, 0)
			k.event(evSyn, synReport, 0)
			k.at += time.Second
			k.tap(5, enter)
		}, []string{"4"}},
		{"records lost at rest, and the next code's beginning", func(k *typed) {
			k.event(evSyn, synDropped, 0)
			k.at += time.Second
			k.tap(2, 3, enter, 4, enter)
		}, []string{"3"}},
		{"a clock that jumps back", func(k *typed) { k.tap(2); k.at = 0; k.tap(3, enter) }, []string{"2"}},
		{"too long", func(k *typed) {
			for range MaxCode + 1 {
				k.tap(2)
			}
			k.tap(enter, 3, enter)
		}, []string{"2"}},
		{"no code", func(k *typed) { k.tap(enter, enter) }, nil},
	}
	for _, tt := range tests {
		k := newTyped()
		tt.do(k)
		if !slices.Equal(k.got, tt.want) {
			t.Errorf("%s: codes %q, want %q", tt.name, k.got, tt.want)
		}
	}
}

// A code that is being typed when the node is grabbed has lost its beginning:
// the scanner counts as there when the keys have been quiet.
func TestEvdevWaitsForQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		cfg := Config{Port: "evdev:/dev/input/event0", Log: slog.New(slog.DiscardHandler)}
		u, err := newEvdev(cfg)
		if err != nil {
			t.Fatal(err)
		}
		e := u.(*evdev)
		e.open = func(context.Context, string) (grabber, error) { return SocketNode{Conn: near}, nil }
		const typing = 500 * time.Millisecond
		go func() {
			for range typing / (20 * time.Millisecond) {
				time.Sleep(20 * time.Millisecond)
				_, _ = far.Write(make([]byte, recordBytes))
			}
		}()
		start := time.Now()
		conn, err := e.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if took := time.Since(start); took != typing+wedgeQuiet {
			t.Errorf("up after %v, want %v after the last key", took, wedgeQuiet)
		}
	})
}

// FuzzWedge: no records make a code empty or too long, and after Enter and a
// gap the next code is whole whatever came before.
func FuzzWedge(f *testing.F) {
	f.Add(bytes.Repeat([]byte{1}, recordBytes))
	rec := make([]byte, recordBytes)
	for _, tail := range [][]byte{{1, 0, 42, 0, 1}, {0, 0, 3, 0, 0}, {1, 0, 27, 0, 1}, {1, 0, 28, 0, 1}} {
		copy(rec[recordBytes-8:], tail)
		f.Add(bytes.Repeat(rec, 3))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w := newWedge(wedgeGap)
		emit := func(c []byte) {
			if len(c) == 0 || len(c) > MaxCode {
				t.Errorf("a code of %d bytes", len(c))
			}
		}
		w.records(b, emit)
		w.giveUp()
		w.blind = false
		var got []string
		for i, key := range []uint16{2, 3, keyEnter} {
			w.feed(inputEvent{w.last + time.Duration(i), evKey, key, keyDown}, func(c []byte) { got = append(got, string(c)) })
		}
		if !slices.Equal(got, []string{"12"}) {
			t.Errorf("after % x: codes %q, want 12", b, got)
		}
	})
}
