// Command kassa-hq is head office: it collects the journals of all stores into
// PostgreSQL, each row once, and says whether they are whole.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is every command of kassa-hq. Each has its own file.
type cli struct {
	Run    runCmd    `cmd:"" help:"Collect.  kassa-hq run --config /etc/kassa/kassa-hq.toml"`
	Verify verifyCmd `cmd:"" help:"Check that no lane's record was changed.  kassa-hq verify --config kassa-hq.toml"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run parses args, does the command and returns the exit code: 0 done, 1 what
// was asked failed, 2 wrong usage.
func run(ctx context.Context, args []string) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("kassa-hq"),
		kong.Description("Head office: the journals of all stores in PostgreSQL."),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "kassa-hq:", err)
		return 2
	}
	kctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited // help was asked for
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "kassa-hq: %v: see kassa-hq --help\n", err)
		return 2
	}
	if err := kctx.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "kassa-hq:", err)
		return 1
	}
	return 0
}
