package main

import (
	"fmt"
	"os"
	"testing"

	"kassa/device/scale"
	"kassa/device/scanner"
	"kassa/device/sim"
	"kassa/kiosk/config"
	"kassa/kiosk/words"
)

// A scanner-scale on one cable is two devices that both answer.
func TestScaleOnTheScannersLine(t *testing.T) {
	dir := t.TempDir()
	far, err := sim.NewMagellan(dir+"/cable", sim.NewClock(100), sim.MagellanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	far.Put("apples", 1250)
	file := dir + "/kassa.toml"
	text := fmt.Sprintf(`[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
languages = ["en"]
data = "data"
[[scanner]]
port = %q
protocol = "magellan"
[scale]
port = "scanner"
protocol = "magellan"
`, far.Path())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	book, err := words.New(words.Settings{Currency: cfg.Currency, Decimals: cfg.Decimals, Digits: cfg.Digits})
	if err != nil {
		t.Fatal(err)
	}
	checks := askDevices(t.Context(), cfg, book)
	if len(checks) != 2 {
		t.Fatalf("%d devices asked, want 2", len(checks))
	}
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s on %s: %s", c.Device, c.Port, c.Answer)
		}
	}
}

// What kassa.toml may say of scanners and scales, their drivers know.
func TestConfigKnowsTheDrivers(t *testing.T) {
	head := "[lane]\nid = \"1\"\nstore = \"1\"\ncountry = \"DE\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\ndata = \"d\"\n"
	load := func(text string) error {
		t.Helper()
		file := t.TempDir() + "/kassa.toml"
		if err := os.WriteFile(file, []byte(head+text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(file)
		return err
	}
	ports := map[string]string{"evdev": "evdev:/dev/input/by-id/x", "hidpos": "hidraw:05e0:1300"}
	for _, p := range scanner.Protocols() {
		port := ports[p]
		if port == "" {
			port = "/dev/ttyS0"
		}
		if err := load(fmt.Sprintf("[[scanner]]\nport = %q\nprotocol = %q\n", port, p)); err != nil {
			t.Errorf("scanner %s: %v", p, err)
		}
	}
	for _, v := range scanner.Vendors() {
		if err := load(fmt.Sprintf("[[scanner]]\nport = \"/dev/ttyS0\"\nletters = %q\n", v)); err != nil {
			t.Errorf("letters of %s: %v", v, err)
		}
	}
	for _, p := range scale.Protocols() {
		if p == scale.LoadCell {
			continue // has no port
		}
		if err := load(fmt.Sprintf("[scale]\nport = \"/dev/ttyS0\"\nprotocol = %q\n", p)); err != nil {
			t.Errorf("scale %s: %v", p, err)
		}
	}
}
