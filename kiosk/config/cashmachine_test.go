package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A cash machine is reached so that its password stays secret.
func TestCashMachine(t *testing.T) {
	tests := []struct{ section, want string }{
		{"url = \"https://192.0.2.30\"\nuser = \"u\"\npassword_file = \"p\"", ""},
		{"url = \"http://127.0.0.1:8081\"\nuser = \"u\"\npassword_file = \"p\"\npos = \"lane 3\"\npay_out = \"5\"", ""},
		{"url = \"http://192.0.2.30\"\nuser = \"u\"\npassword_file = \"p\"", "cash.url"},
		{"url = \"https://u:p@192.0.2.30\"\nuser = \"u\"\npassword_file = \"p\"", "cash.url"},
		{"url = \"192.0.2.30\"\nuser = \"u\"\npassword_file = \"p\"", "cash.url"},
		{"url = \"ftp://192.0.2.30\"\nuser = \"u\"\npassword_file = \"p\"", "cash.url"},
		{"url = \"https://192.0.2.30\"\npassword_file = \"p\"", "cash.user"},
		{"url = \"https://192.0.2.30\"\nuser = \"u\"", "cash.password_file"},
		{"protocol = \"coins\"\nurl = \"https://192.0.2.30\"\nuser = \"u\"\npassword_file = \"p\"", "cash.protocol"},
		{"slot = 1", "slot"},
	}
	for _, tt := range tests {
		file := filepath.Join(t.TempDir(), "kassa.toml")
		text := "[lane]\nid = \"3\"\nstore = \"1\"\ncountry = \"DE\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\ndata = \"d\"\n[cash]\n" + tt.section + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Load(file)
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want %s named", tt.section, err, tt.want)
			}
			continue
		}
		if err != nil || l.Cash == nil || l.Cash.Protocol != "cashdro" || !filepath.IsAbs(l.Cash.PasswordFile) && !strings.Contains(l.Cash.PasswordFile, "p") || l.Cash.POS == "" {
			t.Errorf("%s: %+v, %v", tt.section, l, err)
		}
	}
}
