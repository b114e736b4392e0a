package web

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/http"
	"strings"
	"time"

	"kassa/kiosk/flow"
)

// rate is the sample rate of our sounds in hertz: enough for tones below 2 kHz,
// where older ears still hear well.
const rate = 22050

// A note is a tone of a sound: hertz (0 is a rest) and how long.
type note struct {
	hertz float64
	long  time.Duration
}

// melodies are the lane's cues: short, soft, between 500 Hz and 2 kHz, and told
// apart by their figure alone.
func melodies() map[flow.Sound][]note {
	const short, mid = 70 * time.Millisecond, 130 * time.Millisecond
	return map[flow.Sound][]note{
		flow.SoundScan:   {{1320, short}},
		flow.SoundAgain:  {{784, mid}, {622, mid}},
		flow.SoundSay:    {{659, mid}, {0, short}, {880, mid}},
		flow.SoundLook:   {{659, mid}, {880, mid}},
		flow.SoundCalled: {{784, short}, {0, short}, {784, mid}},
		flow.SoundPay:    {{880, short}, {0, short}, {1175, mid}},
		flow.SoundPaid:   {{784, mid}, {988, mid}, {1319, 2 * mid}},
		flow.SoundTake:   {{988, short}, {0, short}, {988, short}, {0, short}, {740, mid}},
	}
}

// makeSounds makes every cue as a WAV file.
func makeSounds() map[string][]byte {
	all := map[string][]byte{}
	for name, notes := range melodies() {
		all[string(name)] = wav(samples(notes))
	}
	return all
}

// samples plays notes: a tone with a quieter octave above, fading in and out so
// that nothing clicks.
func samples(notes []note) []int16 {
	var out []int16
	for _, n := range notes {
		count := int(n.long * rate / time.Second)
		for i := range count {
			t := float64(i) / rate
			fade := min(1, float64(i)/200, float64(count-i)/(0.6*float64(count)))
			tone := math.Sin(2*math.Pi*n.hertz*t) + 0.25*math.Sin(4*math.Pi*n.hertz*t)
			out = append(out, int16(9000*fade*tone))
		}
	}
	return out
}

// wav puts samples into a RIFF file: PCM, one channel, 16 bits.
func wav(pcm []int16) []byte {
	var b bytes.Buffer
	size := uint32(2 * len(pcm))
	b.WriteString("RIFF")
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.LittleEndian, v) // a Buffer takes everything
		}
	}
	put(36 + size)
	b.WriteString("WAVEfmt ")
	put(uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2*rate), uint16(2), uint16(16))
	b.WriteString("data")
	put(size, pcm)
	return b.Bytes()
}

// serveSound serves NAME.wav.
func serveSound(sounds func() map[string][]byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, ok := sounds()[strings.TrimSuffix(r.PathValue("name"), ".wav")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "audio/wav")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}
