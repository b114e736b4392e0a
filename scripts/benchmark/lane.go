package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"kassa/device/sim"
	"kassa/store/journal"
)

// A far is the far side of a lane: every device simulated, in this process, so
// that the moment of a scan's last byte is known.
type far struct {
	dir     string // kassa.toml and data lie here
	screen  string // host:port
	scanner *sim.LineScanner
	closers []func() error
}

const laneConfig = `[lane]
id = "bench"
store = "0001"
country = "DE"
timezone = "Europe/Berlin"
currency = "EUR"
languages = ["en"]
data = "data"
[shop]
name = "Bench"
[[tax.class]]
id = "A"
name = "19 %%"
rates_ppm = [190000]
[screen]
listen = %q
[staff]
void_sale = "shopper"
[[scanner]]
port = %q
protocol = "lines"
[scale]
port = %q
protocol = "toledo8217"
[bagging]
port = %q
protocol = "toledo8217"
mode = "watch"
[terminal]
port = "tcp://%s"
protocol = "zvt"
[printer]
port = "tcp://%s"
protocol = "escpos"
profile = "epson-80"
[panel]
port = %q
protocol = "lines"
`

// newFar starts the devices, writes kassa.toml and a catalogue of n articles.
func newFar(ctx context.Context, dir string, n int) (f *far, err error) {
	f = &far{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if err := fill(ctx, filepath.Join(dir, "data"), n); err != nil {
		return f, err
	}
	if f.screen, err = freeAddress(ctx); err != nil {
		return f, err
	}
	clock := sim.NewClock(1)
	if f.scanner, err = sim.NewLineScanner(filepath.Join(dir, "scanner"), sim.LineScannerOptions{}); err != nil {
		return f, err
	}
	f.closers = append(f.closers, f.scanner.Close)
	var scales [2]*sim.Toledo
	for i, name := range []string{"scale", "bagging"} {
		if scales[i], err = sim.NewToledo(filepath.Join(dir, name), clock, sim.ToledoOptions{}); err != nil {
			return f, err
		}
		f.closers = append(f.closers, scales[i].Close)
	}
	card, err := sim.NewZVT("127.0.0.1:0", clock, sim.ZVTOptions{})
	if err != nil {
		return f, err
	}
	f.closers = append(f.closers, card.Close)
	paper, err := sim.NewPrinter("127.0.0.1:0", clock, sim.PrinterOptions{})
	if err != nil {
		return f, err
	}
	f.closers = append(f.closers, paper.Close)
	board, err := sim.NewBoard(filepath.Join(dir, "panel"), nil)
	if err != nil {
		return f, err
	}
	f.closers = append(f.closers, board.Close)
	text := fmt.Sprintf(laneConfig, f.screen, f.scanner.Path(), scales[0].Path(), scales[1].Path(), card.Addr(), paper.Addr(), board.Path())
	return f, os.WriteFile(f.config(), []byte(text), 0o600)
}

func (f *far) config() string { return filepath.Join(f.dir, "kassa.toml") }

func (f *far) close() error {
	var errs []error
	for _, c := range f.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// forget makes the system drop what it keeps of a program's file. A linker
// leaves it there in pieces of two megabytes, each of which counts whole as soon
// as one byte of it is used; after a boot it comes back as it is read.
func forget(program string) error {
	f, err := os.Open(program)
	if err != nil {
		return err
	}
	// Only clean pages can go; of a program that runs none do.
	return errors.Join(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close())
}

// A process is a running program that serves HTTP.
type process struct {
	cmd  *exec.Cmd
	url  string
	took time.Duration // from start to the first byte of the page
	log  *os.File
}

// start runs a program and waits for the first byte of its page. What it writes
// goes to a file, as a service's log does.
func start(ctx context.Context, addr, logFile, program string, args ...string) (*process, error) {
	if err := forget(program); err != nil {
		return nil, err
	}
	log, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, program, args...), url: "http://" + addr, log: log}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if err := p.firstByte(ctx, begin.Add(30*time.Second)); err != nil {
		return nil, errors.Join(err, p.stop(), tail(logFile))
	}
	p.took = time.Since(begin)
	return p, nil
}

// firstByte asks for the page until it comes.
func (p *process) firstByte(ctx context.Context, deadline time.Time) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/", http.NoBody)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err == nil {
			one := make([]byte, 1)
			_, err = res.Body.Read(one)
			_ = res.Body.Close() // the first byte is all that was wanted
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer: %w", p.url, err)
		}
		time.Sleep(200 * time.Microsecond)
	}
}

func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	_ = p.cmd.Wait()                          // ended by a signal is how it ends
	return p.log.Close()
}

// tail is the end of a log as an error, to show why a program did not start.
func tail(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return fmt.Errorf("its log ends with: %s", text[max(0, len(text)-500):])
}

// pss is the memory of the process, shared pages divided by who shares them, and
// how much of it are pages of files, such as the program.
func (p *process) pss() (all, files int64, err error) {
	roll, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	found := 0
	for line := range strings.Lines(string(roll)) {
		for name, to := range map[string]*int64{"Pss:": &all, "Pss_File:": &files} {
			kb, ok := strings.CutPrefix(line, name)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kb), " kB"), 10, 64)
			if err != nil {
				return 0, 0, err
			}
			*to = n << 10
			found++
		}
	}
	if found != 2 {
		return 0, 0, fmt.Errorf("smaps_rollup has no Pss and Pss_File")
	}
	return all, files, nil
}

// act touches something on the page.
func (p *process) act(ctx context.Context, act string) error {
	form := url.Values{"act": {act}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/act", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // has nothing
	if res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("touch %s: %s", act, res.Status)
	}
	return nil
}

// untilReady waits until the log says that the lane is ready.
func untilReady(ctx context.Context, log string) error {
	return until(ctx, func() (bool, error) {
		text, err := os.ReadFile(log)
		return strings.Contains(string(text), `"msg":"ready"`), err
	})
}

func until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("waited for too long")
		}
	}
}

// footprint is P5 and P6: memory and start of the lane against the floor.
func footprint(ctx context.Context, o options, _ io.Writer) ([]row, error) {
	const starts, articles = 11, 100_000
	dir := filepath.Join(o.dir, "p5")
	f, err := newFar(ctx, dir, articles)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.close() }() // all is measured
	floorAt, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	var lane, floor, laneMemory, floorMemory []time.Duration
	var mapped, floorMapped int64 // of the PSS: pages of the program's file
	for i := range starts {
		took, bytes, code, err := f.once(ctx, filepath.Join(o.bin, "kassa"), i == starts-1)
		if err != nil {
			return nil, fmt.Errorf("kassa: %w", err)
		}
		mapped = code
		lane, laneMemory = append(lane, took), append(laneMemory, bytes)
		p, err := start(ctx, floorAt, filepath.Join(dir, "floor.log"), filepath.Join(o.bin, "floor"), filepath.Join(dir, "floor.db"), floorAt)
		if err != nil {
			return nil, fmt.Errorf("floor: %w", err)
		}
		pss, code, err := p.pss()
		floorMapped = code
		floor, floorMemory = append(floor, p.took), append(floorMemory, time.Duration(pss))
		if err := errors.Join(err, p.stop()); err != nil {
			return nil, err
		}
	}
	mb := func(d time.Duration) float64 { return float64(d) / (1 << 20) }
	most := laneMemory[len(laneMemory)-1] // after a basket
	base := quantile(floorMemory, 0.5)
	a, b := quantile(lane, 0.5), quantile(floor, 0.5)
	return []row{
		{
			id: "P5", what: "memory (PSS) of kassa with 100,000 articles / floor", got: ratio(most, base), limit: 2.5, unit: "x",
			basis: fmt.Sprintf("%.1f / %.1f MB", mb(most), mb(base)),
			because: fmt.Sprintf("pages of files, the program's nearly all, are %.1f / %.1f MB of it",
				mb(time.Duration(mapped)), mb(time.Duration(floorMapped))),
		},
		{
			id: "P6", what: "start to first commit and page byte / floor", got: ratio(a, b), limit: 8, unit: "x",
			basis: fmt.Sprintf("%v / %v", a.Round(time.Millisecond/10), b.Round(time.Millisecond/10)),
		},
	}, nil
}

// once starts the lane and says what it took until its page answered and its
// first record was on the disk, and what memory it has, pages of files by
// themselves too. With busy a basket is filled before memory is looked at.
func (f *far) once(ctx context.Context, program string, busy bool) (took, memory time.Duration, files int64, err error) {
	before, err := f.head(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	log := filepath.Join(f.dir, "kassa.log")
	begin := time.Now()
	p, err := start(ctx, f.screen, log, program, "run", "--config", f.config())
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	for after := before; after == before; { // the page does not wait for the record
		if after, err = f.head(ctx); err != nil {
			return 0, 0, 0, err
		}
	}
	took = time.Since(begin)
	if busy {
		if err := f.shop(ctx, p, log); err != nil {
			return 0, 0, 0, err
		}
	}
	pss, files, err := p.pss()
	return took, time.Duration(pss), files, err
}

// head is the number of the journal's newest record, 0 without a journal.
func (f *far) head(ctx context.Context) (int64, error) {
	data := filepath.Join(f.dir, "data")
	if _, err := os.Stat(filepath.Join(data, journal.FileName)); err != nil {
		return 0, nil //nolint:nilerr // there is none before the first start
	}
	r, err := journal.OpenReader(ctx, data)
	if err != nil {
		return 0, err
	}
	head, err := r.Head(ctx)
	return head.Seq, errors.Join(err, r.Close())
}

// shop scans twenty articles, so that memory is that of a lane at work.
func (f *far) shop(ctx context.Context, p *process, log string) error {
	if err := untilReady(ctx, log); err != nil {
		return err
	}
	if err := untilOpen(ctx, p, f); err != nil {
		return err
	}
	for i := range 20 {
		before, err := f.head(ctx)
		if err != nil {
			return err
		}
		if err := f.scanner.Scan(gtin(i * 997)); err != nil {
			return err
		}
		if err := until(ctx, func() (bool, error) {
			after, err := f.head(ctx)
			return after > before, err
		}); err != nil {
			return fmt.Errorf("scan %d: %w", i, err)
		}
	}
	return p.act(ctx, "void-sale")
}
