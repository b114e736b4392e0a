package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"kassa/device/panel"
	"kassa/device/printer"
	"kassa/device/scale"
	"kassa/device/scanner"
	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/web"
	"kassa/kiosk/words"
)

// How long a device is asked. The slowest connection attempt takes 3 s.
const (
	askFor    = 5 * time.Second
	laneFor   = 3 * time.Second
	statusFor = 2 * time.Second // a printer that tells nothing about itself is waited for no longer
)

// A candidate is one device to ask: what kassa.toml says of it, and a lane that
// has nothing else.
type candidate struct {
	device         flow.Device
	port, protocol string
	where          config.Port
	alone          *config.Lane
}

// candidates takes the lane apart, so that the same constructors make each
// device by itself and one that cannot be made says so in its own row.
func candidates(cfg *config.Lane) []candidate {
	bare := func() *config.Lane {
		l := *cfg
		l.Scanners, l.Scale, l.Bagging, l.Terminal, l.Printer, l.Panel, l.Cash = nil, nil, nil, nil, nil, nil, nil
		return &l
	}
	var all []candidate
	add := func(device flow.Device, port config.Port, protocol string, set func(*config.Lane)) {
		l := bare()
		if port.Kind == config.PortScanner {
			l.Scanners = cfg.Scanners[:min(1, len(cfg.Scanners))]
		}
		set(l)
		all = append(all, candidate{device, port.String(), protocol, port, l})
	}
	for _, s := range cfg.Scanners {
		add(flow.DeviceScanner, s.Port, s.Protocol, func(l *config.Lane) { l.Scanners = []config.Scanner{s} })
	}
	if s := cfg.Scale; s != nil {
		add(flow.DeviceScale, s.Port, s.Protocol, func(l *config.Lane) { l.Scale = s })
	}
	if b := cfg.Bagging; b != nil {
		add(flow.DeviceBagging, b.Port, b.Protocol, func(l *config.Lane) { l.Bagging = b })
	}
	if t := cfg.Terminal; t != nil {
		add(flow.DeviceTerminal, t.Port, t.Protocol, func(l *config.Lane) { l.Terminal = t })
	}
	if m := cfg.Cash; m != nil {
		l := bare()
		l.Cash = m
		all = append(all, candidate{flow.DeviceCash, m.URL, m.Protocol, config.Port{Kind: config.PortTCP}, l})
	}
	if p := cfg.Printer; p != nil {
		add(flow.DevicePrinter, p.Port, p.Protocol, func(l *config.Lane) { l.Printer = p })
	}
	if p := cfg.Panel; p != nil {
		add(flow.DevicePanel, p.Port, p.Protocol, func(l *config.Lane) { l.Panel = p })
	}
	return all
}

// askDevices opens every device at once and waits for what each has to say. A
// scale on the scanner's line is asked when the scanner has let go of it.
func askDevices(ctx context.Context, cfg *config.Lane, book *words.Book) []deviceCheck {
	all := candidates(cfg)
	checks := make([]deviceCheck, len(all))
	ask := func(i int) {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		checks[i].OK, checks[i].Answer = all[i].ask(ctx, book)
	}
	var wg sync.WaitGroup
	for i, c := range all {
		checks[i] = deviceCheck{Device: string(c.device), Port: c.port, Protocol: c.protocol}
		if c.where.Kind != config.PortScanner {
			wg.Go(func() { ask(i) })
		}
	}
	wg.Wait()
	for i, c := range all {
		if c.where.Kind == config.PortScanner {
			ask(i)
		}
	}
	return checks
}

// ask opens one device.
func (c candidate) ask(ctx context.Context, book *words.Book) (ok bool, answer string) {
	d, err := newDevices(c.alone, book, slog.New(slog.DiscardHandler))
	if err != nil {
		return false, err.Error()
	}
	defer d.holdShared(ctx, c.where)()
	switch c.device {
	case flow.DeviceScanner:
		ok, answer = d.askScanner(ctx)
	case flow.DeviceScale:
		ok, answer = d.askScale(ctx, d.scale)
	case flow.DeviceBagging:
		ok, answer = d.askScale(ctx, d.bagging)
	case flow.DeviceTerminal:
		if ok, answer = d.askTerminal(ctx); ok && answer == "" {
			answer = "ready"
		}
	case flow.DeviceCash:
		if ok, answer = d.askCash(ctx); ok && answer == "" {
			answer = "ready"
		}
	case flow.DevicePrinter:
		ok, answer = d.askPrinter(ctx, d.printer)
	case flow.DevicePanel:
		ok, answer = d.untilUp(ctx, func(ctx context.Context) error {
			return d.panel.Run(ctx, func(panel.Input) {})
		})
	default:
		answer = "kassa check does not know how to ask it"
	}
	if !ok {
		answer = remedy(c.where, answer)
	}
	return ok, answer
}

// askScanner opens a scanner. None can be asked anything on a plain line.
func (d *devices) askScanner(ctx context.Context) (ok bool, answer string) {
	ok, answer = d.untilUp(ctx, func(ctx context.Context) error {
		return d.scanners[0].Run(ctx, func(scanner.Scan) {})
	})
	if ok {
		answer = "port is open; a scanner cannot be asked: scan something on the lane to be sure"
	}
	return ok, answer
}

// untilUp runs a driver until it reports its device up, or ctx ends; then the
// answer is the last reason it gave.
func (d *devices) untilUp(ctx context.Context, run func(context.Context) error) (ok bool, answer string) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	defer func() {
		stop()
		<-ended //nolint:errcheck // being told to stop is all it can say
	}()
	answer = "no answer"
	for {
		select {
		case n := <-d.news:
			if n.up {
				return true, "answers"
			}
			answer = n.why
		case err := <-ended:
			ended <- err
			if ctx.Err() == nil && err != nil {
				answer = err.Error()
			}
			return false, answer
		}
	}
}

// askScale waits for a reading that is not silence.
func (d *devices) askScale(ctx context.Context, s *scale.Scale) (ok bool, answer string) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	answer = "no answer"
	_ = s.Run(ctx, func(r scale.Reading) {
		switch {
		case ok: // one is enough
		case r.State == scale.Silent || r.State == scale.Fault:
			if r.Err != nil && ctx.Err() == nil {
				answer = r.Err.Error()
			}
			return
		case r.State == scale.Stable || r.State == scale.Zero:
			ok, answer = true, fmt.Sprintf("%s, shows %s %s", r.State, r.Shown, r.Shown.Unit)
		default:
			ok, answer = true, r.State.String()
		}
		stop()
	}) // ends with ctx, and the readings said the rest
	return ok, answer
}

// askPrinter waits for a printer to be there, and then a little for what it
// says about its paper.
func (d *devices) askPrinter(ctx context.Context, p *printer.Printer) (ok bool, answer string) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = p.Run(ctx) }() // ends with ctx; its status says the rest
	defer func() { stop(); <-ended }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	answer = "no answer"
	var since time.Time
	for {
		switch s := p.Status(); {
		case !s.Connected:
			since = time.Time{}
		case s.Known && s.Err() != nil:
			return true, s.Err().Error()
		case s.Known:
			return true, "paper " + s.Paper.String()
		case since.IsZero():
			since = time.Now()
		case time.Since(since) > statusFor:
			return true, "connected; it says nothing about its paper"
		}
		select {
		case n := <-d.news:
			if !n.up {
				answer = n.why
			}
		case <-tick.C:
		case <-ctx.Done():
			return false, answer
		}
	}
}

// remedy adds to a failure what a person can do about it.
func remedy(port config.Port, why string) string {
	if port.Kind != config.PortDevice {
		return why
	}
	_, err := os.Stat(port.Addr)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		dir := "/dev/serial/by-id"
		if !strings.HasPrefix(port.Addr, "/dev/serial") && !strings.HasPrefix(port.Addr, "/dev/tty") {
			dir = filepath.Dir(port.Addr)
		}
		return why + ": ls -l " + dir + " shows what is plugged in"
	case unix.Access(port.Addr, unix.R_OK|unix.W_OK) != nil:
		return why + ": this user may not open it: see its group with ls -l " + port.Addr
	default:
		return why
	}
}

// askLane asks a running lane over its page: its devices are open there, and a
// second reader would take bytes from it.
func askLane(ctx context.Context, cfg *config.Lane) []deviceCheck {
	health, err := laneHealth(ctx, cfg.Screen.Listen)
	var checks []deviceCheck
	for _, c := range candidates(cfg) {
		d := deviceCheck{Device: string(c.device), Port: c.port, Protocol: c.protocol, Answer: "the running lane does not know it"}
		if err != nil {
			d.Answer = fmt.Sprintf("busy: the running lane holds it and does not answer: %v", err)
		}
		for _, known := range health.Devices {
			if known.Device == c.device {
				d.OK, d.Answer = known.Up, known.Why
			}
		}
		if d.OK && d.Answer == "" {
			d.Answer = "busy: the running lane has it, and it answers"
		}
		checks = append(checks, d)
	}
	return checks
}

func laneHealth(ctx context.Context, listen string) (h web.Health, err error) {
	ctx, cancel := context.WithTimeout(ctx, laneFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/healthz", http.NoBody)
	if err != nil {
		return h, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return h, err
	}
	defer func() { _ = res.Body.Close() }() // was only read
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusServiceUnavailable {
		return h, fmt.Errorf("its page answers %s", res.Status)
	}
	err = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&h)
	return h, err
}
