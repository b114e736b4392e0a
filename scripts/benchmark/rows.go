package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"kassa/store/journal"
	"kassa/store/uplink"
	"kassa/store/wire"
)

// backlog writes a lane's journal as a usual shop fills it: of each transaction
// one record with its header, some with lines, one with the payment.
func backlog(ctx context.Context, j *journal.Journal, n int) error {
	var last *journal.Ticket
	for i := range n {
		var err error
		if last, err = j.Append(ctx, sold(j.Lane(), i)); err != nil {
			return err
		}
		if i%1000 == 999 { // so that no queue grows without bound
			if err := last.Wait(ctx); err != nil {
				return err
			}
		}
	}
	if last == nil {
		return nil
	}
	return last.Wait(ctx)
}

// sold is one of the five records of a transaction.
func sold(lane string, i int) journal.Entry {
	number := int64(i/5 + 1)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Second)
	e := journal.Entry{At: at, Clock: "synced", Txn: number, Kind: "scanned", Event: json.RawMessage(fmt.Sprintf(
		`{"at":{"mono":%d,"wall":"2026-11-23T10:00:00+01:00","clock":"synced"},"code":{"raw":"%013d","kind":"article"},"article":null}`, i, i))}
	head := fmt.Sprintf(`"txn":{"id":"0001-%s-%06d","store":"0001","lane":"%s","number":%d,"opened_at":"2026-11-23T09:00:00Z","business_day":"2026-11-23","currency":"EUR"`,
		lane, number, lane, number)
	switch i % 5 {
	case 0:
		e.Facts = json.RawMessage("{" + head + `,"state":"open"}}`)
	case 4:
		e.Kind = "charged"
		e.Facts = json.RawMessage("{" + head + `,"state":"paid","closed_at":"2026-11-23T09:02:00Z","total_minor":387},` +
			`"taxes":[{"tax":"A","rate_ppm":70000,"net_minor":362,"tax_minor":25,"gross_minor":387}],` +
			`"tenders":[{"n":1,"kind":"card","amount_minor":387,"result":"approved","terminal":"29001006","receipt":"0022","trace":"000022"}]}`)
	default:
		e.Facts = json.RawMessage(fmt.Sprintf(`{"lines":[{"n":%d,"gtin":"%014d","name":"Whole milk 1 l","qty":1,"unit_minor":129,"amount_minor":129,"tax":"A","code":"%013d"}]}`,
			i%5, 4006381330000+i%997, i))
	}
	return e
}

// rowsOf are n rows of a lane as it sends them.
func rowsOf(ctx context.Context, dir, lane string, n int) (rows []wire.Row, err error) {
	err = withLane(ctx, dir, lane, func(j *journal.Journal) error {
		if err := backlog(ctx, j, n); err != nil {
			return err
		}
		for r, err := range j.Since(ctx, 0) {
			if err != nil {
				return err
			}
			rows = append(rows, uplink.Row(j, r))
		}
		return nil
	})
	return rows, err
}

// withLane runs do with a lane's new journal.
func withLane(ctx context.Context, dir, lane string, do func(*journal.Journal) error) (err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	j, err := journal.Open(ctx, dir, journal.Options{Store: "0001", Lane: lane})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	err = do(j)
	stop()
	return errors.Join(err, <-ended, j.Close())
}

// A contest is one way against another, in alternating blocks of rows.
type contest struct{ ours, bare []float64 } // rows a second

// took adds a block.
func took(to *[]float64, rows int, d time.Duration) {
	*to = append(*to, float64(rows)/max(d.Seconds(), 1e-6))
}

// middle is the median.
func middle(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(all))
	return s[len(s)/2]
}

// share is the median of block against neighbouring block, per cent.
func (c contest) share() float64 {
	var all []float64
	for i := range min(len(c.ours), len(c.bare)) {
		all = append(all, 100*c.ours[i]/c.bare[i])
	}
	return middle(all)
}

func (c contest) basis(what string) string {
	return fmt.Sprintf("%.0f and %.0f rows/s%s", middle(c.ours), middle(c.bare), what)
}
