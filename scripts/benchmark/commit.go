package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"kassa/store/journal"
)

// withJournal runs do with a new journal that is being written.
func withJournal(ctx context.Context, dir string, do func(*journal.Journal) error) (err error) {
	j, err := journal.Open(ctx, dir, journal.Options{Store: "0001", Lane: "bench"})
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

// record is an event of a usual size, about 180 bytes, that derives nothing.
func record() journal.Entry {
	now := time.Now()
	return journal.Entry{
		At: now, Clock: "synced", Txn: 1, Kind: "scanned",
		Event: json.RawMessage(`{"at":{"mono":81234567890,"wall":"2026-11-23T10:00:00+01:00","clock":"synced"},` +
			`"code":{"raw":"4006381333931","kind":"article","gtin":"04006381333931"},"article":null}`),
	}
}

// put writes one record and waits until it is on the disk.
func put(ctx context.Context, j *journal.Journal) error {
	t, err := j.Append(ctx, record())
	if err != nil {
		return err
	}
	return t.Wait(ctx)
}

// bareWriter overwrites a file block by block and flushes each.
type bareWriter struct {
	file *os.File
	buf  []byte
	at   int64
}

const bareSize = 4 << 20

func newBareWriter(path string, bytes int64) (*bareWriter, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(make([]byte, bareSize)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &bareWriter{file: f, buf: make([]byte, bytes)}, f.Sync()
}

func (w *bareWriter) put() error {
	if _, err := w.file.WriteAt(w.buf, w.at); err != nil {
		return err
	}
	if w.at += int64(len(w.buf)); w.at > bareSize-int64(len(w.buf)) {
		w.at = 0
	}
	return syscall.Fdatasync(int(w.file.Fd()))
}

// timed calls do n times and returns what each call took.
func timed(n int, do func() error) (took []time.Duration, err error) {
	for range n {
		begin := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

// warm writes records until the log is written over, not made longer, and
// returns how many bytes one commit writes.
func warm(ctx context.Context, j *journal.Journal, dir string) (bytes int64, err error) {
	const step, most = 100, 10_000
	before := int64(-1)
	for n := 0; ; n += step {
		size, err := logSize(dir)
		if err != nil {
			return 0, err
		}
		if size == before && n > 0 {
			break
		}
		if n > most {
			return 0, fmt.Errorf("the journal's log grows without end: %d bytes", size)
		}
		before = size
		if _, err := timed(step, func() error { return put(ctx, j) }); err != nil {
			return 0, err
		}
	}
	return commitBytes(ctx, j)
}

func logSize(dir string) (int64, error) {
	info, err := os.Stat(filepath.Join(dir, journal.FileName+"-wal"))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// commitBytes is what one commit writes, on average. Now and then one folds the
// log into the file too: those stand out and are left out.
func commitBytes(ctx context.Context, j *journal.Journal) (int64, error) {
	var sum, counted int64
	for range 200 {
		before, err := writtenBytes()
		if err == nil {
			err = put(ctx, j)
		}
		if err != nil {
			return 0, err
		}
		after, err := writtenBytes()
		if err != nil {
			return 0, err
		}
		if n := after - before; n < 10*walFrame {
			sum, counted = sum+n, counted+1
		}
	}
	if counted == 0 || sum < counted*walFrame {
		return 0, fmt.Errorf("%d commits wrote %d bytes", counted, sum)
	}
	return sum / counted, nil
}

// writtenBytes is how many bytes this process has written to files.
func writtenBytes() (int64, error) {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(line, "wchar: "); ok {
			return strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		}
	}
	return 0, errors.New("/proc/self/io has no wchar")
}

// commits is P1: one durable event against the bare write and flush of the same
// bytes, in alternating blocks.
func commits(ctx context.Context, o options, _ io.Writer) (rows []row, err error) {
	const blocks, block = 60, 60
	dir := filepath.Join(o.dir, "p1")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	var ours, bare []time.Duration
	var bytes int64
	err = withJournal(ctx, dir, func(j *journal.Journal) error {
		if bytes, err = warm(ctx, j, dir); err != nil {
			return err
		}
		w, err := newBareWriter(filepath.Join(dir, "bare"), bytes)
		if err != nil {
			return err
		}
		defer func() { _ = w.file.Close() }() // only the times count
		for range blocks {
			a, err := timed(block, func() error { return put(ctx, j) })
			if err != nil {
				return err
			}
			b, err := timed(block, w.put)
			if err != nil {
				return err
			}
			ours, bare = append(ours, a...), append(bare, b...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	basis := func(q float64) string {
		return fmt.Sprintf("%v / %v for %d bytes", quantile(ours, q).Round(time.Microsecond),
			quantile(bare, q).Round(time.Microsecond), bytes)
	}
	return []row{
		{
			id: "P1", what: "durable event / bare write and flush, median", got: ratio(quantile(ours, 0.5), quantile(bare, 0.5)),
			limit: 1.15, unit: "x", basis: basis(0.5),
		},
		{
			id: "P1", what: "the same, p98", got: ratio(quantile(ours, 0.98), quantile(bare, 0.98)),
			limit: 1.3, unit: "x", basis: basis(0.98),
		},
	}, nil
}

// producers is P4: what waiting together is worth.
func producers(ctx context.Context, o options, _ io.Writer) (rows []row, err error) {
	const rounds, each, many = 15, 100, 32
	dir := filepath.Join(o.dir, "p4")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	var rateOne, rateMany []float64
	var tookOne, tookMany []time.Duration
	err = withJournal(ctx, dir, func(j *journal.Journal) error {
		if _, err := warm(ctx, j, dir); err != nil {
			return err
		}
		for range rounds {
			rate, took, err := produce(ctx, j, 1, each)
			if err != nil {
				return err
			}
			rateOne, tookOne = append(rateOne, rate), append(tookOne, took...)
			if rate, took, err = produce(ctx, j, many, each); err != nil {
				return err
			}
			rateMany, tookMany = append(rateMany, rate), append(tookMany, took...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(rateOne)
	slices.Sort(rateMany)
	one, all := rateOne[rounds/2], rateMany[rounds/2]
	return []row{
		{
			id: "P4", what: "durable events a second, 32 producers / one", got: all / one, limit: 15, atLeast: true, unit: "x",
			basis: fmt.Sprintf("%.0f / %.0f", all, one),
		},
		{
			id: "P4", what: "the same, median time of one event", got: ratio(quantile(tookMany, 0.5), quantile(tookOne, 0.5)),
			limit: 2.5, unit: "x", basis: fmt.Sprintf("%v / %v", quantile(tookMany, 0.5).Round(time.Microsecond),
				quantile(tookOne, 0.5).Round(time.Microsecond)),
		},
	}, nil
}

// produce lets n producers write, each waiting for its own record.
func produce(ctx context.Context, j *journal.Journal, n, each int) (perSecond float64, took []time.Duration, err error) {
	all, errs := make([][]time.Duration, n), make([]error, n)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { all[i], errs[i] = timed(each, func() error { return put(ctx, j) }) })
	}
	wg.Wait()
	return float64(n*each) / time.Since(begin).Seconds(), slices.Concat(all...), errors.Join(errs...)
}
