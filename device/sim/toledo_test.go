package sim

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kassa/kiosk/weight"
)

// ask sends a command and returns what comes until CR.
func ask(t *testing.T, f *os.File, cmd string) string {
	t.Helper()
	if _, err := f.WriteString(cmd); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for b := make([]byte, 1); len(got) == 0 || got[len(got)-1] != toledoCR; {
		if _, err := f.Read(b); err != nil {
			t.Fatalf("answer to %q so far %q: %v", cmd, got, err)
		}
		got = append(got, b[0])
	}
	return string(got)
}

func newToledoTest(t *testing.T, o ToledoOptions) (*Toledo, *os.File) {
	t.Helper()
	o.Platform.Division = 5
	s, err := NewToledo(filepath.Join(t.TempDir(), "scale"), NewClock(50), o)
	if err != nil {
		t.Fatal(err)
	}
	f := dial(t, s.Pty)
	t.Cleanup(func() {
		f.Close()
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s, f
}

func TestToledoFrames(t *testing.T) {
	tests := []struct {
		o    ToledoOptions
		put  weight.Grams
		tare weight.Grams
		want string // once settled
	}{
		{put: 0, want: "\x0200.000\r"},
		{put: 1250, want: "\x0201.250\r"},
		{put: 1250, tare: 250, want: "\x0201.000N\r"},
		{put: 100, tare: 250, want: "\x02?D\r"},
		{put: 15_000, want: "\x0215.000\r"},
		{put: 15_005, want: "\x02?B\r"},
		{o: ToledoOptions{Base: 0x60}, put: 15_005, want: "\x02?b\r"},
		{o: ToledoOptions{Form: ToledoFive}, put: 1250, want: "\x0201250\r"},
		{o: ToledoOptions{Form: ToledoSix}, put: 1250, want: "\x02001250\r"},
		{o: ToledoOptions{ZeroStatus: 'h'}, put: 0, want: "\x02?h\r"},
	}
	for _, tt := range tests {
		s, f := newToledoTest(t, tt.o)
		s.SetTare(tt.tare)
		if tt.put > 0 {
			s.Put("x", tt.put)
		}
		await(t, "settled", func() bool { return s.Sample().Stable })
		if got := ask(t, f, "W"); got != tt.want {
			t.Errorf("%+v: answer = %q, want %q", tt, got, tt.want)
		}
	}
}

func TestToledoCommands(t *testing.T) {
	s, f := newToledoTest(t, ToledoOptions{})
	await(t, "settled", func() bool { return s.Sample().Stable })
	for _, tt := range []struct{ cmd, want string }{
		{"E", "\x02E\r"},
		{"hello\r", "hello\r"},
		{"FqW", "\x0200.000\r"}, // q is no command
		{"\xd7", "\x0200.000\r"},
		{"A", "\x02\r"},
		{"B", "\x02?@\r"},
		{"Z", "\x02?P\r"},
	} {
		if got := ask(t, f, tt.cmd); got != tt.want {
			t.Errorf("answer to %q = %q, want %q", tt.cmd, got, tt.want)
		}
	}
	s.Put("dust", 20)
	await(t, "settled", func() bool { return s.Sample().Stable })
	ask(t, f, "Z")
	if got := ask(t, f, "W"); got != "\x0200.000\r" {
		t.Errorf("after zeroing 20 g: %q", got)
	}
}

func TestToledoSaysMotion(t *testing.T) {
	s, f := newToledoTest(t, ToledoOptions{})
	s.Lean(300, time.Hour) // on the simulated clock
	if got := ask(t, f, "W"); got != "\x02?A\r" {
		t.Errorf("answer while leaning = %q, want motion", got)
	}
}
