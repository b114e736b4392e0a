package printer

import (
	"errors"
	"strings"
	"testing"
)

func profile(t *testing.T, name string) Profile {
	t.Helper()
	p, err := LookUp(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// reset is how every document begins on an epson-80.
const reset = "\x1b@\x1c.\x1bt\x13"

func TestEncode(t *testing.T) {
	p := profile(t, "epson-80")
	p.Columns = 20
	tests := []struct {
		name   string
		blocks []Block
		want   string
	}{
		{"nothing", nil, ""},
		{"left and right", []Block{Text{Left: "Milk", Right: "1.29"}}, "Milk            1.29\n"},
		{"indented", []Block{Text{Left: "Fresh milk from here", Right: "1.29", Indent: 2}}, "  Fresh milk from\n  here          1.29\n"},
		{
			"table",
			[]Block{Table{Head: []string{"", "Net", "Tax"}, Rows: [][]string{{"A", "100.00", "7.00"}, {"B 19 %", "1.00", "0.19"}}}},
			"           Net   Tax\nA       100.00  7.00\nB 19 %    1.00  0.19\n",
		},
		{
			"table on narrow paper",
			[]Block{Table{Head: []string{"", "Net", "Gross"}, Rows: [][]string{{"A 7 %", "1000.00", "1070.00"}}}},
			"A 7 %\n  Net        1000.00\n  Gross      1070.00\n",
		},
		{"centred, bold", []Block{Text{Left: "Shop", Center: true, Bold: true}}, "\x1bE\x01\x1ba\x01Shop\n\x1ba\x00\x1bE\x00"},
		{"double", []Block{Text{Left: "Total", Right: "9.99", Double: true}}, "\x1d!\x11Total 9.99\n\x1d!\x00"},
		{"euro", []Block{Text{Left: "€ äöü"}}, "\xd5 \x84\x94\x81\n"},
		{"typography", []Block{Text{Left: "“a” – b…"}}, "\"a\" - b...\n"},
		{"wrapped", []Block{Text{Left: "A rather long article name", Right: "12.90"}}, "A rather long\narticle name   12.90\n"},
		{"amount on its own line", []Block{Text{Left: "Seventeen letters", Right: "12.90"}}, "Seventeen letters\n               12.90\n"},
		{"a long word", []Block{Text{Left: strings.Repeat("x", 45)}}, strings.Repeat("x", 20) + "\n" + strings.Repeat("x", 20) + "\nxxxxx\n"},
		{"commands in a name", []Block{Text{Left: "a\x1b@b\nc"}}, "a @b c\n"},
		{"rule", []Block{Rule{}}, "--------------------\n"},
		{"feed", []Block{Feed{3}}, "\x1bd\x03"},
		{"cut", []Block{Cut{}}, "\x1dVB\x00"},
		{"qr", []Block{QR{"https://x"}}, "\x1ba\x01\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x0c\x001P0https://x\x1d(k\x03\x001Q0\x1ba\x00"},
		{"ean-13", []Block{Barcode{EAN13, "4006381333931"}}, "\x1ba\x01\x1dhP\x1dw\x02\x1dH\x02\x1dkC\x0d4006381333931\n\x1ba\x00"},
		{"code 128", []Block{Barcode{Code128, "a{1"}}, "\x1ba\x01\x1dhP\x1dw\x02\x1dH\x02\x1dkI\x06{Ba{{1\n\x1ba\x00"},
		{"picture", []Block{Raster{Width: 9, Height: 2, Bits: []byte{0xFF, 0x80, 0x01, 0x00}}}, "\x1dv0\x00\x02\x00\x02\x00\xff\x80\x01\x00"},
	}
	for _, tt := range tests {
		got, err := Encode(p, tt.blocks)
		if err != nil || string(got) != reset+tt.want {
			t.Errorf("%s: Encode() = %q, %v, want %q", tt.name, got, err, reset+tt.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	p := profile(t, "epson-80")
	tests := []struct {
		b    Block
		want error
	}{
		{Text{Left: "حليب"}, ErrUnprintable},
		{Text{Left: "x", Right: "日"}, ErrUnprintable},
		{Feed{0}, ErrBlock},
		{Feed{256}, ErrBlock},
		{QR{""}, ErrBlock},
		{QR{strings.Repeat("x", 1001)}, ErrBlock},
		{Barcode{EAN13, "40063813339"}, ErrBlock},
		{Barcode{EAN8, "1234567x"}, ErrBlock},
		{Barcode{Code128, "ä"}, ErrBlock},
		{Barcode{0, "1"}, ErrBlock},
		{Raster{Width: 8, Height: 2, Bits: []byte{1}}, ErrBlock},
		{Raster{Width: 1000, Height: 1, Bits: make([]byte, 125)}, ErrBlock},
	}
	for _, tt := range tests {
		if got, err := Encode(p, []Block{tt.b}); !errors.Is(err, tt.want) {
			t.Errorf("Encode(%#v) = %q, %v, want %v", tt.b, got, err, tt.want)
		}
	}
}

func TestPictureIsSliced(t *testing.T) {
	p := profile(t, "generic-58")
	bits := make([]byte, 150)
	for i := range bits {
		bits[i] = byte(i)
	}
	got, err := Encode(p, []Block{Raster{Width: 8, Height: 150, Bits: bits}})
	if err != nil {
		t.Fatal(err)
	}
	rest := string(got[7:]) // behind the reset
	var rows []byte
	for rest != "" {
		n := int(rest[6]) + int(rest[7])<<8
		if rest[:4] != "\x1dv0\x00" || n > p.Slice {
			t.Fatalf("slice begins %q with %d rows, want at most %d", rest[:8], n, p.Slice)
		}
		rows = append(rows, rest[8:8+n]...)
		rest = rest[8+n:]
	}
	if string(rows) != string(bits) {
		t.Error("the slices do not make the picture")
	}
}

func TestPrintable(t *testing.T) {
	epson, clone := profile(t, "epson-80"), profile(t, "generic-58")
	for _, tt := range []struct {
		s            string
		epson, clone bool
	}{
		{"Crème fraîche 3,99 €", true, true},
		{"Łódź – şeker", true, true},
		{"Теплый", false, false},
		{"حليب", false, false},
		{"", true, true},
	} {
		if got := Printable(epson, tt.s); got != tt.epson {
			t.Errorf("Printable(epson-80, %q) = %v", tt.s, got)
		}
		if got := Printable(clone, tt.s); got != tt.clone {
			t.Errorf("Printable(generic-58, %q) = %v", tt.s, got)
		}
	}
}

func TestLookUp(t *testing.T) {
	if p, err := LookUp("epson-81"); err == nil || !strings.Contains(err.Error(), "epson-80") {
		t.Errorf("LookUp(epson-81) = %v, %v, want an error that names the choices", p, err)
	}
}

func TestParser(t *testing.T) {
	var p parser
	var got []word
	// noise, an automatic status with a real-time answer in its middle, XON, a
	// block answer, an answer in order
	for _, b := range []byte{0x11, 0x18, 0x00, 0x12, 0x0C, 0x0F, 0x13, 0x5F, 'T', 'M', 0x10, 0x00, 0x03} {
		if w, ok := p.feed(b); ok {
			got = append(got, w)
		}
	}
	want := []word{
		{kind: wordRealTime, data: [4]byte{0x12}},
		{kind: wordASB, data: [4]byte{0x18, 0x00, 0x0C, 0x0F}},
		{kind: wordBlock},
		{kind: wordInOrder, data: [4]byte{0x03}},
	}
	if len(got) != len(want) {
		t.Fatalf("parser read %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("word %d = %v, want %v", i, got[i], want[i])
		}
	}
}

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		asb  [4]byte
		want error
		near bool
	}{
		{[4]byte{0x10, 0, 0, 0x0F}, nil, false},
		{[4]byte{0x10, 0, 0x03, 0x0F}, nil, true},
		{[4]byte{0x38, 0, 0, 0x0F}, ErrCover, false},
		{[4]byte{0x18, 0, 0x0C, 0x0F}, ErrPaper, false},
		{[4]byte{0x18, 0x08, 0, 0x0F}, ErrFault, false},
		{[4]byte{0x18, 0, 0, 0x0F}, ErrOffline, false},
	} {
		s := Status{Connected: true}
		s.automatic(tt.asb)
		if err := s.Err(); !errors.Is(err, tt.want) || (s.Paper == PaperNear) != tt.near {
			t.Errorf("automatic status % X: %+v, %v, want %v", tt.asb, s, err, tt.want)
		}
	}
	for _, tt := range []struct {
		n    int
		b    byte
		want error
	}{
		{1, 0x12, nil},
		{1, 0x1A, ErrOffline},
		{2, 0x16, ErrCover},
		{2, 0x32, ErrPaper},
		{3, 0x1A, ErrFault},
		{4, 0x1E, nil},
		{4, 0x72, ErrPaper},
		{4, 0x7E, ErrPaper},
	} {
		s := Status{Connected: true}
		s.realTime(tt.n, tt.b)
		if err := s.Err(); !errors.Is(err, tt.want) {
			t.Errorf("DLE EOT %d answered %02X: %v, want %v", tt.n, tt.b, err, tt.want)
		}
	}
}

func FuzzParser(f *testing.F) {
	f.Add([]byte{0x10, 0x00, 0x00, 0x0F, 0x12, 0x00})
	f.Add([]byte{0x5F, 'a', 0x00, 0x37, 0x22})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p parser
		words := 0
		for _, c := range b {
			w, ok := p.feed(c)
			if !ok {
				continue
			}
			words++
			s := Status{Connected: true}
			s.automatic(w.data)
			for n := 1; n <= 4; n++ {
				s.realTime(n, w.data[0])
			}
		}
		if words > len(b) {
			t.Errorf("%d words from %d bytes", words, len(b))
		}
		// However mad the bytes, a full automatic status is understood soon after.
		for range maxBlock + 1 {
			p.feed(0x00)
		}
		for i, c := range []byte{0x38, 0x00, 0x00, 0x0F} {
			if w, ok := p.feed(c); ok != (i == 3) || ok && w.kind != wordASB {
				t.Fatalf("not in step again after % X", b)
			}
		}
	})
}

func FuzzEncodeText(f *testing.F) {
	f.Add("Milk", "1.29", false, false)
	f.Add("A rather long article name that wraps", "12.90", true, true)
	f.Fuzz(func(t *testing.T, left, right string, double, rtl bool) {
		p := profile(t, "generic-58")
		out, err := Encode(p, []Block{Text{Left: left, Right: right, Double: double, RTL: rtl}})
		if err != nil {
			return
		}
		body := strings.TrimSuffix(string(out[7:]), "\x1d!\x00")
		columns := p.Columns
		if double {
			body, columns = strings.TrimPrefix(body, "\x1d!\x11"), columns/2
		}
		for line := range strings.SplitSeq(body, "\n") {
			if len(line) > columns || strings.ContainsAny(line, "\x1b\x1d\x10") {
				t.Errorf("line %q of %q %q", line, left, right)
			}
		}
	})
}
