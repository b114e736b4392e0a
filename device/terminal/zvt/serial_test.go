package zvt

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// frames are what stands on the wire for a message. The first three were
// captured from terminals.
func frames() []struct{ msg, frame string } {
	return []struct{ msg, frame string }{
		{"06 0F 0B F0 F0 F7 32 2E 31 34 2E 31 35 00", "10 02 06 0F 0B F0 F0 F7 32 2E 31 34 2E 31 35 00 10 03 B1 11"},
		{"06 D1 17 00 20 20 20 20 20 20 20 20 20 4B 61 73 73 65 6E 73 63 68 6E 69 74 74", "10 02 06 D1 17 00 20 20 20 20 20 20 20 20 20 4B 61 73 73 65 6E 73 63 68 6E 69 74 74 10 03 2F 07"},
		{
			"04 0F 37 27 00 04 00 00 00 00 40 00 49 09 78 0C 09 38 48 0D 04 25 22 F1 F1 59 66 66 66 66 D2 00 21 22 01 00 17 00 01 87 01 75 0B 61 39 95 19 40 29 60 09 99 14 0E 05 12 8A 02",
			"10 02 04 0F 37 27 00 04 00 00 00 00 40 00 49 09 78 0C 09 38 48 0D 04 25 22 F1 F1 59 66 66 66 66 D2 00 21 22 01 00 17 00 01 87 01 75 0B 61 39 95 19 40 29 60 09 99 14 0E 05 12 8A 02 10 03 90 8C",
		},
		{"80 00 00", "10 02 80 00 00 10 03 F5 1F"},
		{"06 00 06 12 34 56 BE 09 78", "10 02 06 00 06 12 34 56 BE 09 78 10 03 C8 B1"},
		{"06 01 07 04 00 00 00 00 10 00", "10 02 06 01 07 04 00 00 00 00 10 10 00 10 03 62 91"},
		{"06 00 10 12 34 56 BE 09 78 03 01 06 06 26 04 0A 02 06 D3", "10 02 06 00 10 10 12 34 56 BE 09 78 03 01 06 06 26 04 0A 02 06 D3 10 03 78 B5"},
		{"06 0F 0A 19 00 29 29 00 10 06 49 09 78", "10 02 06 0F 0A 19 00 29 29 00 10 10 06 49 09 78 10 03 EF 72"},
		{"06 0F 00", "10 02 06 0F 00 10 03 C6 33"},
		{"06 1E 01 6C", "10 02 06 1E 01 6C 10 03 C9 F2"},
		{"06 B0 00", "10 02 06 B0 00 10 03 43 F3"},
		{"06 02 00", "10 02 06 02 00 10 03 B9 CC"},
		{"05 01 00", "10 02 05 01 00 10 03 10 06"},
		{"06 50 03 12 34 56", "10 02 06 50 03 12 34 56 10 03 C4 AF"},
		{"06 30 06 12 34 56 87 00 22", "10 02 06 30 06 12 34 56 87 00 22 10 03 6D BE"},
		{"06 20 05 12 34 56 03 03", "10 02 06 20 05 12 34 56 03 03 10 03 70 38"},
		{"06 00 06 12 34 56 BA 09 78", "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3"},
	}
}

func TestCRC(t *testing.T) {
	if got := crc(0, []byte("123456789")...); got != 0x2189 {
		t.Errorf("CRC = %04X, want 2189", got)
	}
}

func TestFrames(t *testing.T) {
	for _, tt := range frames() {
		msg, frame := unhex(t, tt.msg), unhex(t, tt.frame)
		if got := encodeFrame(msg); !bytes.Equal(got, frame) {
			t.Errorf("frame of %s\n is % X,\nwant %s", tt.msg, got, tt.frame)
		}
		var d deframer
		for _, c := range unhex(t, "00 10 41 15 10 10") { // noise that ends in half a beginning
			d.take(c)
		}
		for i, c := range frame {
			m := d.take(c)
			if last := i == len(frame)-1; (m == markFrame) != last || m == markBad {
				t.Errorf("byte %d of %s completes %d", i, tt.frame, m)
			}
		}
		if !bytes.Equal(d.message(), msg) {
			t.Errorf("%s holds % X, want %s", tt.frame, d.message(), tt.msg)
		}
	}
}

func TestDeframer(t *testing.T) {
	const good = "10 02 80 00 00 10 03 F5 1F"
	for _, tt := range []struct {
		name, bytes string
		want        []mark
	}{
		{"acknowledgements", "06 15 06", []mark{markACK, markNAK, markACK}},
		{"acknowledgement before a frame", "06 " + good, []mark{markACK, markFrame}},
		{"two frames", good + good, []mark{markFrame, markFrame}},
		{"an acknowledgement within a frame is data", "10 02 06 B0 00 10 03 43 F3", []mark{markFrame}},
		{"CRC wrong", "10 02 80 00 00 10 03 F5 1E", []mark{markBad}},
		{"CRC of the other kind", "10 02 80 00 00 10 03 1F F5", []mark{markBad}},
		{"a bit fell over", "10 02 80 01 00 10 03 F5 1F", []mark{markBad}},
		{"a lone DLE within", "10 02 80 10 41 00 00 10 03 F5 1F", []mark{markBad}},
		{"a frame begins within another", "10 02 06 0F" + good, []mark{markFrame}},
		{"CRC bytes that look like marks", "10 02 05 01 00 10 03 10 06", []mark{markFrame}},
		{"behind a bad one", "10 02 80 00 00 10 03 00 00" + good, []mark{markBad, markFrame}},
		{"noise", "00 02 03 FF 10 03 10", nil},
		{"a DLE too many before the frame", "10" + good, []mark{markFrame}},
		{"nothing in it", "10 02 10 03 78 F0", []mark{markBad}},
	} {
		var d deframer
		var got []mark
		for _, c := range unhex(t, tt.bytes) {
			if m := d.take(c); m != markNone {
				got = append(got, m)
			}
		}
		if tt.name == "nothing in it" { // its CRC may be right or not: no message is that short
			continue
		}
		if !equalMarks(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func equalMarks(a, b []mark) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// farBytes reads n bytes of the far end.
func farBytes(t *testing.T, far net.Conn, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(far, b); err != nil {
		t.Errorf("far end: %v", err)
	}
	return b
}

// onLine runs a test with a serial line on simulated time.
func onLine(t *testing.T, f func(line Line, far net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		line := Serial(near, Timing{})
		f(line, far)
		if err := line.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
		far.Close()
	})
}

func TestSerialSendsThreeTimes(t *testing.T) {
	msg := unhex(t, "06 B0 00")
	frame := encodeFrame(msg)
	for _, tt := range []struct {
		name    string
		answers []string // to each transmission; "" is silence
		ok      bool
		took    time.Duration
	}{
		{"heard", []string{"06"}, true, 0},
		{"refused once", []string{"15", "06"}, true, 0},
		{"unheard once", []string{"", "06"}, true, defaultT2},
		{"refused, unheard, heard", []string{"15", "", "06"}, true, defaultT2},
		{"refused three times", []string{"15", "15", "15"}, false, 0},
		{"silence", []string{"", "", ""}, false, 3 * defaultT2},
		{"noise, then heard", []string{"41 06"}, true, 0},
	} {
		onLine(t, func(line Line, far net.Conn) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				for _, a := range tt.answers {
					if got := farBytes(t, far, len(frame)); !bytes.Equal(got, frame) {
						t.Errorf("%s: sent % X, want % X", tt.name, got, frame)
					}
					if a != "" {
						_, _ = far.Write(unhex(t, a))
					}
				}
			}()
			start := time.Now()
			err := line.Send(msg)
			if (err == nil) != tt.ok || !tt.ok && !errors.Is(err, errUnheard) || time.Since(start) != tt.took {
				t.Errorf("%s: Send() = %v after %v, want ok %v after %v", tt.name, err, time.Since(start), tt.ok, tt.took)
			}
			<-done
		})
	}
}

// A received frame is acknowledged, a damaged or halting one is refused, a
// repeated one is acknowledged and not handed on.
func TestSerialReceives(t *testing.T) {
	blank := encodeFrame(unhex(t, "06 D1 01 00"))
	other := encodeFrame(unhex(t, "06 D1 02 00 41"))
	bad := bytes.Clone(blank)
	bad[3] ^= 0x40
	type step struct {
		send   []byte
		pause  time.Duration
		expect byte // acknowledgement; 0: none is read
	}
	for _, tt := range []struct {
		name  string
		steps []step
		want  int // messages handed on
	}{
		{"one", []step{{blank, 0, ack}}, 1},
		{"sent again, for our acknowledgement was lost", []step{{blank, 0, ack}, {blank, 0, ack}}, 1},
		{"two that differ", []step{{blank, 0, ack}, {other, 0, ack}, {blank, 0, ack}}, 3},
		{"damaged, then whole", []step{{bad, 0, nak}, {blank, 0, ack}}, 1},
		{"it halts for T1", []step{{blank[:4], 0, nak}, {blank, 0, ack}}, 1},
		{"it halts for less", []step{{blank[:4], 190 * time.Millisecond, 0}, {blank[4:], 0, ack}}, 1},
	} {
		onLine(t, func(line Line, far net.Conn) {
			for i, s := range tt.steps {
				_, _ = far.Write(s.send)
				time.Sleep(s.pause)
				if s.expect == 0 {
					continue
				}
				if got := farBytes(t, far, 1); got[0] != s.expect {
					t.Errorf("%s: step %d was answered %02X, want %02X", tt.name, i, got[0], s.expect)
				}
			}
			for range tt.want {
				if _, err := line.Receive(); err != nil {
					t.Errorf("%s: Receive() = %v", tt.name, err)
				}
			}
			synctest.Wait()
			if n := len(line.(*serialLine).in); n != 0 {
				t.Errorf("%s: %d messages too many", tt.name, n)
			}
		})
	}
}

// The same bytes are a new message once something of ours was heard between.
func TestSerialEqualMessagesAreNotRepeats(t *testing.T) {
	blank := encodeFrame(unhex(t, "06 D1 01 00"))
	yes := unhex(t, "80 00 00")
	onLine(t, func(line Line, far net.Conn) {
		go func() {
			for range 3 {
				_, _ = far.Write(blank)
				farBytes(t, far, 1)
				farBytes(t, far, len(encodeFrame(yes)))
				// The acknowledgement and the next message in one piece.
				_, _ = far.Write([]byte{ack})
			}
		}()
		for range 3 {
			if msg, err := line.Receive(); err != nil || !bytes.Equal(msg, unhex(t, "06 D1 01 00")) {
				t.Errorf("Receive() = % X, %v", msg, err)
			}
			if err := line.Send(yes); err != nil {
				t.Errorf("Send() = %v", err)
			}
		}
	})
}

func TestSerialGivesUp(t *testing.T) {
	bad := encodeFrame(unhex(t, "06 D1 01 00"))
	bad[3] ^= 1
	onLine(t, func(line Line, far net.Conn) {
		go func() {
			for range maxTries {
				_, _ = far.Write(bad)
				farBytes(t, far, 1)
			}
			_, _ = far.Write(bad)
		}()
		if _, err := line.Receive(); !errors.Is(err, errDamaged) {
			t.Errorf("Receive() = %v, want it damaged", err)
		}
		if err := line.Send([]byte{0x80, 0, 0}); err == nil {
			t.Error("Send() on a line that was given up: no error")
		}
	})
}

func FuzzDeframer(f *testing.F) {
	for _, tt := range frames() {
		f.Add(unhex(f, tt.frame), uint8(3))
	}
	f.Add([]byte{dle, dle, stx, dle, etx, 0, 0}, uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, at uint8) {
		var d deframer
		for _, c := range b {
			if d.take(c) != markFrame {
				continue
			}
			// What was read prints back as something that reads the same.
			var again deframer
			for _, x := range encodeFrame(d.message()) {
				again.take(x)
			}
			if !bytes.Equal(again.message(), d.message()) {
				t.Errorf("% X reads back as % X", d.message(), again.message())
			}
		}
		// Whatever came before, the frame behind the next T1 is found.
		d.reset()
		var last mark
		for _, c := range encodeFrame(b) {
			last = d.take(c)
		}
		if last != markFrame || !bytes.Equal(d.message(), b) {
			t.Errorf("message % X was not found behind noise (%d)", b, at)
		}
	})
}
