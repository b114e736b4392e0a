package barcode

import (
	"fmt"
	"testing"
)

func TestCheckDigit(t *testing.T) {
	tests := []struct{ payload, want string }{
		{"629104150021", "3"},
		{"9638507", "4"},
		{"03600029145", "2"},
		{"0950600013436", "9"},
		{"19506000000000001", "2"},
		{"00000000", "0"},
	}
	for _, tt := range tests {
		if got := string(CheckDigit(tt.payload)); got != tt.want {
			t.Errorf("CheckDigit(%s) = %s, want %s", tt.payload, got, tt.want)
		}
	}
	if CheckDigit("12a") != 0 {
		t.Error("a check digit over letters")
	}
}

// A check digit finds every wrong digit, and every swap of neighbours but
// those five apart.
func TestCheckDigitFindsSlips(t *testing.T) {
	const code = "4006381333931"
	for i := range len(code) {
		for d := byte('0'); d <= '9'; d++ {
			wrong := code[:i] + string(d) + code[i+1:]
			if ValidGTIN(wrong) != (wrong == code) {
				t.Errorf("ValidGTIN(%s) = %v", wrong, wrong != code)
			}
		}
		if i == 0 {
			continue
		}
		swapped := code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]
		apart := int(code[i]) - int(code[i-1])
		if ValidGTIN(swapped) != (apart%5 == 0) {
			t.Errorf("ValidGTIN(%s) = %v", swapped, apart%5 != 0)
		}
	}
}

func TestNormal(t *testing.T) {
	tests := []struct{ in, want string }{
		{"96385074", "00000096385074"},
		{"036000291452", "00036000291452"},
		{"0036000291452", "00036000291452"},
		{"09506000134369", "09506000134369"},
		{"9506000134368", ""},
		{"123", ""},
		{"", ""},
		{"٤٠٠٦٣٨١", ""},
	}
	for _, tt := range tests {
		got, err := Normal(tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("Normal(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestPriceVerifier(t *testing.T) {
	tests := []struct{ field, want string }{
		{"2875", "9"},
		{"14685", "6"},
		{"0000", "0"},
		{"1234", "9"},
		{"00000", "0"},
		{"00199", "2"},
		{"12345", "8"},
		{"123", "\x00"},
		{"123456", "\x00"},
		{"12x4", "\x00"},
	}
	for _, tt := range tests {
		if got := string(PriceVerifier(tt.field)); got != tt.want {
			t.Errorf("PriceVerifier(%s) = %q, want %q", tt.field, got, tt.want)
		}
	}
}

func TestCheckPair(t *testing.T) {
	if got := CheckPair("95212349521234"); got != "R9" {
		t.Errorf("CheckPair = %s, want R9", got)
	}
	if CheckPair("a b") != "" || CheckPair(fmt.Sprintf("%050d", 1)) != "" {
		t.Error("a check pair over what may not stand in a key")
	}
}

func TestExpandUPCE(t *testing.T) {
	tests := []struct{ in, want string }{
		{"04252614", "042100005264"},
		{"02345673", "023456000073"},
		{"02345147", "023450000017"},
		{"06397126", "063200009716"},
		{"08679339", "086700000939"},
		{"01234565", "012345000065"},
		{"123456", "012345000065"},
		{"01234566", ""},
		{"21234565", ""},
		{"1234565", ""},
		{"0123456x", ""},
	}
	for _, tt := range tests {
		got, err := ExpandUPCE(tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ExpandUPCE(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
}

// Every body of both number systems expands to a UPC-A that compresses back,
// but for the 90 000 a system that a printer should not make: those compress to
// the body it should.
func TestUPCEThereAndBack(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 17
	}
	for system := range 2 {
		odd := 0
		for n := 0; n < 1_000_000; n += step {
			var body [6]byte
			put(body[:], n)
			d := string(body[:])
			payload := expandBody(byte('0'+system), d)
			upca := payload + string(CheckDigit(payload))
			back := CompressUPCA(upca)
			strange := d[5] == '3' && d[2] <= '2' || d[5] == '4' && d[3] == '0' || d[5] >= '5' && d[4] == '0'
			if strange {
				odd++
			}
			if len(back) != 8 || (back[1:7] == d) == strange {
				t.Fatalf("%s -> %s -> %s", d, upca, back)
			}
			if again, err := ExpandUPCE(back); err != nil || again != upca {
				t.Fatalf("%s -> %s -> %s -> %s (%v)", d, upca, back, again, err)
			}
		}
		if step == 1 && odd != 90_000 {
			t.Errorf("system %d: %d bodies that a printer should not make, want 90000", system, odd)
		}
	}
	for _, upca := range []string{"036000291452", "212345119990", "03600029145", "036000291453"} {
		if got := CompressUPCA(upca); got != "" {
			t.Errorf("CompressUPCA(%s) = %s, want none", upca, got)
		}
	}
}
