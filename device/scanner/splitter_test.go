package scanner

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// split feeds each piece and returns the codes; "|" as a piece is a quiet gap.
func split(s *splitter, pieces ...string) []string {
	var got []string
	for _, p := range pieces {
		if p == "|" {
			s.reset()
			continue
		}
		s.feed([]byte(p), func(c []byte) { got = append(got, string(c)) })
	}
	return got
}

func TestSplitter(t *testing.T) {
	long := strings.Repeat("9", MaxCode)
	tests := []struct {
		name           string
		prefix, suffix string
		pieces         []string
		want           []string
	}{
		{name: "one code", pieces: []string{"4006381333931\r"}, want: []string{"4006381333931"}},
		{name: "any line end", pieces: []string{"1\r2\n3\r\n4\n\r5\r"}, want: []string{"1", "2", "3", "4", "5"}},
		{name: "byte by byte", pieces: strings.Split("]E04006381333931\r\n", ""), want: []string{"]E04006381333931"}},
		{name: "joined", pieces: []string{"111\r22", "2\r333\r"}, want: []string{"111", "222", "333"}},
		{name: "empty lines", pieces: []string{"\r\n\r\r\n\n"}},
		{name: "control bytes are data", pieces: []string{"]d201\x1d10\x00A\x02\r"}, want: []string{"]d201\x1d10\x00A\x02"}},
		{name: "not UTF-8", pieces: []string{"\xff\xfe\r"}, want: []string{"\xff\xfe"}},
		{name: "spaces stay", pieces: []string{" 12 \r"}, want: []string{" 12 "}},
		{name: "a gap drops half a code", pieces: []string{"40063", "|", "81333931\r"}, want: []string{"81333931"}},
		{name: "longest", pieces: []string{long + "\r"}, want: []string{long}},
		{name: "too long", pieces: []string{long, "9", "99", "9\r", "12\r"}, want: []string{"12"}},
		{name: "too long in one piece", pieces: []string{long + "9\r12\r"}, want: []string{"12"}},
		{name: "too long, then a gap", pieces: []string{long + "9", "|", "12\r"}, want: []string{"12"}},
		{name: "prefix and suffix", prefix: "\x02", suffix: "\x03", pieces: []string{"\x0212\x03\r"}, want: []string{"12"}},
		{name: "prefix lost", prefix: "\x02", pieces: []string{"12\r\x0234\r"}, want: []string{"34"}},
		{name: "suffix lost", suffix: "\t", pieces: []string{"12\r34\t\r"}, want: []string{"34"}},
		{name: "only prefix", prefix: "\x02", pieces: []string{"\x02\r"}},
	}
	for _, tt := range tests {
		s := &splitter{prefix: tt.prefix, suffix: tt.suffix}
		if got := split(s, tt.pieces...); !slices.Equal(got, tt.want) {
			t.Errorf("%s: codes = %.60q, want %.60q", tt.name, got, tt.want)
		}
	}
}

func TestSplitterCountsWhatItDrops(t *testing.T) {
	s := &splitter{}
	split(s, "123", "|", strings.Repeat("9", MaxCode), "99\r", "ok\r")
	if want := 3 + MaxCode + 2; s.dropped != want {
		t.Errorf("dropped = %d bytes, want %d", s.dropped, want)
	}
}

// FuzzSplitter: however the stream is cut into pieces, the codes are the same
// and hold every byte that is not a line end, in order.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("4006381333931\r\n]d201\x1d\x00\r"), uint8(1))
	f.Add([]byte("\r\r\n\n12"), uint8(3))
	f.Add(bytes.Repeat([]byte("9"), MaxCode+5), uint8(200))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		var whole, cutUp [][]byte
		one := &splitter{}
		one.feed(b, func(c []byte) { whole = append(whole, c) })
		two := &splitter{}
		for piece := range slices.Chunk(b, max(1, int(cut))) {
			two.feed(bytes.Clone(piece), func(c []byte) { cutUp = append(cutUp, c) })
		}
		if !slices.EqualFunc(whole, cutUp, bytes.Equal) || one.dropped != two.dropped || one.pending() != two.pending() {
			t.Errorf("in one piece %q, in pieces of %d %q", whole, cut, cutUp)
		}
		total := 0
		for _, c := range whole {
			total += len(c)
			if len(c) == 0 || len(c) > MaxCode || bytes.ContainsAny(c, "\r\n") {
				t.Errorf("bad code %q", c)
			}
		}
		one.reset()
		data := len(b) - bytes.Count(b, []byte{'\r'}) - bytes.Count(b, []byte{'\n'})
		if total+one.dropped != data {
			t.Errorf("%d bytes delivered, %d dropped, of %d", total, one.dropped, data)
		}
	})
}
