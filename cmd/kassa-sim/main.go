// Command kassa-sim is the workbench: a lane with every peripheral simulated,
// to play by hand (run) or by script (play). It is the only program that links
// package device/sim, and no part of what a shop installs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	Run  runCmd  `cmd:"" help:"Start the workbench: all devices, their kassa.toml and a page to play with. Example: kassa-sim run --kassa ./kassa"`
	Play playCmd `cmd:"" help:"Play a script against a running workbench and lane. Example: kassa-sim play scripts/play/first-shop.txt"`
}

// Exit codes, as in the contract with scripts.
const (
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks what is wrong with what was asked for.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program, without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var c cli
	var helped bool
	parser, err := kong.New(&c, kong.Name("kassa-sim"),
		kong.Description("The workbench: a lane with every peripheral simulated."),
		kong.Writers(out, errs), kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"dir": defaultDir()})
	if err != nil {
		tell(errs, "kassa-sim: %v\n", err)
		return exitFailed
	}
	chosen, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		tell(errs, "kassa-sim: %v: see kassa-sim --help\n", err)
		return exitUsage
	}
	log := slog.New(slog.NewTextHandler(errs, nil))
	chosen.BindTo(ctx, (*context.Context)(nil))
	chosen.BindTo(out, (*io.Writer)(nil))
	err = chosen.Run(log)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		tell(errs, "%s\n", err.Error()[len(errUsage.Error())+2:])
		return exitUsage
	default:
		tell(errs, "%v\n", err)
		return exitFailed
	}
}

// tell writes to a person. One who closed the pipe is not told.
func tell(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}
