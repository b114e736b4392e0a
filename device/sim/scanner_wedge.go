package sim

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"sync"
	"time"
)

// WedgeOptions describes a simulated keyboard wedge.
type WedgeOptions struct {
	KeyTime time.Duration // pause after each key event; 0: none
	// AltNumbers types characters below the space as Alt and a number, as some
	// makes do, in place of Ctrl and a key.
	AltNumbers bool
}

// A Wedge is a scanner that types each code on a US keyboard, as the kernel's
// input node shows it, and ends it with Enter.
type Wedge struct {
	*Node
	Keys
	sending sync.Mutex
}

// Keys makes the records of a keyboard, and has no wire.
type Keys struct {
	o     WedgeOptions
	start time.Time
}

// NewKeys makes records whose clock starts now.
func NewKeys() Keys { return Keys{start: time.Now()} }

// NewWedge makes a wedge whose node is at path, plugged in.
func NewWedge(path string, o WedgeOptions) (*Wedge, error) {
	node, err := NewNode(path, nil)
	return &Wedge{Node: node, Keys: Keys{o, time.Now()}}, err
}

// Key codes of input-event-codes.h, where they are not in a row.
const (
	wedgeEnter, wedgeShift, wedgeCtrl, wedgeAlt = 28, 42, 29, 56

	wedgeSyn, wedgeKey, wedgeMisc = 0, 1, 4
)

// Scan types a code.
func (w *Wedge) Scan(code string) error {
	w.sending.Lock()
	defer w.sending.Unlock()
	for _, piece := range w.Type(code) {
		if err := w.Send(piece); err != nil {
			return err
		}
		if w.o.KeyTime > 0 {
			time.Sleep(w.o.KeyTime)
		}
	}
	return nil
}

// Type returns what the node shows of a code, one key event a piece.
func (w Keys) Type(code string) [][]byte {
	var pieces [][]byte
	key := func(code uint16, value int32) { pieces = append(pieces, w.Key(code, value)) }
	tap := func(code uint16) { key(code, 1); key(code, 0) }
	with := func(held uint16, keys ...uint16) {
		key(held, 1)
		for _, k := range keys {
			tap(k)
		}
		key(held, 0)
	}
	for _, c := range []byte(code) {
		k, shifted := wedgeKeyOf(c)
		switch {
		case c < ' ' && w.o.AltNumbers:
			with(wedgeAlt, wedgeDigit(0), wedgeDigit(c/10), wedgeDigit(c%10))
		case c < ' ':
			k, _ = wedgeKeyOf(c + '@')
			if c >= 1 && c <= 26 {
				k, _ = wedgeKeyOf(c - 1 + 'a')
			}
			with(wedgeCtrl, k)
		case shifted:
			with(wedgeShift, k)
		default:
			tap(k)
		}
	}
	tap(wedgeEnter)
	return pieces
}

// Key is one key event: scan code, key, end of the report. Value is 1 down, 0
// up, 2 repeated.
func (w Keys) Key(code uint16, value int32) []byte {
	b := w.Record(wedgeMisc, 4, int32(code))
	b = append(b, w.Record(wedgeKey, code, value)...)
	return append(b, w.Record(wedgeSyn, 0, 0)...)
}

// Dropped is what the kernel says when its queue has run over.
func (w Keys) Dropped() []byte { return w.Record(wedgeSyn, 3, 0) }

// Record is one struct input_event of this machine.
func (w Keys) Record(kind, code uint16, value int32) []byte {
	at := time.Since(w.start) + time.Hour
	var b []byte
	for _, v := range []time.Duration{at / time.Second, at % time.Second / time.Microsecond} {
		if bits.UintSize == 64 {
			b = binary.NativeEndian.AppendUint64(b, uint64(v))
		} else {
			b = binary.NativeEndian.AppendUint32(b, uint32(v))
		}
	}
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, code)
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

func wedgeDigit(d byte) uint16 {
	k, _ := wedgeKeyOf('0' + d)
	return k
}

// wedgeKeyOf finds the key of a character and whether it wants shift; an
// unknown one is typed as a space.
func wedgeKeyOf(c byte) (key uint16, shifted bool) {
	rows := []struct {
		first          uint16
		plain, shifted string
	}{
		{2, "1234567890-=", "!@#$%^&*()_+"},
		{16, "qwertyuiop[]", "QWERTYUIOP{}"},
		{30, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
		{43, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
	}
	for _, r := range rows {
		if i := strings.IndexByte(r.plain, c); i >= 0 {
			return r.first + uint16(i), false
		}
		if i := strings.IndexByte(r.shifted, c); i >= 0 {
			return r.first + uint16(i), true
		}
	}
	return 57, false
}
