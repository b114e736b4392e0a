package scanner

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"time"
)

// A record of the kernel (input.h): a time of two machine words, type, code
// and value; 24 bytes on a 64-bit machine.
const (
	wordBytes   = bits.UintSize / 8
	recordBytes = 2*wordBytes + 8
)

// Types, codes and values of records (input-event-codes.h).
const (
	evSyn, evKey = 0, 1

	synReport  = 0
	synDropped = 3

	keyUp, keyDown = 0, 1 // 2 is the repeat of a key that is held

	keyTab, keyEnter, keySpace, keyF8, keypadEnter = 15, 28, 57, 66, 96
	keyLeftShift, keyRightShift                    = 42, 54
	keyLeftCtrl, keyRightCtrl                      = 29, 97
	keyLeftAlt, keyRightAlt                        = 56, 100
	keyCapsLock, keyNumLock, keyScrollLock         = 58, 69, 70
	keyLeftMeta, keyRightMeta                      = 125, 126
)

// An inputEvent is one record.
type inputEvent struct {
	at         time.Duration // by the kernel's clock
	kind, code uint16
	value      int32
}

// parseEvent reads the first record of b, which is at least recordBytes long.
func parseEvent(b []byte) inputEvent {
	word := func(b []byte) time.Duration {
		if wordBytes == 4 {
			return time.Duration(binary.NativeEndian.Uint32(b))
		}
		return time.Duration(binary.NativeEndian.Uint64(b))
	}
	rest := b[2*wordBytes:]
	return inputEvent{
		at:    word(b)*time.Second + word(b[wordBytes:])*time.Microsecond,
		kind:  binary.NativeEndian.Uint16(rest),
		code:  binary.NativeEndian.Uint16(rest[2:]),
		value: int32(binary.NativeEndian.Uint32(rest[4:])),
	}
}

// A keymap gives the characters of a key, plain and with shift; 0 is none.
type keymap [128][2]byte

// usKeys is the US keyboard that the scanner must be set to.
func usKeys() *keymap {
	var m keymap
	row := func(first int, plain, shifted string) {
		for i := range len(plain) {
			m[first+i] = [2]byte{plain[i], shifted[i]}
		}
	}
	row(2, "1234567890-=", "!@#$%^&*()_+")
	row(16, "qwertyuiop[]", "QWERTYUIOP{}")
	row(30, "asdfghjkl;'`", "ASDFGHJKL:\"~")
	row(43, `\zxcvbnm,./`, "|ZXCVBNM<>?")
	row(keyTab, "\t", "\t")
	row(keySpace, " ", " ")
	row(55, "*", "*") // the keypad, as with Num Lock
	row(71, "789-456+1230.", "789-456+1230.")
	row(98, "/", "/")
	return &m
}

// A wedge puts codes together from the keys that a scanner presses.
type wedge struct {
	keys *keymap
	gap  time.Duration // no two keys of a code are so far apart

	code    []byte
	lost    bool // a part is missing: nothing counts until Enter or a gap
	blind   bool // the kernel dropped records: nothing counts until a report ends
	held    map[uint16]bool
	number  string        // digits typed while Alt is held
	last    time.Duration // of the last key
	dropped int           // characters, at least
}

func newWedge(gap time.Duration) *wedge {
	return &wedge{keys: usKeys(), gap: gap, held: map[uint16]bool{}}
}

// records takes what one read gave. The kernel gives whole records; what is not
// whole is not the kernel's.
func (w *wedge) records(b []byte, emit func(code []byte)) {
	for ; len(b) >= recordBytes; b = b[recordBytes:] {
		w.feed(parseEvent(b), emit)
	}
	if len(b) > 0 {
		w.lose()
	}
}

// feed takes the next record and calls emit with the code that it completes.
// The slice passed to emit is not used again.
func (w *wedge) feed(e inputEvent, emit func(code []byte)) {
	switch {
	case e.kind == evSyn && e.code == synDropped:
		w.lose()
		clear(w.held)
		w.number = ""
		w.blind, w.last = true, e.at
	case e.kind == evSyn && e.code == synReport:
		w.blind = false
	case e.kind != evKey:
	case w.blind:
		w.lose()
		w.last = e.at
	case e.value == keyDown:
		if d := e.at - w.last; d > w.gap || d < -w.gap {
			w.giveUp() // a reader that was held up sees the pause only here
		}
		w.last = e.at
		w.press(e.code, emit)
	case e.value == keyUp:
		w.release(e.code)
	}
}

// press deals with a key going down.
func (w *wedge) press(key uint16, emit func(code []byte)) {
	switch key {
	case keyLeftShift, keyRightShift, keyLeftCtrl, keyRightCtrl, keyLeftAlt, keyRightAlt:
		w.held[key] = true
	case keyCapsLock, keyNumLock, keyScrollLock, keyLeftMeta, keyRightMeta:
	case keyEnter, keypadEnter:
		w.enter(emit)
	case keyF8: // GS on some makes
		w.add(0x1d)
	default:
		w.character(key)
	}
}

// character deals with a key that stands for one, alone or with others held.
func (w *wedge) character(key uint16) {
	var c byte
	if int(key) < len(w.keys) {
		c = w.keys[key][0]
		if w.held[keyLeftShift] || w.held[keyRightShift] {
			c = w.keys[key][1]
		}
	}
	switch {
	case c == 0:
		w.lose()
	case w.held[keyLeftAlt] || w.held[keyRightAlt]:
		if !isDigit(c) || len(w.number) > 4 {
			w.lose()
			return
		}
		w.number += string(c)
	case w.held[keyLeftCtrl] || w.held[keyRightCtrl]:
		if c = control(w.keys[key][0]); c == 0 {
			w.lose()
			return
		}
		w.add(c)
	default:
		w.add(c)
	}
}

// control gives what a key stands for while Ctrl is held, 0 for nothing.
func control(plain byte) byte {
	switch {
	case plain >= 'a' && plain <= 'z':
		return plain - 'a' + 1
	case strings.IndexByte(`[\]`, plain) >= 0:
		return plain - '@' // ESC, FS, GS
	case plain == '6':
		return 0x1e
	case plain == '-':
		return 0x1f
	default:
		return 0
	}
}

// release deals with a key going up. With Alt goes the character whose number
// was typed, 029 for GS.
func (w *wedge) release(key uint16) {
	delete(w.held, key)
	if key != keyLeftAlt && key != keyRightAlt || w.number == "" {
		return
	}
	n := 0
	for _, c := range []byte(w.number) {
		n = 10*n + int(c-'0')
	}
	w.number = ""
	if n == 0 || n > 0xff {
		w.lose()
		return
	}
	w.add(byte(n))
}

func (w *wedge) add(c byte) {
	if w.lost || len(w.code) == MaxCode {
		w.lose()
		w.dropped++
		return
	}
	w.code = append(w.code, c)
}

// enter ends the code in hand.
func (w *wedge) enter(emit func(code []byte)) {
	code := w.code
	if w.lost {
		w.giveUp()
		return
	}
	w.code = nil // the receiver owns it now
	if len(code) > 0 {
		emit(code)
	}
}

// lose marks the code in hand as damaged.
func (w *wedge) lose() {
	w.dropped += len(w.code)
	w.code, w.lost = w.code[:0], true
}

// giveUp forgets the code in hand, and what is held: a release that was lost
// must not shift the next code.
func (w *wedge) giveUp() {
	w.dropped += len(w.code)
	w.code, w.lost, w.number = w.code[:0], false, ""
	clear(w.held)
}

// pending reports whether a code has begun and not ended.
func (w *wedge) pending() bool { return len(w.code) > 0 || w.lost }
