package devicetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"kassa/device/link"
	"kassa/device/panel"
	"kassa/device/sim"
)

// A Panel is a panel driver under test.
type Panel interface {
	Run(ctx context.Context, deliver func(panel.Input)) error
	Show(l panel.Lights)
	OpenDrawer(ctx context.Context, length time.Duration) error
}

// NewPanel opens the driver under test on a port. It must pass o on to
// link.Keep.
type NewPanel func(t *testing.T, port string, o link.Options) Panel

type panelTest struct {
	harness[panel.Input]
	near Panel
	far  *sim.Board
}

func startPanel(t *testing.T, open NewPanel) *panelTest {
	t.Helper()
	far, err := sim.NewBoard(portPath(t, "panel"), nil)
	must(t, err)
	t.Cleanup(func() { must(t, far.Close()) })
	p := &panelTest{far: far}
	p.t = t
	p.near = open(t, far.Path(), p.quick())
	p.run(p.near.Run)
	p.untilUp()
	p.heard(panel.Door{}) // the board says so when it is asked
	return p
}

// heard waits for exactly these inputs, whose times do not matter.
func (p *panelTest) heard(want ...panel.Input) {
	p.t.Helper()
	p.until("the inputs have come", func() bool { return len(p.got) >= len(want) })
	if len(want) == 0 {
		time.Sleep(calm)
	}
	got := p.take()
	for i := range got {
		got[i] = p.timeless(got[i])
	}
	if len(got) != len(want) {
		p.t.Fatalf("inputs = %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			p.t.Errorf("input %d = %+v, want %+v", i, got[i], want[i])
		}
	}
}

func (p *panelTest) timeless(in panel.Input) panel.Input {
	switch in := in.(type) {
	case panel.Button:
		if in.At.IsZero() {
			p.t.Errorf("%+v has no time", in)
		}
		return panel.Button{Down: in.Down}
	case panel.Door:
		if in.At.IsZero() {
			p.t.Errorf("%+v has no time", in)
		}
		return panel.Door{Open: in.Open}
	default:
		return in
	}
}

// shows waits until the lane light is as asked for.
func (p *panelTest) shows(l panel.Lights) {
	p.t.Helper()
	want := sim.BoardLamps{
		Green: sim.BoardLight(l.Green.String()),
		Red:   sim.BoardLight(l.Red.String()),
		White: sim.BoardLight(l.White.String()),
	}
	waitFor(p.t, "the lane light is right", func() bool { return p.far.Lamps() == want })
}

// TestPanel checks a driver of USB I/O boards that speak lines.
func TestPanel(t *testing.T, open NewPanel) {
	t.Run("normal use", func(t *testing.T) { testPanelUse(t, open) })
	t.Run("drawer", func(t *testing.T) { testPanelDrawer(t, open) })
	t.Run("garbage, split and joined lines", func(t *testing.T) {
		p := startPanel(t, open)
		for _, s := range []string{
			"\x00\xff\xfe~~~", "BUTTON maybe\r\nHELLO board 1.0\n\n\n", string(make([]byte, 300)), "\n",
			"BUT", "TON do", "wn\r\nBUTTON down\r\n", "BUTTON up\nDOOR open\rDOOR closed\n", "BUTTON down and out\n",
		} {
			must(t, p.far.Send([]byte(s)))
			time.Sleep(time.Millisecond)
		}
		p.heard(panel.Button{Down: true}, panel.Button{}, panel.Door{Open: true}, panel.Door{})
		p.heard()
	})
	t.Run("unplugged", func(t *testing.T) { testPanelUnplug(t, open) })
	t.Run("dark when it ends", func(t *testing.T) {
		far, err := sim.NewBoard(portPath(t, "panel"), nil)
		must(t, err)
		defer func() { must(t, far.Close()) }()
		t.Run("life", func(t *testing.T) {
			p := &panelTest{far: far}
			p.t = t
			p.near = open(t, far.Path(), p.quick())
			p.near.Show(panel.Lights{Green: panel.On})
			p.run(p.near.Run)
			p.shows(panel.Lights{Green: panel.On})
		})
		p := &panelTest{far: far}
		p.t = t
		p.shows(panel.Lights{})
	})
}

func testPanelUse(t *testing.T, open NewPanel) {
	p := startPanel(t, open)
	for _, l := range []panel.Lights{
		{Green: panel.On},
		{White: panel.Blink},
		{Green: panel.On, Red: panel.Blink, White: panel.On},
		{},
	} {
		p.near.Show(l)
		p.shows(l)
	}
	must(t, p.far.Button(true))
	must(t, p.far.Button(true)) // said twice, pressed once
	must(t, p.far.Button(false))
	must(t, p.far.Door(true))
	must(t, p.far.Door(false))
	p.heard(panel.Button{Down: true}, panel.Button{}, panel.Door{Open: true}, panel.Door{})
	if bad := p.far.Misunderstood(); bad != 0 {
		t.Errorf("the board did not understand %d lines", bad)
	}
}

func testPanelDrawer(t *testing.T, open NewPanel) {
	p := startPanel(t, open)
	for _, length := range []time.Duration{0, -time.Second, time.Millisecond, panel.LongestPulse + 1, time.Hour} {
		if err := p.near.OpenDrawer(t.Context(), length); err == nil {
			t.Errorf("OpenDrawer(%v) went through", length)
		}
	}
	must(t, p.near.OpenDrawer(t.Context(), 150*time.Millisecond))
	if err := p.near.OpenDrawer(t.Context(), 150*time.Millisecond); !errors.Is(err, panel.ErrTooSoon) {
		t.Errorf("second OpenDrawer at once = %v, want ErrTooSoon", err)
	}
	waitFor(t, "the drawer opens", func() bool { _, n := p.far.Pulses(); return n == 1 })
	if pulses, _ := p.far.Pulses(); pulses[0].Length != 150*time.Millisecond {
		t.Errorf("pulse of %v, want 150 ms", pulses[0].Length)
	}
	must(t, p.far.Unplug())
	p.untilDown()
	if err := p.near.OpenDrawer(t.Context(), 150*time.Millisecond); !errors.Is(err, panel.ErrDown) {
		t.Errorf("OpenDrawer without a panel = %v, want ErrDown", err)
	}
	must(t, p.far.Plug())
	p.untilUp()
	p.near.Show(panel.Lights{White: panel.On})
	p.shows(panel.Lights{White: panel.On})
	if _, n := p.far.Pulses(); n != 1 {
		t.Errorf("the drawer opened %d times, want once and never late", n)
	}
}

func testPanelUnplug(t *testing.T, open NewPanel) {
	p := startPanel(t, open)
	lights := panel.Lights{Green: panel.Off, Red: panel.On, White: panel.Blink}
	p.near.Show(lights)
	p.shows(lights)
	must(t, p.far.Button(true))
	p.heard(panel.Button{Down: true})
	must(t, p.far.Unplug())
	p.untilDown()
	p.heard(panel.Button{}) // nobody holds a button that is not there
	must(t, p.far.Button(false))
	must(t, p.far.Door(true)) // unseen
	lights.Red = panel.Off
	p.near.Show(lights)
	must(t, p.far.Plug())
	p.untilUp()
	p.shows(lights)
	p.heard(panel.Door{Open: true})
	for cut := range len("BUTTON down\n") { // half a line never joins the next
		must(t, p.far.Send([]byte("BUTTON down\n"[:cut])))
		must(t, p.far.Unplug())
		p.untilDown()
		must(t, p.far.Plug())
		p.untilUp()
		p.shows(lights)
		p.heard(panel.Door{Open: true})
	}
}

// BenchPanel shows all lights of a real board on port, opens the drawer and
// waits for the call button.
func BenchPanel(t *testing.T, open NewPanel, port string) {
	t.Helper()
	p := &panelTest{}
	p.t = t
	p.near = open(t, port, p.quick())
	p.run(p.near.Run)
	p.untilUp()
	p.near.Show(panel.Lights{Green: panel.On, Red: panel.Blink, White: panel.On})
	must(t, p.near.OpenDrawer(t.Context(), 150*time.Millisecond))
	t.Log("all lamps should be lit, red blinking, and the drawer open; press the call button")
	p.until("the call button is pressed", func() bool {
		for _, in := range p.got {
			if b, ok := in.(panel.Button); ok && b.Down {
				return true
			}
		}
		return false
	})
}
