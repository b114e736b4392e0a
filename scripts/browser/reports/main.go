// Reports shows a hub's report pages over random days, for the browser tests. It
// prints its address and serves until it is interrupted. POST /more lets the
// next transaction of lane 1 arrive.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"kassa/scripts/browser/stand"
	"kassa/store/hub/keeper"
	"kassa/store/hub/reportpage"
	"kassa/store/journal"
	"kassa/store/report"
	"kassa/store/report/reporttest"
	"kassa/store/wire"
)

func main() { stand.Main("reports", run) }

func run(ctx context.Context, dir string) (err error) {
	k, err := keeper.Open(ctx, dir, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	later, err := fill(ctx, dir, k)
	if err != nil {
		return err
	}
	calls, err := reporttest.Calls(ctx, dir, 1, 80)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, calls.Close()) }()
	page, err := reportpage.New("/reports", append(append(report.Hub(k.DB()), report.Desk(calls.Reader())...), report.Latest(k.DB())), "EUR",
		slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	page.Follow(k, 100*time.Millisecond)
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.HandleFunc("POST /more", more(k, later))
	return stand.Serve(ctx, mux, "")
}

// held are trips that have not arrived yet.
const held = 5

// fill takes three lanes' days to the keeper, but for the end of the first's.
func fill(ctx context.Context, dir string, k *keeper.Keeper) (later []wire.Row, err error) {
	for seed, lane := range []string{"1", "2", "3"} {
		const trips = 120
		folder := filepath.Join(dir, "lane"+lane)
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, err
		}
		if err := reporttest.Write(ctx, folder, lane, reporttest.Random(lane, uint64(seed), trips)); err != nil {
			return nil, err
		}
		r, err := journal.OpenReader(ctx, folder)
		if err != nil {
			return nil, err
		}
		rows, err := reporttest.Sent(ctx, r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		if lane == "1" {
			for i := range rows {
				if rows[i].Txn > trips-held {
					rows, later = rows[:i], rows[i:]
					break
				}
			}
		}
		if _, err := k.Take(ctx, rows); err != nil {
			return nil, err
		}
	}
	return later, nil
}

// more takes the rows of the next transaction.
func more(k *keeper.Keeper, later []wire.Row) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		n := 0
		for n < len(later) && (later[n].Txn == later[0].Txn || later[n].Txn == 0) {
			n++
		}
		if _, err := k.Take(r.Context(), later[:n]); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if n > 0 {
			_, _ = fmt.Fprintln(w, later[0].Txn) // the test fails without it
		}
		later = later[n:]
	}
}
