package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(t *testing.T, text string) (*settings, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kassa-hq.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadSettings(path)
}

func TestSettings(t *testing.T) {
	s, err := load(t, "[hq]\nnats = \"tls://hub.store:4222\"\ncredentials = \"hq.creds\"\npostgres = \"dbname=kassa\"\n")
	if err != nil || s.listen != defaultListen || !filepath.IsAbs(s.credentials) {
		t.Errorf("%+v, %v", s, err)
	}
	for text, want := range map[string]string{
		"[hq]\nnats = \"nats://hub.store:4222\"\ncredentials = \"c\"\npostgres = \"p\"\n":           "hq.nats",
		"[hq]\ncredentials = \"c\"\npostgres = \"p\"\n":                                             "hq.nats",
		"[hq]\nnats = \"tls://h:1\"\npostgres = \"p\"\n":                                            "kassa-hub credentials",
		"[hq]\nnats = \"tls://h:1\"\ncredentials = \"c\"\n":                                         "hq.postgres",
		"[hq]\nnats = \"tls://h:1\"\ncredentials = \"c\"\npostgres = \"p\"\ncolour = 1\n":           "colour",
		"[hq]\nnats = \"tls://h:1\"\ncredentials = \"c\"\npostgres = \"p\"\nlisten = \"nowhere\"\n": "hq.listen",
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "kassa-hq.toml") {
			t.Errorf("%q: %v, want it to name %s", text, err, want)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"dance"}, {"run"}, {"report", "sales"}} {
		if code := run(t.Context(), args); code != 2 {
			t.Errorf("%v exits %d, want 2", args, code)
		}
	}
	if code := run(t.Context(), []string{"run", "--config", "/nonexistent"}); code != 1 {
		t.Errorf("a missing file exits %d, want 1", code)
	}
}

// Whoever installs the package begins with this file.
func TestExampleConfigLoads(t *testing.T) {
	s, err := loadSettings("../../scripts/systemd/kassa-hq.toml.example")
	if err != nil {
		t.Fatal(err)
	}
	if s.data != "/var/lib/kassa-hq" {
		t.Errorf("data is %s, and the unit may write to /var/lib/kassa-hq", s.data)
	}
}
