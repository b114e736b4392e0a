package scanner

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The packets as manuals print them.
func TestSSIPackets(t *testing.T) {
	tests := []struct {
		p    ssiPacket
		want string
	}{
		{ssiPacket{op: ssiACK, source: 4}, "04 D0 04 00 FF 28"},
		{ssiPacket{op: ssiACK}, "04 D0 00 00 FF 2C"},
		{ssiPacket{op: ssiNAK, source: 4, data: []byte{ssiResend}}, "05 D1 04 00 01 FF 25"},
		{ssiPacket{op: ssiEnable, source: 4}, "04 E9 04 00 FF 0F"},
		{ssiPacket{op: ssiDisable, source: 4}, "04 EA 04 00 FF 0E"},
		{ssiPacket{op: ssiParam, source: 4, data: []byte{0xff, 0xee, 1}}, "07 C6 04 00 FF EE 01 FD 41"},
		{ssiPacket{op: ssiParam, source: 4, data: []byte{0xff, 0x9f, 1}}, "07 C6 04 00 FF 9F 01 FD 90"},
		{ssiPacket{op: ssiEvent, data: []byte{0x20}}, "05 F6 00 00 20 FE E5"},
		{ssiPacket{op: ssiDecode, data: []byte("\x0b5901234123457")}, "12 F3 00 00 0B 35 39 30 31 32 33 34 31 32 33 34 35 37 FC 52"},
	}
	for _, tt := range tests {
		if got := tt.p.append(nil); !bytes.Equal(got, unhex(t, tt.want)) {
			t.Errorf("packet = % X, want %s", got, tt.want)
		}
	}
}

// frames feeds pieces, "|" being a silence, and returns what was found.
func frames(f *ssiFramer, pieces ...string) (got []string) {
	for _, p := range pieces {
		if p == "|" {
			f.reset()
			continue
		}
		f.feed([]byte(p), func(p ssiPacket) { got = append(got, fmt.Sprintf("%02x %q", p.op, p.data)) })
	}
	return got
}

func TestSSIFramer(t *testing.T) {
	ack := string(ssiPacket{op: ssiACK}.append(nil))
	code := string(ssiPacket{op: ssiDecode, data: []byte("\x0b123")}.append(nil))
	wrong := strings.Replace(code, "2", "3", 1)
	const gotACK, gotCode = `d0 ""`, `f3 "\v123"`
	tests := []struct {
		name    string
		pieces  []string
		want    []string
		dropped int
	}{
		{"one", []string{code}, []string{gotCode}, 0},
		{"joined", []string{code + ack + code[:3], code[3:]}, []string{gotCode, gotACK, gotCode}, 0},
		{"byte by byte", strings.Split(code+ack, ""), []string{gotCode, gotACK}, 0},
		{"wake bytes", []string{"\x00\x00" + code + "\x00" + ack}, []string{gotCode, gotACK}, 0},
		{"half, then silence", []string{code[:5], "|", ack}, []string{gotACK}, 5},
		{"wrong checksum", []string{wrong + ack, ack, "|", ack}, []string{gotACK}, len(wrong) + 2*len(ack)},
		{"impossible length", []string{"\x03" + ack, "|", ack}, []string{gotACK}, 1 + len(ack)},
	}
	for _, tt := range tests {
		f := &ssiFramer{}
		if got := frames(f, tt.pieces...); !slices.Equal(got, tt.want) || f.dropped != tt.dropped {
			t.Errorf("%s: packets %q and %d bytes dropped, want %q and %d", tt.name, got, f.dropped, tt.want, tt.dropped)
		}
	}
}

func TestSSIJoiner(t *testing.T) {
	const more, again = ssiMore, ssiAgain
	type part struct {
		status byte
		data   string
		fresh  bool
	}
	long := strings.Repeat("7", MaxCode)
	tests := []struct {
		name  string
		parts []part
		want  []string
	}{
		{"EAN-13", []part{{0, "\x0b4006381333931", true}}, []string{"]E04006381333931"}},
		{"the same again is another", []part{{0, "\x0b1", true}, {0, "\x0b1", false}}, []string{"]E01", "]E01"}},
		{"sent again for want of an ACK", []part{{0, "\x0b1", true}, {again, "\x0b1", false}, {again, "\x0b1", false}}, []string{"]E01"}},
		{"sent again after our NAK", []part{{0, "\x0b1", false}, {again, "\x0b1", true}}, []string{"]E01", "]E01"}},
		{"again, but another", []part{{0, "\x0b1", true}, {again, "\x0b2", false}}, []string{"]E01", "]E02"}},
		{"two packets", []part{{more, "\x1cab", true}, {0, "cd", false}}, []string{"abcd"}},
		{"two packets, each with its type", []part{{more, "\xc1ab", true}, {0, "\xc1cd", false}}, []string{"]d2abcd"}},
		{"the middle sent again", []part{{more, "\xc1a", true}, {more, "b", false}, {more | again, "b", false}, {0, "c", false}}, []string{"]d2abc"}},
		{"the end sent again", []part{{more, "\xc1a", true}, {0, "c", false}, {again, "c", false}}, []string{"]d2ac"}},
		{"no data", []part{{0, "\x0b", true}, {0, "", true}}, nil},
		{"longest", []part{{more, "\x1c" + long[1:], true}, {0, "7", true}}, []string{long}},
		{"too long", []part{{more, "\x1c" + long, true}, {more, "7", true}, {0, "7", true}, {0, "\x0b1", true}}, []string{"]E01"}},
		{"the scanner's own identifier", []part{{0, "\x0b]E04006381333931", true}}, []string{"]E04006381333931"}},
		{"text that looks like one", []part{{0, "\x03]E04006381333931", true}}, []string{"]C0]E04006381333931"}},
		{"unknown type", []part{{0, "\xeexyz", true}}, []string{"xyz"}},
		{"UPC-A with an add-on", []part{{0, "\x4803600029145212", true}}, []string{"]E3003600029145212"}},
		{"UPC-E of system 1", []part{{0, "\x10123456", true}}, []string{"]E011234562"}},
	}
	for _, tt := range tests {
		j := &ssiJoiner{}
		var got []string
		for _, p := range tt.parts {
			code, _ := j.take(ssiPacket{op: ssiDecode, status: p.status, data: []byte(p.data)}, p.fresh)
			if len(code) > 0 {
				got = append(got, string(code))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: codes %.60q, want %.60q", tt.name, got, tt.want)
		}
	}
}

func TestSSITypesStandOnce(t *testing.T) {
	seen := map[byte]bool{}
	for _, k := range ssiTypes() {
		if seen[k.code] || k.aim != "" && !identified([]byte(k.aim+"0")) {
			t.Errorf("type %02X, identifier %q", k.code, k.aim)
		}
		seen[k.code] = true
	}
}

// FuzzSSI: however the stream is cut, the packets are the same, and whatever
// they hold no code is longer than it may be.
func FuzzSSI(f *testing.F) {
	f.Add(ssiPacket{op: ssiDecode, data: []byte("\x0b4006381333931")}.append(nil), uint8(1))
	f.Add(ssiPacket{op: ssiDecode, status: ssiMore, data: []byte("\x1c40")}.append([]byte{0, 0}), uint8(3))
	f.Add([]byte("\x03\xff\x00"), uint8(200))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		one, two := &ssiFramer{}, &ssiFramer{}
		j := &ssiJoiner{}
		var whole, cutUp []string
		one.feed(b, func(p ssiPacket) {
			whole = append(whole, string(p.append(nil)))
			if code, _ := j.take(p, false); len(code) > MaxCode+len("]E0")+len("00") {
				t.Errorf("a code of %d bytes", len(code))
			}
		})
		for piece := range slices.Chunk(b, max(1, int(cut))) {
			two.feed(piece, func(p ssiPacket) { cutUp = append(cutUp, string(p.append(nil))) })
		}
		if !slices.Equal(whole, cutUp) || one.dropped != two.dropped || one.broken != two.broken {
			t.Errorf("in one piece %q, in pieces of %d %q", whole, cut, cutUp)
		}
		for _, p := range whole {
			if !bytes.Contains(b, []byte(p)) {
				t.Errorf("packet % X is not on the wire", p)
			}
		}
	})
}
