// Command kassa runs one self-checkout lane, and is store IT's hand on it: what
// a code means, what a scale says, what was sold, whether the log is whole.
package main

import (
	"github.com/alecthomas/kong"

	"kassa/cmd/app"
	"kassa/cmd/app/people"
)

// cli is every command of kassa. Each has its own file.
type cli struct {
	Run     runCmd          `cmd:"" help:"Run the lane.  kassa run --config /etc/kassa/kassa.toml"`
	Check   checkCmd        `cmd:"" help:"Ask every device whether it answers.  kassa check --config kassa.toml"`
	Barcode barcodeCmd      `cmd:"" help:"Say what a code means.  kassa barcode 4006381333931"`
	Weigh   weighCmd        `cmd:"" help:"Read a scale.  kassa weigh --protocol toledo8217 --port /dev/ttyUSB0"`
	Enrol   enrolCmd        `cmd:"" help:"Make the lane known to its store's hub.  kassa enrol --config kassa.toml https://hub.store:8443 CODE"`
	Open    openCmd         `cmd:"" help:"Open the running lane.  kassa open --config kassa.toml"`
	Close   closeCmd        `cmd:"" help:"Close it, after the running sale.  kassa close --config kassa.toml"`
	Bagging baggingCmd      `cmd:"" help:"The bagging check.  kassa bagging replay --catalog articles.csv trace.jsonl"`
	Catalog catalogCmd      `cmd:"" help:"Articles and prices.  kassa catalog import --config kassa.toml articles.csv"`
	Staff   people.Commands `cmd:"" help:"Who may do what at the lane.  kassa staff add Amina --role attendant --config kassa.toml"`
	Day     dayCmd          `cmd:"" help:"Close the business day.  kassa day close --config kassa.toml"`
	Export  exportCmd       `cmd:"" help:"Write out transactions.  kassa export --config kassa.toml --format jsonl"`
	Report  reportCmd       `cmd:"" help:"Answers from the log, as table or plot.  kassa report --config kassa.toml sales"`
	Members membersCmd      `cmd:"" help:"What the lane keeps of a member.  kassa members erase NUMBER --config kassa.toml"`
	Prune   pruneCmd        `cmd:"" help:"Say what has reached its age, or take it out.  kassa prune --config kassa.toml --dry-run"`
	Verify  verifyCmd       `cmd:"" help:"Check that no record was changed.  kassa verify --config kassa.toml"`
	Backup  backupCmd       `cmd:"" help:"Copy what the lane keeps, while it runs.  kassa backup --config kassa.toml OUT"`
	Restore restoreCmd      `cmd:"" help:"Put a copy back.  kassa restore --config kassa.toml OUT"`
	Receipt receiptCmd      `cmd:"" help:"A transaction's receipt as a file.  kassa receipt --config kassa.toml 0421-1-000123 -o receipt.pdf"`
	Voucher voucherCmd      `cmd:"" help:"Vouchers and gift cards.  kassa voucher import --config kassa.toml vouchers.csv"`
	Replay  replayCmd       `cmd:"" help:"Show a transaction step by step.  kassa replay --config kassa.toml 0421-1-000123"`
}

// errUsage marks wrong usage, which exits 2.
var errUsage = app.ErrUsage

func main() {
	app.Program{
		Name: "kassa", About: "A self-checkout lane: scan, weigh, bag, pay.", Commands: new(cli),
		More: []kong.Option{kong.Bind(people.Opener(openStaff))},
	}.Main()
}
