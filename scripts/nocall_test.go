package scripts

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Built with the tag nocall, lane and hub contain nothing that could switch a
// camera on or relay a picture; built as usual, they do, or this shows nothing.
func TestCallsCanBeLeftOut(t *testing.T) {
	for program, parts := range map[string][]string{
		"kassa/cmd/kassa":     {"kassa/kiosk/call"},
		"kassa/cmd/kassa-hub": {"kassa/kiosk/call", "kassa/store/hub/call", "kassa/store/hub/turn", "github.com/pion/turn/v4"},
	} {
		for tag, want := range map[string]bool{"nocall": false, "any": true} {
			out, err := exec.Command("go", "list", "-deps", "-tags", tag, program).Output() //nolint:gosec // names of this table
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Fields(string(out))
			for _, p := range parts {
				if slices.Contains(all, p) != want {
					t.Errorf("%s with the tag %s: contains %s: %v, want %v", program, tag, p, !want, want)
				}
			}
		}
	}
}
