package call

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed static
var static embed.FS

// Files are the scripts of the two pages.
func Files() (fs.FS, error) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, fmt.Errorf("call: scripts: %w", err)
	}
	return files, nil
}

// MaxSignal bounds a signal, in bytes. A browser's offer with video and all its
// addresses has about 8 kB.
const MaxSignal = 32 << 10

// The kinds of a signal.
const (
	Invite    = "invite"    // an agent asks; ICE says how to get through
	Offer     = "offer"     // she said yes: her browser's offer
	Answer    = "answer"    // the agent's browser's answer
	Connected = "connected" // both hear each other; the agent's browser says so
	Bye       = "bye"       // over; Why says how
)

// A Signal is one step of setting a call up.
type Signal struct {
	Session string   `json:"session"`
	Kind    string   `json:"kind"`
	N       int      `json:"n,omitempty"` // of its direction: a page may see one twice
	Video   bool     `json:"video,omitempty"`
	Camera  bool     `json:"camera,omitempty"`
	Name    string   `json:"name,omitempty"`
	Page    string   `json:"page,omitempty"`
	SDP     string   `json:"sdp,omitempty"`
	ICE     []Server `json:"ice,omitempty"`
	Relay   bool     `json:"relay,omitempty"` // through the TURN server alone
	Why     string   `json:"why,omitempty"`   // declined, denied, hangup, busy, no-answer, lost, over
}

// A Server is a TURN server as browsers take it, with credentials for a while.
type Server struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

var errSignal = errors.New("not a signal of a call")

// Parse reads a signal and sees that it is one of the kinds that may come this
// way. What is in an offer is for the browser to judge.
func Parse(data []byte, kinds ...string) (Signal, error) {
	var s Signal
	if len(data) > MaxSignal {
		return s, fmt.Errorf("%w: %d bytes", errSignal, len(data))
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("%w: %w", errSignal, err)
	}
	known := false
	for _, k := range kinds {
		known = known || s.Kind == k
	}
	if !known || len(s.Session) < 16 || len(s.Session) > 64 || len(s.Page) > 64 || len(s.Why) > 20 || len(s.Name) > 80 {
		return s, fmt.Errorf("%w: kind %.20q", errSignal, s.Kind)
	}
	if (s.Kind == Offer || s.Kind == Answer) == (s.SDP == "") {
		return s, fmt.Errorf("%w: %s", errSignal, s.Kind)
	}
	return s, nil
}
