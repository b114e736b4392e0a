// Command kassa-hub runs one store's hub, and is store IT's hand on it: lanes,
// staff, members, who is asked for help when, and whether the lanes' logs are
// whole.
package main

import (
	"context"

	"github.com/alecthomas/kong"

	"kassa/cmd/app"
	"kassa/cmd/app/people"
)

// cli is every command of kassa-hub. Each has its own file.
type cli struct {
	Run         runCmd          `cmd:"" help:"Run the hub.  kassa-hub run --config /etc/kassa/kassa-hub.toml"`
	Lane        laneCmd         `cmd:"" help:"The store's lanes.  kassa-hub lane add 7 --config kassa-hub.toml"`
	Device      deviceCmd       `cmd:"" help:"Phones and PCs that show the console.  kassa-hub device add --config kassa-hub.toml"`
	Staff       people.Commands `cmd:"" help:"Who works here.  kassa-hub staff add Amina --role attendant --config kassa-hub.toml"`
	Members     membersCmd      `cmd:"" help:"The shop's members.  kassa-hub members import members.csv --config kassa-hub.toml"`
	Policy      policyCmd       `cmd:"" help:"Who is asked for help when.  kassa-hub policy simulate --at 2026-11-22T03:00 --config kassa-hub.toml"`
	Parked      parkedCmd       `cmd:"" help:"Baskets that were parked for the till.  kassa-hub parked list --config kassa-hub.toml"`
	Verify      verifyCmd       `cmd:"" help:"Check that no lane's record was changed.  kassa-hub verify --config kassa-hub.toml"`
	Credentials credentialsCmd  `cmd:"" help:"Credentials for head office.  kassa-hub credentials hq --config kassa-hub.toml"`
}

// errUsage marks wrong usage, which exits 2.
var errUsage = app.ErrUsage

func main() { program().Main() }

func program() app.Program {
	return app.Program{
		Name: "kassa-hub", About: "A store's hub: help, lanes, logs.", Commands: new(cli),
		More: append(more(), kong.Bind(people.Opener(openStaff))),
	}
}

// run is the program without the process around it: args in, exit code out.
func run(ctx context.Context, args []string) int { return program().Run(ctx, args) }
