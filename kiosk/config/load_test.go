package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/kiosk/weight"
)

// whole has every key that kassa.toml may have but those that exclude others.
const whole = `[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
day_ends = "04:00"
hours = "mon-sat 07:00-22:00"
currency = "EUR"
languages = ["en", "fr", "ar", "id"]
digits = "latn"
data = "/var/lib/kassa"

[shop]
name = "Corner"
address = ["1 Main Street", "Town"]
tax_number = "DE000"
receipt = "ask"

[tax]
prices = "inclusive"
round = "line"
[[tax.class]]
id = "A"
name = "7 %"
rates_ppm = [70000]
[[tax.class]]
id = "B"
rates_ppm = [50000, 99750]

[codes]
country = "DE"
file = "codes.toml"

[screen]
listen = "127.0.0.1:8080"

[[scanner]]
port = "/dev/serial/by-id/a"
protocol = "lines"
line = "9600 8N1"
[[scanner]]
port = "hidraw:05e0:1300"
protocol = "hidpos"

[scale]
port = "/dev/serial/by-id/b"
protocol = "toledo8217"
line = "9600 7E1"
unit = "kg"
division = "0.005"
max = "15"

[bagging]
port = "unix:///run/bag"
protocol = "toledo8217"
mode = "check"
call_at = 0.25

[terminal]
port = "tcp://192.0.2.10:20007"
protocol = "zvt"
password_file = "pw"

[printer]
port = "/dev/usb/lp0"
protocol = "escpos"
profile = "epson-80"

[panel]
protocol = "gpio"
lamp_green = "GPIO17"
lamp_red = "GPIO27"
lamp_white = "GPIO22"
call_button = "GPIO23"
drawer = "GPIO24"
door = "GPIO25"

[hub]
url = "tls://hub.store:4222"
credentials = "/etc/kassa/lane.creds"

[timing]
idle_ask = "90s"

[bags]
ask = true
name = "Carrier bag"
name_fr = "Sac"
price_minor = 20
tax = "A"
plu = "90001"

[staff]
void_sale = "shopper" # no member of staff is needed for that


[disk]
reserve_mb = 64

[[restriction]]
group = "beer"
hours = "daily 07:00-22:00"
[[restriction]]
items = ["4006381333931", "4011"]
max_qty = 3
[[restriction]]
group = "rockets"
never = true
allow = "staff"
[[restriction]]
group = "spirits"
hours = "daily 07:00-22:00"
at = "pay"
`

// least is the smallest file that is a lane.
const least = `[lane]
id = "1"
store = "1"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
data = "d"
`

func TestLoadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kassa.toml")
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	checks := []struct {
		what      string
		got, want any
	}{
		{"id", l.ID, "1"},
		{"zone", l.Location.String(), "Europe/Berlin"},
		{"day ends", l.DayEnds, 4 * time.Hour},
		{"decimals", l.Decimals, 2},
		{"languages", len(l.Languages), 4},
		{"codes file", l.Codes.File, filepath.Join(dir, "codes.toml")},
		{"rate", l.Tax.Classes[1].RatesPPM[1], int64(99750)},
		{"class name", l.Tax.Classes[1].Name, "B"},
		{"scanner line", l.Scanners[0].Line.String(), "9600 8N1"},
		{"scanner port", l.Scanners[1].Port, Port{PortHidraw, "05e0:1300"}},
		{"division", l.Scale.Division, weight.Shown{Digits: 5, Decimals: 3, Unit: weight.Kilogram}},
		{"max", l.Scale.Max.Grams(), weight.Grams(15000)},
		{"bagging port", l.Bagging.Port.String(), "unix:///run/bag"},
		{"call at", l.Bagging.CallAtPPM, int64(250_000)},
		{"terminal port", l.Terminal.Port.Addr, "192.0.2.10:20007"},
		{"password", l.Terminal.PasswordFile, filepath.Join(dir, "pw")},
		{"lamp", l.Panel.LampWhite, "GPIO22"},
		{"hub", l.Hub.URL, "tls://hub.store:4222"},
		{"idle", l.Timing.IdleAsk, 90 * time.Second},
		{"restriction's group", l.Restrictions[0].Items[0], "group:beer"},
		{"restriction's items", l.Restrictions[1].Items[0] + l.Restrictions[1].Items[1], "40063813339314011"},
		{"restriction's most", l.Restrictions[1].MaxQty, int64(3)},
		{"who may allow", fmt.Sprint(l.Restrictions[0].Staff, l.Restrictions[1].Staff, l.Restrictions[2].Staff), "false true true"},
		{"when hours count", fmt.Sprint(l.Restrictions[0].AtPay, l.Restrictions[3].AtPay), "false true"},
		{"hint", l.Timing.BagHint, 3 * time.Second},
		{"bag", l.Bags.Names["fr"], "Sac"},
		{"own bag", l.Bags.Own, true},
		{"void", l.Staff.VoidSaleNeedsStaff, false},
		{"reserve", l.Disk.ReserveMB, int64(64)},
	}
	for _, c := range checks {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestLeastHasDefaults(t *testing.T) {
	l, err := Parse("shop/kassa.toml", least)
	if err != nil {
		t.Fatal(err)
	}
	if l.Scale != nil || l.Bagging != nil || l.Terminal != nil || l.Printer != nil || l.Panel != nil || l.Hub != nil || len(l.Scanners) != 0 {
		t.Error("a section left out gave a device")
	}
	if l.Data != "shop/d" || l.Screen.Listen != "127.0.0.1:8080" || !l.Hours.Always() || l.Languages[0] != "en" ||
		l.Codes.Country != "DE" || l.Shop.Receipt != ReceiptAsk || !l.Staff.VoidSaleNeedsStaff || l.Bags.Ask || l.Bags.Sell {
		t.Errorf("defaults are %+v", l)
	}
}

// Each change breaks the file in one way; the error is the whole line.
func TestLoadRefuses(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown key", `unit = "kg"`, `unti = "kg"`, `k.toml:49: scale.unti is not a key of kassa.toml: did you mean unit?`},
		{"unknown key, none near", `unit = "kg"`, `colour = "red"`, `k.toml:49: scale.colour is not a key of kassa.toml: want one of division, line, max, min, port, protocol, unit, variant`},
		{"unknown section", `[terminal]`, `[teminal]`, `k.toml:59: teminal is not a key of kassa.toml: did you mean terminal?`},
		{"unknown key in a list", `protocol = "hidpos"`, `protocoll = "hidpos"`, `k.toml:43: scanner[1].protocoll is not a key of kassa.toml: did you mean protocol?`},
		{"number for text", `id = "1"`, `id = 1`, `k.toml:2: lane.id is the number 1, want a text in quotes: "..."`},
		{"text for number", `call_at = 0.25`, `call_at = "often"`, `k.toml:57: bagging.call_at is the text "often", want a number`},
		{"text for list", `languages = ["en", "fr", "ar", "id"]`, `languages = "en"`, `k.toml:9: lane.languages is the text "en", want a list of texts: languages = ["..."]`},
		{"number in list", `"ar", "id"]`, `7]`, `k.toml:9: lane.languages[2] is the number 7, want a text in quotes: "..."`},
		{"fraction", `[70000]`, `[7.5]`, `k.toml:25: tax.class[0].rates_ppm[0] is the number 7.5, want a whole number`},
		{"single brackets below double ones", "[[scanner]]\nport = \"hidraw:05e0:1300\"\nprotocol = \"hidpos\"\n", "[scanner.x]\ny = 1\n", `k.toml:37: scanner[0].x is not a key of kassa.toml: want one of letters, line, port, protocol`},
		{"section once", "[terminal]", "[[terminal]]", `k.toml:59: terminal is a list, want a section: [terminal]`},
		{"date", `day_ends = "04:00"`, `day_ends = 04:00:00`, `k.toml:6: lane.day_ends is a date or time, want a text in quotes: "..."`},
		{"yes", `ask = true`, `ask = "yes"`, `k.toml:86: bags.ask is the text "yes", want true or false`},
		{"missing id", `id = "1"`, ``, `k.toml:1: lane.id is missing: add id = "1"`},
		{"empty store", `store = "0421"`, `store = ""`, `k.toml:3: lane.store is empty: write store = "0421"`},
		{"bad id", `id = "1"`, `id = "Lane 1"`, `k.toml:2: lane.id is "Lane 1", want 1 to 32 of a-z, 0-9 and -`},
		{"country", `country = "DE"`, `country = "Germany"`, `k.toml:4: lane.country is "Germany", want a country by two capital letters, as in "DE"`},
		{"zone", `Europe/Berlin`, `Europe/Bonn`, `k.toml:5: lane.timezone is "Europe/Bonn", which is no time zone: want a name as in "Europe/Berlin"`},
		{"day ends", `day_ends = "04:00"`, `day_ends = "4am"`, `k.toml:6: lane.day_ends is "4am", want a time from "00:00" to "12:00"`},
		{"hours", `mon-sat 07:00-22:00`, `mon-sat 7-22`, `k.toml:7: lane.hours cannot be read: time is "7", want HH:MM, 00:00 to 24:00: write "mon-sat 07:00-22:00; sun 08:00-13:00"`},
		{"currency", `currency = "EUR"`, `currency = "EURO"`, `k.toml:8: lane.currency is "EURO", want a currency by three capital letters, as in "EUR"`},
		{"language", `"fr", `, `"xx", `, `k.toml:9: lane.languages has "xx", which kassa does not speak: want en, fr, ar or id`},
		{"language twice", `"fr", `, `"en", `, `k.toml:9: lane.languages has "en" twice: name each language once`},
		{"digits", `digits = "latn"`, `digits = "roman"`, `k.toml:10: lane.digits is "roman", want latn or arab`},
		{"missing data", `data = "/var/lib/kassa"`, ``, `k.toml:1: lane.data is missing: add data = "/var/lib/kassa"`},
		{"receipt", `receipt = "ask"`, `receipt = "maybe"`, `k.toml:17: shop.receipt is "maybe", want ask, always or never`},
		{"rate", `[70000]`, `[7000000]`, `k.toml:25: tax.class[0].rates_ppm has 7000000, want 0 to 1000000 parts per million`},
		{"no rate", `rates_ppm = [70000]`, ``, `k.toml:22: tax.class[0].rates_ppm is missing: add rates_ppm = [70000] for 7 %`},
		{"class twice", `id = "B"`, `id = "A"`, `k.toml:27: tax.class[1].id is "A" a second time: give each class its own id`},
		{"listen", `127.0.0.1:8080`, `8080`, `k.toml:35: screen.listen is "8080", want host:port, as in "127.0.0.1:8080"`},
		{"missing port", `port = "/dev/serial/by-id/b"`, ``, `k.toml:45: scale.port is missing: add port = "/dev/serial/by-id/..."`},
		{"odd port", `"/dev/serial/by-id/b"`, `"COM3"`, `k.toml:46: scale.port is "COM3": want a device path, tcp://host:port, unix:///path, evdev:/dev/input/..., hidraw:/dev/hidrawN, hidraw:VID:PID or scanner`},
		{"no tcp port", `tcp://192.0.2.10:20007`, `tcp://192.0.2.10`, `k.toml:60: terminal.port is "tcp://192.0.2.10": "192.0.2.10" has no host and port: want tcp://host:port`},
		{"wrong port", `tcp://192.0.2.10:20007`, `evdev:/dev/input/event0`, `k.toml:60: terminal.port is "evdev:/dev/input/event0", which this device cannot hang on: want one as "tcp://192.0.2.10:20007"`},
		{"line of a socket", "port = \"unix:///run/bag\"", "port = \"unix:///run/bag\"\nline = \"9600 7E1\"", `k.toml:55: bagging.line is set, but port unix:///run/bag is no serial line: remove it`},
		{"line", `line = "9600 7E1"`, `line = "9600-7E1"`, `k.toml:48: scale.line is "9600-7E1": want speed, data bits, parity and stop bits, as in "9600 7E1"`},
		{"protocol", `protocol = "toledo8217"` + "\nline", `protocol = "toledo"` + "\nline", `k.toml:47: scale.protocol is "toledo", want toledo8217, toledo8213, nci, sma, sics, dialog06, cas, ascii or magellan`},
		{"missing protocol", `protocol = "toledo8217"` + "\nline", `line`, `k.toml:45: scale.protocol is missing: add protocol = "toledo8217"`},
		{"shared line", `"/dev/serial/by-id/b"`, `"scanner"`, `k.toml:47: scale.protocol is "toledo8217" on the scanner's line: write protocol = "magellan"`},
		{"unit", `unit = "kg"`, `unit = "stone"`, `k.toml:49: scale.unit is "stone", want kg or lb`},
		{"division", `division = "0.005"`, `division = "5 g"`, `k.toml:50: scale.division is "5 g", want the smallest step as the scale shows it, as in "0.005"`},
		{"max", `max = "15"`, `max = "0"`, `k.toml:51: scale.max is "0", want the most it can weigh in kg, as in "15"`},
		{"min", `max = "15"`, "max = \"15\"\nmin = \"16\"", `k.toml:52: scale.min is "16", want the least that may be sold, as in "0.100", or "0"`},
		{"variant", `max = "15"`, "max = \"15\"\n[scale.variant]\nzero_bits = 256", `k.toml:53: scale.variant.zero_bits is 256, want the sum of status bits, 0 to 63`},
		{"cell beside a port", `call_at = 0.25`, `span_g = 5000`, `k.toml:57: bagging.span_g is for hx711, but toledo8217 hangs on a port: remove it`},
		{"call at", `call_at = 0.25`, `call_at = 25`, `k.toml:57: bagging.call_at is 25, want a probability from 0 to 1`},
		{"pin twice", `GPIO27`, `GPIO17`, `k.toml:72: panel.lamp_red is "GPIO17", as is lamp_green: give each its own pin`},
		{"board with pins", `protocol = "gpio"`, "protocol = \"lines\"\nport = \"/dev/ttyACM0\"", `k.toml:72: panel.lamp_green names a pin, but a lines board has its own: remove it`},
		{"receipts", `url = "tls://hub.store:4222"`, "url = \"tls://hub.store:4222\"\nreceipts = \"http://receipts.example.org\"", `k.toml:80: hub.receipts is "http://receipts.example.org", want https://: the code in it is all that keeps a receipt from others`},
		{"receipts", `url = "tls://hub.store:4222"`, "url = \"tls://hub.store:4222\"\nreceipts = \"receipts\"", `k.toml:80: hub.receipts is "receipts", want an address as in "https://receipts.example.org"`},
		{"hub", `tls://hub.store:4222`, `hub.store`, `k.toml:79: hub.url is "hub.store", want tls://host:port or nats://host:port`},
		{"timing", `idle_ask = "90s"`, `idle_ask = "90"`, `k.toml:83: timing.idle_ask is "90", want a time up to an hour, as in "1m0s"`},
		{"timing order", `idle_ask = "90s"`, `bag_check = "1s"`, `k.toml:83: timing.bag_check is 1s, before bag_hint (3s): write a longer time`},
		{"bag tax", `tax = "A"`, `tax = "Z"`, `k.toml:90: bags.tax is "Z", which is no [[tax.class]]: write the id of one`},
		{"bag name", `name = "Carrier bag"`, ``, `k.toml:85: bags.name is missing: add name = "Carrier bag"`},
		{"void", `void_sale = "shopper"`, `void_sale = "nobody"`, `k.toml:94: staff.void_sale is "nobody", want staff or shopper`},
		{"reserve", `reserve_mb = 64`, `reserve_mb = -1`, `k.toml:98: disk.reserve_mb is -1, want 0 to 1000000 megabytes`},
		{"restricts nothing", `group = "beer"`, ``, `k.toml:100: restriction[0].group is missing: add group = "beer", or items = ["4011", "04006381333931"]`},
		{"restriction's item", `"4011"]`, `"40 11"]`, `k.toml:104: restriction[1].items has "40 11", want PLUs of up to 6 figures and GTINs of 8, 12, 13 or 14`},
		{"restriction's hours", `daily 07:00-22:00`, `22-7`, `k.toml:102: restriction[0].hours cannot be read: "22-7": want days and times, as in "mon-sat 07:00-22:00": write "daily 07:00-22:00"`},
		{"restriction in two ways", `max_qty = 3`, "max_qty = 3\nnever = true", `k.toml:103: restriction[1] restricts in 2 ways: write one of hours = "daily 07:00-22:00", max_qty = 3 and never = true`},
		{"restriction's number", `max_qty = 3`, `max_qty = -3`, `k.toml:105: restriction[1].max_qty is -3, want 1 to 999 pieces`},
		{"restriction's leave", `allow = "staff"`, `allow = "me"`, `k.toml:109: restriction[2].allow is "me", want nobody or staff`},
		{"restriction's moment", `at = "pay"`, `at = "door"`, `k.toml:113: restriction[3].at is "door", want scan or pay`},
		{"restriction's moment without hours", `max_qty = 3`, "max_qty = 3\nat = \"pay\"", `k.toml:106: restriction[1].at stands without hours: write hours = "daily 07:00-22:00", or leave it out`},
		{"not TOML", `[shop]`, `[shop`, `k.toml:14: is not TOML: expected '.' or ']' to end table name, but got '\n' instead`},
		{"key twice", `id = "1"`, "id = \"1\"\nid = \"2\"", `k.toml:3: is not TOML: Key 'lane.id' has already been defined.`},
		{"escape in a value", `unit = "kg"`, "unit = \"k\\u001b[31m\"", `k.toml:49: scale.unit is "k\x1b[31m", want kg or lb`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(whole, tt.old) {
				t.Fatalf("%q does not stand in the file", tt.old)
			}
			_, err := Parse("k.toml", strings.Replace(whole, tt.old, tt.new, 1))
			if err == nil || err.Error() != tt.want {
				t.Errorf("error is\n %v\nwant\n %s", err, tt.want)
			}
		})
	}
}

func TestLoadNoFile(t *testing.T) {
	_, err := Load("/nowhere/kassa.toml")
	want := "/nowhere/kassa.toml: no such file: name a kassa.toml with --config FILE: file does not exist"
	if err == nil || !strings.HasPrefix(err.Error(), want[:60]) {
		t.Errorf("error is %v", err)
	}
	if _, err := Parse("k.toml", ""); err == nil || err.Error() != `k.toml: lane.id is missing: add id = "1"` {
		t.Errorf("empty file: %v", err)
	}
}

// Whatever the text, Parse gives a lane or one line.
func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add(least)
	f.Add("[lane]\nid = 1\n[[lane]]\n")
	f.Add("[[scanner]]\n[scale]\nport='scanner'\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse("k.toml", text)
		switch {
		case err == nil && (l.Location == nil || l.ID == "" || len(l.Languages) == 0):
			t.Errorf("a lane without what it needs: %+v", l)
		case err != nil && strings.ContainsAny(err.Error(), "\n\r\x1b"):
			t.Errorf("error of more than one line: %q", err)
		}
	})
}

func FuzzPort(f *testing.F) {
	for _, s := range []string{"/dev/ttyS0", "tcp://h:1", "unix:///x", "evdev:/dev/input/x", "hidraw:05e0:1300", "scanner"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ParsePort(text); err == nil && p.String() != text {
			t.Errorf("ParsePort(%q).String() = %q", text, p)
		}
	})
}
