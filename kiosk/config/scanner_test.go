package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const scannerHead = `[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
data = "data"
`

func loadText(t *testing.T, text string) (*Lane, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kassa.toml")
	if err := os.WriteFile(file, []byte(scannerHead+text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file)
}

func TestScanners(t *testing.T) {
	tests := []struct{ text, line, letters string }{
		{"port = \"/dev/ttyS0\"", "9600 8N1", ""},
		{"port = \"/dev/ttyS0\"\nprotocol = \"lines\"\nletters = \"zebra\"", "9600 8N1", "zebra"},
		{"port = \"/dev/ttyS0\"\nprotocol = \"magellan\"", "9600 7O1", ""},
		{"port = \"/dev/ttyS0\"\nprotocol = \"magellan\"\nline = \"9600 8N1\"", "9600 8N1", ""},
		{"port = \"tcp://192.0.2.1:4001\"\nprotocol = \"ssi\"", "9600 8N1", ""},
		{"port = \"evdev:/dev/input/by-id/x\"\nprotocol = \"evdev\"\nletters = \"honeywell\"", "9600 8N1", "honeywell"},
		{"port = \"hidraw:/dev/hidraw0\"\nprotocol = \"hidpos\"", "9600 8N1", ""},
	}
	for _, tt := range tests {
		l, err := loadText(t, "[[scanner]]\n"+tt.text+"\n")
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if s := l.Scanners[0]; s.Line.String() != tt.line || s.Letters != tt.letters {
			t.Errorf("%s: line %q, letters %q, want %q, %q", tt.text, s.Line, s.Letters, tt.line, tt.letters)
		}
	}
}

func TestSharedLine(t *testing.T) {
	const (
		magellan = "[[scanner]]\nport = \"/dev/ttyS0\"\nprotocol = \"magellan\"\n"
		lines    = "[[scanner]]\nport = \"/dev/ttyS1\"\nprotocol = \"lines\"\n"
		scale    = "[scale]\nport = \"scanner\"\nprotocol = \"magellan\"\n"
		bagging  = "[bagging]\nport = \"scanner\"\nprotocol = \"magellan\"\n"
	)
	tests := []struct{ text, want string }{
		{magellan + scale, ""},
		{magellan + lines + scale, ""},
		{magellan + bagging, ""},
		{lines + magellan + scale, "scale.port is \"scanner\", but the first [[scanner]] speaks lines"},
		{lines + bagging, "bagging.port is \"scanner\", but the first [[scanner]] speaks lines"},
		{magellan + scale + bagging, "bagging.port is \"scanner\", as is scale.port"},
		{scale, "scale.port is \"scanner\", but there is no [[scanner]]"},
		{magellan + strings.Replace(scale, "= \"magellan\"", "= \"toledo8217\"", 1), "write protocol = \"magellan\""},
		{"[[scanner]]\nport = \"/dev/ttyS0\"\nletters = \"acme\"\n", "scanner[0].letters is \"acme\", want datalogic"},
		{"[[scanner]]\nport = \"/dev/ttyS0\"\nletters = \"\"\n", "scanner[0].letters is \"\", want datalogic"},
		{"[[scanner]]\nport = \"/dev/ttyS0\"\nprotocol = \"ssi\"\nletters = \"zebra\"\n", "scanner[0].letters is set, but ssi itself says what was read: remove it"},
	}
	for _, tt := range tests {
		_, err := loadText(t, tt.text)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.text, err, tt.want)
		}
	}
}
