package main

import "github.com/alecthomas/kong"

// A question is a command that other packages bring, as reports and exports do:
// its name, what it does, and a struct with a Run method that kong fills in.
type question struct {
	name, help string
	command    any
}

// questions are the commands that are not in cli. Whoever adds one adds a line.
func questions() []question {
	return []question{
		{"report", "Answers from all lanes' logs, as table or plot.  kassa-hub report --config kassa-hub.toml sales", &reportCmd{}},
		{"export", "Write out transactions of all lanes.  kassa-hub export --config kassa-hub.toml --format jsonl", &exportCmd{}},
		{"prune", "Say what has reached its age, or take it out.  kassa-hub prune --config kassa-hub.toml --dry-run", &pruneCmd{}},
	}
}

// more makes kong know them.
func more() []kong.Option {
	var all []kong.Option
	for _, q := range questions() {
		all = append(all, kong.DynamicCommand(q.name, q.help, "", q.command))
	}
	return all
}
