package console

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// An outage at all lanes is one note and one sound; what else is called for has a
// sound of its own.
func TestOneSoundForAFlood(t *testing.T) {
	s := open(t)
	amina := s.signedIn("Amina Saleh")
	sounds := func() []string {
		_, body := amina.get("/")
		return strings.Fields(regexp.MustCompile(`data-alarm-of="([^"]*)"`).FindStringSubmatch(body)[1])
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := amina.events(ctx, "")
	s.waitFor(lines, "event: alive")
	s.until("she is there", func() bool { snap, err := s.console.snapshot(t.Context()); return err == nil && len(snap.Crew) == 1 })
	for lane := 1; lane <= 24; lane++ {
		s.raise(fmt.Sprintf("%d-1/1", lane), "payment.terminal")
	}
	s.raise("3-2/1", "how")
	s.until("two sounds", func() bool { return len(sounds()) == 2 })
	if got := sounds(); got[0] != "flood:payment.terminal" || got[1] != "3-2/1" {
		t.Errorf("sounding: %v", got)
	}
	if _, body := amina.get("/"); strings.Count(body, "24 calls with one cause") != 1 || !strings.Contains(body, "1, 2, 3, 4") || !strings.Contains(body, "23, 24") {
		t.Error("the note does not say what it is, or where")
	}
}
