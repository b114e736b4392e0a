package config

import (
	"strings"
	"testing"
)

const nexoTerminal = `[terminal]
port = "tcp://192.0.2.10:8443"
protocol = "nexo"
poi_id = "V400m-123456789"
key_id = "lane-key"
key_version = 2
passphrase_file = "pass"
ca_file = "root.pem"
`

func TestNexo(t *testing.T) {
	l, err := Parse("shop/kassa.toml", least+nexoTerminal)
	if err != nil {
		t.Fatal(err)
	}
	n := l.Terminal.Nexo
	if n == nil || n.SaleID != l.Store+"-"+l.ID || n.PassphraseFile != "shop/pass" || n.CAFile != "shop/root.pem" ||
		n.KeyVersion != 2 || n.Notify != "" {
		t.Errorf("terminal = %+v", n)
	}
	tests := []struct{ name, old, new, want string }{
		{"no name", `poi_id = "V400m-123456789"`, ``, `terminal.poi_id is missing: add poi_id = "V400m-123456789"`},
		{"odd name", `V400m-123456789`, `V400m 1`, `terminal.poi_id is "V400m 1", want letters`},
		{"odd sale", `key_id`, "sale_id = \"a b\"\nkey_id", `terminal.sale_id is "a b", want`},
		{"socket", `tcp://192.0.2.10:8443`, `unix:///run/t`, `terminal.port is "unix:///run/t", which this device cannot hang on`},
		{"no key", `key_id = "lane-key"`, ``, `terminal.key_id is missing: add`},
		{"no version", `key_version = 2`, ``, `terminal.key_version is missing: add`},
		{"version", `key_version = 2`, `key_version = -1`, `terminal.key_version is -1, want 0`},
		{"no passphrase", `passphrase_file = "pass"`, ``, `terminal.passphrase_file is missing: add`},
		{"no certificate", `ca_file = "root.pem"`, ``, `terminal.ca_file is missing: add ca_file`},
		{"both", `ca_file`, "certificate_sha256 = \"ab\"\nca_file", `terminal.certificate_sha256 is set beside ca_file: keep one`},
		{"fingerprint", `ca_file = "root.pem"`, `certificate_sha256 = "AB:CD"`, `terminal.certificate_sha256 is "ab:cd", want 64 hexadecimal figures`},
		{"names without a root", `ca_file = "root.pem"`, `certificate_sha256 = "` + strings.Repeat("AB", 32) + "\"\ncertificate_names = [\"x\"]", `terminal.certificate_names is set, but`},
		{"notify", `key_id`, "notify = \"8444\"\nkey_id", `terminal.notify is "8444", want host:port`},
		{"the other's password", `key_id`, "password_file = \"pw\"\nkey_id", `terminal.password_file is for zvt, but the protocol is nexo: remove it`},
		{"the other's protocol", `protocol = "nexo"`, `protocol = "zvt"`, `terminal.poi_id is for nexo, but the protocol is zvt: remove it`},
	}
	for _, tt := range tests {
		text := strings.Replace(nexoTerminal, tt.old, tt.new, 1)
		if text == nexoTerminal {
			t.Fatalf("%s: nothing changed", tt.name)
		}
		if _, err := Parse("k.toml", least+text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	for _, better := range []string{
		strings.NewReplacer("key_id = \"lane-key\"\n", "", "key_version = 2\n", "", "passphrase_file = \"pass\"\n", "").Replace(nexoTerminal),
		strings.Replace(nexoTerminal, `ca_file = "root.pem"`, `certificate_sha256 = "`+strings.Repeat("AB", 32)+`"`, 1),
		nexoTerminal + "notify = \"192.0.2.1:8444\"\ncertificate_names = [\"t.example\"]\n",
	} {
		if _, err := Parse("k.toml", least+better); err != nil {
			t.Errorf("%v for %s", err, better)
		}
	}
}
