package main

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"kassa/kiosk/help/talk"
	"kassa/kiosk/watch"
	"kassa/kiosk/web"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// laneTalk is what is said at this lane while a call is open. It is kept at the
// hub's desk and only mirrored here: a lane that starts anew is told again.
type laneTalk struct {
	say  chan<- uplink.Said
	wake chan struct{} // she said something

	bell    watch.Bell
	mu      sync.Mutex // guards threads, held for no longer than a copy
	threads talk.Threads
}

func newLaneTalk(say chan<- uplink.Said) *laneTalk {
	return &laneTalk{say: say, wake: make(chan struct{}, 1)}
}

// open says which calls are open, and returns how far each is known.
func (l *laneTalk) open(calls []string) map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.threads.Open(calls) {
		l.bell.Ring()
	}
	return l.threads.Have()
}

// heard takes what the desk has numbered.
func (l *laneTalk) heard(t wire.Talk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.threads.Heard(t.Call, talk.Saying{
		ID: t.ID, N: t.N, From: t.From, Phrase: t.Phrase, Text: t.Text, Lang: t.Lang, Name: t.Name, At: t.At,
	}) {
		l.bell.Ring()
	}
}

// View is what her page shows.
func (l *laneTalk) View() talk.View {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.threads.View()
}

// Watch tells of each change until ctx ends.
func (l *laneTalk) Watch(ctx context.Context) <-chan struct{} {
	return l.bell.Watch(ctx)
}

// Answer has her say a phrase. It is shown at once, and marked until the desk
// has it.
func (l *laneTalk) Answer(_ context.Context, phrase string) error {
	l.mu.Lock()
	err := l.threads.Answer(talk.Saying{ID: rand.Text(), Phrase: phrase, At: time.Now()})
	l.bell.Ring()
	l.mu.Unlock()
	if err != nil {
		return web.ErrUnfit
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

// sayAgain is how long an answer waits for its number before it is said again.
const sayAgain = 2 * time.Second

// run says what she answered until the desk has it.
func (l *laneTalk) run(ctx context.Context) {
	again := time.NewTicker(sayAgain)
	defer again.Stop()
	for {
		select {
		case <-l.wake:
		case <-again.C:
		case <-ctx.Done():
			return
		}
		l.mu.Lock()
		waiting := l.threads.Waiting()
		l.mu.Unlock()
		for call, all := range waiting {
			for _, s := range all {
				t := wire.Talk{Call: call, ID: s.ID, From: s.From, Phrase: s.Phrase, At: s.At}
				select {
				case l.say <- uplink.Said{Topic: wire.UpTalk, Body: t}:
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

// talk is what the lane's page shows of a talk; nil at a lane that stands alone.
func (l *lane) talk() web.Talk {
	if l.hub == nil {
		return nil
	}
	return l.hub.talk
}
