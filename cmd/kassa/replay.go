package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"kassa/kiosk/config"
	"kassa/kiosk/flow"
	"kassa/kiosk/station"
	"kassa/store/journal"
)

// replayCmd is `kassa replay`.
type replayCmd struct {
	Config string `required:"" placeholder:"FILE" help:"The lane's kassa.toml."`
	Txn    string `arg:"" help:"A transaction's number, or its id such as 0421-1-000123."`
	JSON   bool   `help:"One JSON object a step."`
}

// Run shows a transaction step by step: what happened, what was decided, and
// what the shopper saw then. Sums are those that were decided at the time.
func (c *replayCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *replayCmd) run(ctx context.Context, out io.Writer) error {
	lane, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	number, err := c.number(lane)
	if err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, lane.Data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	steps, err := replay(ctx, lane, j, number)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	for _, s := range steps {
		if c.JSON {
			err = enc.Encode(s)
		} else {
			_, err = io.WriteString(out, s.text())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// number reads a transaction's number or id.
func (c *replayCmd) number(lane *config.Lane) (int64, error) {
	text := strings.TrimPrefix(c.Txn, lane.Store+"-"+lane.ID+"-")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%w: %q is no transaction of this lane: write its number, or its id as %s-%s-000123",
			errUsage, printable(c.Txn), lane.Store, lane.ID)
	}
	return n, nil
}

// A replayStep is one record of a transaction and where it left the lane.
type replayStep struct {
	Seq    int64           `json:"seq"`
	At     time.Time       `json:"at"`
	MonoMS int64           `json:"mono_ms"` // since the lane's program had started
	Run    string          `json:"run"`
	Kind   string          `json:"kind"`
	Event  json.RawMessage `json:"event"`
	Facts  json.RawMessage `json:"facts,omitempty"`
	State  string          `json:"state"`  // of the sale
	Screen string          `json:"screen"` // what the shopper saw
	Hint   string          `json:"hint,omitempty"`
	Lines  int             `json:"lines"`
	Total  int64           `json:"total_minor"`
	Lamp   string          `json:"lamp"`
}

// replay steps through the records of a transaction. Those of none that stand
// between them, such as a device that came or went, are part of the story.
func replay(ctx context.Context, lane *config.Lane, j *journal.Reader, number int64) ([]replayStep, error) {
	first, last := int64(0), int64(0)
	for rec, err := range j.Records(ctx, number) {
		if err != nil {
			return nil, err
		}
		if first == 0 {
			first = rec.Seq
		}
		last = rec.Seq
	}
	if first == 0 {
		return nil, fmt.Errorf("transaction %d is not in the journal: kassa export --open lists all there are", number)
	}
	// Prices of today do no harm: what was decided then overrides them.
	rules, err := station.RulesFor(lane, nil)
	if err != nil {
		return nil, err
	}
	var steps []replayStep
	var records []flow.Record
	for rec, err := range j.Since(ctx, first-1) {
		if err != nil {
			return nil, err
		}
		if rec.Seq > last {
			break
		}
		if rec.Txn != 0 && rec.Txn != number {
			continue // of the next sale: this one's receipt came out late
		}
		r, err := station.FlowRecord(rec)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
		state := flow.Recover(rules, flow.LaneFacts{Mode: flow.LaneOpen, LastNumber: number, Sale: number}, nil, records)
		if state.Sale == nil { // it has just ended
			state.Last = flow.Recover(rules, flow.LaneFacts{}, records, nil).Last
		}
		steps = append(steps, stepOf(rec, state, flow.Look(rules, state)))
	}
	return steps, nil
}

func stepOf(rec journal.Record, s flow.State, v flow.View) replayStep {
	step := replayStep{
		Seq: rec.Seq, At: rec.At, MonoMS: rec.Mono.Milliseconds(), Run: rec.Run, Kind: rec.Kind, Event: rec.Event, Facts: rec.Facts,
		Screen: string(v.Screen), Lamp: string(v.Lamp),
	}
	if v.Hint != nil {
		step.Hint = string(v.Hint.Kind)
	}
	sale := s.Sale
	if sale == nil {
		sale = s.Last
	}
	if sale != nil {
		step.State, step.Lines, step.Total = string(sale.State), len(sale.Basket.Lines), int64(sale.Basket.Total)
	}
	return step
}

// text is a step for people: what a stranger put into a code or a name cannot
// command the terminal.
func (s replayStep) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d  %s  %s\n", s.Seq, s.At.Format("2006-01-02 15:04:05.000 -07:00"), s.Kind)
	fmt.Fprintf(&b, "    event    %s\n", printable(string(s.Event)))
	if len(s.Facts) > 0 {
		fmt.Fprintf(&b, "    decided  %s\n", printable(string(s.Facts)))
	}
	fmt.Fprintf(&b, "    state    %s, %d lines, total %d\n", s.State, s.Lines, s.Total)
	fmt.Fprintf(&b, "    shown    %s", s.Screen)
	if s.Hint != "" {
		fmt.Fprintf(&b, ", hint %s", s.Hint)
	}
	fmt.Fprintf(&b, ", lamp %s\n", s.Lamp)
	return b.String()
}
