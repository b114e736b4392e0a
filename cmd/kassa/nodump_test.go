package main

import (
	"os"
	"strings"
	"testing"
)

// What the kernel says of this process after noDumps, not what we think.
func TestNoDumps(t *testing.T) {
	if err := noDumps(); err != nil {
		t.Fatal(err)
	}
	limits, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if f := strings.Fields(line); strings.HasPrefix(line, "Max core file size") && (f[4] != "0" || f[5] != "0") {
			t.Errorf("%s", line)
		}
	}
	if err := noDumps(); err != nil {
		t.Errorf("again: %v", err)
	}
}
