package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCallSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, fault string }{
		{"", ""},
		{"[call]\non = true", ""},
		{"[call]\non = true\nturn = \"0.0.0.0:3478\"\naddress = \"192.0.2.1\"\nrelay = true", ""},
		{"[call]\non = true\nturn = \"0.0.0.0:3478\"", "call.address"},
		{"[call]\non = true\nturn = \"0.0.0.0:3478\"\naddress = \"0.0.0.0\"", "call.address"},
		{"[call]\non = true\nturn = \"x\"\naddress = \"192.0.2.1\"", "call.turn"},
		{"[call]\non = true\nturn = \"0.0.0.0:3478\"\naddress = \"192.0.2.1\"\nports = \"80-90\"", "call.ports"},
		{"[call]\non = true\nturn = \"0.0.0.0:3478\"\naddress = \"192.0.2.1\"\nports = \"50000\"", "call.ports"},
		{"[call]\non = true\nrelay = true", "call.relay"},
		{"[call]\non = true\ncamera = true", "call.camera"},
	} {
		file := filepath.Join(t.TempDir(), "kassa-hub.toml")
		if err := os.WriteFile(file, []byte("[hub]\nstore = \"0421\"\ntimezone = \"Europe/Berlin\"\n"+c.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := loadSettings(file)
		if c.fault == "" && (err != nil || s.call.on != strings.Contains(c.text, "on = true")) {
			t.Errorf("%q: %v", c.text, err)
		}
		if c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%q: %v, want one about %s", c.text, err, c.fault)
		}
	}
}
