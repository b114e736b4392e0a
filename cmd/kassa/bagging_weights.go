package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"kassa/kiosk/bagging"
	"kassa/kiosk/config"
	"kassa/kiosk/station"
	"kassa/store/journal"
)

// baggingWeightsCmd is `kassa bagging weights`: what a lane's bagging check has
// learned, out as a file and in from another lane's.
type baggingWeightsCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`

	Export weightsExportCmd `cmd:"" help:"Write what was learned.  kassa bagging weights --config kassa.toml export weights.json"`
	Import weightsImportCmd `cmd:"" help:"Take in what another lane has learned: of each article, whoever saw more pieces is believed; this lane's own counts of calls stay; habits of shoppers only where this lane has none yet; never the scale's health."`
}

// weightsExportCmd is `kassa bagging weights export`.
type weightsExportCmd struct {
	File string `arg:"" help:"JSON; - for standard output."`
}

// weightsImportCmd is `kassa bagging weights import`.
type weightsImportCmd struct {
	File string `arg:"" help:"JSON as export writes it, or weights alone; - for standard input."`
}

// Run writes the file. A lane that runs has written what it learned a minute ago
// at most.
func (c *weightsExportCmd) Run(all *baggingWeightsCmd) error { return c.run(all.Config, os.Stdout) }

func (c *weightsExportCmd) run(file string, stdout io.Writer) error {
	lane, err := config.Load(file)
	if err != nil {
		return err
	}
	k, err := station.ReadKnowledge(lane.Data)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(k)
	}
	if c.File == "-" {
		return write(stdout)
	}
	return writeFile(c.File, write)
}

// Run takes the file in: at once where the lane stands still, else the running
// lane does so between two sales.
func (c *weightsImportCmd) Run(all *baggingWeightsCmd) error {
	return c.run(all.Config, os.Stdin, os.Stdout)
}

func (c *weightsImportCmd) run(file string, stdin io.Reader, out io.Writer) error {
	lane, err := config.Load(file)
	if err != nil {
		return err
	}
	theirs, err := c.read(stdin)
	if err != nil {
		return err
	}
	release, err := journal.LockFolder(lane.Data)
	if errors.Is(err, journal.ErrInUse) {
		if err := station.ImportKnowledge(lane.Data, theirs); err != nil {
			return fmt.Errorf("import: %w", err)
		}
		_, err := fmt.Fprintf(out, "%d articles: the running lane takes them in when its sale has ended\n", len(theirs.Weights))
		return err
	}
	if err != nil {
		return err
	}
	defer func() { _ = release() }() // the kernel does it, too
	mine, err := station.ReadKnowledge(lane.Data)
	if err != nil {
		return err
	}
	merged := station.MergeKnowledge(mine, theirs)
	if err := station.WriteKnowledge(lane.Data, merged); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	taken := 0
	for key, w := range theirs.Weights {
		if have, known := mine.Weights[key]; !known || w.N > have.N {
			taken++
		}
	}
	_, err = fmt.Fprintf(out, "%d of %d articles taken in, %d known now\n", taken, len(theirs.Weights), len(merged.Weights))
	return err
}

// mostKnowledge is the largest file of what was learned that is read, in bytes:
// some 200,000 articles.
const mostKnowledge = 64 << 20

func (c *weightsImportCmd) read(stdin io.Reader) (bagging.Knowledge, error) {
	in, name := stdin, "standard input"
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return bagging.Knowledge{}, fmt.Errorf("import: %w", err)
		}
		defer func() { _ = f.Close() }() // only read
		in, name = f, c.File
	}
	data, err := io.ReadAll(io.LimitReader(in, mostKnowledge+1))
	if err == nil && len(data) > mostKnowledge {
		err = fmt.Errorf("longer than %d MiB", mostKnowledge>>20)
	}
	if err != nil {
		return bagging.Knowledge{}, fmt.Errorf("import %s: %w", name, err)
	}
	k, err := bagging.ParseKnowledge(data)
	if err != nil {
		return bagging.Knowledge{}, fmt.Errorf("import %s: %w", name, err)
	}
	return k, nil
}
