package call

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"kassa/kiosk/help/talk"
	"kassa/kiosk/watch"
)

// AskFor is how long an invitation stands.
const AskFor = 45 * time.Second

// ErrUnfit says that a page's signal fits no call of now.
var ErrUnfit = errors.New("no such call")

// A Lane is the lane's end of one call at a time.
type Lane struct {
	up  func(call string, signal json.RawMessage)
	now func() time.Time

	bell    watch.Bell
	mu      sync.Mutex // guards what follows, held for no longer than a copy
	media   talk.Media
	call    string // for help, that it belongs to
	asked   time.Time
	ice     []Server
	relay   bool
	toPage  []json.RawMessage // of this session, for a page that connects anew
	signals map[chan json.RawMessage]bool
}

// NewLane makes one that hands up what is for the hub. up must not wait.
func NewLane(up func(call string, signal json.RawMessage), now func() time.Time) *Lane {
	return &Lane{up: up, now: now, signals: map[chan json.RawMessage]bool{}}
}

// Open says which calls for help are open; what belongs to another is over.
func (l *Lane) Open(calls []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.media.State == "":
	case !slices.Contains(calls, l.call):
		l.end("over", true)
	case l.media.State == talk.MediaAsked && l.now().Sub(l.asked) > AskFor:
		l.end("no-answer", true)
	}
}

// Down takes a signal from the hub about a call for help of this lane.
func (l *Lane) Down(call string, open bool, data []byte) error {
	s, err := Parse(data, Invite, Answer, Bye)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case s.Kind == Invite && s.Session == l.media.Session:
	case s.Kind == Invite && (l.media.State == talk.MediaOn || !open):
		l.send(call, Signal{Session: s.Session, Kind: Bye, Why: "busy"})
	case s.Kind == Invite:
		l.media = talk.Media{State: talk.MediaAsked, Session: s.Session, Video: s.Video, Who: s.Name}
		l.call, l.asked, l.ice, l.relay, l.toPage = call, l.now(), s.ICE, s.Relay, nil
		l.bell.Ring()
	case s.Session != l.media.Session || call != l.call:
		return ErrUnfit
	case s.Kind == Bye:
		l.end(s.Why, false)
	default:
		l.page(s)
	}
	return nil
}

// Take takes a signal of the page: her yes with the browser's offer, or the end.
// The first page that says yes has the call.
func (l *Lane) Take(data []byte) error {
	s, err := Parse(data, Offer, Bye)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Session != l.media.Session || l.media.State == "" || l.media.State == talk.MediaOn && s.Page != l.media.Page {
		return ErrUnfit
	}
	if s.Kind == Bye {
		l.end(s.Why, true)
		return nil
	}
	if l.media.State != talk.MediaAsked {
		return ErrUnfit
	}
	l.media.State, l.media.Camera, l.media.Page = talk.MediaOn, s.Camera && l.media.Video, s.Page
	l.send(l.call, Signal{Session: s.Session, Kind: Offer, Camera: l.media.Camera, SDP: s.SDP})
	l.bell.Ring()
	return nil
}

// end ends the call here; aloud says whether the hub has to hear of it. The
// caller holds the lock.
func (l *Lane) end(why string, aloud bool) {
	s := Signal{Session: l.media.Session, Kind: Bye, Why: why}
	if aloud {
		l.send(l.call, s)
	}
	l.page(s)
	l.media, l.call, l.ice, l.toPage = talk.Media{}, "", nil, nil
	l.bell.Ring()
}

func (l *Lane) send(call string, s Signal) {
	if data, err := json.Marshal(s); err == nil { // it is made of texts
		l.up(call, data)
	}
}

// page hands a signal to the pages; only the one that has the call takes it.
func (l *Lane) page(s Signal) {
	s.N = len(l.toPage) + 1
	data, err := json.Marshal(s)
	if err != nil {
		return
	}
	l.toPage = append(l.toPage, data)
	for w := range l.signals {
		select {
		case w <- data:
		default: // a page that takes nothing is gone
		}
	}
}

// View is the call as a page shows it.
func (l *Lane) View() talk.Media {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.media
}

// A Way is how a browser gets through to the far side.
type Way struct {
	ICE   []Server `json:"ice"`
	Relay bool     `json:"relay"`
}

// Way is how the page's browser gets through, for the session of now.
func (l *Lane) Way() any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Way{l.ice, l.relay}
}

// Watch tells of each change of View until ctx ends.
func (l *Lane) Watch(ctx context.Context) <-chan struct{} {
	return l.bell.Watch(ctx)
}

// Signals sends the pages' signals until ctx ends, first those that a page that
// connects anew may have missed.
func (l *Lane) Signals(ctx context.Context) <-chan json.RawMessage {
	w := make(chan json.RawMessage, 8)
	l.mu.Lock()
	for _, s := range l.toPage[max(0, len(l.toPage)-4):] {
		w <- s
	}
	l.signals[w] = true
	l.mu.Unlock()
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.signals, w)
	})
	return w
}
