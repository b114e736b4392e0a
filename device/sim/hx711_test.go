package sim

import (
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// patientHX711 is a chip that does not mind a test machine's pauses.
func patientHX711(o HX711Options) *HX711 {
	c := NewHX711(NewClock(4), o)
	c.most = time.Hour
	return c
}

// frame waits until the chip is ready and clocks n pulses.
func frame(t *testing.T, c *HX711, n int) int32 {
	t.Helper()
	await(t, "ready", func() bool { return c.Data().Read() == gpio.Low })
	raw := uint32(0)
	for i := range n {
		_ = c.Clock().Out(gpio.High)
		_ = c.Clock().Out(gpio.Low)
		if i < 24 {
			raw <<= 1
			if c.Data().Read() {
				raw |= 1
			}
		}
	}
	return int32(raw<<8) >> 8
}

func TestHX711Frames(t *testing.T) {
	c := patientHX711(HX711Options{ZeroCount: 80_000})
	if err := c.Data().In(gpio.PullUp, gpio.NoEdge); err != nil {
		t.Fatal(err)
	}
	_ = c.Clock().Out(gpio.Low)
	for range hxYoung {
		if v := frame(t, c, 25); v < 39_000 || v > 41_000 {
			t.Errorf("a conversion right after power-up is %d, want one that has not settled", v)
		}
	}
	if v := frame(t, c, 27); v < 79_000 || v > 81_000 {
		t.Errorf("with gain 128: %d", v)
	}
	if c.Data().Read() == gpio.Low {
		t.Error("data line is low behind the last pulse")
	}
	if v := frame(t, c, 26); v < 39_000 || v > 41_000 {
		t.Errorf("with gain 64: %d", v)
	}
	if v := frame(t, c, 25); v < 19_000 || v > 21_000 {
		t.Errorf("with gain 32: %d", v)
	}
	c.Saturate(-1)
	if v := frame(t, c, 25); v != -8388608 {
		t.Errorf("at the bottom: %d", v)
	}
	if len(c.Wrong()) > 0 {
		t.Errorf("wrong: %v", c.Wrong())
	}
}

func TestHX711SeesWhatIsWrong(t *testing.T) {
	c := patientHX711(HX711Options{})
	_ = c.Data().In(gpio.PullDown, gpio.NoEdge)
	frame(t, c, 28)
	frame(t, c, 10)
	await(t, "the broken frame is noted", func() bool {
		c.Data().Read()
		return len(c.Wrong()) == 3
	})
}

func TestHX711PowersDown(t *testing.T) {
	c := patientHX711(HX711Options{ZeroCount: 80_000})
	for range hxYoung {
		frame(t, c, 25)
	}
	c.most = hxLongest
	_ = c.Clock().Out(gpio.High)
	time.Sleep(2 * hxLongest)
	_ = c.Clock().Out(gpio.Low)
	c.most = time.Hour
	if v := frame(t, c, 25); v > 41_000 {
		t.Errorf("after a reset: %d, want one that has not settled", v)
	}
}
