package workbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"kassa/cmd/kassa-sim/assortment"
)

// A lane is the kassa process of this workbench: started with it, started again
// after a power cut, asked to end with it.
type lane struct {
	b *Bench

	mu     sync.Mutex
	cmd    *exec.Cmd // nil: not running
	starts int
	cut    bool   // the last end was a power cut
	note   string // why it stopped by itself
	start  chan struct{}
}

func newLane(b *Bench) *lane { return &lane{b: b, start: make(chan struct{}, 1)} }

// endWait is how long the lane may take to end when asked to.
const endWait = 10 * time.Second

// RunHub keeps the store's hub running until ctx ends, if there is one.
func (b *Bench) RunHub(ctx context.Context) error {
	if b.hub == nil {
		<-ctx.Done()
		return nil
	}
	return b.hub.run(ctx)
}

// RunLane imports the catalogue, adds the demo staff and keeps the lane running
// until ctx ends. Without a kassa binary it waits for ctx: the lane is somebody
// else's.
func (b *Bench) RunLane(ctx context.Context) error {
	if b.o.Kassa == "" {
		<-ctx.Done()
		return nil
	}
	if b.hub != nil {
		if err := b.hub.prepare(ctx); err != nil {
			return err
		}
	}
	if err := b.lane.prepare(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		cut, err := b.lane.once(ctx)
		if err != nil {
			return err
		}
		b.changed.Ring()
		if cut || ctx.Err() != nil {
			continue
		}
		select { // it ended by itself: somebody looks, then starts it again
		case <-b.lane.start:
		case <-ctx.Done():
		}
	}
	return nil
}

// prepare fills the lane's database. Doing it again changes nothing.
func (l *lane) prepare(ctx context.Context) error {
	dir, toml := l.b.o.Dir, l.b.configPath()
	if _, err := l.run(ctx, "", "catalog", "import", "--config", toml,
		filepath.Join(dir, "catalogue.csv"), filepath.Join(dir, "promotions.toml")); err != nil {
		return err
	}
	if err := l.vouchers(ctx); err != nil {
		return err
	}
	if l.b.hub != nil {
		return nil // the staff list is the store's
	}
	list, err := l.run(ctx, "", "staff", "list", "--config", toml)
	if err != nil {
		return err
	}
	for _, p := range assortment.Staff() {
		if strings.Contains(list, p.Name) {
			continue
		}
		if _, err := l.run(ctx, p.PIN+"\n"+p.PIN+"\n", "staff", "add", p.Name, "--role", p.Role, "--badge", p.Badge,
			"--config", toml); err != nil {
			return err
		}
	}
	return nil
}

// vouchers takes the demo store's gift cards in, once.
func (l *lane) vouchers(ctx context.Context) error {
	toml := l.b.configPath()
	first := assortment.Vouchers()[0].Number
	if _, err := l.run(ctx, "", "voucher", "show", first, "--config", toml); err == nil {
		return nil // of an earlier start with this folder
	}
	_, err := l.run(ctx, "", "voucher", "import", "--config", toml, filepath.Join(l.b.o.Dir, "vouchers.csv"))
	return err
}

// run runs one of IT's commands and returns what it says.
func (l *lane) run(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, l.b.o.Kassa, args...) //nolint:gosec // the user's own choice
	cmd.Stdin = strings.NewReader(stdin)
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("kassa %s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(says.String()))
	}
	return out.String(), nil
}

// once runs the lane until it ends and reports whether that was a power cut.
func (l *lane) once(ctx context.Context) (cut bool, err error) {
	log, err := os.OpenFile(filepath.Join(l.b.o.Dir, "kassa.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return false, fmt.Errorf("lane's log: %w", err)
	}
	defer log.Close()
	tail := &lastLine{}
	cmd := exec.CommandContext(ctx, l.b.o.Kassa, "run", "--config", l.b.configPath()) //nolint:gosec // as above
	cmd.Stdout = log
	cmd.Stderr = &both{log, tail}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endWait
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us; we tell it
	l.mu.Lock()
	if err := cmd.Start(); err != nil {
		l.mu.Unlock()
		return false, fmt.Errorf("lane: %w", err)
	}
	l.cmd, l.cut, l.note = cmd, false, ""
	l.starts++
	l.mu.Unlock()
	l.b.changed.Ring()

	err = cmd.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cmd = nil
	if !l.cut && ctx.Err() == nil {
		l.note = fmt.Sprintf("ended by itself (%s): %s", ended(err), tail.text())
		l.b.o.Log.WarnContext(ctx, "lane ended by itself", "how", ended(err), "last_line", tail.text())
	}
	return l.cut, nil
}

func ended(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.String()
	}
	return "exit status 0"
}

// powerCut kills the lane as it stands; RunLane starts it again at once. A lane
// that had ended by itself is started.
func (l *lane) powerCut() error {
	if l.b.o.Kassa == "" {
		return fmt.Errorf("%w: this workbench does not run the lane: start it with --kassa", ErrNotNow)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.cmd != nil:
	case l.note != "":
		l.wakeUp()
		return nil
	default:
		return fmt.Errorf("%w: the lane has no power: it is starting", ErrNotNow)
	}
	l.cut = true
	if err := l.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("power cut: %w", err)
	}
	return nil
}

// wakeUp asks for a start; one that is asked for already is enough.
func (l *lane) wakeUp() {
	select {
	case l.start <- struct{}{}:
	default:
	}
}

func (l *lane) state() StateLane {
	l.mu.Lock()
	defer l.mu.Unlock()
	return StateLane{
		URL: "http://" + l.b.o.Screen + "/", Ours: l.b.o.Kassa != "",
		Running: l.cmd != nil, Starts: l.starts, Note: l.note,
	}
}

// lastLine keeps the last whole line written to it.
type lastLine struct {
	mu   sync.Mutex
	line []byte
	last string
}

func (t *lastLine) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range p {
		switch {
		case c == '\n':
			t.last, t.line = string(t.line), t.line[:0]
		case len(t.line) < 400:
			t.line = append(t.line, c)
		}
	}
	return len(p), nil
}

func (t *lastLine) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// both writes to a file and to the last line.
type both struct {
	file *os.File
	tail *lastLine
}

func (b *both) Write(p []byte) (int, error) {
	if n, err := b.tail.Write(p); err != nil { // unreachable: it takes all
		return n, err
	}
	return b.file.Write(p)
}
