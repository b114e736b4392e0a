package station

import (
	"context"
	"sync"

	"kassa/kiosk/flow"
)

// show publishes what page, lamp and hub should see now, where nothing was
// decided that waits for the disk.
func (s *Station) show() { s.noteHub(s.draw()) }

// draw publishes what the page and the lamp should show now, and returns it.
func (s *Station) draw() flow.View {
	v := flow.Look(s.rules, s.state)
	s.drawn(&v)
	if v.Screen != flow.ScreenWeigh {
		s.live.Weight = nil
	}
	s.version++
	v.Version, v.Live = s.version, s.live
	devices := s.state.Devices
	s.up.Store(&devices)
	s.sale.Store(s.state.Sale)
	s.views.send(v) // who hears of it may look at the rest
	replace(s.lamp, v.Lamp)
	return v
}

// replace puts v into a queue of one, in place of what waits there. Only one
// goroutine may send.
func replace[T any](c chan T, v T) {
	select {
	case <-c:
	default:
	}
	c <- v
}

// setLive changes what streams past the flow.
func (s *Station) setLive(ctx context.Context, change func(*flow.Live)) {
	_ = s.post(ctx, input{run: func(context.Context) error {
		change(&s.live)
		s.show()
		return nil
	}}) // an ending lane shows nothing any more
}

// light passes the lamp on to the panel.
func (s *Station) light(ctx context.Context) error {
	for {
		select {
		case lamp := <-s.lamp:
			if s.o.Panel != nil {
				s.o.Panel.Show(lamp)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *Station) openDrawer(ctx context.Context) {
	if s.o.Panel == nil {
		return
	}
	if err := s.o.Panel.OpenDrawer(ctx); err != nil {
		s.o.Log.WarnContext(ctx, "drawer", "err", err)
	}
}

// Views streams what the page shows, the newest first of all; a slow reader
// misses what lies between. The channel is closed when ctx ends.
func (s *Station) Views(ctx context.Context) <-chan flow.View { return s.views.subscribe(ctx) }

// View is what the page shows now; false before the lane has started.
func (s *Station) View() (flow.View, bool) { return s.views.last() }

// Cues streams the lane's sounds; a slow reader misses some. The channel is
// closed when ctx ends.
func (s *Station) Cues(ctx context.Context) <-chan flow.Sound { return s.cues.subscribe(ctx) }

// Devices says which peripherals answer.
func (s *Station) Devices() map[flow.Device]flow.DeviceState {
	if p := s.up.Load(); p != nil {
		return *p
	}
	return nil
}

// Sale is the sale on the screen, nil if there is none. It must not be changed.
func (s *Station) Sale() *flow.Sale { return s.sale.Load() }

// latest hands the newest value to every subscriber.
type latest[T any] struct {
	mu    sync.Mutex // guards all below, held for no longer than a copy
	value T
	set   bool
	subs  map[chan T]struct{}
}

func newLatest[T any]() *latest[T] { return &latest[T]{subs: map[chan T]struct{}{}} }

func (l *latest[T]) send(v T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.value, l.set = v, true
	for c := range l.subs {
		replace(c, v)
	}
}

func (l *latest[T]) last() (T, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value, l.set
}

func (l *latest[T]) subscribe(ctx context.Context) <-chan T {
	c := make(chan T, 1)
	l.mu.Lock()
	l.subs[c] = struct{}{}
	if l.set {
		c <- l.value
	}
	l.mu.Unlock()
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.subs, c)
		close(c)
	})
	return c
}

// fanout hands each value to whoever listens now and is not behind.
type fanout[T any] struct {
	mu   sync.Mutex // guards subs
	subs map[chan T]struct{}
}

func newFanout[T any]() *fanout[T] { return &fanout[T]{subs: map[chan T]struct{}{}} }

func (f *fanout[T]) send(v T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.subs {
		select {
		case c <- v:
		default: // a sound that comes late is worse than none
		}
	}
}

func (f *fanout[T]) subscribe(ctx context.Context) <-chan T {
	c := make(chan T, 8)
	f.mu.Lock()
	f.subs[c] = struct{}{}
	f.mu.Unlock()
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.subs, c)
		close(c)
	})
	return c
}
