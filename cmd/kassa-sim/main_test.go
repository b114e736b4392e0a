package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A log is written by the program and read by the test.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestUsage(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.txt")
	if err := os.WriteFile(bad, []byte("scan 1\nscann 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--help"}, 0, "workbench"},
		{[]string{"run", "--help"}, 0, "--listen"},
		{[]string{}, 2, "expected one of"},
		{[]string{"dance"}, 2, "dance"},
		{[]string{"run", "--speed", "0", "--listen", "127.0.0.1:0"}, 2, "--speed is 0, want 1 to 100"},
		{[]string{"run", "--dir", t.TempDir(), "--listen", "127.0.0.1:0", "--screen", "8080"}, 2, `--screen is "8080", want host:port`},
		{[]string{"play"}, 2, "file"},
		{[]string{"play", "/nowhere.txt"}, 2, "/nowhere.txt"},
		{[]string{"play", bad}, 2, bad + `:2: "scann" is no act`},
	}
	for _, tt := range tests {
		var out log
		if code := run(t.Context(), tt.args, &out, &out); code != tt.code || !strings.Contains(out.String(), tt.says) {
			t.Errorf("kassa-sim %q: exit %d, %q, want %d with %q", tt.args, code, &out, tt.code, tt.says)
		}
	}
}

// The scripts we ship can all be read.
func TestScriptsParse(t *testing.T) {
	files, err := filepath.Glob("../../scripts/play/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		var out log
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // no workbench runs: what is left is the reading
		if code := run(ctx, []string{"play", file, "--dir", t.TempDir()}, &out, &out); code != 1 {
			t.Errorf("%s: exit %d: %s", file, code, &out)
		}
	}
}

// awaitFile waits until something stands in a file, at most for ten seconds.
func awaitFile(t *testing.T, name string) []byte {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(10 * time.Second)
	for {
		if text, err := os.ReadFile(name); err == nil && len(text) > 0 {
			return text
		}
		select {
		case <-look.C:
		case <-late:
			return nil
		}
	}
}

// Where no workbench runs play says so at once.
func TestPlayWithoutWorkbench(t *testing.T) {
	script := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(script, []byte("scan 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"/nonexistent", t.TempDir()} {
		var out log
		begin := time.Now()
		code := run(t.Context(), []string{"play", script, "--dir", dir}, &out, &out)
		if took := time.Since(begin); code != 1 || !strings.Contains(out.String(), "no workbench runs in "+dir) || took > 2*time.Second {
			t.Errorf("%s: exit %d after %v: %s", dir, code, took, &out)
		}
	}
}

// A workbench starts, a script plays at it, and both end.
func TestRunAndPlay(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs log
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"run", "--dir", dir, "--listen", "127.0.0.1:0", "--screen", "127.0.0.1:0"}, &out, &errs)
	}()
	url := awaitFile(t, filepath.Join(dir, addressFile))
	if len(url) == 0 {
		t.Fatalf("the workbench did not start: %s%s", &out, &errs)
	}
	res, err := http.Post(strings.TrimSpace(string(url))+"/do", "text/plain", strings.NewReader("put bag 4053"))
	if err != nil || res.StatusCode != http.StatusNoContent {
		t.Fatalf("put: %v, %v", res, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("run ended with %d: %s", code, &errs)
	}
	if !strings.Contains(out.String(), "shopper's page  http://127.0.0.1:") {
		t.Errorf("it said %q", &out)
	}
	if _, err := os.Stat(filepath.Join(dir, addressFile)); err == nil {
		t.Error("the address stays behind")
	}
}
