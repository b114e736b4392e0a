package panel

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"kassa/device/link"
)

// A fakeIn is an input line with the ways of periph's: edges queue, a wait ends
// early for ever once the chip is gone, and then the level reads low.
type fakeIn struct {
	t     *testing.T
	edges chan struct{}

	mu    sync.Mutex
	level gpio.Level
	armed bool
	gone  bool
	err   error
}

func newFakeIn(t *testing.T) *fakeIn {
	return &fakeIn{t: t, edges: make(chan struct{}, 16), level: gpio.High}
}

func (f *fakeIn) In(pull gpio.Pull, edge gpio.Edge) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if pull != gpio.PullUp || edge != gpio.BothEdges {
		f.t.Errorf("In(%v, %v)", pull, edge)
	}
	if f.gone {
		return errors.New("no such device")
	}
	if f.err == nil {
		f.armed = true
	}
	return f.err
}

func (f *fakeIn) Read() gpio.Level {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.armed {
		f.t.Error("Read of a line that is not an input")
	}
	return f.level && !gpio.Level(f.gone)
}

func (f *fakeIn) WaitForEdge(timeout time.Duration) bool {
	f.mu.Lock()
	armed, gone := f.armed, f.gone
	f.mu.Unlock()
	if timeout <= 0 || !armed {
		f.t.Errorf("WaitForEdge(%v) of a line armed %v", timeout, armed)
	}
	if gone {
		return false
	}
	select {
	case <-f.edges:
		return true
	case <-time.After(timeout):
		return false
	}
}

// set changes the level; like the kernel's, the queue drops what is too much.
func (f *fakeIn) set(l gpio.Level) {
	f.mu.Lock()
	f.level = l
	f.mu.Unlock()
	select {
	case f.edges <- struct{}{}:
	default:
	}
}

func (f *fakeIn) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
}

// A fakeOut records what an output did.
type fakeOut struct {
	mu      sync.Mutex
	level   gpio.Level
	since   time.Time
	highs   []time.Duration // how long each stretch of high was
	changes int
	fail    error
}

func (f *fakeOut) Out(l gpio.Level) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	if f.level && !l {
		f.highs = append(f.highs, time.Since(f.since))
	}
	if l != f.level {
		f.changes++
		f.since = time.Now()
	}
	f.level = l
	return nil
}

func (f *fakeOut) now() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return bool(f.level)
}

// past returns how often the level changed and how long it was high each time.
func (f *fakeOut) past() (int, []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes, slices.Clone(f.highs)
}

type board struct {
	p                         *Panel
	green, red, white, drawer *fakeOut
	button, door              *fakeIn
	status                    []link.Status
	stop                      func()

	mu  sync.Mutex
	got []Input
}

// newBoard runs a panel on fake pins inside a synctest bubble.
func newBoard(t *testing.T, change func(*board)) *board {
	t.Helper()
	b := &board{
		green: &fakeOut{}, red: &fakeOut{}, white: &fakeOut{}, drawer: &fakeOut{},
		button: newFakeIn(t), door: newFakeIn(t),
	}
	b.door.level = gpio.Low // closed
	p, err := New(Config{Protocol: "gpio", Drawer: "D", Link: link.Options{Report: func(s link.Status) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.status = append(b.status, s)
	}}})
	if err != nil {
		t.Fatal(err)
	}
	b.p = p
	if change != nil {
		change(b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- p.runPins(ctx, func(in Input) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.got = append(b.got, in)
		}, func() (*pins, error) {
			return &pins{b.green, b.red, b.white, b.drawer, b.button, b.door}, nil
		})
	}()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("run = %v, want the context's cause", err)
		}
	})
	time.Sleep(time.Second)
	return b
}

// heard returns the inputs so far as words and forgets them.
func (b *board) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var words []string
	for _, in := range b.got {
		switch in := in.(type) {
		case Button:
			words = append(words, map[bool]string{true: "down", false: "up"}[in.Down])
		case Door:
			words = append(words, map[bool]string{true: "open", false: "closed"}[in.Open])
		}
	}
	b.got = nil
	return words
}

func (b *board) up() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.status) > 0 && b.status[len(b.status)-1].Up
}

func expect(t *testing.T, b *board, want ...string) {
	t.Helper()
	if got := b.heard(); !slices.Equal(got, want) {
		t.Errorf("inputs = %q, want %q", got, want)
	}
}

func TestGPIOButtonIsDebounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, func(b *board) {
			for range 16 {
				b.button.edges <- struct{}{} // left over from before
			}
		})
		defer b.stop()
		expect(t, b, "closed")
		for range 5 { // one press, bouncing
			b.button.set(gpio.Low)
			time.Sleep(2 * time.Millisecond)
			b.button.set(gpio.High)
			time.Sleep(3 * time.Millisecond)
		}
		b.button.set(gpio.Low)
		time.Sleep(29 * time.Millisecond)
		expect(t, b)
		time.Sleep(2 * time.Millisecond)
		expect(t, b, "down")
		time.Sleep(time.Second)
		b.button.set(gpio.High)
		time.Sleep(100 * time.Millisecond)
		expect(t, b, "up")
		b.button.set(gpio.Low) // a spark of 10 ms is no press
		time.Sleep(10 * time.Millisecond)
		b.button.set(gpio.High)
		time.Sleep(time.Second)
		expect(t, b)
		b.door.set(gpio.High)
		time.Sleep(100 * time.Millisecond)
		expect(t, b, "open")
	})
}

func TestGPIOSeesALevelWhoseEdgeWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, nil)
		defer b.stop()
		b.heard()
		b.button.mu.Lock()
		b.button.level = gpio.Low
		b.button.mu.Unlock()
		time.Sleep(time.Second)
		expect(t, b, "down")
	})
}

func TestGPIOChipRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, nil)
		defer b.stop()
		b.heard()
		b.p.Show(Lights{Green: On})
		time.Sleep(time.Second)
		b.button.remove() // its level reads low now: no press
		time.Sleep(5 * time.Second)
		expect(t, b)
		if b.up() {
			t.Error("still up with a dead line")
		}
		if b.green.now() {
			t.Error("lamp left on")
		}
	})
}

func TestGPIOLamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, nil)
		b.p.Show(Lights{Green: On, White: Blink})
		time.Sleep(10 * time.Second)
		if n, _ := b.green.past(); n != 1 || !b.green.now() {
			t.Errorf("green %v after %d changes", b.green.now(), n)
		}
		if n, _ := b.red.past(); n != 0 {
			t.Errorf("red changed %d times", n)
		}
		if n, _ := b.white.past(); n < 19 || n > 22 {
			t.Errorf("white changed %d times in 10 s, want about 20", n)
		}
		b.p.Show(Lights{Red: On})
		time.Sleep(time.Millisecond)
		if b.green.now() || !b.red.now() || b.white.now() {
			t.Error("lights did not change at once")
		}
		b.stop()
		if b.red.now() {
			t.Error("lamp left on at the end")
		}
	})
}

func TestGPIODrawer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, nil)
		if err := b.p.OpenDrawer(t.Context(), 150*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if !b.drawer.now() {
			t.Error("drawer not driven when OpenDrawer returns")
		}
		if err := b.p.OpenDrawer(t.Context(), 150*time.Millisecond); !errors.Is(err, ErrTooSoon) {
			t.Errorf("second pulse at once = %v, want ErrTooSoon", err)
		}
		time.Sleep(time.Second)
		want := []time.Duration{150 * time.Millisecond}
		if _, got := b.drawer.past(); !slices.Equal(got, want) {
			t.Errorf("pulses = %v, want %v", got, want)
		}
		if err := b.p.OpenDrawer(t.Context(), 500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
		b.stop() // in the middle of a pulse
		if _, got := b.drawer.past(); b.drawer.now() || len(got) != 2 || got[1] > 30*time.Millisecond {
			t.Errorf("drawer %v, pulses %v: the end of the program must end a pulse", b.drawer.now(), got)
		}
		if err := b.p.OpenDrawer(t.Context(), 100*time.Millisecond); !errors.Is(err, ErrDown) {
			t.Errorf("pulse after the end = %v, want ErrDown", err)
		}
	})
}

func TestGPIOOutputFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, nil)
		defer b.stop()
		b.red.mu.Lock()
		b.red.fail = errors.New("no such device")
		b.red.mu.Unlock()
		b.p.Show(Lights{Red: On, Green: On})
		time.Sleep(5 * time.Second)
		if b.up() || b.green.now() {
			t.Error("up, or lamps on, with an output that fails")
		}
		b.red.mu.Lock()
		b.red.fail = nil
		b.red.mu.Unlock()
		time.Sleep(5 * time.Second)
		if !b.up() || !b.red.now() || !b.green.now() {
			t.Error("not up again, or lamps not as asked for")
		}
	})
}

func TestGPIOInputBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(t, func(b *board) { b.button.err = errors.New("line_request ioctl: device or resource busy") })
		defer b.stop()
		if b.up() {
			t.Error("up with an input that is not ours")
		}
		b.button.mu.Lock()
		b.button.err = nil
		b.button.mu.Unlock()
		time.Sleep(5 * time.Second)
		if !b.up() {
			t.Error("not up after the input was free")
		}
		expect(t, b, "closed")
	})
}

func TestGPIOWithoutDrawer(t *testing.T) {
	if err := (&pins{}).pulse(&rest{}); !errors.Is(err, ErrNoDrawer) {
		t.Errorf("pulse = %v, want ErrNoDrawer", err)
	}
}

func TestFindPinsNamesWhatIsMissing(t *testing.T) {
	_, err := Config{CallButton: "no such line"}.findPins()
	if err == nil {
		t.Error("a line that does not exist was found")
	}
}
