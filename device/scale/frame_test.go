package scale

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/weight"
)

// bodies returns the frame bodies found in a stream.
func bodies(stream string) []string {
	var f toledoFramer
	var got []string
	for _, c := range []byte(stream) {
		if b, ok := f.next(c); ok {
			got = append(got, string(b))
		}
	}
	return got
}

func TestToledoFramer(t *testing.T) {
	tests := []struct {
		stream string
		want   string // bodies joined by |
	}{
		{"\x0201.250\r", "01.250"},
		{"\x0201.250\x03", "01.250"},
		{"\x82\xb0\xb1.\xb250\x8d", "01.250"}, // parity bits on the line
		{"01.2\r\x0200.735\r", "00.735"},
		{"\x0201.2\x0200.735\r", "00.735"},
		{"\x02?A\r\x0200.735N\r", "?A|00.735N"},
		{"\x02\r", ""},
		{"\x02" + strings.Repeat("0", 13) + "\r\x02?@\r", "?@"},
		{"\x0201.25", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(bodies(tt.stream), "|"); got != tt.want {
			t.Errorf("bodies(%q) = %q, want %q", tt.stream, got, tt.want)
		}
	}
}

// The frames of the manuals and what they must come to.
func TestToledoMeaning(t *testing.T) {
	kg := func(d int64) weight.Shown { return weight.Shown{Digits: d, Decimals: 3, Unit: weight.Kilogram} }
	tests := []struct {
		body string
		cfg  Config
		want Reading
		err  error
	}{
		{body: "01.250", want: Reading{State: Stable, Shown: kg(1250)}},
		{body: "01.250N", want: Reading{State: Stable, Shown: kg(1250), Net: true}},
		{body: " 1.250", want: Reading{State: Stable, Shown: kg(1250)}},
		{body: "00.000", want: Reading{State: Zero, Shown: kg(0)}},
		{body: "01250", want: Reading{State: Stable, Shown: kg(1250)}},
		{body: "001250", want: Reading{State: Stable, Shown: kg(1250)}},
		{body: "02.76", cfg: Config{Unit: "lb"}, want: Reading{
			State: Stable, Shown: weight.Shown{Digits: 276, Decimals: 2, Unit: weight.Pound},
		}},
		{body: "0276", cfg: Config{Unit: "lb", Division: "0.01"}, want: Reading{
			State: Stable, Shown: weight.Shown{Digits: 276, Decimals: 2, Unit: weight.Pound},
		}},
		{body: "?A", want: Reading{State: Motion}},
		{body: "?a", want: Reading{State: Motion}},
		{body: "?D", want: Reading{State: Under}},
		{body: "?d", want: Reading{State: Under}},
		{body: "?E", want: Reading{State: Under}}, // under zero and moving
		{body: "?B", want: Reading{State: Over}},
		{body: "?b", want: Reading{State: Over}},
		{body: "?C", want: Reading{State: Over}}, // over and moving
		{body: "?P", want: Reading{State: Zero, Shown: kg(0)}},
		{body: "?h", cfg: Config{Variant: Variant{ZeroBits: 8}}, want: Reading{State: Zero, Shown: kg(0)}},
		{body: "?h", want: Reading{State: Fault}, err: ErrNoWeight},
		{body: "?@", want: Reading{State: Fault}, err: ErrNoWeight},
		{body: "?A", cfg: Config{Variant: Variant{Status: "A=motion B=over C=under D=fault"}}, want: Reading{State: Motion}},
		{body: "?C", cfg: Config{Variant: Variant{Status: "A=motion B=over C=under D=fault"}}, want: Reading{State: Under}},
		{body: "?D", cfg: Config{Variant: Variant{Status: "D=fault"}}, want: Reading{State: Fault}, err: ErrNoWeight},
		{body: "?Q", cfg: Config{Variant: Variant{Status: "Q=zero"}}, want: Reading{State: Zero, Shown: kg(0)}},
		{body: "?\x01", want: Reading{State: Fault}, err: errBadFrame},
		{body: "?", want: Reading{State: Fault}, err: errBadFrame},
		{body: "", want: Reading{State: Fault}, err: errBadFrame},
		{body: "0\x00.250", want: Reading{State: Fault}, err: errBadFrame}, // parity error, as the kernel hands it on
		{body: "-1.250", want: Reading{State: Fault}, err: errBadFrame},
		{body: "01.25.0", want: Reading{State: Fault}, err: errBadFrame},
		{body: ".01250", want: Reading{State: Fault}, err: errBadFrame},
		{body: "01250.", want: Reading{State: Fault}, err: errBadFrame},
		{body: "01.250 ", want: Reading{State: Fault}, err: errBadFrame},
		{body: "250", want: Reading{State: Fault}, err: errBadFrame},
		{body: "N", want: Reading{State: Fault}, err: errBadFrame},
		{body: "01.251", cfg: Config{Division: "0.005"}, want: Reading{State: Fault}, err: ErrDivision},
		{body: "012.50", cfg: Config{Division: "0.005"}, want: Reading{State: Fault}, err: ErrDivision},
		{body: "015.00", cfg: Config{Max: "15"}, want: Reading{State: Fault}, err: ErrDivision},
		{body: "15.000", cfg: Config{Max: "15"}, want: Reading{State: Stable, Shown: kg(15000)}},
		{body: "15.005", cfg: Config{Max: "15"}, want: Reading{State: Over}},
	}
	for _, tt := range tests {
		p, err := tt.cfg.params(drivers()[0])
		if err != nil {
			t.Fatal(err)
		}
		got := (&toledo{p: p}).meaning([]byte(tt.body))
		if !errors.Is(got.Err, tt.err) || (got.Err == nil) != (tt.err == nil) {
			t.Errorf("%q: error = %v, want %v", tt.body, got.Err, tt.err)
		}
		got.Err = nil
		if got != tt.want {
			t.Errorf("%q = %+v, want %+v", tt.body, got, tt.want)
		}
	}
}

func TestPace(t *testing.T) {
	tests := []struct {
		cfg  Config
		want time.Duration
	}{
		{Config{Port: "/dev/ttyS0", Line: "9600 7E1"}, 50 * time.Millisecond},
		{Config{Port: "/dev/ttyS0", Line: "9600 7E1", Fast: true}, 10416666 * time.Nanosecond},
		{Config{Port: "/dev/ttyS0", Line: "1200 7E1", Fast: true}, 83333333 * time.Nanosecond},
		{Config{Port: "tcp://127.0.0.1:4001", Fast: true}, 10 * time.Millisecond},
	}
	for _, tt := range tests {
		if p, err := tt.cfg.params(drivers()[0]); err != nil || p.every != tt.want {
			t.Errorf("%+v: every %v, %v, want %v", tt.cfg, p.every, err, tt.want)
		}
	}
}

// A byte lost on the way must not make a lighter weight.
func TestToledoLostByte(t *testing.T) {
	p, err := Config{}.params(drivers()[0])
	if err != nil {
		t.Fatal(err)
	}
	const frame = "11.250"
	for i := range frame {
		d := &toledo{p: p}
		d.meaning([]byte("00.000"))
		if r := d.meaning([]byte(frame[:i] + frame[i+1:])); r.State != Fault {
			t.Errorf("%q without byte %d = %v %v, want a fault", frame, i, r.State, r.Shown)
		}
	}
}

// FuzzToledo: whatever comes down the line, a weight is only made of bytes that
// say just that weight.
func FuzzToledo(f *testing.F) {
	for _, s := range []string{"\x0201.250\r", "\x02 1.250N\r", "\x02?A\r", "\x0201250\x03", "\x02\x02?\r0.\x8d"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, body := range bodies(string(b)) {
			a, err := parseToledo([]byte(body))
			if err != nil || a.status != 0 {
				continue
			}
			s := fmt.Sprintf("%07d", a.digits)
			if a.decimals >= 0 {
				s = s[:7-a.decimals] + "." + s[7-a.decimals:]
			}
			sent := strings.TrimLeft(strings.TrimSuffix(body, "N"), " ")
			if !strings.HasSuffix(s, sent) || strings.Trim(strings.TrimSuffix(s, sent), "0") != "" {
				t.Errorf("body %q came to %+v", body, a)
			}
		}
	})
}
