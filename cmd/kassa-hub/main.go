// Command kassa-hub runs one store's hub, and is store IT's hand on it: lanes,
// staff, members, who is asked for help when, and whether the lanes' logs are
// whole.
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

// cli is every command of kassa-hub. Each has its own file.
type cli struct {
	Run         runCmd         `cmd:"" help:"Run the hub.  kassa-hub run --config /etc/kassa/kassa-hub.toml"`
	Lane        laneCmd        `cmd:"" help:"The store's lanes.  kassa-hub lane add 7 --config kassa-hub.toml"`
	Device      deviceCmd      `cmd:"" help:"Phones and PCs that show the console.  kassa-hub device add --config kassa-hub.toml"`
	Staff       staffCmd       `cmd:"" help:"Who works here.  kassa-hub staff add Amina --role attendant --config kassa-hub.toml"`
	Members     membersCmd     `cmd:"" help:"The shop's members.  kassa-hub members import members.csv --config kassa-hub.toml"`
	Policy      policyCmd      `cmd:"" help:"Who is asked for help when.  kassa-hub policy simulate --at 2026-11-22T03:00 --config kassa-hub.toml"`
	Verify      verifyCmd      `cmd:"" help:"Check that no lane's record was changed.  kassa-hub verify --config kassa-hub.toml"`
	Credentials credentialsCmd `cmd:"" help:"Credentials for head office.  kassa-hub credentials hq --config kassa-hub.toml"`
}

// errUsage marks wrong usage, which exits 2.
var errUsage = errors.New("usage")

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
	options := []kong.Option{
		kong.Name("kassa-hub"),
		kong.Description("A store's hub: help, lanes, logs."),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	}
	parser, err := kong.New(&c, append(options, more()...)...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kassa-hub:", err)
		return 2
	}
	kctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited // help was asked for
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "kassa-hub: %v: see kassa-hub --help\n", err)
		return 2
	}
	switch err := kctx.Run(); {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "kassa-hub:", err)
		return 2
	default:
		fmt.Fprintln(os.Stderr, "kassa-hub:", err)
		return 1
	}
}
