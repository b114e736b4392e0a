package prompt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPINFromALine(t *testing.T) {
	for text, want := range map[string]string{"482915\n": "482915", "482915\r\nrest": "482915", "": "", "\n": ""} {
		path := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := PIN(f, nil)
		_ = f.Close()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestDrawQR(t *testing.T) {
	var b strings.Builder
	if err := DrawQR(&b, "kassa"); err != nil || strings.Count(b.String(), "\n") != 15 { // 21 modules and 8 of border
		t.Errorf("%d rows, %v", strings.Count(b.String(), "\n"), err)
	}
}
