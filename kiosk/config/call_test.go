package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Calls are off unless asked for, and there is nobody to call without a hub.
func TestCall(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "systemd", "kassa.toml.example"))
	if err != nil {
		t.Fatal(err)
	}
	for more, fault := range map[string]string{
		"":                      "",
		"\n[call]\non = true\n": "call.on",
		"\n[hub]\nurl = \"tls://hub.store:4222\"\n[call]\non = true\n": "",
		"\n[call]\ncamera = true\n":                                    "call.camera",
	} {
		file := filepath.Join(t.TempDir(), "kassa.toml")
		if err := os.WriteFile(file, append(text, more...), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Load(file)
		if fault != "" {
			if err == nil || !strings.Contains(err.Error(), fault) {
				t.Errorf("%q: %v, want one about %s", more, err, fault)
			}
		} else if err != nil || l.Call != (more != "") {
			t.Errorf("%q: %v", more, err)
		}
	}
}
