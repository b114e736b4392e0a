package scale

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"kassa/kiosk/weight"
)

// unhex reads bytes as manuals print them.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// driverOf is the line of the table for a protocol.
func driverOf(t *testing.T, protocol string) driver {
	t.Helper()
	for _, d := range drivers() {
		if d.name == protocol {
			return d
		}
	}
	t.Fatalf("no protocol %s", protocol)
	return driver{}
}

// meaningOf sends the bytes of an answer through a protocol's framer and parser.
func meaningOf(t *testing.T, protocol string, cfg Config, stream []byte) Reading {
	t.Helper()
	p, err := cfg.params(driverOf(t, protocol))
	if err != nil {
		t.Fatal(err)
	}
	var next func(byte) ([]byte, bool)
	var meaning func([]byte) Reading
	switch protocol {
	case "toledo8217", "toledo8213":
		next, meaning = (&toledoFramer{}).next, (&toledo{p: p}).meaning
	case "nci":
		next, meaning = (&nciFramer{}).next, (&nci{p: p}).meaning
	case "sma":
		next, meaning = (&smaFramer{mask: p.mask}).next, (&sma{p: p}).meaning
	case "sics":
		next, meaning = (&lineCutter{mask: p.mask}).next, (&sics{p: p}).meaning
	case "cas":
		next, meaning = (&casFramer{mask: p.mask}).next, (&cas{p: p}).meaning
	case "ascii":
		next, meaning = (&lineCutter{mask: p.mask}).next, (&ascii{p: p}).meaning
	case "dialog06":
		p.price.Store(packPrice(299, 0))
		next, meaning = (&dialogFramer{}).next, (&dialog06{p: p, sent: p.price.Load()}).meaning
	}
	for _, c := range stream {
		if body, ok := next(c); ok {
			return meaning(body)
		}
	}
	return Reading{State: Fault, Err: errBadFrame}
}

// The frames of the manuals, byte by byte, and what they must come to.
func TestGoldenFrames(t *testing.T) {
	kg := func(d int64) weight.Shown { return weight.Shown{Digits: d, Decimals: 3, Unit: weight.Kilogram} }
	lb := func(d int64) weight.Shown { return weight.Shown{Digits: d, Decimals: 2, Unit: weight.Pound} }
	good := Reading{State: Stable, Shown: kg(1250)}
	pounds := Config{Unit: "lb"}
	tests := []struct {
		protocol, hex, text string // one of hex and text
		cfg                 Config
		want                Reading
		err                 error
	}{
		{protocol: "toledo8217", hex: "02 30 31 2E 32 35 30 0D", want: good},
		{protocol: "toledo8213", hex: "02 30 30 31 32 35 30 0D", want: good},
		{protocol: "toledo8213", text: "\x02012.50\r", cfg: pounds, want: Reading{State: Stable, Shown: lb(1250)}},
		{protocol: "toledo8213", text: "\x020012.50\r", cfg: pounds, want: Reading{State: Stable, Shown: lb(1250)}},
		{protocol: "toledo8213", text: "\x020012500\r", cfg: Config{Division: "0.0001"}, want: Reading{
			State: Stable, Shown: weight.Shown{Digits: 12500, Decimals: 4, Unit: weight.Kilogram},
		}},
		{protocol: "toledo8213", hex: "02 3F 41 0D", want: Reading{State: Motion}},

		{protocol: "nci", hex: "0A 30 31 2E 32 35 30 4B 47 0D 0A 53 30 30 0D 03", want: good},
		{protocol: "nci", hex: "0A 30 31 2E 32 35 30 4B 47 0D 0A 30 30 0D 03", want: good},
		{protocol: "nci", hex: "8A B0 B1 2E B2 35 B0 CB 47 8D 8A 53 B0 B0 8D 03", want: good}, // with parity
		{protocol: "nci", hex: "0A 53 31 30 0D 03", want: Reading{State: Motion}},
		{protocol: "nci", hex: "0A 53 31 32 0D 03", want: Reading{State: Over}},
		{protocol: "nci", hex: "0A 3F 0D 03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "nci", text: "\n00.000KG\r\nS20\r\x03", want: Reading{State: Zero, Shown: kg(0)}},
		{protocol: "nci", text: "\nS20\r\x03", want: Reading{State: Zero, Shown: kg(0)}},
		{protocol: "nci", text: "\nS30\r\x03", want: Reading{State: Motion}},
		{protocol: "nci", text: "\nS01\r\x03", want: Reading{State: Under}},
		{protocol: "nci", text: "\nS11\r\x03", want: Reading{State: Under}},
		{protocol: "nci", text: "\nS00\r\x03", want: Reading{State: Fault}, err: ErrNoWeight},
		{protocol: "nci", text: "\nS40\r\x03", want: Reading{State: Fault}, err: errBadFrame},               // RAM
		{protocol: "nci", text: "\nS08\r\x03", want: Reading{State: Fault}, err: errBadFrame},               // calibration
		{protocol: "nci", text: "\n01.250KG\r\nS0px0\r\x03", want: Reading{State: Fault}, err: errBadFrame}, // initial zero
		{protocol: "nci", text: "\n01.250KG\r\nS0pt0\r\x03", want: Reading{State: Stable, Shown: kg(1250), Net: true}},
		{protocol: "nci", text: "\n01.250KG\r\nS00p0\r\x03", want: good},
		{protocol: "nci", text: "\n00.000KG\r\nS02pp\r\x03", want: Reading{State: Over}}, // Baxtran
		{protocol: "nci", text: "\n^^^^^^KG\r\n00\r\x03", want: Reading{State: Over}},
		{protocol: "nci", text: "\n______KG\r\n00\r\x03", want: Reading{State: Under}},
		{protocol: "nci", text: "\n------KG\r\n00\r\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "nci", text: "\n002.76LB\r\nS00\r\x03", cfg: pounds, want: Reading{State: Stable, Shown: lb(276)}},
		{protocol: "nci", text: "\n002.76LB\r\nS00\r\x03", want: Reading{State: Fault}, err: ErrUnit},
		{protocol: "nci", text: "\n5LB 06.5OZ\r\nS00\r\x03", cfg: pounds, want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "nci", text: "\n1.250KG\r\nS00\r\x03", want: Reading{State: Fault}, err: errBadFrame}, // a digit lost
		{protocol: "nci", text: "\n01.25\x00KG\r\nS00\r\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "nci", text: "\n01.250KG\r\nS0\x00\r\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "nci", text: "\n01.250KG\r\n\r\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "nci", text: "\n09.9\n01.250KG\r\nS00\r\x03", want: good},

		{protocol: "sma", hex: "0A 20 31 47 20 20 20 20 20 20 20 31 2E 32 35 30 6B 67 20 0D", want: good},
		{protocol: "sma", hex: "0A 20 31 47 4D 20 20 20 20 20 20 31 2E 32 35 30 6B 67 20 0D", want: Reading{State: Motion}},
		{protocol: "sma", text: "\nO1G  ----------kg \r", want: Reading{State: Over}},
		{protocol: "sma", text: "\nU1G  ----------kg \r", want: Reading{State: Under}},
		{protocol: "sma", text: "\n 1N      -0.100kg \r", want: Reading{State: Under}},
		{protocol: "sma", text: "\n 1N       1.250kg \r", want: Reading{State: Stable, Shown: kg(1250), Net: true}},
		{protocol: "sma", text: "\nZ1G       0.000kg \r", want: Reading{State: Zero, Shown: kg(0)}},
		{protocol: "sma", text: "\nE1G  ----------kg \r", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sma", text: "\nI1G  ----------kg \r", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sma", text: "\n 1T       1.250kg \r", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sma", text: "\n 1G        1250g  \r", want: good},
		{protocol: "sma", text: "\n 1G        1250oz \r", want: Reading{State: Fault}, err: ErrUnit},
		{protocol: "sma", text: "\n 1G      1.250kg \r", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sma", text: "\n 1G       1.25\x00kg \r", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sma", text: "\n 1G   \n 1G       1.250kg \r", want: good},
		{protocol: "sma", hex: "0A 3F 0D", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sma", hex: "0A 21 0D", want: Reading{State: Fault}, err: errBadFrame},

		{protocol: "sics", hex: "53 20 53 20 20 20 20 20 20 31 2E 32 35 30 20 6B 67 0D 0A", want: good},
		{protocol: "sics", hex: "53 20 44 20 20 20 20 20 20 31 2E 32 34 38 20 6B 67 0D 0A", want: Reading{State: Motion}},
		{protocol: "sics", hex: "53 20 2B 0D 0A", want: Reading{State: Over}},
		{protocol: "sics", text: "S -\r\n", want: Reading{State: Under}},
		{protocol: "sics", text: "S I\r\n", want: Reading{State: Fault}, err: ErrNoWeight},
		{protocol: "sics", text: "SI+\r\n", want: Reading{State: Over}},
		{protocol: "sics", text: "SI-\r\n", want: Reading{State: Under}},
		{protocol: "sics", text: "SS    0.360 Kg\r\n", want: Reading{State: Stable, Shown: kg(360)}},
		{protocol: "sics", text: "S   1250.0 g\r\n", want: Reading{
			State: Stable, Shown: weight.Shown{Digits: 12500, Decimals: 4, Unit: weight.Kilogram},
		}},
		{protocol: "sics", text: "SD   183.96 g\r\n", want: Reading{State: Motion}},
		{protocol: "sics", text: "S S     -0.100 kg\r\n", want: Reading{State: Under}},
		{protocol: "sics", text: "S S     -0.000 kg\r\n", want: Reading{State: Zero, Shown: kg(0)}},
		{protocol: "sics", text: "S S      1.25S S      1.250 kg\r\n", want: good},
		{protocol: "sics", hex: "45 53 0D 0A", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sics", text: "EL\r\n", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sics", hex: "49 34 20 41 20 22 31 32 33 34 35 36 37 22 0D 0A", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sics", text: "S S      1.2\x000 kg\r\n", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "sics", text: "S S      1.250 PCS\r\n", want: Reading{State: Fault}, err: ErrUnit},
		{protocol: "sics", text: "S S 1.250\r\n", want: Reading{State: Fault}, err: errBadFrame},

		{protocol: "cas", hex: "01 02 53 20 30 31 2E 32 35 30 6B 67 67 03 04", want: good},
		{protocol: "cas", hex: "01 02 55 20 30 31 2E 32 35 30 6B 67 61 03 04", want: Reading{State: Motion}},
		{protocol: "cas", hex: "01 02 53 46 46 46 46 46 46 46 6B 67 19 03 04", want: Reading{State: Over}},
		{protocol: "cas", hex: "01 02 53 2D 30 30 2E 31 30 30 6B 67 6D 03 04", want: Reading{State: Under}},
		{protocol: "cas", hex: "01 02 53 20 30 31 2E 32 35 30 6B 67 66 03 04", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "cas", hex: "01 02 01 02 53 20 30 31 2E 32 35 30 6B 67 67 03 04", want: good},

		{protocol: "ascii", hex: "53 54 2C 47 53 2C 2B 30 30 30 31 2E 32 35 6B 67 0D 0A", want: Reading{
			State: Stable, Shown: weight.Shown{Digits: 125, Decimals: 2, Unit: weight.Kilogram},
		}},
		{protocol: "ascii", hex: "53 54 2C 2B 30 30 30 31 2E 32 35 30 20 6B 67 0D 0A", want: good},
		{protocol: "ascii", text: "ST,GS,1\x8d,   1.250 kg\r\n", want: good},
		{protocol: "ascii", text: "ST,GS,1\n,   1.250 kg\r\n", want: good},
		{protocol: "ascii", text: "ST,NT,1\r,   1.250 kg\r\n", want: Reading{State: Stable, Shown: kg(1250), Net: true}},
		{protocol: "ascii", text: "ST,NT,1\x8d,-  0.100 kg\r\n", want: Reading{State: Under}},
		{protocol: "ascii", text: "US,NT,+0000.50kg\r\n", want: Reading{State: Motion}},
		{protocol: "ascii", text: "ST,-0000.000 kg\r\n", want: Reading{State: Zero, Shown: kg(0)}},
		{protocol: "ascii", text: "ST,-0000.100 kg\r\n", want: Reading{State: Under}},
		{protocol: "ascii", text: "OL,+9999999E+19\r\n", want: Reading{State: Over}},
		{protocol: "ascii", text: "OL,-9999999E+19\r\n", want: Reading{State: Under}},
		{protocol: "ascii", text: "OL,GS,1\x8d,         kg\r\n", want: Reading{State: Over}},
		{protocol: "ascii", text: "QT,+00000012 PC\r\n", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "ascii", text: "HI,+0001.250 kg\r\n", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "ascii", text: "ST,+0001.250\r\n", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "ascii", text: "ST,+0001.\x0050 kg\r\n", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "ascii", text: "ST,+0002.76 lb\r\n", cfg: pounds, want: Reading{State: Stable, Shown: lb(276)}},

		{protocol: "dialog06", hex: "02 30 32 1B 33 1B 30 31 32 35 30 1B 30 30 30 32 39 39 1B 30 30 30 33 37 34 03", want: good},
		{protocol: "dialog06", text: "\x0202\x1b3\x1b01250\x1b00299\x1b000374\x03", want: good},
		{protocol: "dialog06", text: "\x0202\x1b1\x1b00276\x1b000299\x1b000825\x03", cfg: pounds, want: Reading{State: Stable, Shown: lb(276)}},
		{protocol: "dialog06", text: "\x0202\x1b3\x1b01250\x1b000298\x1b000373\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "dialog06", text: "\x0202\x1b3\x1b01250\x1b000299\x1b000375\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "dialog06", text: "\x0202\x1b3\x1b0125\x00\x1b000299\x1b000374\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "dialog06", text: "\x0202\x1b0\x1b01250\x1b000299\x1b000374\x03", want: Reading{State: Fault}, err: ErrUnit},
		{protocol: "dialog06", text: "\x0202\x1b3\x1b1250\x1b000299\x1b000374\x03", want: Reading{State: Fault}, err: errBadFrame},
		{protocol: "dialog06", text: "\x0209\x1b20\x03", want: Reading{State: Fault}, err: errBadFrame},
	}
	for _, tt := range tests {
		stream := []byte(tt.text)
		if tt.hex != "" {
			stream = unhex(t, tt.hex)
		}
		got := meaningOf(t, tt.protocol, tt.cfg, stream)
		if !errors.Is(got.Err, tt.err) || (got.Err == nil) != (tt.err == nil) {
			t.Errorf("%s %q: error = %v, want %v", tt.protocol, stream, got.Err, tt.err)
		}
		got.Err = nil
		if got != tt.want {
			t.Errorf("%s %q = %+v, want %+v", tt.protocol, stream, got, tt.want)
		}
	}
}

// A byte lost or gained on the way must not make another weight, once the scale
// has shown how it writes one.
func TestLostByte(t *testing.T) {
	tests := []struct{ protocol, frame string }{
		{"nci", "\n11.250KG\r\nS00\r\x03"},
		{"sma", "\n 1G      11.250kg \r"},
		{"sics", "S S     11.250 kg\r\n"},
		{"cas", "\x01\x02S 11.250kgf\x03\x04"},
		{"ascii", "ST,GS,+0011.25kg\r\n"},
		{"ascii", "ST,GS,1\x8d,  11.250 kg\r\n"},
		{"dialog06", "\x0202\x1b3\x1b11250\x1b000299\x1b003364\x03"},
	}
	for _, tt := range tests {
		want := meaningOf(t, tt.protocol, Config{}, []byte(tt.frame))
		if want.State != Stable {
			t.Fatalf("%s %q = %+v", tt.protocol, tt.frame, want)
		}
		for i := range tt.frame {
			both := tt.frame + tt.frame[:i] + tt.frame[i+1:]
			if got := second(t, tt.protocol, both); got.State == Stable && got.Shown != want.Shown {
				t.Errorf("%s %q without byte %d = %s", tt.protocol, tt.frame, i, got.Shown)
			}
		}
	}
}

// second is what the frame after the first one means to the same dialect.
func second(t *testing.T, protocol, stream string) Reading {
	t.Helper()
	p, err := Config{}.params(driverOf(t, protocol))
	if err != nil {
		t.Fatal(err)
	}
	d := driverOf(t, protocol).new(p)
	if x, ok := d.(*dialog06); ok {
		x.sent = packPrice(299, 0)
	}
	last := Reading{}
	for _, body := range framesOf(protocol, []byte(stream)) {
		last = d.(interface{ meaning([]byte) Reading }).meaning(body)
	}
	return last
}

// framesOf cuts a stream as a protocol's driver does.
func framesOf(protocol string, stream []byte) [][]byte {
	next := map[string]func(byte) ([]byte, bool){
		"nci":      (&nciFramer{}).next,
		"sma":      (&smaFramer{mask: 0xff}).next,
		"sics":     (&lineCutter{mask: 0xff}).next,
		"cas":      (&casFramer{mask: 0xff}).next,
		"ascii":    (&lineCutter{mask: 0xff}).next,
		"dialog06": (&dialogFramer{}).next,
	}[protocol]
	var all [][]byte
	for _, c := range stream {
		if body, ok := next(c); ok {
			all = append(all, append([]byte(nil), body...))
		}
	}
	return all
}

func TestCheckRecord(t *testing.T) {
	tests := []struct {
		v    Variant
		z    byte
		want string
	}{
		{Variant{Pair: "12AB34CD"}, 0x47, "10\x1b2AB19A69"}, // worked out by hand
		{Variant{Pair: "12AB34CD"}, 0x00, "10\x1b12AB34CD"},
		{Variant{Pair: "12AB34CD", PairEscape: true}, 0x10, "10\x1b2556\x1b34CD"},
	}
	for _, tt := range tests {
		if got := (params{Variant: tt.v}).checkRecord(tt.z); got != tt.want {
			t.Errorf("answer to %02X = %q, want %q", tt.z, got, tt.want)
		}
	}
}

func TestDialogRecords(t *testing.T) {
	d := &dialog06{}
	for _, tt := range []struct {
		packed int64
		want   string
	}{
		{0, "01\x1b000001\x1b"},
		{packPrice(299, 0), "01\x1b000299\x1b"},
		{packPrice(299, 10), "03\x1b000299\x1b0010"},
	} {
		if got := d.priceRecord(tt.packed); got != tt.want {
			t.Errorf("price record of %d = %q, want %q", tt.packed, got, tt.want)
		}
	}
	d.p.ShortPrice = true
	if got := d.priceRecord(packPrice(99_999, 0)); got != "01\x1b99999\x1b" {
		t.Errorf("short price record = %q", got)
	}
}

func TestDialogStatus(t *testing.T) {
	p, err := Config{Min: "0.1"}.params(drivers()[0])
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]State{
		"00": Fault, "01": Fault, "10": Fault, "20": Motion, "21": Fault, "22": Motion,
		"30": Zero, "31": Under, "32": Over, "33": Fault, "": Fault, "2": Fault,
	} {
		d := &dialog06{p: p}
		if got := d.status(code); got.State != want || (got.Err != nil) != (want == Fault) {
			t.Errorf("status %q = %v %v, want %v", code, got.State, got.Err, want)
		}
	}
}
