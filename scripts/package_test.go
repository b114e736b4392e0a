package scripts

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kassa/kiosk/config"
)

// Whoever installs the package begins with this file.
func TestExampleConfigLoads(t *testing.T) {
	lane, err := config.Load("systemd/kassa.toml.example")
	if err != nil {
		t.Fatal(err)
	}
	if len(lane.Scanners) == 0 || lane.Scale == nil || lane.Bagging == nil || lane.Terminal == nil ||
		lane.Printer == nil || lane.Panel == nil {
		t.Errorf("the example does not show every device: %+v", lane)
	}
	if lane.Data != "/var/lib/kassa" {
		t.Errorf("data is %s, and the unit may write to /var/lib/kassa", lane.Data)
	}
}

// Every device class that the example names must be open to the unit, and every
// group it asks for must exist once the package is installed.
func TestUnitLetsDevicesIn(t *testing.T) {
	unit := read(t, "systemd/kassa.service")
	for _, class := range []string{"ttyS", "ttyUSB", "ttyACM", "ttyAMA", "usb", "lp", "input", "hidraw", "gpiochip"} {
		if !strings.Contains(unit, "\nDeviceAllow=char-"+class+" rw\n") {
			t.Errorf("the unit keeps char-%s out", class)
		}
	}
	groups := regexp.MustCompile(`(?m)^SupplementaryGroups=(.*)$`).FindStringSubmatch(unit)
	if groups == nil {
		t.Fatal("the unit has no SupplementaryGroups")
	}
	made := read(t, "systemd/sysusers.conf")
	for group := range strings.FieldsSeq(groups[1]) {
		debian := slices.Contains([]string{"dialout", "input", "lp"}, group)
		if !debian && !strings.Contains(made, "g "+group+" ") {
			t.Errorf("nobody makes the group %s", group)
		}
	}
	for group := range strings.FieldsSeq("gpio kassa") {
		if !strings.Contains(read(t, "systemd/60-kassa.rules"), `GROUP="`+group+`"`) {
			t.Errorf("no udev rule gives a node to %s", group)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
