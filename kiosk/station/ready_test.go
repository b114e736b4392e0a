package station

import (
	"context"
	"testing"

	"kassa/device/terminal"
)

// A readyTerminal needs no preparation.
type readyTerminal struct{ terminal.Terminal }

func (readyTerminal) Prepare(context.Context) (terminal.Evidence, error) {
	return terminal.Evidence{Protocol: "ready"}, nil
}

// A terminal that is ready is never told to be late, however soon it answers: one
// try in a hundred was, on a busy machine.
func TestReadyTerminalIsNeverLate(t *testing.T) {
	s := &Station{o: Options{Terminal: readyTerminal{}}}
	for i := range 20000 {
		if ev, err := s.setUp(t.Context()); err != nil || ev.Protocol != "ready" {
			t.Fatalf("try %d: %+v, %v", i, ev, err)
		}
	}
}
