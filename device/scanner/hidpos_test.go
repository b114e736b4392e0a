package scanner

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Report descriptors of our own making, after what the tables of HID-POS say.
const (
	hidOpen  = "05 8C 09 02 A1 01 "
	hidBytes = "15 00 26 FF 00 75 08 "
	hidAIM   = "95 03 09 FB 09 FC 09 FD 81 02 "
	hidMore  = "75 01 95 01 09 FF 81 02 95 07 81 03 "

	hidCounted = hidOpen + "09 12 A1 02 85 02 " + hidBytes +
		"95 01 05 01 09 3B 81 02 05 8C " + hidAIM + "95 38 09 FE 82 02 01 " +
		"06 66 FF 95 02 09 04 09 00 81 02 05 8C " + hidMore + "C0 C0"
	hidNoCount = hidOpen + hidBytes + hidAIM + "95 3D 09 FE 81 02 C0"
)

func TestParseHIDPOS(t *testing.T) {
	counted := hidLayout{
		numbered: true, id: 2, length: hidField{0, 8}, aim: [3]hidField{{8, 8}, {16, 8}, {24, 8}},
		data: hidField{32, 56 * 8}, more: hidField{32 + 58*8, 1},
	}
	plain := hidLayout{aim: [3]hidField{{0, 8}, {8, 8}, {16, 8}}, data: hidField{24, 61 * 8}}
	microscan := hidLayout{numbered: true, id: 1, length: hidField{0, 8}, data: hidField{8, 62 * 8}}
	tests := []struct {
		name, descriptor string
		want             hidLayout
	}{
		{"counted", hidCounted, counted},
		{"without a count", hidNoCount, plain},
		{"identifier as one usage", hidOpen + hidBytes + "95 03 09 FB 81 02 95 3D 09 FE 81 02 C0", plain},
		{"usages as a range", hidOpen + hidBytes + "95 03 19 FB 29 FD 81 02 95 3D 09 FE 81 02 C0", plain},
		{"usages with their page", "0B 02 00 8C 00 A1 01 " + hidBytes + "95 03 0B FB 00 8C 00 0B FC 00 8C 00 0B FD 00 8C 00 81 02 95 3D 0B FE 00 8C 00 81 02 C0", plain},
		{"length and data only", hidOpen + "85 01 " + hidBytes + "95 01 05 01 09 3B 81 02 05 8C 95 3E 09 FE 81 02 C0", microscan},
		{"behind a keyboard", "05 01 09 06 A1 01 85 09 75 08 95 08 09 00 81 02 C0 " + hidCounted, counted},
		{"behind a long item", "FE 02 10 AA BB " + hidNoCount, plain},
		{"pushed and popped", hidOpen + hidBytes + hidAIM + "A4 05 01 B4 95 3D 09 FE 81 02 C0", plain},
	}
	for _, tt := range tests {
		got, err := parseHIDPOS(unhex(t, tt.descriptor))
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

func TestParseHIDPOSRefuses(t *testing.T) {
	tests := map[string]string{
		"nothing":             "",
		"a keyboard":          "05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 C0",
		"a scanner's status":  hidOpen + "09 15 A1 02 75 08 95 01 09 70 81 02 C0 C0",
		"data outside":        hidOpen + "C0 " + hidBytes + "95 38 09 FE 81 02",
		"cut off":             hidNoCount[:len(hidNoCount)-len("FE 81 02 C0")],
		"half a byte":         hidOpen + "75 04 95 01 09 00 81 02 75 08 95 38 09 FE 81 02 C0",
		"an endless report":   hidOpen + "77 FF FF FF FF 97 FF FF FF FF 09 FE 81 02 C0",
		"pop without push":    "B4 " + hidNoCount,
		"end without a start": "C0 " + hidNoCount,
		"too deep":            strings.Repeat("A1 02 ", 17) + hidNoCount,
		"pushed without end":  strings.Repeat("A4 ", 17) + hidNoCount,
	}
	for name, descriptor := range tests {
		if got, err := parseHIDPOS(unhex(t, descriptor)); !errors.Is(err, ErrNotHIDPOS) {
			t.Errorf("%s: %+v, %v, want ErrNotHIDPOS", name, got, err)
		}
	}
}

// report builds one of the counted form.
func report(length int, aim, data string, more byte) string {
	b := make([]byte, 64)
	b[0], b[1], b[63] = 2, byte(length), more
	copy(b[2:5], aim)
	copy(b[5:61], data)
	return string(b)
}

func TestHIDJoiner(t *testing.T) {
	full := strings.Repeat("7", 56)
	tests := []struct {
		name     string
		fullGoOn bool
		reports  []string // "|" is a gap
		want     []string
	}{
		{name: "as the manual prints it", reports: []string{string(unhex(t, "02 0D 5D 45 30 35 39 30 31 32 33 34 31 32 33 34 35 37 00"))}, want: []string{"]E05901234123457"}},
		{name: "no identifier", reports: []string{report(3, "", "abc", 0)}, want: []string{"abc"}},
		{name: "garbage for an identifier", reports: []string{report(3, "xyz", "abc", 0)}, want: []string{"abc"}},
		{name: "the scanner's own too", reports: []string{report(6, "]C0", "]C0abc", 0)}, want: []string{"]C0abc"}},
		{name: "text that looks like one", reports: []string{report(6, "]Q1", "]C0abc", 0)}, want: []string{"]Q1]C0abc"}},
		{name: "NUL is data", reports: []string{report(3, "]C0", "a\x00c", 0)}, want: []string{"]C0a\x00c"}},
		{name: "two reports", reports: []string{report(56, "]Q3", full, 1), report(2, "]Q3", "ab", 0)}, want: []string{"]Q3" + full + "ab"}},
		{name: "another report between", reports: []string{report(56, "]Q3", full, 1), "\x07\x01", report(2, "", "ab", 0)}, want: []string{"]Q3" + full + "ab"}},
		{name: "the second does not come", reports: []string{report(56, "]Q3", full, 1), "|", report(2, "]E4", "12", 0)}, want: []string{"]E412"}},
		{name: "full goes on, and ends", fullGoOn: true, reports: []string{report(56, "]Q3", full, 1), "|"}, want: []string{"]Q3" + full}},
		{name: "length beyond the report", reports: []string{report(57, "]Q3", full, 0), report(1, "]E4", "1", 0)}, want: []string{"]E41"}},
		{name: "length beyond, and more", reports: []string{report(200, "]Q3", full, 1), report(1, "]Q3", "1", 0), report(1, "]E4", "1", 0)}, want: []string{"]E41"}},
		{name: "a short report", reports: []string{"\x02\x0d]E0123", report(1, "]E4", "1", 0)}, want: []string{"]E41"}},
		{name: "empty", reports: []string{"", "\x02", report(0, "]E4", "", 0)}},
		{name: "too long", reports: append(slices.Repeat([]string{report(56, "]Q3", full, 1)}, 75), report(1, "", "x", 0), report(1, "]E4", "1", 0)), want: []string{"]E41"}},
	}
	layout, err := parseHIDPOS(unhex(t, hidCounted))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		j := &hidJoiner{layout: layout, fullGoesOn: tt.fullGoOn}
		var got []string
		for _, r := range tt.reports {
			var code []byte
			if r == "|" {
				code = j.silence()
			} else {
				code = j.take([]byte(r))
			}
			if len(code) > 0 {
				got = append(got, string(code))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: codes %.70q, want %.70q", tt.name, got, tt.want)
		}
	}
}

func TestFindHIDRaw(t *testing.T) {
	sys := t.TempDir()
	add := func(node, id, descriptor string) {
		dir := filepath.Join(sys, node, "device")
		for _, err := range []error{
			os.MkdirAll(dir, 0o755),
			os.WriteFile(filepath.Join(dir, "uevent"), []byte("DRIVER=hid-generic\nHID_ID="+id+"\nHID_NAME=X\n"), 0o600),
			os.WriteFile(filepath.Join(dir, "report_descriptor"), unhex(t, descriptor), 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	const keyboard = "05 01 09 06 A1 01 C0"
	add("hidraw0", "0003:000005E0:00001300", keyboard)
	add("hidraw1", "0003:000005E0:00001300", hidCounted)
	add("hidraw2", "0003:00000C2E:00000B61", hidNoCount)
	add("hidraw3", "0003:00000C2E:00000B61", hidNoCount)
	add("hidraw4", "0003:0000AAAA:00000001", keyboard)
	add("hidraw5", "nonsense", hidCounted)
	tests := []struct {
		id, want, wrong string
		is              error
	}{
		{"05e0:1300", "/dev/hidraw1", "", nil},
		{"05E0:1300", "/dev/hidraw1", "", nil},
		{"0c2e:0b61", "", "2 scanners are the same", nil},
		{"aaaa:0001", "", "set-up code", ErrNotHIDPOS},
		{"ffff:ffff", "", "not plugged in", os.ErrNotExist},
	}
	for _, tt := range tests {
		v, p, ok := parseVIDPID(tt.id)
		if !ok {
			t.Fatalf("%s is no identity", tt.id)
		}
		got, err := findHIDRaw(sys, v, p)
		if got != tt.want || tt.wrong == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.wrong) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: %q, %v, want %q, %q", tt.id, got, err, tt.want, tt.wrong)
		}
	}
}

// FuzzHIDPOS: no descriptor and no report make a code out of nothing.
func FuzzHIDPOS(f *testing.F) {
	seed := func(descriptor, report string) {
		b := []byte{}
		for h := range strings.FieldsSeq(descriptor) {
			var c byte
			for _, d := range []byte(h) {
				c = c<<4 | byte(strings.IndexByte("0123456789ABCDEF", d))
			}
			b = append(b, c)
		}
		f.Add(b, []byte(report))
	}
	seed(hidCounted, report(56, "]Q3", strings.Repeat("7", 56), 1))
	seed(hidNoCount, "]E04006381333931\x00")
	seed("FE FF", "")
	f.Fuzz(func(t *testing.T, descriptor, report []byte) {
		layout, err := parseHIDPOS(descriptor)
		if err != nil {
			if !errors.Is(err, ErrNotHIDPOS) {
				t.Errorf("error %v", err)
			}
			return
		}
		j := &hidJoiner{layout: layout}
		for range 3 {
			if code := j.take(report); len(code) > MaxCode+len("]E0")+len("00") || len(code) > 3*len(report)+2 {
				t.Errorf("a code of %d bytes from reports of %d", len(code), len(report))
			}
		}
		j.silence()
		if j.pending() || len(j.code) > 0 {
			t.Error("something is left after a silence")
		}
	})
}
