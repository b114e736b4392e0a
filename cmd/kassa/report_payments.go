package main

import (
	"cmp"
	"context"
	"strings"
	"time"

	"kassa/kiosk/config"
	"kassa/store/fiscal"
	"kassa/store/journal"
	"kassa/store/report"
)

// paymentsReport lays the journal's card payments beside what the terminal said
// of its days. A terminal tells sums, not payments: a payment is matched when its
// day's sums are.
func paymentsReport(lane *config.Lane, j *journal.Reader) report.Report {
	return report.Report{
		Name:  "payments",
		Title: "Card payments: journal and terminal",
		Counts: "A row of kind day is one closing of the terminal's day, with both sides' sums; one of kind payment is a payment, " +
			"negative where money went back. A running lane asks its terminal for the sums of the day that is open; else they are not compared yet.",
		Columns: []report.Column{
			{Name: "kind"},
			{Name: "verdict"},
			{Name: "z", Kind: report.Count},
			{Name: "at"},
			{Name: "terminal"},
			{Name: "number", Kind: report.Count},
			{Name: "receipt"},
			{Name: "trace"},
			{Name: "journal_count", Kind: report.Count},
			{Name: "journal_minor", Kind: report.Minor},
			{Name: "terminal_count", Kind: report.Count},
			{Name: "terminal_minor", Kind: report.Minor},
			{Name: "note"},
		},
		Rows: func(ctx context.Context, q report.Query) ([][]any, error) {
			since, until, err := daysOf(lane, q)
			if err != nil {
				return nil, err
			}
			batches, err := fiscal.Batches(ctx, j, since, until)
			if err != nil {
				return nil, err
			}
			var rows [][]any
			for _, b := range batches {
				if b.Answer == nil {
					b = soFar(ctx, lane, b)
				}
				rows = append(rows, batchRows(b)...)
			}
			return rows, nil
		},
	}
}

// daysOf turns business days into times. A day's batch is closed at its end, or
// later: it belongs to the day whose end came before.
func daysOf(lane *config.Lane, q report.Query) (since, until time.Time, err error) {
	if q.Since != "" {
		if since, err = time.ParseInLocation(time.DateOnly, q.Since, lane.Location); err != nil {
			return since, until, err
		}
		since = since.Add(lane.DayEnds)
	}
	if q.Until != "" {
		if until, err = time.ParseInLocation(time.DateOnly, q.Until, lane.Location); err != nil {
			return since, until, err
		}
		// The automatic closing of a day comes minutes after its end.
		until = until.AddDate(0, 0, 1).Add(lane.DayEnds + 2*time.Hour)
	}
	return since, until, nil
}

// soFarWait is how long a report waits for a running lane to ask its terminal.
const soFarWait = 30 * time.Second

// soFar has the running lane ask the terminal for the sums of its open day. Without
// a lane or an answer b stays as it is, and says why.
func soFar(ctx context.Context, lane *config.Lane, b fiscal.Batch) fiscal.Batch {
	runs, err := journal.InUse(lane.Data)
	if err != nil || !runs || lane.Terminal == nil {
		return b
	}
	ctx, cancel := context.WithTimeout(ctx, soFarWait)
	defer cancel()
	var asked fiscal.Batch
	if err := orderLane(ctx, lane, "/day/sofar", dayOrder{By: who()}, &asked); err != nil {
		b.Notes = append(b.Notes, "the terminal's day is open, and its sums are not known: "+err.Error())
		return b
	}
	asked.Notes = append([]string{"so far: the terminal's day is open"}, asked.Notes...)
	return asked
}

// batchRows are a terminal's day, and its payments.
func batchRows(b fiscal.Batch) [][]any {
	day := []any{"day", string(b.Verdict), nil, "", "", nil, "", "", int64(b.Ours.Count), int64(b.Ours.Amount), nil, nil, ""}
	if a := b.Answer; a != nil {
		day[4], day[7] = a.Terminal, a.Trace
		if a.Z > 0 {
			day[2], day[3] = a.Z, b.At.Format(time.RFC3339)
		}
		if a.Outcome == "approved" {
			day[10], day[11] = int64(a.Count), int64(a.Amount)
		}
	}
	if len(b.Notes) > 0 {
		day[12] = strings.Join(b.Notes, "; ")
	}
	rows := [][]any{day}
	for _, p := range b.Payments {
		verdict, note := string(p.Verdict), p.Note
		here, there := any(int64(p.Amount)), any(nil)
		if p.Verdict == fiscal.OnlyThere {
			here = nil
		}
		if p.Verdict == fiscal.Matched {
			there = int64(p.Amount)
		}
		at := ""
		if !p.At.IsZero() {
			at = p.At.Format(time.RFC3339)
		}
		var number any
		if p.Txn != 0 {
			number = p.Txn
		}
		rows = append(rows, []any{
			"payment", cmp.Or(verdict, p.Result), day[2], at, p.Terminal, number, p.Receipt, p.Trace, nil, here, nil, there, note,
		})
	}
	return rows
}
