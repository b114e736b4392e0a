package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kassa/device/sim"
	"kassa/kiosk/config"
	"kassa/kiosk/words"
)

// A lane at a nexo terminal is made from its kassa.toml and asks it; what is
// wrong with its files is named by their key.
func TestNexoTerminal(t *testing.T) {
	term, err := sim.NewNexo("127.0.0.1:0", sim.NewClock(50), sim.NexoOptions{KeyID: "k", KeyVersion: 1, Passphrase: "lane and till"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = term.Close() })
	dir := t.TempDir()
	for name, text := range map[string]string{"root.pem": string(term.CA()), "pass": "lane and till\n", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	toml := fmt.Sprintf(`[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
data = "d"
[terminal]
port = "tcp://%s"
protocol = "nexo"
poi_id = %q
key_id = "k"
key_version = 1
passphrase_file = "pass"
ca_file = "root.pem"
certificate_names = [%q]
`, term.Addr(), term.POIID(), term.Name())
	book, err := words.New(words.Settings{Currency: "EUR", Decimals: 2, Digits: "latn"})
	if err != nil {
		t.Fatal(err)
	}
	devicesOf := func(text string) (*devices, error) {
		cfg, err := config.Parse(filepath.Join(dir, "kassa.toml"), text)
		if err != nil {
			t.Fatal(err)
		}
		return newDevices(cfg, book, slog.New(slog.DiscardHandler))
	}
	d, err := devicesOf(toml)
	if err != nil {
		t.Fatal(err)
	}
	if up, why := d.askTerminal(t.Context()); !up || why != "" {
		t.Errorf("the terminal is %v, %q", up, why)
	}
	for says, change := range map[string][2]string{
		"terminal.ca_file: open":         {`"root.pem"`, `"gone.pem"`},
		"want a CA in PEM":               {`"root.pem"`, `"pass"`},
		"terminal.passphrase_file: open": {`"pass"`, `"gone"`},
		"passphrase is empty":            {`"pass"`, `"empty"`},
	} {
		if _, err := devicesOf(strings.Replace(toml, change[0], change[1], 1)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", change[1], err, says)
		}
	}
	d, err = devicesOf(strings.Replace(toml, "key_version = 1", "key_version = 2", 1))
	if err != nil {
		t.Fatal(err)
	}
	if up, why := d.askTerminal(t.Context()); up {
		t.Errorf("with another key the terminal is up: %q", why)
	}
}
