package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kassa/kiosk/flow"
)

// A relay stands between a lane and the hub's NATS and passes whole messages on,
// or does not.
type relay struct {
	t        *testing.T
	listener net.Listener
	to       string
	asked    chan struct{}            // one for each question about a ticket that went by
	answer   func(n int, send func()) // what becomes of the n-th answer to one, from 1
	answers  atomic.Int32
	ended    chan struct{}
	ends     sync.WaitGroup
}

func newRelay(t *testing.T, to string, answer func(n int, send func())) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{t: t, listener: listener, to: to, asked: make(chan struct{}, 100), answer: answer, ended: make(chan struct{})}
	r.ends.Go(r.accept)
	t.Cleanup(func() {
		close(r.ended)
		_ = listener.Close()
		r.ends.Wait()
	})
	return r
}

func (r *relay) accept() {
	for {
		lane, err := r.listener.Accept()
		if err != nil {
			return
		}
		hub, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = lane.Close()
			continue
		}
		var inbox atomic.Value // where the answer to the last question goes
		inbox.Store("-")
		shut := sync.OnceFunc(func() { _, _ = lane.Close(), hub.Close() })
		r.ends.Go(func() { <-r.ended; shut() })
		r.ends.Go(func() {
			defer shut()
			r.pass(lane, hub, func(head string, send func()) {
				if word := strings.Fields(head); len(word) > 3 && strings.HasSuffix(word[1], ".take") {
					inbox.Store(word[2])
					r.asked <- struct{}{}
				}
				send()
			})
		})
		r.ends.Go(func() {
			defer shut()
			r.pass(hub, lane, func(head string, send func()) {
				if word := strings.Fields(head); len(word) > 3 && word[1] == inbox.Load() {
					r.answer(int(r.answers.Add(1)), send)
					return
				}
				send()
			})
		})
	}
}

// pass reads NATS's lines, each with the bytes that it announces.
func (r *relay) pass(from io.Reader, to io.Writer, each func(head string, send func())) {
	in := bufio.NewReader(from)
	for {
		head, err := in.ReadString('\n')
		if err != nil {
			return
		}
		frame := []byte(head)
		switch word := strings.Fields(head); {
		case len(word) == 0:
		case word[0] == "MSG", word[0] == "HMSG", word[0] == "PUB", word[0] == "HPUB":
			n, err := strconv.Atoi(word[len(word)-1])
			if err != nil {
				return
			}
			frame = append(frame, make([]byte, n+2)...)
			if _, err := io.ReadFull(in, frame[len(head):]); err != nil {
				return
			}
		}
		each(head, func() { _, err = io.Copy(to, bytes.NewReader(frame)) })
		if err != nil {
			return
		}
	}
}

// through has a lane reach the hub by way of the relay from its next start on.
func (k *linkedLane) through(s *storeHub, r *relay) {
	k.t.Helper()
	text, err := os.ReadFile(k.file)
	if err != nil {
		k.t.Fatal(err)
	}
	writeText(k.t, k.file, strings.ReplaceAll(string(text), "nats://"+s.nats, "nats://"+r.listener.Addr().String()))
	k.restart()
	eventually(k.t, "the lane is linked", func() bool { return k.l.hub.health() == "up" })
}

// TestTicketOfASlowHub: a hub that answers late, or whose answer is lost, is no hub
// that is away: a lane asks it once more before it gives its own basket back.
func TestTicketOfASlowHub(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"late", "lost"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStoreHub(t)
			one, two := shopping(t, s, "1"), shopping(t, s, "2")
			one.fill()
			ticket := one.park()
			two.takesUp(ticket)
			two.kept(1, flow.SaleOpen)
			var r *relay
			r = newRelay(t, s.nats, func(n int, send func()) {
				switch {
				case how == "lost" && n == 1:
				case n == 1:
					for range 2 { // it waits no longer, and asks again
						select {
						case <-r.asked:
						case <-r.ended:
						}
					}
					send()
				default:
					send()
				}
			})
			one.through(s, r)
			one.refused(ticket, flow.NoTicket{Why: flow.TicketTaken, Lane: "2"}, "another lane has it")
			if n := r.answers.Load(); n < 1 || n > 2 {
				t.Errorf("%d answers", n)
			}
		})
	}
}

// TestTicketNobodyAnswers: where the hub says nothing at all, the lane gives its own.
func TestTicketNobodyAnswers(t *testing.T) {
	t.Parallel()
	s := newStoreHub(t)
	one := shopping(t, s, "1")
	one.fill()
	ticket := one.park()
	r := newRelay(t, s.nats, func(int, func()) {})
	one.through(s, r)
	one.takesUp(ticket)
	if n := len(r.asked); n != 2 {
		t.Errorf("%d questions, want two", n)
	}
}
