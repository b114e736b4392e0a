package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kassa/kiosk/config"
)

// TestMain lets the test binary be kassa itself, so that exit codes and what
// stands on standard error are those of the program.
func TestMain(m *testing.M) {
	if os.Getenv("KASSA_BE_KASSA") != "" {
		main()
	}
	os.Exit(m.Run())
}

// kassa is the program with args.
func kassa(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "KASSA_BE_KASSA=1")
	return cmd
}

// plainLane is a lane without devices, in dir.
func plainLane(t *testing.T, dir, change, to string) string {
	t.Helper()
	text := strings.Replace(`[lane]
id = "1"
store = "0421"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
languages = ["en"]
data = "data"
[shop]
name = "Shop"
receipt = "ask"
[[tax.class]]
id = "A"
name = "7 %"
rates_ppm = [70000]
[screen]
listen = "127.0.0.1:0"
`, change, to, 1)
	file := filepath.Join(dir, "kassa.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestBadInput checks that bad input ends with one clear line that names the
// place, and with 1; wrong usage with 2.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	good := plainLane(t, dir, "", "")
	broken := func(name, change, to string) string {
		sub := filepath.Join(dir, name)
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		return plainLane(t, sub, change, to)
	}
	rows := filepath.Join(dir, "articles.csv")
	if err := os.WriteFile(rows, []byte("gtin,plu,name,price_minor\n4006381333931,,Pens,129\n4006381333932,,Pen,12.9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		want []string // each stands in the message
	}{
		{"no command", nil, 2, []string{"--help"}},
		{"no such command", []string{"sell"}, 2, []string{"sell", "--help"}},
		{"no such file", []string{"run", "--config", dir + "/none.toml"}, 1, []string{"none.toml", "no such file"}},
		{"unknown key", []string{"run", "--config", broken("a", "country =", "county =")}, 1, []string{"kassa.toml:4", "county", "country"}},
		{"wrong type", []string{"run", "--config", broken("b", `id = "1"`, "id = 1")}, 1, []string{"kassa.toml:2", "id"}},
		{"missing port", []string{"run", "--config", broken("c", "[screen]", "[[scanner]]\nprotocol = \"lines\"\n[screen]")}, 1, []string{"kassa.toml", "scanner", "port"}},
		{"broken row", []string{"catalog", "import", "--config", good, rows}, 1, []string{"articles.csv:3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := kassa(t.Context(), tt.args...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != tt.code {
				t.Fatalf("kassa %v: %v, want exit %d\n%s", tt.args, err, tt.code, stderr.String())
			}
			text := strings.TrimSpace(stderr.String())
			for _, w := range tt.want {
				if !strings.Contains(text, w) {
					t.Errorf("kassa %v says %q, which does not name %q", tt.args, text, w)
				}
			}
			if tt.name != "broken row" && strings.Contains(text, "\n") {
				t.Errorf("kassa %v says more than one line:\n%s", tt.args, text)
			}
		})
	}
}

// TestRunTwice checks that a second lane on the same folder is told so, that
// orders reach the first, and that it ends by itself when told to.
func TestRunTwice(t *testing.T) {
	file := plainLane(t, t.TempDir(), "127.0.0.1:0", freeAddress(t))
	first := kassa(t.Context(), "run", "--config", file)
	out, err := first.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	defer func() {
		_ = first.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("the lane ended with %v", err)
		}
	}()
	ready := make(chan struct{})
	go func() {
		waitFor(out, `"msg":"ready"`, ready)
		_, _ = io.Copy(io.Discard, out)
		ended <- first.Wait()
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		t.Fatal("the lane does not get ready")
	}
	second, err := kassa(t.Context(), "run", "--config", file).CombinedOutput()
	if err == nil || strings.Count(string(second), "\n") != 1 || !strings.Contains(string(second), "in use") {
		t.Errorf("a second lane: %v\n%s", err, second)
	}
	for _, order := range []string{"close", "open"} {
		if said, err := kassa(t.Context(), order, "--config", file).CombinedOutput(); err != nil {
			t.Errorf("kassa %s: %v\n%s", order, err, said)
		}
		page := get(t, file)
		if closed := strings.Contains(page, `data-screen="closed"`); closed != (order == "close") {
			t.Errorf("after kassa %s the page shows closed: %t", order, closed)
		}
	}
}

// waitFor closes found when text has been read.
func waitFor(r io.Reader, text string, found chan<- struct{}) {
	defer close(found)
	var seen []byte
	buf := make([]byte, 4096)
	for !bytes.Contains(seen, []byte(text)) {
		n, err := r.Read(buf)
		seen = append(seen, buf[:n]...)
		if err != nil {
			return
		}
	}
}

// get reads the page of the lane of a configuration.
func get(t *testing.T, file string) string {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + cfg.Screen.Listen + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
