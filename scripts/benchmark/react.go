package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kassa/store/journal"
)

const (
	scans      = 200
	basketSize = 15                      // a real basket; the page grows with it
	wireChars  = 17                      // an EAN-13 with prefix, CR and LF is 16 to 18
	charTime   = 10 * time.Second / 9600 // 10 bits each at 9600 baud
	frame      = time.Second / 60
)

// A push is one message on the page's stream.
type push struct {
	at   time.Time
	text string
}

// follow reads the page's stream until ctx ends.
func (p *process) follow(ctx context.Context) (<-chan push, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/events", http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req) //nolint:bodyclose // closed by who reads it, below
	if err != nil {
		return nil, err
	}
	pushes := make(chan push, 256)
	go func() {
		defer close(pushes)
		defer func() { _ = res.Body.Close() }() // the stream is over
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 8<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && data != "" {
				select {
				case pushes <- push{time.Now(), data}:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return pushes, nil
}

// untilOpen waits until a shopper can start and the scanner is up.
func untilOpen(ctx context.Context, p *process, f *far) error {
	err := until(ctx, func() (bool, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/healthz", http.NoBody)
		if err != nil {
			return false, err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false, err
		}
		defer func() { _ = res.Body.Close() }() // was read
		var health struct {
			OK      bool
			Devices []struct{ Up bool }
		}
		if err := json.NewDecoder(res.Body).Decode(&health); err != nil {
			return false, err
		}
		for _, d := range health.Devices {
			health.OK = health.OK && d.Up
		}
		return health.OK, nil
	})
	if err != nil {
		return fmt.Errorf("the lane does not open: %w", errors.Join(err, tail(filepath.Join(f.dir, "kassa.log"))))
	}
	return nil
}

// reaction is P2 and P3: what a shopper waits for after the beep.
func reaction(ctx context.Context, o options, progress io.Writer) ([]row, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	f, err := newFar(ctx, filepath.Join(o.dir, "p2"), 1000)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.close() }() // all is measured
	log := filepath.Join(f.dir, "kassa.log")
	p, err := start(ctx, f.screen, log, filepath.Join(o.bin, "kassa"), "run", "--config", f.config())
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.stop() }() // all is measured
	if err := errors.Join(untilReady(ctx, log), untilOpen(ctx, p, f)); err != nil {
		return nil, err
	}
	bare, err := newBareWriter(filepath.Join(f.dir, "bare"), walFrame)
	if err != nil {
		return nil, err
	}
	defer func() { _ = bare.file.Close() }() // only the times count
	times, err := f.scanAll(ctx, p, bare)
	if err != nil {
		return nil, err
	}
	rows := times.rows()
	painted, err := f.paints(ctx, p, progress)
	if err != nil {
		return rows, fmt.Errorf("P3: %w", err)
	}
	if painted != nil {
		rows = append(rows, row{
			id: "P3", what: "last byte to after paint, p95", got: float64(quantile(painted, 0.95)) / float64(time.Millisecond),
			limit: float64(2*frame) / float64(time.Millisecond), unit: " ms", basis: fmt.Sprintf("2 frames; median %v", quantile(painted, 0.5)),
		})
	}
	return rows, nil
}

// walFrame is the least that a commit writes: one page of the log with its header.
const walFrame = 4096 + 24

// reactions are the times of scans.
type reactions struct {
	socket []time.Duration // last byte to the page's socket
	both   []time.Duration // the same, and on the disk
	bare   []time.Duration // write and flush, nothing else
}

func (r reactions) rows() []row {
	limit := quantile(r.bare, 0.99)*13/10 + 500*time.Microsecond
	wire := wireChars * charTime
	share := quantile(r.socket, 0.95)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return []row{
		{
			id: "P2", what: "last byte to durable and pushed, p99", got: ms(quantile(r.both, 0.99)), limit: ms(limit), unit: " ms",
			basis: fmt.Sprintf("1.3 x %v of bare write and flush + 0.5 ms; median %v",
				quantile(r.bare, 0.99).Round(time.Microsecond), quantile(r.both, 0.5).Round(time.Microsecond)),
		},
		{
			id: "P3", what: "software's share of the wire's time at 9600 baud, p95", got: 100 * ratio(share, wire), limit: 15, unit: " %",
			basis: fmt.Sprintf("%v of %v", share.Round(time.Microsecond), wire.Round(time.Millisecond/10)),
		},
	}
}

// scanAll scans articles, basket by basket, and flushes a file in between.
func (f *far) scanAll(ctx context.Context, p *process, bare *bareWriter) (r reactions, err error) {
	pushes, err := p.follow(ctx)
	if err != nil {
		return r, err
	}
	reader, err := journal.OpenReader(ctx, filepath.Join(f.dir, "data"))
	if err != nil {
		return r, err
	}
	defer func() { _ = reader.Close() }() // was only read
	for i := range scans {
		if i%basketSize == 0 {
			if err := f.newBasket(ctx, p, i > 0); err != nil {
				return r, err
			}
			quiet(pushes)
		}
		socket, both, err := f.scan(ctx, gtin(i*4%1000), pushes, reader)
		if err != nil {
			return r, fmt.Errorf("scan %d: %w", i, err)
		}
		b, err := timed(1, bare.put)
		if err != nil {
			return r, err
		}
		r.socket, r.both, r.bare = append(r.socket, socket), append(r.both, both), append(r.bare, b...)
		quiet(pushes)
	}
	return r, nil
}

// newBasket ends the basket there is and begins another.
func (f *far) newBasket(ctx context.Context, p *process, running bool) error {
	if running {
		if err := p.act(ctx, "void-sale"); err != nil {
			return err
		}
	}
	return untilOpen(ctx, p, f)
}

// quiet waits until the page hears nothing for a moment.
func quiet(pushes <-chan push) {
	for {
		select {
		case _, open := <-pushes:
			if !open {
				return
			}
		case <-time.After(30 * time.Millisecond):
			return
		}
	}
}

// scan scans one article and waits until the page has heard of it and the
// journal has it on the disk.
func (f *far) scan(ctx context.Context, code string, pushes <-chan push, reader *journal.Reader) (socket, both time.Duration, err error) {
	head, err := reader.Head(ctx)
	if err != nil {
		return 0, 0, err
	}
	durable := make(chan time.Time, 1)
	failed := make(chan error, 1)
	watching, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	begin := time.Now()
	if err := f.scanner.Scan(code); err != nil {
		return 0, 0, err
	}
	go func() {
		for {
			now, err := reader.Head(watching)
			if err != nil {
				failed <- errors.Join(err, tail(filepath.Join(f.dir, "kassa.log")))
				return
			}
			if now.Seq > head.Seq {
				durable <- time.Now()
				return
			}
			time.Sleep(30 * time.Microsecond)
		}
	}()
	var written time.Time
	for socket == 0 || written.IsZero() {
		select {
		case m := <-pushes:
			if socket == 0 && strings.Contains(m.text, `0`+code) {
				socket = m.at.Sub(begin)
			}
		case written = <-durable:
		case err := <-failed:
			return 0, 0, err
		}
	}
	return socket, max(socket, written.Sub(begin)), nil
}

// paints asks Chromium when a scan is on the glass. Without the browser tests'
// packages it says so and measures nothing.
func (f *far) paints(ctx context.Context, p *process, progress io.Writer) ([]time.Duration, error) {
	if _, err := os.Stat("scripts/browser/node_modules/playwright-core"); err != nil {
		_, _ = fmt.Fprintln(progress, "  P3 needs a browser: (cd scripts/browser && npm ci)")
		return nil, nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, "node", "scripts/benchmark/paint.mjs", p.url+"/")
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { stop(); _ = cmd.Wait() }() // it ends when it is told to
	lines := bufio.NewScanner(out)
	for lines.Text() != "ready" { // before it come the lines of the basket that is there
		if !lines.Scan() {
			return nil, errors.New("the browser does not show the page")
		}
	}
	var took []time.Duration
	for i := range scans {
		if i%basketSize == 0 {
			if err := f.newBasket(ctx, p, true); err != nil {
				return nil, err
			}
			time.Sleep(300 * time.Millisecond) // the page settles
		}
		code := gtin((i*4 + 1) % 1000)
		begin := time.Now()
		if err := f.scanner.Scan(code); err != nil {
			return nil, err
		}
		at, err := painted(lines, "0"+code)
		if err != nil {
			return nil, fmt.Errorf("scan %d: %w", i, err)
		}
		took = append(took, at.Sub(begin))
		time.Sleep(time.Duration(40+i%17) * time.Millisecond) // not in step with the frames
	}
	return took, nil
}

// painted reads until the browser says that the line of code was painted.
func painted(lines *bufio.Scanner, code string) (time.Time, error) {
	for lines.Scan() {
		var m struct {
			GTIN string  `json:"gtin"`
			At   float64 `json:"at"` // milliseconds since 1970
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return time.Time{}, err
		}
		if m.GTIN == code {
			return time.UnixMicro(int64(m.At * 1000)), nil
		}
	}
	return time.Time{}, errors.Join(errors.New("the browser has ended"), lines.Err())
}
