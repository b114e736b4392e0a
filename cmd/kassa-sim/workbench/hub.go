package workbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"kassa/cmd/kassa-sim/assortment"
)

// A storeHub is the kassa-hub process of this workbench: the store that the lane
// stands in.
type storeHub struct {
	b    *Bench
	page string // host:port
	nats string // host:port for lanes

	mu  sync.Mutex
	cmd *exec.Cmd // nil: not running
	cut bool      // it ends because its power was cut
}

// newHub picks the addresses: the page's is the caller's choice, lanes connect
// to one that is free.
func newHub(b *Bench) (*storeHub, error) {
	h := &storeHub{b: b}
	for _, a := range []struct {
		want string
		into *string
	}{{b.o.HubListen, &h.page}, {"127.0.0.1:0", &h.nats}} {
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", a.want)
		if err != nil {
			return nil, fmt.Errorf("workbench: hub: %w", err)
		}
		*a.into = l.Addr().String()
		if err := l.Close(); err != nil {
			return nil, fmt.Errorf("workbench: hub: %w", err)
		}
	}
	return h, nil
}

func (h *storeHub) toml() string { return filepath.Join(h.b.o.Dir, "kassa-hub.toml") }

// config returns the kassa-hub.toml.
func (h *storeHub) config(dir string) string {
	return fmt.Sprintf(`# Written by kassa-sim at every start; change nothing here.
[hub]
store = "0421"
data = %q
listen = %q
timezone = "Europe/Berlin"
show_names = true

[nats]
listen = %q

[shop]
name = "Corner Shop (demo)"
hours = "mon-sat 07:00-22:00"
notes = ["Bags are behind lane 1."]
currency = "EUR"
layout = [["1"]]

[receipts]
address = ["1 Example Street", "12345 Nowhere"]
tax_number = "DE 000 000 000"
%s`, filepath.Join(dir, "hub"), h.page, h.nats, h.call())
}

// call is the hub's section about video and voice calls.
func (h *storeHub) call() string {
	switch h.b.o.Call {
	case "on":
		return "\n[call]\non = true\n"
	case "relay":
		return "\n[call]\non = true\nturn = \"127.0.0.1:0\"\naddress = \"127.0.0.1\"\nrelay = true\n"
	default:
		return ""
	}
}

// laneConfig is the lane's section about its hub.
func (h *storeHub) laneConfig(dir string) string {
	call := ""
	if h.call() != "" {
		call = "[call]\non = true\n\n"
	}
	return fmt.Sprintf("[hub]\nurl = %q\ncredentials = %q\nreceipts = %q\n\n%s", "nats://"+h.nats, filepath.Join(dir, "data", "lane.creds"),
		"http://"+h.page, call)
}

// run keeps the hub running until ctx ends; after a power cut it starts again.
func (h *storeHub) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := h.once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// once runs the hub until its power is cut or ctx ends.
func (h *storeHub) once(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(h.b.o.Dir, "kassa-hub.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("hub's log: %w", err)
	}
	defer log.Close()
	tail := &lastLine{}
	cmd := exec.CommandContext(ctx, h.b.o.Hub, "run", "--config", h.toml()) //nolint:gosec // the user's own choice
	cmd.Stdout, cmd.Stderr = log, &both{log, tail}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endWait
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us; we tell it
	h.mu.Lock()
	if err := cmd.Start(); err != nil {
		h.mu.Unlock()
		return fmt.Errorf("hub: %w", err)
	}
	h.cmd, h.cut = cmd, false
	h.mu.Unlock()
	err = cmd.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cmd = nil
	if !h.cut && ctx.Err() == nil {
		return fmt.Errorf("hub ended by itself (%s): %s", ended(err), tail.text())
	}
	return nil
}

// powerCut kills the hub as it stands; run starts it again at once.
func (h *storeHub) powerCut() error {
	if h == nil {
		return fmt.Errorf("%w: this workbench runs no hub: start it with --hub", ErrNotNow)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd == nil {
		return fmt.Errorf("%w: the hub has no power: it is starting", ErrNotNow)
	}
	h.cut = true
	if err := h.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("power cut: %w", err)
	}
	return nil
}

// prepare makes the store's staff and enrols the lane. Doing it again changes
// nothing.
func (h *storeHub) prepare(ctx context.Context) error {
	if err := h.up(ctx); err != nil {
		return err
	}
	list, err := h.ask(ctx, "", "staff", "list", "--config", h.toml())
	if err != nil {
		return err
	}
	for _, p := range assortment.Staff() {
		if strings.Contains(list, p.Name) {
			continue
		}
		if _, err := h.ask(ctx, p.PIN+"\n"+p.PIN+"\n", "staff", "add", p.Name, "--role", p.Role, "--badge", p.Badge, "--config", h.toml()); err != nil {
			return err
		}
	}
	dir, err := filepath.Abs(h.b.o.Dir)
	if err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "lane.creds")); err == nil {
		return nil // of an earlier start with this folder
	}
	code, err := h.ask(ctx, "", "lane", "add", "1", "--config", h.toml())
	if err != nil {
		return err
	}
	_, err = h.b.lane.run(ctx, "", "enrol", "--config", h.b.configPath(), "http://"+h.page, strings.TrimSpace(code))
	return err
}

// up waits until the hub answers.
func (h *storeHub) up(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.page+"/healthz", nil)
		if err != nil {
			return fmt.Errorf("workbench: hub: %w", err)
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			err = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return err
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("workbench: the hub does not answer on %s: see kassa-hub.log", h.page)
		}
	}
}

// DeviceCode asks the hub for a code that lets a browser show the console.
func (b *Bench) DeviceCode(ctx context.Context) (string, error) {
	if b.hub == nil {
		return "", errors.New("no hub runs here")
	}
	code, err := b.hub.ask(ctx, "", "device", "add", "--config", b.hub.toml())
	return strings.TrimSpace(code), err
}

// HubUp waits until the hub answers.
func (b *Bench) HubUp(ctx context.Context) error { return b.hub.up(ctx) }

// Dir is the workbench's folder.
func (b *Bench) Dir() string { return b.o.Dir }

// HubPage is where the console is, "" without a hub.
func (b *Bench) HubPage() string {
	if b.hub == nil {
		return ""
	}
	return "http://" + b.hub.page + "/"
}

// ask runs one of IT's commands on the hub and returns what it says.
func (h *storeHub) ask(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, h.b.o.Hub, args...) //nolint:gosec // as above
	cmd.Stdin = strings.NewReader(stdin)
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("kassa-hub %s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(says.String()))
	}
	return out.String(), nil
}
