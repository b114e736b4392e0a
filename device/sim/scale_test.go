package sim

import (
	"path/filepath"
	"testing"
	"time"

	"kassa/kiosk/weight"
)

// What the simulated scales say, byte by byte as the manuals print it.
func TestScaleFrames(t *testing.T) {
	at := func(g weight.Grams) scaleState { return scaleState{gross: g, net: g, stable: true, zeroSet: func() {}} }
	moving, over, under, net := at(1250), at(16_000), at(-100), at(1250)
	moving.stable, over.over, net.tared = false, true, true
	net.gross = 1500
	tests := []struct {
		name  string
		voice scaleVoice
		ask   string
		s     scaleState
		want  string
	}{
		{"8213", toledo8213{}, "W", at(1250), "\x02001250\r"},
		{"8213 net", toledo8213{}, "W", net, "\x02001250N\r"},
		{"8213 moving", toledo8213{}, "W", moving, "\x02?A\r"},
		{"8213 over", toledo8213{}, "W", over, "\x02?B\r"},
		{"8213 under", toledo8213{}, "W", under, "\x02?D\r"},
		{"nci", &nciVoice{}, "W\r", at(1250), "\n01.250KG\r\nS00\r\x03"},
		{"nci zero", &nciVoice{}, "W\r", at(0), "\n00.000KG\r\nS20\r\x03"},
		{"nci moving", &nciVoice{}, "W\r", moving, "\nS10\r\x03"},
		{"nci over", &nciVoice{}, "W\r", over, "\nS02\r\x03"},
		{"nci under", &nciVoice{}, "W\r", under, "\nS01\r\x03"},
		{"nci net", &nciVoice{}, "W\r", net, "\n01.250KG\r\nS0p4\r\x03"},
		{"nci general", &nciVoice{o: NCIOptions{Form: NCIGeneral}}, "W\r", at(1250), "\n01.250KG\r\n00\r\x03"},
		{"nci general over", &nciVoice{o: NCIOptions{Form: NCIGeneral}}, "W\r", over, "\n^^^^^^KG\r\n02\r\x03"},
		{"nci four bytes", &nciVoice{o: NCIOptions{Bytes: 4}}, "W\r", at(1250), "\n01.250KG\r\nS0pp0\r\x03"},
		{"nci unknown", &nciVoice{}, "Q\r", at(1250), "\n?\r\x03"},
		{"sma", &smaVoice{}, "\nW\r", at(1250), "\n 1G       1.250kg \r"},
		{"sma moving", &smaVoice{}, "\nW\r", moving, "\n 1GM      1.250kg \r"},
		{"sma over", &smaVoice{}, "\nW\r", over, "\nO1G  ----------kg \r"},
		{"sma unknown", &smaVoice{}, "\nK\r", at(0), "\n?\r"},
		{"sics", &sicsVoice{}, "SI\r\n", at(1250), "S S      1.250 kg\r\n"},
		{"sics moving", &sicsVoice{}, "SI\r\n", moving, "S D      1.250 kg\r\n"},
		{"sics over", &sicsVoice{}, "SI\r\n", over, "S +\r\n"},
		{"sics under", &sicsVoice{}, "SI\r\n", under, "S -\r\n"},
		{"sics unknown", &sicsVoice{}, "W\r\n", over, "ES\r\n"},
		{"cas", &casVoice{}, "\x05", at(1250), "\x06"},
		{"cas weight", &casVoice{greeted: time.Now()}, "\x11", at(1250), "\x01\x02S 01.250kgg\x03\x04"},
		{"cas moving", &casVoice{greeted: time.Now()}, "\x11", moving, "\x01\x02U 01.250kga\x03\x04"},
		{"cas over", &casVoice{greeted: time.Now()}, "\x11", over, "\x01\x02SFFFFFFFkg\x19\x03\x04"},
		{"cas unasked", &casVoice{}, "\x11", at(1250), ""},
		{"a&d", &asciiVoice{form: ASCIIAND}, "Q\r\n", at(1250), "ST,+0001.250 kg\r\n"},
		{"a&d over", &asciiVoice{form: ASCIIAND}, "Q\r\n", over, "OL,+9999999E+19\r\n"},
		{"nt", &asciiVoice{form: ASCIINT}, "Q\r\n", at(1250), "ST,GS,1\x8d,   1.250 kg\r\n"},
		{"plain", &asciiVoice{}, "Q\r\n", net, "ST,NT,+001.250kg\r\n"},
		{"dialogue price", &dialogVoice{}, "\x04\x0201\x1b000299\x1b\x03", at(1250), "\x06"},
		{"dialogue result", &dialogVoice{price: 299, priced: true}, "\x04\x05", at(1250), "\x0202\x1b3\x1b01250\x1b000299\x1b000374\x03"},
		{"dialogue moving", &dialogVoice{price: 299, priced: true}, "\x04\x05", moving, "\x15"},
		{"dialogue reason", &dialogVoice{code: "20"}, "\x04\x0208\x03", moving, "\x0209\x1b20\x03"},
		{"dialogue challenge", &dialogVoice{due: true}, "\x04\x0201\x1b000299\x1b\x03", at(0), "\x0211\x1b247\x03"},
		{"dialogue proof", &dialogVoice{due: true, asked: 0x47, o: Dialog06Options{Pair: "12AB34CD"}}, "\x04\x0210\x1b2AB19A69\x03\x04\x05", at(0), "\x06\x0211\x1b1\x03"},
		{"dialogue forgery", &dialogVoice{due: true, asked: 0x47, o: Dialog06Options{Pair: "12AB34CD"}}, "\x04\x0210\x1b00000000\x03\x04\x05", at(0), "\x06\x0211\x1b0\x03"},
	}
	for _, tt := range tests {
		got := ""
		for i := range len(tt.ask) {
			answer, _ := tt.voice.hear(tt.ask[i], tt.s)
			got += string(answer)
		}
		if got != tt.want {
			t.Errorf("%s: answer to %q = %q, want %q", tt.name, tt.ask, got, tt.want)
		}
	}
}

func TestScaleZeroAndPlate(t *testing.T) {
	s, err := NewSMA(filepath.Join(t.TempDir(), "scale"), NewClock(50), ScaleOptions{Platform: PlatformOptions{Division: 5}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	f := dial(t, s.Pty)
	defer f.Close()
	s.Put("dust", 20)
	await(t, "settled", func() bool { return s.Sample().Stable })
	if got := ask(t, f, "\nZ\r"); got != "\n 1G       0.020kg \r" {
		t.Errorf("answer to zero = %q", got)
	}
	if got := ask(t, f, "\nW\r"); got != "\nZ1G       0.000kg \r" {
		t.Errorf("after zeroing 20 g: %q", got)
	}
	if n := len(s.Items()); n != 1 || !s.Take("dust") || s.Take("dust") {
		t.Errorf("%d items, of which dust cannot be taken once", n)
	}
}
