// Package app is the frame that kassa's programs share: from the arguments to
// an exit code, and how a list is printed. It is not for what a command does;
// that lies beside its main. Its one rule: 0 done, 1 what was asked failed, 2
// it was asked wrongly, and one line says which.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

// ErrUsage marks wrong usage, which exits 2.
var ErrUsage = errors.New("usage")

// A Program is a name and its commands.
type Program struct {
	Name     string
	About    string        // one line
	Commands any           // pointer to the struct that kong fills in
	More     []kong.Option // what only this program has
}

// Main does what the process was asked for and ends it. Ctrl-C and SIGTERM end
// the context that commands get.
func (p Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := p.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// Run parses args, does the command and returns the exit code: 0 done, or
// stopped because ctx ended; 1 what was asked failed; 2 wrong usage.
func (p Program) Run(ctx context.Context, args []string) int {
	exited := -1
	parser, err := kong.New(p.Commands, append([]kong.Option{
		kong.Name(p.Name),
		kong.Description(p.About),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	}, p.More...)...)
	if err != nil {
		return p.fail(2, err)
	}
	chosen, err := parser.Parse(args)
	if exited >= 0 {
		return exited // help was asked for
	}
	if err != nil {
		return p.fail(2, fmt.Errorf("%w: see %s --help", err, p.Name))
	}
	switch err := chosen.Run(); {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	case errors.Is(err, ErrUsage):
		return p.fail(2, err)
	default:
		return p.fail(1, err)
	}
}

func (p Program) fail(code int, err error) int {
	fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
	return code
}

// Table prints all: as a table below head, whose columns are cut by tabs, or
// with asJSON as one JSON object a line. A row has as many cells as head.
func Table[T any](out io.Writer, asJSON bool, all []T, head string, row func(T) []string) error {
	if asJSON {
		enc := json.NewEncoder(out)
		for _, one := range all {
			if err := enc.Encode(one); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, head) // Flush tells
	for _, one := range all {
		_, _ = fmt.Fprintln(t, strings.Join(row(one), "\t"))
	}
	return t.Flush()
}

// Printable takes everything out of text that a terminal would obey.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
