package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kassa/cmd/kassa-sim/play"
	"kassa/kiosk/config"
)

type playCmd struct {
	File  string `arg:"" help:"The script."`
	Dir   string `help:"Folder of the running workbench." default:"${dir}" type:"path"`
	Speed int    `help:"Divides waits and pauses." default:"1"`
	Kassa string `help:"The kassa binary that exports; without it the one beside this program, else the one in PATH."`
	Kills uint64 `help:"Cut the lane's power at random moments drawn from this seed; the workbench must run the lane. 0: leave the power on."`
	Count int    `help:"With --kills: play trip after trip until the power was cut so often." default:"3"`
	Debug bool   `help:"With --kills: say what was seen after each cut and where the trip goes on."`
	Quiet bool   `help:"Do not print each line as it is played."`
}

// Run plays the script.
func (c *playCmd) Run(ctx context.Context, out io.Writer, log *slog.Logger) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("%w: kassa-sim: %w", errUsage, err)
	}
	steps, err := play.Parse(c.File, string(text))
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if c.Speed < 1 || c.Count < 1 {
		return fmt.Errorf("%w: kassa-sim: --speed and --count are at least 1", errUsage)
	}
	world, err := c.world(ctx)
	if err != nil {
		return fmt.Errorf("kassa-sim: %w", err)
	}
	p := &play.Player{Name: c.File, Steps: steps, World: world, Speed: c.Speed}
	if !c.Quiet {
		p.Say = func(s play.Step) { tell(out, "%4d  %s\n", s.Line, s.Text) }
	}
	if c.Kills != 0 {
		if c.Debug {
			log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
		return (&play.Campaign{Player: p, Seed: c.Kills, Cuts: c.Count, Log: log}).Run(ctx)
	}
	return p.Play(ctx)
}

// world finds workbench, lane and kassa binary.
func (c *playCmd) world(ctx context.Context) (*play.Real, error) {
	toml := filepath.Join(c.Dir, "kassa.toml")
	bench, err := c.benchURL(ctx)
	if err != nil {
		return nil, err
	}
	lane, err := config.Load(toml)
	if err != nil {
		return nil, err
	}
	return &play.Real{
		BenchURL: bench, LaneURL: "http://" + lane.Screen.Listen,
		Kassa: c.kassa(), Config: toml, Client: &http.Client{},
	}, nil
}

// benchURL reads where the workbench is, and waits for one that is starting.
// Where it has not even written its files, it hardly is.
func (c *playCmd) benchURL(ctx context.Context) (string, error) {
	wait := startWait
	if _, err := os.Stat(filepath.Join(c.Dir, "kassa.toml")); errors.Is(err, fs.ErrNotExist) {
		wait = newWait
	}
	deadline := time.Now().Add(wait)
	for {
		url, err := os.ReadFile(filepath.Join(c.Dir, addressFile))
		if err == nil {
			return strings.TrimSpace(string(url)), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || time.Now().After(deadline) {
			return "", fmt.Errorf("no workbench runs in %s: start one with kassa-sim run --dir %s: %w", c.Dir, c.Dir, err)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func (c *playCmd) kassa() string {
	if c.Kassa != "" {
		return c.Kassa
	}
	if own, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(own), "kassa")
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	if path, err := exec.LookPath("kassa"); err == nil {
		return path
	}
	return "kassa"
}
