// Command kassa-hq is head office: it collects the journals of all stores into
// PostgreSQL, each row once, and says whether they are whole.
package main

import (
	"context"

	"kassa/cmd/app"
)

// cli is every command of kassa-hq. Each has its own file.
type cli struct {
	Run    runCmd    `cmd:"" help:"Collect.  kassa-hq run --config /etc/kassa/kassa-hq.toml"`
	Lane   laneCmd   `cmd:"" help:"Lanes without a hub, which send their rows themselves.  kassa-hq lane add 0421 1 --config kassa-hq.toml"`
	Prune  pruneCmd  `cmd:"" help:"Say what has reached its age, or take it out.  kassa-hq prune --config kassa-hq.toml --dry-run"`
	Verify verifyCmd `cmd:"" help:"Check that no lane's record was changed.  kassa-hq verify --config kassa-hq.toml"`
	Report reportCmd `cmd:"" help:"Answers over all stores, as table or plot.  kassa-hq report --config kassa-hq.toml sales"`
}

func main() { program().Main() }

func program() app.Program {
	return app.Program{
		Name: "kassa-hq", About: "Head office: the journals of all stores in PostgreSQL.", Commands: new(cli),
	}
}

// run is the program without the process around it: args in, exit code out.
func run(ctx context.Context, args []string) int { return program().Run(ctx, args) }
