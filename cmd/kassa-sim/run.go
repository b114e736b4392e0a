package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"kassa/cmd/kassa-sim/workbench"
)

type runCmd struct {
	Dir    string `help:"Folder for kassa.toml, catalogue and device links." default:"${dir}" type:"path"`
	Listen string `help:"Where the workbench's page is served." default:"127.0.0.1:8090"`
	Screen string `help:"Where the lane is told to serve the shopper's page." default:"127.0.0.1:8080"`
	Speed  int    `help:"So many times as fast as real time." default:"1"`
	Kassa  string `help:"Also run the lane, with this kassa binary: only then can the power be cut." type:"path"`
	Seed   uint64 `help:"Of weights and noise." default:"1"`

	Hub       string `help:"Also run the store's hub, with this kassa-hub binary." type:"path"`
	Call      string `help:"Video and voice calls at lane and hub: off, on, or relay, all of it through the hub's TURN server." enum:"off,on,relay" default:"off"`
	HubListen string `help:"Where the hub serves the attendants' console." default:"127.0.0.1:8443"`

	Terminal string `help:"What the card terminal speaks: ${enum}." enum:"zvt,nexo" default:"zvt"`
}

func defaultDir() string { return filepath.Join(os.TempDir(), "kassa-sim") }

// addressFile is where, in the folder, the page's address stands for play.
const addressFile = "workbench.url"

// Run serves the workbench until ctx ends.
func (c *runCmd) Run(ctx context.Context, log *slog.Logger, out io.Writer) error {
	if c.Speed < 1 || c.Speed > 100 {
		return fmt.Errorf("%w: kassa-sim: --speed is %d, want 1 to 100", errUsage, c.Speed)
	}
	page, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	defer page.Close() //nolint:errcheck // at the end of all
	frame, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer frame.Close() //nolint:errcheck // at the end of all
	screen, err := freeAddress(ctx, c.Screen)
	if err != nil {
		return err
	}
	bench, err := workbench.New(workbench.Options{
		Dir: c.Dir, Speed: c.Speed, Screen: screen, Kassa: c.Kassa, Seed: c.Seed, Log: log,
		Terminal: c.Terminal, Hub: c.Hub, HubListen: c.HubListen, Call: c.Call,
	})
	if err != nil {
		return fmt.Errorf("kassa-sim: %w", err)
	}
	err = c.serve(ctx, log, out, bench, page, frame)
	return errors.Join(err, bench.Close())
}

func (c *runCmd) serve(ctx context.Context, log *slog.Logger, out io.Writer, bench *workbench.Bench, page, frame net.Listener) error {
	url := "http://" + page.Addr().String()
	server, err := workbench.NewServer(bench, "http://"+frame.Addr().String()+"/")
	if err != nil {
		return fmt.Errorf("kassa-sim: %w", err)
	}
	address := filepath.Join(c.Dir, addressFile)
	if err := os.WriteFile(address, []byte(url+"\n"), 0o600); err != nil {
		return fmt.Errorf("kassa-sim: %w", err)
	}
	defer os.Remove(address)                           //nolint:errcheck // a leftover is only a wrong address
	defer os.Remove(filepath.Join(c.Dir, consoleFile)) //nolint:errcheck // as above
	laneURL := bench.State().Lane.URL
	tell(out, "workbench       %s/\nshopper's page  %s\nconfiguration   %s\n", url, laneURL, filepath.Join(c.Dir, "kassa.toml"))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return bench.RunHub(ctx) })
	g.Go(func() error { return workbench.Serve(ctx, page, server) })
	g.Go(func() error {
		return workbench.Serve(ctx, frame, workbench.NewLanePage(laneURL[len("http://"):len(laneURL)-1], url, log))
	})
	g.Go(func() error { return bench.RunLane(ctx) })
	if console := bench.HubPage(); console != "" {
		g.Go(func() error { return tellConsole(ctx, out, bench, console) })
	}
	return g.Wait()
}

// consoleFile is where, in the folder, the console's address and a code for a
// browser stand.
const consoleFile = "console.url"

// tellConsole says where the attendants' console is and how to get in, as soon
// as the hub answers.
func tellConsole(ctx context.Context, out io.Writer, bench *workbench.Bench, console string) error {
	if err := bench.HubUp(ctx); err != nil {
		return err
	}
	code, err := bench.DeviceCode(ctx)
	if err != nil {
		return err
	}
	tell(out, "console         %sdevice  code %s, then Amina with PIN 284915\nreports         %sreports\n", console, code, console)
	return os.WriteFile(filepath.Join(bench.Dir(), consoleFile), []byte(console+"\n"+code+"\n"), 0o600)
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("kassa-sim: %w: choose another address with --listen", err)
	}
	return ln, nil
}

// freeAddress turns port 0 into one that is free now: the lane's page must keep
// its address when the lane starts again.
func freeAddress(ctx context.Context, addr string) (string, error) {
	if _, port, err := net.SplitHostPort(addr); err != nil || port != "0" {
		if err != nil {
			return "", fmt.Errorf("%w: kassa-sim: --screen is %q, want host:port", errUsage, addr)
		}
		return addr, nil
	}
	ln, err := listen(ctx, addr)
	if err != nil {
		return "", err
	}
	defer ln.Close() //nolint:errcheck // at the end of all
	return ln.Addr().String(), nil
}

// startWait is how long play waits for a workbench that is starting.
const startWait = 20 * time.Second

// newWait is how long it waits where there is no trace of one yet.
const newWait = 700 * time.Millisecond
